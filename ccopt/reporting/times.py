"""Sections about time: the calendar against its periods, the inside of a day, shifts, uncertain rates."""

from __future__ import annotations

from typing import Any

from ccopt.reporting.facts import Facts
from ccopt.reporting.pieces import Section, Table, columns, count, money, percent


def calendar_section(f: Facts, result: Any) -> Section:
    """What few periods hide: cost and service against every interval of the calendar."""
    rows = tuple(
        (
            str(name),
            count(r["contacts_per_year"]),
            percent(r["service_level_periods"]),
            percent(r["service_level_intervals"]),
            percent(r["abandonment_periods"], 2),
            percent(r["abandonment_intervals"], 2),
            percent(r["contacts_missed"]),
        )
        for name, r in result.service.iterrows()
    )
    heads = columns(
        "contact type",
        "#contacts a year@contacts",
        "#service, periods@periods",
        "#service, intervals@periods",
        "#abandoned, periods@abandonment",
        "#abandoned, intervals@abandonment",
        "#contacts in intervals with a promise broken@periods",
    )
    text = (
        result.summary() + ".",
        f"By its periods the plan costs {money(result.cost_per_year)} {f.currency} a year, with the fewest agents that keep the "
        f"promises in every interval {money(result.cost_by_interval)}.",
    )
    return Section(
        key="calendar", title="Periods against the whole calendar", text=text, tables=(Table(columns=heads, rows=rows),)
    )


def inside_day_section(f: Facts, result: Any) -> Section:
    """The busiest day of each group, exactly."""
    rows = tuple(
        (
            f"{r['site']} · {r['skill_set']}",
            str(r["day"]),
            count(r["contacts"]),
            percent(r["steady"]),
            percent(r["exact"]),
            f"{100 * r['worst']:.1f}",
            count(r["agent_hours"]),
            count(r["agent_hours_corrected"]),
            percent(r["exact_corrected"]),
            f"{100 * r['worst_corrected']:.1f}",
        )
        for r in result.table.to_dict(orient="records")
    )
    heads = columns(
        "group",
        "busiest day",
        "#contacts@contacts",
        "#service, steady@inside",
        "#service, exact@inside",
        "#worst shortfall, points@inside",
        "#agent-hours@inside",
        "#agent-hours, lagging load@inside",
        "#service, exact@inside",
        "#worst shortfall, points@inside",
    )
    return Section(
        key="inside",
        title="Inside the busiest day",
        text=(result.summary() + ".",),
        tables=(Table(columns=heads, rows=rows),),
    )


def shift_section(f: Facts, result: Any) -> Section:
    """Hours paid against hours at work, full-time equivalents, heads."""
    rows = tuple(
        (
            f"{r['site']} · {r['skill_set']}",
            count(r["needed_h"]),
            count(r["paid_h"]),
            count(r["bound_h"]),
            f"{r['paid_h'] / r['needed_h']:.3f}" if r["needed_h"] else "–",
            f"{r['fte']:.1f}",
            str(r["headcount"]),
        )
        for r in result.groups.to_dict(orient="records")
    )
    heads = columns(
        "group",
        "#hours at work@paid",
        "#hours paid by shifts@paid",
        "#at least, any shifts@paid",
        "#paid per hour at work@paid",
        "#full-time equivalents@paid",
        "#heads@paid",
    )
    wages = {s.name: s for s in f.scenario.sites}
    extra = sum(
        (r["paid_h"] - r["needed_h"]) * wages[r["site"]].wage_per_hour / (1.0 - wages[r["site"]].shrinkage)
        for r in result.groups.to_dict(orient="records")
    )
    text = [
        f"Agents of this plan are priced by the interval; shifts that cover them pay about {money(extra)} {f.currency} a year more, "
        "before wage factors. A plan whose cost holds its shifts is made by plan_with_shifts."
    ]
    if result.left_out:
        text.append(f"Without a pattern of their own, so not covered: {', '.join(result.left_out)}.")
    return Section(key="shifts", title="Shifts", text=tuple(text), tables=(Table(columns=heads, rows=rows),))


def shift_plan_section(f: Facts, result: Any) -> Section:
    """The factor of paid hours by site kind and day type, with its proof."""
    rows = tuple(
        (
            r["site_kind"],
            r["day_type"],
            count(r["needed_h"]),
            count(r["paid_h"]),
            f"{r['factor']:.3f}",
            f"{r['least_factor']:.3f}",
        )
        for r in result.by_day_type.reset_index().to_dict(orient="records")
    )
    heads = columns(
        "kind of site", "day type", "#hours at work@paid", "#hours paid@paid", "#factor@paid", "#at least@paid"
    )
    inner = shift_section(f, result.paid)
    return Section(
        key="shifts",
        title="Shifts",
        text=(result.summary() + ".",),
        tables=(Table(columns=heads, rows=rows), *inner.tables),
    )


def safety_section(f: Facts, result: Any) -> Section:
    """What holding promises under uncertain rates costs."""
    rows = tuple((f"{site} · {skill}", f"{v:.4f}") for (site, skill), v in result.variance.items())
    table = Table(columns=columns("group", "#variance of the busyness factor@busyness"), rows=rows)
    return Section(key="safety", title="Uncertain demand", text=(result.summary() + ".",), tables=(table,))


TIME_MAKERS = {
    "CalendarError": calendar_section,
    "InsideDay": inside_day_section,
    "PaidHours": shift_section,
    "ShiftPlan": shift_plan_section,
    "SafePlan": safety_section,
}
