"""Erlang B and C as probabilities of agents and load, and their logarithms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ccopt.queueing.checking import Floats, is_plain, numbers, together
from ccopt.queueing.loops import b_over, c_over, log_b_over, log_c_over
from ccopt.queueing.performance import Value, plain
from ccopt.queueing.rows import erlang_b_value, erlang_c_value, log_erlang_b_value, log_erlang_c_value


def _probability(
    agents: ArrayLike, load: ArrayLike, one: Callable[[float, float], float], many: Callable[[Floats, Floats], Floats]
) -> Value:
    if is_plain(agents, load):
        return one(float(agents), float(load))  # type: ignore[arg-type]
    n, a = together(agents=numbers("agents", agents), load=numbers("load", load))
    flat = many(*(np.array(x, dtype=float).ravel() for x in (n, a)))
    return plain(np.asarray(flat).reshape(n.shape))


def erlang_b(agents: ArrayLike, load: ArrayLike) -> Value:
    r"""Probability that a contact finds all agents busy and is lost.

    :math:`B = (a^n / n!) / \sum_{k \le n} a^k / k!`, continued to real *n* by the incomplete gamma function.

    Parameters
    ----------
    agents
        Agents (or lines), real numbers allowed, not negative.
    load
        Offered load in erlangs.

    Returns
    -------
    float or array
        0 below about 1e-323, where `log_erlang_b` still tells values apart.

    Raises
    ------
    ValueError
        Negative, missing or infinite values, or shapes that do not fit together.

    References
    ----------
    A. K. Erlang (1917); D. L. Jagerman (1974), Bell System Technical Journal 53, 525-551 (real n).

    Examples
    --------
    >>> round(erlang_b(10, 5), 15)
    0.018384570336648
    """
    return _probability(agents, load, erlang_b_value, b_over)


def erlang_c(agents: ArrayLike, load: ArrayLike) -> Value:
    r"""Probability of waiting when nobody leaves; 1 from load = agents on.

    :math:`1/C = \rho + (1 - \rho) / B` with Erlang B and :math:`\rho = a / n`.

    Parameters
    ----------
    agents
        Agents, real numbers allowed, not negative.
    load
        Offered load in erlangs.

    Raises
    ------
    ValueError
        Negative, missing or infinite values, or shapes that do not fit together.

    Examples
    --------
    >>> round(erlang_c(14, 10), 7)
    0.1741319
    """
    return _probability(agents, load, erlang_c_value, c_over)


def log_erlang_b(agents: ArrayLike, load: ArrayLike) -> Value:
    """Natural logarithm of `erlang_b`, also where the probability is too small for a float; -inf without load.

    Examples
    --------
    A thousand agents at ten erlangs: about 1e-1572.

    >>> round(log_erlang_b(1000, 10) / 2.302585092994046, 4)
    -1571.9476
    """
    return _probability(agents, load, log_erlang_b_value, log_b_over)


def log_erlang_c(agents: ArrayLike, load: ArrayLike) -> Value:
    """Natural logarithm of `erlang_c`, also where the probability is too small for a float; -inf without load.

    Examples
    --------
    >>> log_erlang_c(1000, 10) > log_erlang_b(1000, 10)
    True
    """
    return _probability(agents, load, log_erlang_c_value, log_c_over)
