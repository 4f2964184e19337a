"""Rows, flows and violations of linked sites from simulated counts."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ccopt.costs import cost_of
from ccopt.design import Design
from ccopt.evaluation.promises import LOAD_TOLERANCE, TARGET_TOLERANCE, broken_site_limits
from ccopt.evaluation.records import first_service_level, site_rows, year_rows
from ccopt.kpis import (
    Evaluation,
    FlowRow,
    GroupRow,
    MaxAbandonment,
    MaxAsa,
    MaxBlocking,
    MaxOccupancy,
    MaxResponse,
    ServiceLevel,
    ServiceRow,
    Violation,
)  # fmt: skip
from ccopt.queueing.controlled.control_variates import Estimate
from ccopt.queueing.controlled.estimates import PeriodResult, cells_of, lines_of
from ccopt.routing.flows import Network
from ccopt.scenario.entities import ContactType, Scenario

NOTE = "half-widths are of 95 % confidence intervals; a queue is the home group of its contacts"
NO_OFFERS = "offers are not made in linked regimes here; revenue counts as none"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def routed_evaluation(
    scenario: Scenario, design: Design, network: Network, results: Sequence[PeriodResult | None]
) -> Evaluation:
    """The records of a simulated design; every row says how many contacts stand behind it."""
    used = [(t, r) for t, r in enumerate(results) if r is not None]
    flows = _flows(network, used, len(scenario.periods))
    account = cost_of(scenario, design, flows)
    violations = (
        *(v for t, r in used for v in _broken(scenario, network, r, t)), *broken_site_limits(scenario, design)
    )  # fmt: skip
    contacts = max((r.contacts for _, r in used), default=0)
    method = f"controlled simulation ({contacts} contacts a period, Erlang A companions)"
    cells = tuple(
        _service(scenario, r, t, c, chosen, place=None if home < 0 else network.groups[home], method=method)
        for t, r in used
        for c, home, chosen in cells_of(r)
    )
    rows = _network(scenario, results, method)
    return Evaluation(
        meets_targets=not violations, violations=violations, cost_per_year=account.cost_per_year,
        revenue_per_year=account.revenue_per_year, costs=account.costs,
        contact_types=(*rows, *year_rows(scenario, rows, method, independent=True)), cells=cells,
        groups=_groups(scenario, design, results, flows, method),
        sites=site_rows(scenario, design, flows, account.costs["sites"]), method=method,
        notes=(NOTE, *((NO_OFFERS,) if design.offers else ())),
    )  # fmt: skip


def _network(scenario: Scenario, results: Sequence[PeriodResult | None], method: str) -> tuple[ServiceRow, ...]:
    rows = []
    for c, contact_type in enumerate(scenario.contact_types):
        for t, period in enumerate(scenario.periods):
            result = results[t]
            chosen = lines_of(result, c) if result is not None else np.zeros(0, dtype=np.int64)
            if result is None or not len(chosen):
                awt_s, basis = first_service_level(contact_type)
                rows.append(ServiceRow(
                    name=contact_type.name, period=period.name, contacts_per_hour=0.0, service_level=1.0, awt_s=awt_s,
                    basis=basis, abandonment=0.0, asa_s=0.0, mean_wait_s=0.0, delay_probability=0.0, method=method,
                ))  # fmt: skip
            else:
                rows.append(_service(scenario, result, t, c, chosen, place=None, method=method))
    return tuple(rows)


def _service(
    scenario: Scenario, result: PeriodResult, t: int, c: int, chosen: Ints,
    *, place: tuple[str, str] | None, method: str,
) -> ServiceRow:  # fmt: skip
    """One row for a set of lines of a contact type."""
    contact_type = scenario.contact_types[c]
    awt_s, basis = first_service_level(contact_type)
    counts = result.counts
    settled = not result.unstable[chosen].any()
    level, lost = result.level(chosen, 0, basis), result.abandonment(chosen)
    asa = result.plain(counts.wait_answered, counts.answered, chosen)
    wait = result.plain(counts.wait_all, counts.offered, chosen)
    delay = result.plain(counts.delayed, counts.offered, chosen)
    widths = {"service_level": level, "abandonment": lost, "asa_s": asa, "mean_wait_s": wait,
              "delay_probability": delay}  # fmt: skip
    return ServiceRow(
        name=contact_type.name, site=place[0] if place else None, skill_set=place[1] if place else None,
        period=scenario.periods[t].name, contacts_per_hour=float(result.rate()[chosen].sum()),
        service_level=level.value if settled else (0.0 if contact_type.targets else None), awt_s=awt_s, basis=basis,
        abandonment=lost.value, asa_s=asa.value if settled else None, mean_wait_s=wait.value if settled else None,
        delay_probability=delay.value if settled else 1.0, method=method,
        half_width={name: e.half_width for name, e in widths.items()} if settled else {},
    )  # fmt: skip


def _broken(scenario: Scenario, network: Network, result: PeriodResult, t: int) -> Iterable[Violation]:
    period = scenario.periods[t].name
    for c, home, chosen in cells_of(result):
        contact_type = scenario.contact_types[c]
        where = "/".join(network.groups[home]) if home >= 0 else "one queue of all its groups"
        place = f"{contact_type.name} at {where} in {period}"
        if contact_type.targets and result.unstable[chosen].any():
            yield Violation(
                place=place, limit="stability", required=0.0, actual=None,
                message=f"{place}: the queue grows without bound, fewer agents than load among the linked groups",
            )  # fmt: skip
        for name, required, found, at_least in measures_of(contact_type, result, chosen):
            slack = found.value - required if at_least else required - found.value
            if slack < -TARGET_TOLERANCE * max(1.0, abs(required)):
                side = "at least" if at_least else "at most"
                yield Violation(
                    place=place, limit=name, required=required, actual=found.value,
                    message=f"{place}: {name} is {found.value:.6g} ± {found.half_width:.2g}, "
                    f"must be {side} {required:g}",
                )  # fmt: skip
    yield from _short_of_agents(scenario, network, result, period)


def measures_of(
    contact_type: ContactType, result: PeriodResult, chosen: Ints
) -> Iterable[tuple[str, float, Estimate, bool]]:
    """Name, required value, estimate and direction (True: at least) of each target."""
    levels = 0
    responses = sum(e.service_level is not None for e in contact_type.targets) or 1
    settled = not result.unstable[chosen].any()
    nothing = Estimate(value=0.0, half_width=0.0)
    for entry in contact_type.targets:
        match entry.target():
            case ServiceLevel(at_least, _, basis):
                yield "service_level", at_least, result.level(chosen, levels, basis) if settled else nothing, True
                levels += 1
            case MaxResponse(_, share):
                yield "response", share, result.level(chosen, responses, "offered") if settled else nothing, True
                responses += 1
            case MaxAsa(limit):
                asa = result.plain(result.counts.wait_answered, result.counts.answered, chosen)
                yield "asa_s", limit, asa if settled else Estimate(value=math.inf, half_width=0.0), False
            case MaxAbandonment(limit):
                yield "abandonment", limit, result.abandonment(chosen), False
            case MaxOccupancy(limit):
                yield "occupancy", limit, _occupancy(result, chosen), False
            case MaxBlocking(limit):
                yield "blocking", limit, nothing, False


def _occupancy(result: PeriodResult, chosen: Ints) -> Estimate:
    """Largest occupancy of the groups that answer the lines at home (all their groups in one queue); infinite where nobody works."""
    rows, busiest = result.lines.arrays, Estimate(value=0.0, half_width=0.0)
    for line in chosen:
        home = int(result.lines.home[line])
        ways = rows.route_group[rows.route_start[line] : rows.route_start[line + 1]]
        here = [int(g) for g in ([home] if home >= 0 else ways)]
        if not any(result.agents[g] for g in here):
            return Estimate(value=math.inf, half_width=0.0)
        busiest = max((busiest, *map(result.occupancy, here)), key=lambda e: e.value)
    return busiest


def _short_of_agents(scenario: Scenario, network: Network, result: PeriodResult, period: str) -> Iterable[Violation]:
    """Home groups without any target whose linked load exceeds the agents."""
    bare = np.array([not scenario.contact_types[c].targets for c in result.lines.contact_type])
    for line in np.flatnonzero(bare & result.unstable):
        home = int(result.lines.home[line])
        place = f"{'/'.join(network.groups[home]) if home >= 0 else 'one queue'} in {period}"
        rows = result.lines.arrays
        ways = np.arange(rows.route_start[line], rows.route_start[line + 1])
        load = float(result.rate()[line] * rows.route_aht_s[ways].min() / 3600.0)
        agents = int(result.agents[rows.route_group[ways]].sum())
        if load > agents * (1.0 + LOAD_TOLERANCE):
            yield Violation(
                place=place, limit="agents", required=load, actual=float(agents),
                message=f"{place}: {agents} agents for a load of {load:.6g} erlangs",
            )  # fmt: skip


def _flows(network: Network, used: Sequence[tuple[int, PeriodResult]], periods: int) -> list[FlowRow]:
    """Contacts per region, type and group: answered where they were answered, lost where their queue stood."""
    offered: dict[tuple[str, int, int], Floats] = defaultdict(lambda: np.zeros(periods))
    answered: dict[tuple[str, int, int], Floats] = defaultdict(lambda: np.zeros(periods))
    for t, result in used:
        rate, counts = result.rate(), result.counts
        for line in range(len(rate)):
            came = float(counts.offered[line].sum())
            if came <= 0:
                continue
            served = counts.answered_at[line] / came * rate[line]
            lost = rate[line] - served.sum()
            home = int(result.lines.home[line])
            shares = result.lines.regions[line]
            whole = sum(shares.values())
            here = served.copy()
            here[home if home >= 0 else int(np.argmax(served))] += lost
            for region, part in shares.items():
                for g in np.flatnonzero(here > 0):
                    key = (region, int(result.lines.contact_type[line]), int(g))
                    offered[key][t] += here[g] * part / whole
                    answered[key][t] += served[g] * part / whole
    return [
        FlowRow(
            region=region, contact_type=network.contact_types[c], site=network.groups[g][0],
            skill_set=network.groups[g][1], offered=tuple(row.tolist()),
            answered=tuple(answered[region, c, g].tolist()),
        )
        for (region, c, g), row in sorted(offered.items())
    ]  # fmt: skip


def _groups(
    scenario: Scenario, design: Design, results: Sequence[PeriodResult | None], flows: Sequence[FlowRow], method: str
) -> tuple[GroupRow, ...]:
    aht = {c.name: c.aht_s for c in scenario.contact_types}
    factor = {k.name: k.aht_factor for k in scenario.skill_sets}
    shrinkage = {s.name: s.shrinkage for s in scenario.sites}
    rows = []
    for g, group in enumerate(design.groups):
        mine = [f for f in flows if (f.site, f.skill_set) == (group.site, group.skill_set)]
        for t, period in enumerate(scenario.periods):
            result = results[t]
            busy = 0.0 if result is None else float(result.counts.busy_s[g] / result.counts.window_s)
            agents = group.agents[t]
            rows.append(GroupRow(
                site=group.site, skill_set=group.skill_set, period=period.name, agents=agents,
                scheduled_agents=math.ceil(agents / (1.0 - shrinkage[group.site]) - 1e-9),
                contacts_per_hour=math.fsum(f.offered[t] for f in mine),
                load=math.fsum(f.offered[t] * aht[f.contact_type] * factor[group.skill_set] / 3600.0 for f in mine),
                carried_load=busy, occupancy=busy / agents if agents else 0.0, method=method,
            ))  # fmt: skip
    return tuple(rows)
