"""Sections that only some centers need: contract forms, lines, offers, background work, worth of contacts, weak spots."""

from __future__ import annotations

from collections.abc import Sequence

from ccopt.evaluation.trunks import blocking
from ccopt.reporting.facts import Facts
from ccopt.reporting.pieces import Figure, Section, Table, columns, count, money, percent
from ccopt.reporting.svg import BLUE, GREEN, GREY, ORANGE, RED, SKY, frame, line, short_money, text, ticks
from ccopt.routing.flows import propagate
from ccopt.scenario.core import core_of
from ccopt.studies.forms import FormsRow, contract_forms
from ccopt.studies.weak_spots import resolution_worth, weak_spots

VOLUMES = (0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0)
MOST_VENDORS = 3
WIDTH, BASE, LEFT, RIGHT, TOP = 760.0, 300.0, 90.0, 600.0, 24.0
COLOURS = (BLUE, ORANGE, GREEN, RED, SKY, GREY)


def kind_sections(f: Facts) -> tuple[Section, ...]:
    """Those of the sections that the scenario gives something for."""
    found = (forms_section(f), lines_section(f), background_section(f), offers_section(f), weak_section(f))
    return tuple(s for s in found if s is not None)


def forms_section(f: Facts) -> Section | None:
    """Amounts of every contract form against volume, for open sites with a choice of forms."""
    able = [s.name for s in f.scenario.sites if s.tariffs and s.name in f.plan.design.open_sites][:MOST_VENDORS]
    if not able:
        return None
    figures, tables = [], []
    for site in able:
        rows = contract_forms(f.scenario, site, VOLUMES)
        figures.append(
            Figure(svg=forms_chart(rows, f"Forms of {site}"),
                   caption=f"{site}: yearly amount of each form if it took a multiple of the demand that it may serve.")
        )  # fmt: skip
        names = list(rows[0].amounts)
        body = [
            (f"{r.volume:g}", count(r.contacts_per_year), *(money(r.amounts[n]) for n in names), r.cheapest) for r in rows
        ]
        heads = columns("#volume@varied", "#contacts a year@contacts", *(f"#{n}@cost" for n in names), "cheapest")
        marks = {(i, 2 + names.index(r.cheapest)): "ok" for i, r in enumerate(rows)}
        chosen = f.plan.design.contracts.get(site, "")
        tables.append(Table(columns=heads, rows=tuple(body), marks=marks, caption=f"{site}; the plan takes {chosen!r}"))
    words = ("Each form is staffed to the promises of its volume; volume 1 is all demand that the site may serve.",)
    return Section(key="forms", title="Which form of contract at which volume", text=words, figures=tuple(figures),
                   tables=tuple(tables))  # fmt: skip


def forms_chart(rows: Sequence[FormsRow], title: str) -> str:
    """One line per form over contacts a year; the cheapest stands at the bottom."""
    names = list(rows[0].amounts)
    xs = [r.contacts_per_year for r in rows]
    top = max(max(r.amounts.values()) for r in rows)

    def at(x: float, y: float) -> tuple[float, float]:
        return LEFT + x / max(xs) * (RIGHT - LEFT), BASE - y / top * (BASE - TOP)

    body = []
    for v in ticks(0.0, top):
        y = at(0.0, v)[1]
        body += [line((LEFT, y), (RIGHT, y), "#E5EAEF"), text(LEFT - 8, y + 4, short_money(v), "end", 'font-size="12"')]
    for v in ticks(0.0, max(xs)):
        if v <= max(xs):
            body.append(text(at(v, 0.0)[0], BASE + 18, f"{v:,.0f}", "middle", 'font-size="12"'))
    ends = sorted((at(xs[-1], rows[-1].amounts[n])[1], n) for n in names)
    placed: dict[str, float] = {}
    for y, name in ends:
        placed[name] = max(y, max(placed.values(), default=0.0) + 15.0)
    for i, name in enumerate(names):
        path = " ".join("{:.1f},{:.1f}".format(*at(x, r.amounts[name])) for x, r in zip(xs, rows, strict=True))
        colour = COLOURS[i % len(COLOURS)]
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        body.append(text(RIGHT + 8, placed[name] + 4, name, "start", f'fill="{colour}" font-size="12" font-weight="600"'))
    body.append(text((LEFT + RIGHT) / 2, BASE + 40, "contacts a year", "middle"))
    return frame(WIDTH, BASE + 50, title, body, told="; ".join(f"{r.volume:g}: {r.cheapest}" for r in rows))


