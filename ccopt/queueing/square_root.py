r"""Square-root safety staffing: limits of large pools, as start values and as an independent check.

With load a and n = a + beta sqrt(a) agents the delay probability tends to the function of Halfin and Whitt without, and
of Garnett with abandonment, when a grows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import erfcx, ndtr

from ccopt.queueing.checking import number, numbers
from ccopt.queueing.performance import Value, plain
from ccopt.queueing.probabilities import erlang_c

Floats = NDArray[np.float64]


def _hazard(x: Floats) -> Floats:
    """Normal density over normal tail."""
    return np.asarray(math.sqrt(2.0 / math.pi) / erfcx(x / math.sqrt(2.0)))


def _real(name: str, value: ArrayLike) -> Floats:
    array = np.asarray(value, dtype=float)
    if not np.isfinite(array).all():
        msg = f"{name} = {value!r}: must be finite numbers"
        raise ValueError(msg)
    return array


def halfin_whitt(beta: ArrayLike) -> Value:
    r"""Limit of the delay probability without abandonment, :math:`1 / (1 + \beta \Phi(\beta) / \phi(\beta))`; 1 from 0 down.

    References
    ----------
    S. Halfin, W. Whitt (1981), Heavy-traffic limits for queues with many exponential servers, Operations Research 29.

    Examples
    --------
    >>> round(halfin_whitt(1.0), 6)
    0.223361
    """
    b = _real("beta", beta)
    positive = np.maximum(b, 0.0)
    density = np.exp(-0.5 * positive**2) / math.sqrt(2.0 * math.pi)
    return plain(np.where(b > 0.0, density / (density + positive * ndtr(positive)), 1.0))


def garnett(beta: ArrayLike, aht_over_patience: ArrayLike) -> Value:
    r"""Limit of the delay probability with exponential patience.

    :math:`(1 + \sqrt{r}\, h(\beta / \sqrt{r}) / h(-\beta))^{-1}` with r = handle time over patience and h the hazard rate of the normal
    law; at beta = 0 it is :math:`1 / (1 + \sqrt{r})`.

    References
    ----------
    O. Garnett, A. Mandelbaum, M. Reiman (2002), Designing a call center with impatient customers, MSOM 4, 208-227.

    Examples
    --------
    >>> round(garnett(0.0, 2.0), 5), round(garnett(1.0, 0.5), 5)
    (0.41421, 0.17896)
    """
    b = _real("beta", beta)
    root = np.sqrt(numbers("aht_over_patience", aht_over_patience, above=0.0))
    with np.errstate(divide="ignore"):
        return plain(np.asarray(1.0 / (1.0 + root * _hazard(b / root) / _hazard(-b))))


def safety_factor(delay_probability: float, *, aht_over_patience: float = 0.0) -> float:
    """The beta that gives a delay probability in the limit (0 for ``aht_over_patience`` means nobody leaves).

    Raises
    ------
    ValueError
        A probability that is not between 0 and 1.

    Examples
    --------
    >>> round(safety_factor(0.2), 6)
    1.061516
    """
    p = number("delay_probability", delay_probability, above=0.0)
    if p >= 1.0:
        msg = f"delay_probability = {p:g}: must be below 1" + (f"; did you mean {p / 100:g}?" if p > 1.0 else "")
        raise ValueError(msg)
    ratio = number("aht_over_patience", aht_over_patience)

    def gap(beta: float) -> float:
        limit = halfin_whitt(beta) if ratio == 0.0 else garnett(beta, ratio)
        return float(np.asarray(limit)) - p

    low = 1e-12 if ratio == 0.0 else -40.0
    return float(brentq(gap, low, 40.0, xtol=1e-13)) if gap(low) > 0.0 else low


def square_root_agents(load: ArrayLike, delay_probability: float, *, aht_over_patience: float = 0.0) -> Value:
    """Agents by the square-root rule, load + beta sqrt(load), a real number; the error is below one agent in the tests.

    Examples
    --------
    The exact answers are 111 and 1034:

    >>> square_root_agents([100, 1000], 0.2).round(2)
    array([ 110.62, 1033.57])
    """
    a = numbers("load", load)
    return plain(np.asarray(a + safety_factor(delay_probability, aht_over_patience=aht_over_patience) * np.sqrt(a)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensioning:
    """Staffing that balances agents against waiting: rule and exact optimum.

    ``beta`` is y*(r), ``delay_probability`` its limit, ``rule`` the rule's agents rounded to the cheaper stable neighbour,
    ``agents`` the exact optimum of agents + r x mean queue length.
    """

    beta: float
    delay_probability: float
    rule: int
    agents: int


def dimension(load: float, waiting_cost: float) -> Dimensioning:
    r"""Agents that minimise agents + r x mean queue length of Erlang C, r = cost of a waiting hour over an agent hour.

    The rule is :math:`a + y^*(r) \sqrt{a}` with :math:`y^*(r) = \arg\min_y y + r P(y) / y`, P the Halfin-Whitt function.

    Parameters
    ----------
    load
        Erlangs, greater than 0.
    waiting_cost
        r, greater than 0.

    References
    ----------
    S. Borst, A. Mandelbaum, M. Reiman (2004), Dimensioning large call centers, Operations Research 52, 17-34.

    Examples
    --------
    >>> dimension(100.0, 1.0).agents, round(dimension(100.0, 1.0).beta, 5)
    (108, 0.84199)
    """
    a, r = number("load", load, above=0.0), number("waiting_cost", waiting_cost, above=0.0)

    def limit(y: float) -> float:
        return y + r * float(np.asarray(halfin_whitt(y))) / y

    def cost(n: int) -> float:
        return n + r * float(np.asarray(erlang_c(n, a))) * a / (n - a)

    best = minimize_scalar(limit, bounds=(1e-6, 12.0 + math.sqrt(r)), method="bounded", options={"xatol": 1e-10})
    beta = float(best.x)
    least = math.floor(a) + 1
    rule = max(math.floor(a + beta * math.sqrt(a)), least)
    rule = min(rule, rule + 1, key=cost)
    agents = rule
    while agents > least and cost(agents - 1) < cost(agents):
        agents -= 1
    while cost(agents + 1) < cost(agents):
        agents += 1
    return Dimensioning(beta=beta, delay_probability=float(np.asarray(halfin_whitt(beta))), rule=rule, agents=agents)
