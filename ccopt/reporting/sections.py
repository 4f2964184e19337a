"""Sections about money, places, ways and staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ccopt.design import Design
from ccopt.kpis import Evaluation
from ccopt.reporting.facts import LEAF_NAMES, Facts, bridge_steps, cost_leaves, leaf_totals, site_rows
from ccopt.reporting.figures import bridge, heat_map
from ccopt.reporting.maps import Place, Ribbon, network_map, ribbons
from ccopt.reporting.pieces import Figure, Section, Table, columns, count, money, to_the_cent
from ccopt.reporting.svg import WIDTH
from ccopt.routing.flows import propagate
from ccopt.scenario.entities import Scenario

MOST_FLOWS = 400
SHOWN_SHARE = 0.8
MOST_ORIGINS, MOST_GROUPS = 14, 18
MOST_SITES = 60
HALF = 478.0


def cost_section(f: Facts) -> Section:
    """Bridge and leaves: what is printed adds up to the cent."""
    if f.today is None:
        after, names = leaf_totals(f.plan.costs), cost_leaves(f)
        cents = to_the_cent([after.get(k, 0.0) for k in names])
        rows = [(LEAF_NAMES.get(k, k), money(c)) for k, c in zip(names, cents, strict=True)]
        rows.append(("total", money(f.plan.cost_per_year)))
        table = Table(columns=columns(f"cost per year ({f.currency})@cost", "#plan@change"), rows=tuple(rows), total=True)
        steps = [(LEAF_NAMES.get(k, k), after.get(k, 0.0)) for k in names]
        drawn = Figure(svg=bridge(None, steps, ("plan", f.plan.cost_per_year)),
                       caption=f"How the cost per year in {f.currency} adds up; there is no layout of today to compare with.")  # fmt: skip
        return Section(key="cost", title="What it costs", figures=(drawn,), tables=(table,))
    steps = bridge_steps(f.today.costs, f.plan.costs)
    figure = Figure(
        svg=bridge(("today", f.today.cost_per_year), steps, ("plan", f.plan.cost_per_year)),
        caption=f"Cost per year in {f.currency}; the steps add up to the difference, {money(_difference(f))}.",
    )
    return Section(key="cost", title="From today's cost to the plan's", figures=(figure,), tables=(_leaf_table(f),))


def _difference(f: Facts) -> float:
    """Of the two totals as printed."""
    return 0.0 if f.today is None else round(f.plan.cost_per_year, 2) - round(f.today.cost_per_year, 2)


def _leaf_table(f: Facts) -> Table:
    assert f.today is not None
    before, after = leaf_totals(f.today.costs), leaf_totals(f.plan.costs)
    names = cost_leaves(f)
    a, b = to_the_cent([before.get(k, 0.0) for k in names]), to_the_cent([after.get(k, 0.0) for k in names])
    rows = [(LEAF_NAMES.get(k, k), money(x), money(y), money(y - x)) for k, x, y in zip(names, a, b, strict=True)]
    total = (sum(a), sum(b))
    rows.append(("total", money(total[0]), money(total[1]), money(total[1] - total[0])))
    return Table(
        columns=columns(f"cost per year ({f.currency})@cost", "#today@change", "#plan@change", "#change@change"),
        rows=tuple(rows),
        total=True,
    )


def map_section(f: Facts) -> Section | None:
    """Today and the plan side by side."""
    areas = [
        Place(name=r.name, latitude=r.latitude, longitude=r.longitude) for r in f.scenario.regions
        if r.latitude is not None and r.longitude is not None
    ]  # fmt: skip
    placed = [s for s in f.scenario.sites if s.latitude is not None and s.longitude is not None]
    if not placed:
        return None
    figures = []
    for name, design, judged in (("Today", f.today_design, f.today), ("Plan", f.plan.design, f.evaluation)):
        if design is None or judged is None:
            continue
        size = {s.site: float(s.agents_peak) for s in judged.sites}
        sites = [
            Place(name=s.name, latitude=float(s.latitude or 0), longitude=float(s.longitude or 0),
                  size=size.get(s.name, 0.0), state="open" if s.name in design.open_sites else "closed")
            for s in placed
        ]  # fmt: skip
        many = len(design.open_sites)
        caption = f"{name}: {many} open site{'s' if many != 1 else ''} (blue, by agents at peak; hollow: closed). "
        caption += f"Lines are the largest flows of contacts, {100 * SHOWN_SHARE:.0f} % of all."
        figures.append(Figure(svg=network_map(areas, sites, _to_sites(f.scenario, design), caption), caption=caption))
    return Section(
        key="map",
        title="Where" if len(figures) == 1 else "Where: today and the plan",
        figures=tuple(figures),
        side_by_side=True,
    )


def _to_sites(scenario: Scenario, design: Design) -> list[tuple[str, str, float]]:
    hours = [p.hours_per_year for p in scenario.periods]
    total: dict[tuple[str, str], float] = {}
    for row in propagate(scenario, design, lambda *_: 1.0):
        key = (row.region, row.site)
        total[key] = total.get(key, 0.0) + sum(h * x for h, x in zip(hours, row.offered, strict=True))
    largest = sorted(((r, s, v) for (r, s), v in total.items()), key=lambda x: -x[2])
    whole, kept, many = sum(total.values()), 0.0, 0
    for _, _, v in largest[:MOST_FLOWS]:
        if kept >= SHOWN_SHARE * whole:
            break
        kept, many = kept + v, many + 1
    return largest[:many]


def site_section(f: Facts) -> Section:
    """Every site before and after."""
    rows, has_today = site_rows(f), f.today is not None
    sites = {s.name: s for s in f.scenario.sites}
    cents = to_the_cent([r["plan_cost"] for r in rows])
    before = to_the_cent([r["today_cost"] for r in rows])
    body = []
    for r, plan_cost, today_cost in zip(rows, cents, before, strict=True):
        tariff = sites[r["site"]].tariff if r["site"] in sites else None
        contract = f.plan.design.contracts.get(r["site"]) or (tariff.per if tariff else "")
        kind = r["kind"] + (f", {contract}" if contract else "")
        cells = [r["site"], kind, r["state"]] + (
            [count(r["today_agents"]) if r["today_agents"] else "–"] if has_today else []
        )
        cells += [count(r["plan_agents"]) if r["plan_agents"] else "–", "–" if r["seats"] is None else count(r["seats"]),
                  count(r["contacts"]) if r["contacts"] else "–"]  # fmt: skip
        cells += ([money(today_cost) if today_cost else "–"] if has_today else []) + [
            money(plan_cost) if plan_cost else "–"
        ]
        body.append(tuple(cells))
    totals = ["total", "", "", *([count(sum(r["today_agents"] for r in rows))] if has_today else []),
              count(sum(r["plan_agents"] for r in rows)), "", count(sum(r["contacts"] for r in rows)),
              *([money(sum(before))] if has_today else []), money(sum(cents))]  # fmt: skip
    heads = ["site", "kind", "", *(["#agents at peak, today@peak"] if has_today else []), "#agents at peak@peak",
             "#seats@seats", "#contacts a year@contacts",
             *([f"#cost today ({f.currency})@cost"] if has_today else []), f"#cost ({f.currency})@cost"]  # fmt: skip
    table = Table(columns=columns(*heads), rows=(*body[:MOST_SITES], tuple(totals)), total=True)
    text = (
        ()
        if len(body) <= MOST_SITES
        else (f"The first {MOST_SITES} of {len(body)} sites; all stand in the result workbook.",)
    )
    return Section(key="sites", title="Sites before and after" if has_today else "Sites", text=text, tables=(table,))


def routing_section(f: Facts) -> Section:
    """Ribbons from demand to groups, today and in the plan."""
    shown = [(word, d) for word, d in (("today", f.today_design), ("plan", f.plan.design)) if d is not None]
    by_site = any(len({(r.site, r.skill_set) for r in d.routes}) > MOST_GROUPS for _, d in shown)
    name, kinds = "sites" if by_site else "agent groups", [c.name for c in f.scenario.contact_types]
    width = WIDTH if len(shown) == 1 else HALF
    figures = [
        Figure(svg=ribbons(_ribbons(f.scenario, design, by_site), ("regions", name), kinds, f"Routing, {word}", width=width),
               caption=f"{word.capitalize()}: contacts a year from regions to {name}.")
        for word, design in shown
    ]  # fmt: skip
    text = (
        "Who serves whom over the year; the colour is the contact type. Escalated contacts start at the region that they came from.",
    )
    return Section(key="routing", title="Who serves whom", text=text, figures=tuple(figures), side_by_side=len(shown) > 1)


def _ribbons(scenario: Scenario, design: Design, by_site: bool) -> list[Ribbon]:
    hours = [p.hours_per_year for p in scenario.periods]
    rows = [
        (r, sum(h * x for h, x in zip(hours, r.offered, strict=True)))
        for r in propagate(scenario, design, lambda *_: 1.0)
    ]
    by_region: dict[str, float] = {}
    for row, volume in rows:
        by_region[row.region] = by_region.get(row.region, 0.0) + volume
    largest = sorted(by_region, key=lambda n: -by_region[n])
    kept = set(largest) if len(largest) <= MOST_ORIGINS else set(largest[: MOST_ORIGINS - 1])
    rest = f"{len(largest) - len(kept)} other regions"
    total: dict[tuple[str, str, str], float] = {}
    for row, volume in rows:
        target = row.site if by_site else f"{row.site} · {row.skill_set}"
        key = (row.region if row.region in kept else rest, target, row.contact_type)
        total[key] = total.get(key, 0.0) + volume
    return sorted(
        ((a, b, c, v) for (a, b, c), v in total.items() if v > 0),
        key=lambda x: (x[0] == rest, -by_region.get(x[0], 0.0), x[1]),
    )


def staff_section(f: Facts) -> Section:
    """Agents and service by period."""
    periods = [p.name for p in f.scenario.periods]
    rows = [f"{g.site} · {g.skill_set}" for g in f.plan.design.groups]
    agents: dict[tuple[str, str], float | None] = {
        (row, t): float(n)
        for row, g in zip(rows, f.plan.design.groups, strict=True)
        for t, n in zip(periods, g.agents, strict=True)
    }
    level, missed, kinds = _service_cells(f.scenario, f.evaluation)
    figures = [
        Figure(svg=heat_map(rows, periods, agents, "Agents present by group and period"),
               caption="Agents present (without shrinkage) in each agent group and period."),
        Figure(svg=heat_map(kinds, periods, level, "Service level by contact type and period", shown=lambda v: f"{100 * v:.1f}",
                            marked=missed, from_zero=False),
               caption="Service level in percent of the network (analytic); orange: below the promise."),
    ]  # fmt: skip
    busy = {(f"{g.site} · {g.skill_set}", g.period): g.occupancy for g in f.evaluation.groups if g.agents > 0}
    figures.append(Figure(svg=heat_map(rows, periods, busy, "Occupancy by group and period", shown=lambda v: f"{100 * v:.0f}"),
                          caption="Occupancy in percent of the agents present (analytic)."))  # fmt: skip
    return Section(key="staff", title="Staff and service by period", figures=tuple(figures))


def _service_cells(
    scenario: Scenario, judged: Evaluation
) -> tuple[dict[tuple[str, str], float | None], dict[tuple[str, str], bool], Sequence[str]]:
    promised = {
        c.name: next((e.service_level for e in c.targets if e.service_level is not None), None)
        for c in scenario.contact_types
    }
    level: dict[tuple[str, str], float | None] = {}
    missed: dict[tuple[str, str], bool] = {}
    kinds: dict[str, None] = {}
    for r in judged.contact_types:
        if r.period is None or r.contacts_per_hour <= 0:
            continue
        goal = promised[r.name]
        row = f"{r.name} ({100 * goal:g} % in {r.awt_s:g} s)" if goal is not None else f"{r.name} (in {r.awt_s:g} s)"
        kinds[row] = None
        level[row, r.period] = r.service_level
        missed[row, r.period] = goal is not None and r.service_level is not None and r.service_level < goal - 1e-9
    return level, missed, list(kinds)


def all_of(*sections: Any) -> tuple[Section, ...]:
    """Sections that exist."""
    return tuple(s for s in sections if s is not None)
