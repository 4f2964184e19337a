"""Relations that every model of one pool must keep, as a suite that users can run on their own models."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ccopt.errors import CcoptError
from ccopt.kpis import BASES
from ccopt.queueing.interface import QueueModel
from ccopt.queueing.performance import Performance

Make = Callable[[float, float], QueueModel]
SHARES = ("delay_probability", "service_level", "abandonment", "blocking", "occupancy")
TIMES = ("asa_s", "mean_wait_s", "queue_length", "load")
WAITING = ("delay_probability", "mean_wait_s", "abandonment")
TINY = 1e-9
LONG = 1e7
BAD = (-1.0, math.nan, "12", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A relation that a model breaks: its name and where."""

    rule: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    make: Make
    agents: tuple[float, ...]
    awt_s: float

    def at(self, n: float, awt_s: float | None = None, basis: str = "offered", rate: float = 1.0) -> Performance:
        awt = self.awt_s if awt_s is None else awt_s
        return self.make(rate, 1.0).performance(n, awt, basis=basis)  # type: ignore[arg-type]


def findings(
    make: Make, *, agents: Sequence[float], awt_s: float = 20.0, except_for: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """Run the suite on one model.

    Parameters
    ----------
    make
        ``make(rate_factor, time_factor)`` gives the model with its arrival rates and all its times multiplied; the
        model itself is ``make(1, 1)``.
    agents
        At least two numbers of agents, increasing, at which the model has a steady state.
    awt_s
        Acceptable wait.
    except_for
        Rules that do not apply, with the reason (``{"balance": "agents also make outbound calls"}``). Rules: ``shares``,
        ``bases``, ``more agents``, ``more load``, ``longer awt``, ``no load``, ``endless awt``, ``balance``, ``Little``,
        ``time scale``, ``arrays``, ``tail``, ``log tail``, ``bad input``, ``overload``.

    Returns
    -------
    tuple of Finding
        Empty where the model keeps every relation.

    Raises
    ------
    ValueError
        Fewer than two numbers of agents, or a rule to except that is not in the suite.

    Examples
    --------
    >>> from ccopt.queueing import ErlangC
    >>> findings(lambda rate, time: ErlangC(contacts_per_hour=200 * rate, aht_s=180 * time), agents=[11, 14, 20])
    ()
    """
    if len(agents) < 2:
        msg = f"agents = {list(agents)!r}: must be at least two increasing numbers"
        raise ValueError(msg)
    skipped = dict(except_for or {})
    unknown = sorted(set(skipped) - set(_RULES))
    if unknown:
        msg = f"except_for: {unknown} are no rules; have {sorted(_RULES)}"
        raise ValueError(msg)
    case = _Case(make=make, agents=tuple(float(n) for n in agents), awt_s=awt_s)
    return tuple(
        Finding(rule=name, detail=detail)
        for name, rule in _RULES.items()
        if name not in skipped
        for detail in rule(case)
    )


def _values(p: Performance, names: Sequence[str]) -> Iterator[tuple[str, float]]:
    for name in names:
        yield name, float(np.asarray(getattr(p, name)))


def _shares(case: _Case) -> Iterator[str]:
    """Shares lie in 0..1, times are not negative, nothing is NaN."""
    for n in case.agents:
        for basis in BASES:
            p = case.at(n, basis=basis)
            for name, value in _values(p, SHARES):
                if not -TINY <= value <= 1.0 + TINY:
                    yield f"{name} = {value!r} with {n:g} agents, basis {basis}"
            for name, value in _values(p, TIMES):
                if not value >= 0.0:
                    yield f"{name} = {value!r} with {n:g} agents"


def _bases(case: _Case) -> Iterator[str]:
    """The strict basis is never above the generous ones."""
    for n in case.agents:
        level = {b: float(np.asarray(case.at(n, basis=b).service_level)) for b in BASES}
        for other in BASES[1:]:
            if level["offered"] > level[other] + TINY:
                yield f"offered {level['offered']!r} is above {other} {level[other]!r} with {n:g} agents"


def _ordered(rows: Sequence[tuple[str, Performance]], rising: Sequence[str], falling: Sequence[str]) -> Iterator[str]:
    """Order of indicators; waits are compared only where next to nobody is blocked (a blocked contact does not wait)."""
    for (before, p), (after, q) in itertools.pairwise(rows):
        open_lines = max(float(np.asarray(x.blocking)) for x in (p, q)) < TINY
        for sign, names in ((1.0, rising), (-1.0, falling)):
            for name in names:
                a, b = (float(np.asarray(getattr(x, name))) for x in (p, q))
                if (open_lines or name not in WAITING) and sign * (b - a) < -TINY * max(1.0, abs(a)):
                    yield f"{name} goes from {a!r} ({before}) to {b!r} ({after})"


def _more_agents(case: _Case) -> Iterator[str]:
    rows = [(f"{n:g} agents", case.at(n)) for n in case.agents]
    yield from _ordered(rows, ["service_level"], ["delay_probability", "mean_wait_s", "abandonment", "blocking"])


def _more_load(case: _Case) -> Iterator[str]:
    for n in case.agents:
        rows = [(f"{100 * f:g} % of the load", case.at(n, rate=f)) for f in (0.5, 0.8, 1.0)]
        yield from _ordered(rows, ["delay_probability", "mean_wait_s", "load", "blocking"], ["service_level"])


def _longer_awt(case: _Case) -> Iterator[str]:
    for n in case.agents:
        rows = [(f"awt {t:g} s", case.at(n, awt_s=t)) for t in (0.0, case.awt_s, 3.0 * case.awt_s)]
        yield from _ordered(rows, ["service_level"], [])


def _no_load(case: _Case) -> Iterator[str]:
    p = case.at(case.agents[0], rate=0.0)
    for name, value in _values(p, (*SHARES, *TIMES)):
        wanted = 1.0 if name == "service_level" else 0.0
        if abs(value - wanted) > TINY:
            yield f"{name} = {value!r} without any contact, not {wanted:g}"


def _endless_awt(case: _Case) -> Iterator[str]:
    for n in case.agents:
        p = case.at(n, awt_s=LONG * max(1.0, case.awt_s))
        wanted = 1.0 - float(np.asarray(p.abandonment)) - float(np.asarray(p.blocking))
        if abs(float(np.asarray(p.service_level)) - wanted) > TINY:
            yield f"service level {p.service_level!r} with endless awt, not 1 - abandonment - blocking = {wanted!r}"


def _balance(case: _Case) -> Iterator[str]:
    """Occupancy times agents is the load that neither abandons nor is blocked."""
    for n in case.agents:
        v = dict(_values(case.at(n), ("load", "occupancy", "abandonment", "blocking")))
        served = v["load"] * (1.0 - v["abandonment"] - v["blocking"])
        if abs(v["occupancy"] * n - served) > TINY * max(1.0, served):
            yield f"{n:g} agents are busy {v['occupancy'] * n!r}, but the load served is {served!r}"


def _little(case: _Case) -> Iterator[str]:
    """Queue length over (load x mean wait) is one over the handle time, whatever the agents and the load."""
    ratios = []
    for n in case.agents:
        for rate in (0.9, 1.0):
            v = dict(_values(case.at(n, rate=rate), ("load", "mean_wait_s", "queue_length")))
            if v["load"] * v["mean_wait_s"] > 1e-200:
                ratios.append(v["queue_length"] / (v["load"] * v["mean_wait_s"]))
            elif v["queue_length"] > TINY:
                yield f"queue length {v['queue_length']!r} although nobody waits"
    if ratios and max(ratios) - min(ratios) > 1e-8 * max(ratios):
        yield f"queue length over (load x mean wait) lies between {min(ratios)!r} and {max(ratios)!r}"


def _time_scale(case: _Case) -> Iterator[str]:
    """Another unit of time changes no share."""
    scaled = case.make(1.0 / 60.0, 60.0)
    for n in case.agents:
        p, q = case.at(n), scaled.performance(n, 60.0 * case.awt_s)
        for name, value in _values(p, (*SHARES, *TIMES)):
            factor = 60.0 if name in ("asa_s", "mean_wait_s") else 1.0
            other = float(np.asarray(getattr(q, name))) / factor
            if abs(other - value) > TINY * max(1.0, abs(value)):
                yield f"{name} = {value!r} becomes {other!r} on another time scale, {n:g} agents"


def _arrays(case: _Case) -> Iterator[str]:
    many = case.make(1.0, 1.0).performance(np.array(case.agents), case.awt_s)
    for i, n in enumerate(case.agents):
        one = case.at(n)
        for name, value in _values(one, (*SHARES, *TIMES)):
            found = np.broadcast_to(np.asarray(getattr(many, name), dtype=float), (len(case.agents),))[i]
            if not isinstance(getattr(one, name), float):
                yield f"{name} is no float where every input is a number"
            if abs(found - value) > 1e-12 * max(1.0, abs(value)):
                yield f"{name} = {found!r} in an array, {value!r} alone, {n:g} agents"


def _tail(case: _Case) -> Iterator[str]:
    """The tail starts at the delay probability, falls, and completes the service level on the basis virtual."""
    model = case.make(1.0, 1.0)
    for n in case.agents:
        start, later, last = (float(np.asarray(model.wait_tail(n, t))) for t in (0.0, case.awt_s, 3.0 * case.awt_s))
        p = case.at(n, basis="virtual")
        v = dict(_values(p, ("delay_probability", "blocking", "service_level")))
        if abs(start - v["delay_probability"]) > TINY:
            yield f"tail at 0 is {start!r}, the delay probability {v['delay_probability']!r}, {n:g} agents"
        if not -TINY <= last <= later + TINY <= start + 2 * TINY:
            yield f"the tail does not fall: {start!r}, {later!r}, {last!r}, {n:g} agents"
        if abs(1.0 - later - v["blocking"] - v["service_level"]) > TINY:
            yield f"1 - tail - blocking is not the service level on the basis virtual, {n:g} agents"


def _log_tail(case: _Case) -> Iterator[str]:
    """Where a model gives logarithms of its tail, they are those of the tail, and go on falling where the tail underflows."""
    model = case.make(1.0, 1.0)
    logs = getattr(model, "log_wait_tail", None)
    if logs is None:
        return
    for n in case.agents:
        for t in (0.0, case.awt_s, 3.0 * case.awt_s):
            tail, log = (float(np.asarray(f(n, t))) for f in (model.wait_tail, logs))
            if abs(math.exp(log) - tail) > TINY:
                yield f"exp(log tail) = {math.exp(log)!r}, the tail is {tail!r}, {n:g} agents, {t:g} s"
        far, farther = (float(np.asarray(logs(n, k * case.awt_s))) for k in (1000.0, 2000.0))
        if not (farther <= far + TINY and far <= TINY):
            yield f"the log tail does not fall: {far!r}, {farther!r}, {n:g} agents"


def _bad_input(case: _Case) -> Iterator[str]:
    model = case.make(1.0, 1.0)
    for value in BAD:
        calls: list[tuple[str, Callable[[], object]]] = [
            ("agents", lambda v=value: model.performance(v, case.awt_s)),  # type: ignore[misc]
            ("awt_s", lambda v=value: model.performance(case.agents[0], v)),  # type: ignore[misc]
            ("basis", lambda v=value: model.performance(case.agents[0], case.awt_s, basis=v)),  # type: ignore[misc]
            ("wait_s", lambda v=value: model.wait_tail(case.agents[0], v)),  # type: ignore[misc]
        ]
        for name, call in calls:
            detail = _refusal(name, value, call)
            if detail:
                yield detail


def _refusal(name: str, value: object, call: Callable[[], object]) -> str:
    """What is wrong with the way a call refuses a bad value; empty where it is refused well."""
    try:
        call()
    except (ValueError, TypeError) as error:
        return "" if name in str(error) else f"{name} = {value!r} is refused without naming the argument: {error}"
    except Exception as error:  # any other error is the finding
        return f"{name} = {value!r} raises {type(error).__name__}: {error}"
    return f"{name} = {value!r} is accepted"


def _overload(case: _Case) -> Iterator[str]:
    """Far more load than agents is an answer in range or an error of ccopt."""
    try:
        p = case.at(case.agents[0], rate=50.0)
    except CcoptError:
        return
    for name, value in _values(p, SHARES):
        if not -TINY <= value <= 1.0 + TINY:
            yield f"{name} = {value!r} at fifty times the load"


_RULES: dict[str, Callable[[_Case], Iterator[str]]] = {
    "shares": _shares, "bases": _bases, "more agents": _more_agents, "more load": _more_load,
    "longer awt": _longer_awt, "no load": _no_load, "endless awt": _endless_awt, "balance": _balance,
    "Little": _little, "time scale": _time_scale, "arrays": _arrays, "tail": _tail, "log tail": _log_tail, "bad input": _bad_input,
    "overload": _overload,
}  # fmt: skip
