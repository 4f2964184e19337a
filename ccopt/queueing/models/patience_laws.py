"""Laws of patience: tails, their integrals, and the points where they are not smooth.

Every law may have a mass at zero: the share ``at_once`` of customers who leave as soon as they would have to wait.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, ndtr

from ccopt.queueing.checking import number, numbers

Floats = NDArray[np.float64]


def _positive(name: str, value: float) -> None:
    number(name, value, above=0.0)


def _share(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value < 1.0:
        hint = f"; did you mean {value / 100:g}?" if isinstance(value, (int, float)) and 1.0 < value < 100.0 else ""
        msg = f"{name} = {value!r}: must be a share, at least 0 and less than 1{hint}"
        raise ValueError(msg)


@runtime_checkable
class PatienceLaw(Protocol):
    """Patience of those who do not leave at once."""

    @property
    def at_once(self) -> float:
        """Share that leaves as soon as it would have to wait."""
        ...

    @property
    def mean_s(self) -> float:
        """Mean patience of those who do not leave at once."""
        ...

    def tail(self, wait_s: Floats) -> Floats:
        """P(patience > wait) of those who do not leave at once."""
        ...

    def integral(self, wait_s: Floats) -> Floats:
        """Integral of the tail from 0 to the wait."""
        ...

    def kinks(self) -> tuple[float, ...]:
        """Waits where the tail is not smooth."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeterministicPatience:
    """Everybody waits exactly ``mean_s``."""

    mean_s: float
    at_once: float = 0.0

    def __post_init__(self) -> None:
        _positive("mean_s", self.mean_s)
        _share("at_once", self.at_once)

    def tail(self, wait_s: Floats) -> Floats:
        """1 before ``mean_s``, 0 from it on."""
        return np.where(wait_s < self.mean_s, 1.0, 0.0)

    def integral(self, wait_s: Floats) -> Floats:
        """min(wait, mean)."""
        return np.minimum(wait_s, self.mean_s)

    def kinks(self) -> tuple[float, ...]:
        """The one patience."""
        return (self.mean_s,)