def lines_section(f: Facts) -> Section | None:
    """Lines and ports, their blocking in the busiest period and their rental."""
    core = core_of(f.scenario)
    if not core.trunks:
        return None
    share = {(r.name, r.period): r for r in f.evaluation.contact_types}
    waits = [
        r.__class__(**{**{k: getattr(r, k) for k in ("region", "contact_type", "site", "skill_set", "offered", "answered")},
                       "wait_s": tuple((share[r.contact_type, p.name].mean_wait_s or 0.0) if (r.contact_type, p.name) in share
                                       else 0.0 for p in core.periods)})
        for r in propagate(core, f.plan.design, lambda *_: 1.0)
    ]  # fmt: skip
    found = blocking(core, f.plan.design, waits)
    body = [
        (t.name, count(f.plan.design.trunks.get(t.name, 0)), percent(t.max_blocking), percent(max(found[t.name]), 2),
         money(t.rental_per_year * f.plan.design.trunks.get(t.name, 0)))
        for t in core.trunks
    ]  # fmt: skip
    heads = columns("bank", "#lines@lines", "#allowed to block@lines", "#blocked, busiest period@lines", f"#rental ({f.currency})@lines")
    table = Table(columns=heads, rows=tuple(body))
    words = ("Sized by Erlang B: exact for ports, the usual approximation for lines that are held while callers wait.",)
    return Section(key="lines", title="Lines and ports", text=words, tables=(table,))


def background_section(f: Facts) -> Section | None:
    """Agents kept free of background work."""
    rows = [g for g in f.plan.design.groups if g.reserve is not None]
    if not rows:
        return None
    periods = [p.name for p in f.scenario.periods]
    body = tuple((f"{g.site} · {g.skill_set}", *(f"{k} of {n}" for k, n in zip(g.reserve or (), g.agents, strict=True)))
                 for g in rows)  # fmt: skip
    words = ("Background work (outbound, e-mail) starts only while more agents than this are idle, so that callers find one.",)
    return Section(key="background", title="Agents kept free for callers", text=words,
                   tables=(Table(columns=columns("group", *(f"#{p}@reserve" for p in periods)), rows=body),))  # fmt: skip


def offers_section(f: Facts) -> Section | None:
    """Offers by group: threshold, sales and what they earn."""
    if not f.plan.design.offers:
        return None
    body = [
        (f"{o.site} · {o.skill_set}", o.contact_type, "always" if o.threshold is None else f"up to {o.threshold} in the system",
         "by the same agent" if o.route == "own" else f"handed to {o.to_site} · {o.to_skill_set}")
        for o in f.plan.design.offers
    ]  # fmt: skip
    words = (f"Offers earn {money(f.evaluation.revenue_per_year)} {f.currency} a year. The staff is enough for the time that "
             "they take and for every promise.",)  # fmt: skip
    table = Table(columns=columns("group", "after", "made", "route"), rows=tuple(body))
    return Section(key="offers", title="Offers", text=words, tables=(table,))


def weak_section(f: Facts) -> Section | None:
    """The five weakest spots with a remedy, and what a point of first-contact resolution frees."""
    if f.plan.design.regime != "split" or not any(c.targets for c in f.scenario.contact_types):
        return None
    spots = weak_spots(f.scenario, f.plan.design)
    if not spots:
        return None
    body = tuple(
        (w.place, w.contact_type, w.promise, percent(w.margin, 2), f"{w.remedy}: {money(w.remedy_cost)}", percent(w.margin_after, 2))
        for w in spots
    )
    heads = columns("place", "contact type", "promise", "#margin@margin", f"#remedy ({f.currency} a year)@margin", "#margin then@margin")
    words = ["Where the plan is closest to a broken promise, in points of it, and the cheapest of the remedies judged there: one more "
             "agent, one retrained, contacts sent to another group, an offer to ring back."]  # fmt: skip
    if f.scenario.quality:
        hours = resolution_worth(f.scenario, f.plan.design)
        words += [f"One point more of first-contact resolution of {k!r} frees {h:,.0f} agent-hours a year." for k, h in hours.items()]
    return Section(key="weak", title="Weak spots", text=tuple(words), tables=(Table(columns=heads, rows=body),))
