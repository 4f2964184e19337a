"""Modified offered load: how many agents unlimited staff would keep busy while rates change over the day."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaincc, gammainccinv

from ccopt.queueing.checking import choice, number, numbers, together

Floats = NDArray[np.float64]
Start = Literal["empty", "steady", "periodic"]
At = Literal["mean", "end"]
TAIL = 1e-17


def modified_offered_load(
    contacts_per_hour: ArrayLike,
    aht_s: ArrayLike,
    *,
    interval_s: float,
    handle_scv: float = 1.0,
    start: Start = "empty",
    at: At = "mean",
) -> Floats:
    r"""Mean number of busy agents of the :math:`M(t)/G/\infty` system, for rates constant in each interval.

    .. math:: m(t) = \int_0^\infty \lambda(t - u) P(S > u) du

    in closed form for gamma-distributed handle times S. A contact keeps the mean handle time of the interval of its
    arrival. Load lags behind the rates by about :math:`E[S^2] / (2 E[S])` and is flatter than they are.

    Parameters
    ----------
    contacts_per_hour
        Rates, shape (..., T): T intervals in a row.
    aht_s
        Mean handle time, broadcast against the rates; greater than 0.
    interval_s
        Length of an interval in seconds.
    handle_scv
        Squared coefficient of variation of handle times: 1 exponential, 0 all equal.
    start
        ``empty``: nobody is there at the start; ``steady``: the rate of the first interval has lasted for ever;
        ``periodic``: the T intervals repeat for ever.
    at
        ``mean`` over each interval, or the value at its ``end``.

    Returns
    -------
    array
        Erlangs, shape (..., T).

    Raises
    ------
    ValueError
        Values out of range, or no intervals.

    References
    ----------
    S. G. Eick, W. A. Massey, W. Whitt (1993), The physics of the Mt/G/infinity queue, Operations Research 41, 731-742.

    Examples
    --------
    An hour of 100 erlangs from empty, handle time half an hour: :math:`1 - (1 - e^{-2}) / 2` of it on average.

    >>> modified_offered_load([200.0], 1800.0, interval_s=3600.0).round(4)
    array([56.7668])
    """
    rates, aht = together(
        contacts_per_hour=numbers("contacts_per_hour", contacts_per_hour), aht_s=numbers("aht_s", aht_s, above=0.0)
    )
    if rates.ndim == 0 or rates.shape[-1] == 0:
        msg = f"contacts_per_hour = {contacts_per_hour!r}: must be a list of rates, one per interval"
        raise ValueError(msg)
    length = number("interval_s", interval_s, above=0.0)
    scv = number("handle_scv", handle_scv)
    for name, value, allowed in (("start", start, ("empty", "steady", "periodic")), ("at", at, ("mean", "end"))):
        choice(name, value, allowed)
    flat_rates, flat_aht = (np.asarray(x, dtype=float).reshape(-1, rates.shape[-1]) for x in (rates, aht))
    rows = [_row(r / 3600.0, h, length, scv, (start, at)) for r, h in zip(flat_rates, flat_aht, strict=True)]
    return np.array(rows).reshape(rates.shape)


def _row(per_s: Floats, aht: Floats, length: float, scv: float, how: tuple[Start, At]) -> Floats:
    """Load of one row; contacts of interval j add ``kernel[i - j]`` to interval i."""
    start, at = how
    size = per_s.size
    load = np.zeros(size)
    for mean in np.unique(aht):
        rate = np.where(aht == mean, per_s, 0.0)
        reach = size if start != "periodic" else size * (1 + math.ceil(_longest(mean, scv) / (length * size)))
        kernel = _kernel(np.arange(reach), mean, scv, length, at)
        if start == "periodic":
            kernel = kernel.reshape(-1, size).sum(axis=0)
            load += np.array([rate @ kernel[(i - np.arange(size)) % size] for i in range(size)])
            continue
        load += np.convolve(rate, kernel)[:size]
        if start == "steady" and aht[0] == mean:
            before = mean - np.cumsum(kernel) if at == "end" else mean - _first_means(size, mean, scv, length)
            load += per_s[0] * np.maximum(before, 0.0)
    return load


def _kernel(lag: NDArray[np.int64], mean: float, scv: float, length: float, at: At) -> Floats:
    edges = np.concatenate([lag, [lag[-1] + 1]]) * length
    if at == "end":
        return np.diff(_served(edges, mean, scv))
    twice = _served_twice(edges, mean, scv) / length
    once = np.diff(twice)
    return np.diff(once, prepend=0.0)


def _first_means(size: int, mean: float, scv: float, length: float) -> Floats:
    """Mean over each interval of the integral of P(S > u) from 0 to the time since the start."""
    edges = length * np.arange(size + 1, dtype=np.float64)
    return np.diff(_served_twice(edges, mean, scv)) / length


def _served(x: Floats, mean: float, scv: float) -> Floats:
    """Integral of P(S > u) over 0..x."""
    if scv == 0.0:
        return np.minimum(x, mean)
    shape, scale = 1.0 / scv, mean * scv
    return np.asarray(x * gammaincc(shape, x / scale) + mean * gammainc(shape + 1.0, x / scale))


def _served_twice(x: Floats, mean: float, scv: float) -> Floats:
    """Integral of `_served` over 0..x."""
    if scv == 0.0:
        return np.where(x <= mean, 0.5 * x**2, mean * x - 0.5 * mean**2)
    shape, scale = 1.0 / scv, mean * scv
    second = mean**2 * (1.0 + scv)
    return np.asarray(
        0.5 * x**2 * gammaincc(shape, x / scale) + mean * x * gammainc(shape + 1.0, x / scale)
        - 0.5 * second * gammainc(shape + 2.0, x / scale)
    )  # fmt: skip


def _longest(mean: float, scv: float) -> float:
    """A time that next to no contact exceeds."""
    return mean if scv == 0.0 else float(gammainccinv(1.0 / scv, TAIL)) * mean * scv


@dataclass(frozen=True, slots=True, kw_only=True)
class SineLoad:
    """Load under a rate that swings like a sine: it lags, and swings less.

    Attributes
    ----------
    lag_s
        Delay of the load behind the rate.
    damping
        Swing of the load over the swing of rate x handle time.
    offset
        Largest distance between load and rate x handle time, in erlangs.
    """

    lag_s: float
    damping: float
    offset: float


def sine_offered_load(load: float, amplitude: float, *, period_s: float, aht_s: float) -> SineLoad:
    r"""Modified offered load for the rate :math:`\lambda (1 + A \sin \omega t)` and exponential handle times.

    :math:`m(t) = a (1 + A (\sin \omega t - \omega h \cos \omega t) / (1 + \omega^2 h^2))`, hence lag
    :math:`\arctan(\omega h) / \omega` and damping :math:`1 / \sqrt{1 + \omega^2 h^2}`.

    Parameters
    ----------
    load
        Mean load in erlangs.
    amplitude
        Relative swing A, 0 to 1.
    period_s, aht_s
        Period of the sine and mean handle time in seconds.

    Raises
    ------
    ValueError
        Values out of range.

    References
    ----------
    S. G. Eick, W. A. Massey, W. Whitt (1993), Mt/G/infinity queues with sinusoidal arrival rates, Management Science
    39, 241-252.

    Examples
    --------
    >>> found = sine_offered_load(100.0, 0.5, period_s=3600.0, aht_s=180.0)
    >>> round(found.lag_s / 60, 6), round(found.damping, 6), round(found.offset, 5)
    (2.906766, 0.954028, 14.98584)
    """
    a, swing = number("load", load), number("amplitude", amplitude)
    if swing > 1.0:
        msg = f"amplitude = {amplitude!r}: must be a share between 0 and 1, or rates would be negative"
        raise ValueError(msg)
    omega = 2.0 * math.pi / number("period_s", period_s, above=0.0)
    turn = omega * number("aht_s", aht_s, above=0.0)
    damping = 1.0 / math.hypot(1.0, turn)
    return SineLoad(lag_s=math.atan(turn) / omega, damping=damping, offset=a * swing * turn * damping)
