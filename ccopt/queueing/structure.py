"""Laws of structure: what size, merging, dedication, unlike calls and a better forecast are worth in one pool."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.errors import UnstableError
from ccopt.kpis import Target
from ccopt.queueing.checking import number, numbers, refuse
from ccopt.queueing.erlang import ErlangC
from ccopt.queueing.erlang_a import ErlangA
from ccopt.queueing.models.general_pool import wait_factor
from ccopt.queueing.models.over_dispersed import OverDispersed
from ccopt.queueing.probabilities import erlang_c
from ccopt.queueing.square_root import square_root_agents
from ccopt.queueing.staffing_rules import merge_gain, pools_of, required_agents
from ccopt.queueing.target_lists import target_list

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
T = TypeVar("T")


def _model(rate: ArrayLike, aht_s: float, patience_s: float | None) -> ErlangA | ErlangC:
    if patience_s is None or math.isinf(patience_s):
        return ErlangC(contacts_per_hour=rate, aht_s=aht_s)
    return ErlangA(contacts_per_hour=rate, aht_s=aht_s, patience_s=patience_s)


def _each(name: str, values: Sequence[T]) -> list[T]:
    """The entries of a list of numbers."""
    if isinstance(values, (str, bytes)) or not isinstance(values, (Sequence, np.ndarray)):
        refuse(name, values, "must be a list of numbers")
    if any(isinstance(v, (Sequence, np.ndarray)) for v in values):
        refuse(name, values, "must be a list of numbers, not of lists")
    return list(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitesRow:
    """Total agents when a volume is split evenly over a number of sites; ``per_erlang`` is agents over load."""

    sites: int
    agents: int
    per_erlang: float


def agents_by_sites(
    load: float, sites: Sequence[int], *, aht_s: float, targets: Sequence[Target], patience_s: float | None = None
) -> tuple[SitesRow, ...]:
    """Economies of scale: agents for one volume in 1, 2, 3, ... equal sites that do not help each other.

    Parameters
    ----------
    load
        Erlangs of all sites together.
    sites
        Numbers of sites.
    aht_s, patience_s
        Mean handle time and patience (None: nobody leaves).
    targets
        Kept at every site.

    Examples
    --------
    >>> from ccopt.kpis import ServiceLevel
    >>> [r.agents for r in agents_by_sites(100.0, [1, 2, 5, 10], aht_s=180, targets=[ServiceLevel(0.8, 20)])]
    [107, 112, 120, 140]
    """
    a = number("load", load, above=0.0)
    number("aht_s", aht_s, above=0.0)
    if patience_s is not None:
        number("patience_s", patience_s, above=0.0, infinite=True)
    targets = target_list(targets, least=1)
    rows = []
    for k in _each("sites", sites):
        if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
            msg = f"sites = {k!r}: must be a whole number, at least 1"
            raise ValueError(msg)
        need = int(k) * int(required_agents(_model(a / k * 3600.0 / aht_s, aht_s, patience_s), targets))
        rows.append(SitesRow(sites=int(k), agents=need, per_erlang=need / a))
    return tuple(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class SquareRootRow:
    """The square-root rule beside the exact staff for one load; ``error`` is rule rounded up less exact."""

    load: float
    exact: int
    rule: float
    error: int


def square_root_error(loads: Sequence[float], delay_probability: float) -> tuple[SquareRootRow, ...]:
    """Error of the square-root rule for a delay probability (Erlang C).

    Examples
    --------
    Tijms (2003), Table 5.3.2: exact 16, rule 15 for ten erlangs and one in ten who waits.

    >>> square_root_error([10.0], 0.1)[0].exact, square_root_error([10.0], 0.1)[0].error
    (16, -1)
    """
    rows = []
    for load in _each("loads", loads):
        a = number("load", load, above=0.0)
        rule = float(np.asarray(square_root_agents(a, delay_probability)))
        n = max(math.floor(rule) - 2, math.floor(a) + 1)
        while n > math.floor(a) + 1 and float(np.asarray(erlang_c(n - 1, a))) <= delay_probability:
            n -= 1
        while float(np.asarray(erlang_c(n, a))) > delay_probability:
            n += 1
        rows.append(SquareRootRow(load=a, exact=n, rule=rule, error=math.ceil(rule) - n))
    return tuple(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dedication:
    """Agents for clients served apart and together, and the price of dedication as a share of the shared staff."""

    dedicated: int
    shared: int
    price: float


def price_of_dedication(models: Sequence[ErlangA | ErlangC], targets: Sequence[Target]) -> Dedication:
    """What it costs to give every client agents of its own instead of one shared pool.

    Examples
    --------
    Five clients of 3, 6, 9, 12 and 20 erlangs:

    >>> from ccopt.kpis import ServiceLevel
    >>> clients = [ErlangC(contacts_per_hour=20 * a, aht_s=180) for a in (3, 6, 9, 12, 20)]
    >>> found = price_of_dedication(clients, [ServiceLevel(0.8, 20)])
    >>> found.dedicated, found.shared, round(found.price, 3)
    (66, 56, 0.179)
    """
    models, targets = pools_of(models), target_list(targets, least=1)
    apart = sum(int(required_agents(m, targets)) for m in models)
    shared = apart - merge_gain(models, targets)
    return Dedication(dedicated=apart, shared=shared, price=apart / shared - 1.0 if shared else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlikeCalls:
    """Mean waits when unlike contacts are served apart and by one pool, first come, first served.

    ``apart_s`` by type, ``apart_mean_s`` over contacts, ``pooled_s`` of everybody, ``pooling_helps`` which is smaller.
    """

    apart_s: Floats
    apart_mean_s: float
    pooled_s: float
    pooling_helps: bool


def pooling_of_unlike_calls(
    contacts_per_hour: ArrayLike, aht_s: ArrayLike, *, agents: ArrayLike, handle_scv: ArrayLike = 0.0
) -> UnlikeCalls:
    r"""Whether one pool for unlike contacts waits less than a group for each type.

    Apart, type i is M/G/n_i; pooled, M/G/n with the mixture of handle times, whose squared coefficient of variation
    grows with the differences of the means. One agent: Pollaczek-Khinchine, exact. Several: Erlang C's mean wait times
    Whitt's factor (6.18 minutes in the case below, 1 % above the 6.12 +- 0.06 of a long simulation).

    Parameters
    ----------
    contacts_per_hour, aht_s, agents, handle_scv
        By type: rate, mean handle time, own agents, squared coefficient of variation within the type.

    Raises
    ------
    UnstableError
        A type whose load reaches its own agents.

    References
    ----------
    N. van Dijk, E. van der Sluis (2008), To pool or not to pool in call centers, POM 17, 296-305.

    Examples
    --------
    50 calls an hour of a minute and 5 of ten minutes, one agent each: apart the mean wait is 4.5 minutes, pooled six.

    >>> found = pooling_of_unlike_calls([50, 5], [60, 600], agents=[1, 1])
    >>> (found.apart_s / 60).round(3), round(found.apart_mean_s / 60, 3), found.pooling_helps
    (array([ 2.5, 25. ]), 4.545, False)
    """
    rates, aht, staff, scv = np.broadcast_arrays(
        numbers("contacts_per_hour", contacts_per_hour, above=0.0), numbers("aht_s", aht_s, above=0.0),
        numbers("agents", agents, above=0.0), numbers("handle_scv", handle_scv),
    )  # fmt: skip
    rates, aht, staff, scv = (np.atleast_1d(np.asarray(x, dtype=float)) for x in (rates, aht, staff, scv))
    total = float(rates.sum())
    apart = np.array([_mean_wait(r, h, n, c) for r, h, n, c in zip(rates, aht, staff, scv, strict=True)])
    mean = float(rates @ aht) / total
    mixture = float(rates @ (aht**2 * (1.0 + scv))) / total / mean**2 - 1.0
    pooled = _mean_wait(total, mean, float(staff.sum()), mixture)
    average = float(rates @ apart) / total
    return UnlikeCalls(apart_s=apart, apart_mean_s=average, pooled_s=pooled, pooling_helps=pooled < average)


def _mean_wait(rate: float, aht_s: float, agents: float, scv: float) -> float:
    load = rate * aht_s / 3600.0
    if load >= agents:
        msg = f"agents = {agents:g}: the load is {load:g} erlangs and nobody leaves; more agents"
        raise UnstableError(msg)
    if agents == 1.0:
        return 0.5 * (1.0 + scv) * load * aht_s / (1.0 - load)
    factor = wait_factor(load / agents, 1.0, scv, agents=agents)
    return factor * float(np.asarray(erlang_c(agents, load))) * aht_s / (agents - load)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRow:
    """Agents for the targets when the rate is known to a relative standard error."""

    error: float
    agents: int


def value_of_forecast(
    model: ErlangA, targets: Sequence[Target], *, errors: Sequence[float] = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2)
) -> tuple[ForecastRow, ...]:
    """What a per cent of forecast error costs: agents by the relative standard deviation of the rate.

    The rate is gamma distributed around the forecast and the targets hold on average over contacts. The difference of
    two rows is what the better forecast saves.

    Examples
    --------
    >>> from ccopt.kpis import ServiceLevel
    >>> line = ErlangA(contacts_per_hour=2000, aht_s=180, patience_s=180)
    >>> [r.agents for r in value_of_forecast(line, [ServiceLevel(0.8, 20)], errors=(0.0, 0.05, 0.1))]
    [99, 100, 103]
    """
    if not isinstance(model, ErlangA):
        refuse("model", model, "must be an ErlangA")
    targets = target_list(targets, least=1)
    rows = []
    for error in _each("errors", errors):
        cv = number("errors", error)
        if cv > 1.0:
            msg = f"errors = {cv:g}: must be a share of the forecast" + (f"; did you mean {cv / 100:g}?" if cv <= 100 else "")
            raise ValueError(msg)
        unsure = OverDispersed(
            contacts_per_hour=model.contacts_per_hour, aht_s=np.asarray(model.aht_s) + np.asarray(model.ring_s),
            patience_s=model.patience_s, rate_scv=cv**2,
        )  # fmt: skip
        rows.append(ForecastRow(error=cv, agents=int(required_agents(unsure, targets))))
    return tuple(rows)