@dataclass(frozen=True, slots=True, kw_only=True)
class UniformPatience:
    """Patience spread evenly between ``low_s`` and ``high_s``."""

    low_s: float
    high_s: float
    at_once: float = 0.0

    def __post_init__(self) -> None:
        _positive("high_s", self.high_s)
        _share("at_once", self.at_once)
        if not number("low_s", self.low_s) < self.high_s:
            msg = f"low_s = {self.low_s!r}: must be at least 0 and below high_s = {self.high_s!r}"
            raise ValueError(msg)

    @property
    def mean_s(self) -> float:
        """Middle of the range."""
        return 0.5 * (self.low_s + self.high_s)

    def tail(self, wait_s: Floats) -> Floats:
        """Falls in a straight line."""
        return np.clip((self.high_s - wait_s) / (self.high_s - self.low_s), 0.0, 1.0)

    def integral(self, wait_s: Floats) -> Floats:
        """Wait, less half the square of what it is beyond ``low_s`` over the width."""
        x = np.minimum(wait_s, self.high_s)
        beyond = np.maximum(x - self.low_s, 0.0)
        return np.asarray(x - 0.5 * beyond**2 / (self.high_s - self.low_s))

    def kinks(self) -> tuple[float, ...]:
        """Both ends."""
        return (self.low_s, self.high_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class LognormalPatience:
    """Lognormal patience with mean ``mean_s`` and squared coefficient of variation ``scv``."""

    mean_s: float
    scv: float
    at_once: float = 0.0

    def __post_init__(self) -> None:
        _positive("mean_s", self.mean_s)
        _positive("scv", self.scv)
        _share("at_once", self.at_once)

    def _z(self, wait_s: Floats) -> tuple[Floats, float]:
        sigma = math.sqrt(math.log1p(self.scv))
        with np.errstate(divide="ignore"):
            z = (np.log(wait_s) - math.log(self.mean_s) + 0.5 * sigma**2) / sigma
        return np.asarray(z), sigma

    def tail(self, wait_s: Floats) -> Floats:
        """Normal tail of the logarithm."""
        return np.asarray(ndtr(-self._z(wait_s)[0]))

    def integral(self, wait_s: Floats) -> Floats:
        """X P(S > x) + E[S; S <= x]."""
        z, sigma = self._z(wait_s)
        return np.asarray(wait_s * ndtr(-z) + self.mean_s * ndtr(z - sigma))

    def kinks(self) -> tuple[float, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeibullPatience:
    """Weibull patience: P(> t) = exp(-(t / scale)^shape); shape 1 is exponential."""

    mean_s: float
    shape: float = 1.0
    at_once: float = 0.0

    def __post_init__(self) -> None:
        _positive("mean_s", self.mean_s)
        _positive("shape", self.shape)
        _share("at_once", self.at_once)

    @property
    def scale_s(self) -> float:
        """Mean over Gamma(1 + 1 / shape)."""
        return self.mean_s / math.gamma(1.0 + 1.0 / self.shape)

    def tail(self, wait_s: Floats) -> Floats:
        """exp(-(t / scale)^shape)."""
        return np.exp(-((wait_s / self.scale_s) ** self.shape))

    def integral(self, wait_s: Floats) -> Floats:
        """Mean x P(1 / shape, (t / scale)^shape) with the regularised incomplete gamma function."""
        return np.asarray(self.mean_s * gammainc(1.0 / self.shape, (wait_s / self.scale_s) ** self.shape))

    def kinks(self) -> tuple[float, ...]:
        """Zero, where a shape below 1 is steep."""
        return ()


def exponential(mean_s: float) -> WeibullPatience | None:
    """Exponential patience; None where nobody leaves."""
    return WeibullPatience(mean_s=mean_s) if math.isfinite(mean_s) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmpiricalPatience:
    """A measured curve: P(> times_s[i]) = survival[i], straight lines between, 1 - ``at_once`` handled apart.

    After the last time the curve goes on exponentially with the mean hazard up to there, unless it has reached 0.
    Survival is of those who do not leave at once; it starts at 1 at time 0 (added where it is missing).
    """

    times_s: Sequence[float]
    survival: Sequence[float]
    at_once: float = 0.0

    def __post_init__(self) -> None:
        _share("at_once", self.at_once)
        t, s = numbers("times_s", self.times_s), numbers("survival", self.survival)
        if t.ndim != 1 or t.shape != s.shape or t.size == 0:
            msg = f"times_s, survival: must be two lists of one length, found {t.shape} and {s.shape}"
            raise ValueError(msg)
        if not (np.isfinite(t).all() and (np.diff(t) > 0).all() and t[0] >= 0.0):
            msg = "times_s: must be finite, not negative and increasing"
            raise ValueError(msg)
        if not ((s >= 0).all() and (s <= 1).all() and (np.diff(s) <= 0).all()):
            msg = "survival: must be shares between 0 and 1 that never rise"
            raise ValueError(msg)
        if s[-1] == 1.0:
            msg = "survival: nobody leaves in this curve; use ErlangC"
            raise ValueError(msg)

    def _curve(self) -> tuple[Floats, Floats]:
        t, s = numbers("times_s", self.times_s), numbers("survival", self.survival)
        if t[0] > 0.0:
            t, s = np.concatenate([[0.0], t]), np.concatenate([[1.0], s])
        return t, s

    def _hazard(self) -> float:
        t, s = self._curve()
        return math.inf if s[-1] == 0.0 else -math.log(s[-1]) / float(t[-1])

    @property
    def mean_s(self) -> float:
        """Area under the curve."""
        t, _ = self._curve()
        return float(self.integral(t[-1:])[0] + self._beyond(np.array([math.inf]))[0])

    def _beyond(self, extra: Floats) -> Floats:
        hazard, s = self._hazard(), float(self._curve()[1][-1])
        return np.zeros_like(extra) if s == 0.0 else np.asarray(-s * np.expm1(-hazard * extra) / hazard)

    def tail(self, wait_s: Floats) -> Floats:
        """Straight lines, then exponential."""
        t, s = self._curve()
        inside = np.interp(wait_s, t, s)
        if s[-1] == 0.0:
            return inside
        return np.where(wait_s <= t[-1], inside, s[-1] * np.exp(-self._hazard() * np.maximum(wait_s - t[-1], 0.0)))

    def integral(self, wait_s: Floats) -> Floats:
        """Trapezia, then exponential."""
        t, s = self._curve()
        area = np.concatenate([[0.0], np.cumsum(0.5 * (s[1:] + s[:-1]) * np.diff(t))])
        x = np.minimum(wait_s, t[-1])
        k = np.clip(np.searchsorted(t, x, side="right") - 1, 0, t.size - 2) if t.size > 1 else np.zeros(x.shape, int)
        inside = area[k] + 0.5 * (x - t[k]) * (s[k] + np.interp(x, t, s))
        return np.asarray(inside + self._beyond(np.maximum(wait_s - t[-1], 0.0)))

    def kinks(self) -> tuple[float, ...]:
        """The times of the curve."""
        return tuple(float(x) for x in self._curve()[0])
