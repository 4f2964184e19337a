r"""Logarithm of the tail of the wait of a class served by rank: also where no float holds it.

A customer who must wait finds m customers ahead with weight :math:`w_m = \prod_{j \le m} r / \mu_j`, where r is the rate of her class
and all above and :math:`\mu_m = D + m \theta` the rate at which the number ahead falls. Each state x of the chain of those ahead is
written :math:`x_m = w_m y_m`. Then y is 1 at the start, stays smooth however small x gets, and obeys

.. math:: y_m' = r y_{m+1} + \frac{a}{r} \mu_m y_{m-1} - (a + \mu_m) y_m

(a: the rate of the classes above), an equation whose terms off the diagonal are positive: nothing cancels, and the scale is taken
out after every span of time.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import diags_array

from ccopt.queueing.models.log_tails import Queue, log_tail
from ccopt.queueing.models.patience_laws import WeibullPatience
from ccopt.queueing.time_varying.uniformisation import transient

Floats = NDArray[np.float64]
SPAN = 400.0  # transitions between two changes of scale: e^-400 is a float
FIRST, MOST_AHEAD, MOST_SPANS = 256, 20_000, 10_000
SETTLED = 1e-12


def log_late(above: float, own: float, drain: float, leave: float, wait_s: float) -> float:
    """Logarithm of P(wait > ``wait_s``) of a customer who must wait and never leaves, with rates ``own`` of her class, ``above`` of higher.

    Rates per second; ``drain`` is the rate of completions with all agents busy.

    Raises
    ------
    ValueError
        The wait takes more transitions than `MOST_SPANS` spans, or more than `MOST_AHEAD` customers count.
    """
    if wait_s == 0.0:
        return 0.0
    if above == 0.0:
        law = WeibullPatience(mean_s=1.0 / leave) if leave > 0.0 else None
        return log_tail(Queue(rate=own, drain=drain, log_idle=-math.inf, law=law), wait_s)
    before, size = math.inf, FIRST
    while size <= MOST_AHEAD:
        found = _log_late(above, own, np.asarray(drain + leave * np.arange(size), dtype=float), wait_s)
        if abs(found - before) <= SETTLED * max(1.0, abs(found)):
            return min(found, 0.0)
        before, size = found, 2 * size
    msg = f"wait_s = {wait_s:g}: more than {MOST_AHEAD} customers may be ahead; more agents, or a shorter patience_s"
    raise ValueError(msg)


def _log_late(above: float, own: float, fall: Floats, wait_s: float) -> float:
    """With at most ``fall.size`` customers ahead; beyond them y is taken as flat."""
    rate = above + own
    fastest = rate + float(fall[-1])
    spans = max(1, math.ceil(fastest * wait_s / SPAN))
    if spans > MOST_SPANS:
        msg = f"wait_s = {wait_s:g}: takes more than {MOST_SPANS * SPAN:g} transitions of the queue; ask for a shorter wait"
        raise ValueError(msg)
    diagonal: Floats = -(rate + fall)  # less the rate ``own`` that is put back into the scale: so no row grows
    diagonal[-1] += rate
    bands: Any = [above / rate * fall[1:], diagonal, np.full(fall.size - 1, rate)]
    moves = diags_array(bands, offsets=[-1, 0, 1], format="csr")
    weights = np.concatenate([[0.0], np.cumsum(np.log(rate / fall[1:]))])
    span, y, scale = np.array([wait_s / spans]), np.ones(fall.size), 0.0
    grown = math.inf
    for done in range(1, spans + 1):
        new = transient(moves, y, span, fastest=fastest)[0][0]
        top = float(new.max())
        new /= top
        step = math.log(top) + own * float(span[0])
        steady = abs(step - grown) <= 1e-15 * abs(step) and float(np.abs(new - y).max()) <= 1e-14
        y, scale, grown = new, scale + step, step
        if steady:  # only the slowest mode is left
            scale += (spans - done) * step
            break
    with np.errstate(divide="ignore"):
        return scale + float(np.logaddexp.reduce(weights + np.log(y)) - np.logaddexp.reduce(weights))
