"""Sections about callers and agents that only some centers have: call-back, ranks, chats, tiers, video rooms, agents at home."""

from __future__ import annotations

from ccopt.costs import equipped_used, seats_used
from ccopt.evaluation import evaluate
from ccopt.reporting.facts import Facts
from ccopt.reporting.pieces import Section, Table, columns, count, money, percent


def caller_sections(f: Facts) -> tuple[Section, ...]:
    """Those of the sections that the scenario gives something for."""
    found = (callback_section(f), ranks_section(f), chat_section(f), tiers_section(f), equipment_section(f), home_section(f))
    return tuple(s for s in found if s is not None)


def callback_section(f: Facts) -> Section | None:
    """Who is rung back, and how many would give up without the offer."""
    kinds = {c.name: c.callback for c in f.scenario.contact_types if c.callback is not None and c.callback.accept > 0.0}
    if not kinds or f.plan.design.regime != "split":
        return None
    bare = tuple(c.model_copy(update={"callback": None}) for c in f.scenario.contact_types)
    without = {_place(c): c for c in evaluate(f.scenario.model_copy(update={"contact_types": bare}), f.plan.design).cells}
    body = []
    for cell in f.evaluation.cells:
        rule = kinds.get(cell.name)
        if rule is None or cell.contacts_per_hour <= 0.0:
            continue
        waits = cell.delay_probability or 0.0
        body.append((
            f"{cell.site} · {cell.skill_set}, {cell.period}", cell.name, percent(waits),
            f"{cell.contacts_per_hour * waits * rule.accept:,.1f}", percent(cell.abandonment, 2),
            percent(without[_place(cell)].abandonment, 2),
        ))  # fmt: skip
    said = "; ".join(
        f"{name}: {percent(rule.accept)} of those who must wait accept, ringing back takes {rule.ring_back_s:g} s"
        for name, rule in kinds.items()
    )
    words = (f"Who is rung back keeps the place in the queue and never gives up. {said}.",)
    heads = columns("where", "contact type", "#must wait", "#rung back an hour", "#give up", "#the same agents without the offer")
    return Section(key="callback", title="Call-back", text=words, tables=(Table(columns=heads, rows=tuple(body)),))


def _place(cell: object) -> tuple[object, ...]:
    return tuple(getattr(cell, k) for k in ("site", "skill_set", "period", "name"))


def ranks_section(f: Facts) -> Section | None:
    """Waits by rank, where contact types differ in priority."""
    kinds = {c.name: c.priority for c in f.scenario.contact_types}
    if len(set(kinds.values())) < 2:
        return None
    year = [r for r in f.evaluation.contact_types if r.period is None and r.contacts_per_hour > 0.0]
    rows = sorted(year, key=lambda r: (kinds[r.name], r.name))
    body = tuple(
        (f"{kinds[r.name]}", r.name, "–" if r.asa_s is None else f"{r.asa_s:,.1f} s",
         "–" if r.service_level is None else f"{percent(r.service_level)} in {r.awt_s:g} s")
        for r in rows
    )  # fmt: skip
    words = ("A free agent takes the contact of the smallest rank that has waited longest; nobody is interrupted.",)
    heads = columns("#rank", "contact type", "#mean wait of answered", "#service level")
    return Section(key="ranks", title="Who is served first", text=words, tables=(Table(columns=heads, rows=body),))


def chat_section(f: Facts) -> Section | None:
    """Chats at a time, and how long each then takes."""
    kinds = [c for c in f.scenario.contact_types if len(c.chat_levels) > 1]
    if not kinds:
        return None
    most = max(len(c.chat_levels) for c in kinds)
    body = []
    for c in kinds:
        times = [f"{x.handle_s:,.0f} s" for x in c.chat_levels]
        last = c.chat_levels[-1]
        gain = last.chats * c.chat_levels[0].handle_s / last.handle_s
        body.append((c.name, *times, *["–"] * (most - len(times)), f"{gain:.2f} times"))
    heads = columns("contact type", *(f"#{k} in hand" for k in range(1, most + 1)), "#chats an agent finishes, against one at a time")
    words = ("Agents have several chats in hand, each then takes longer. The plan and both judges count the level of every moment.",)
    return Section(key="chats", title="Several chats at a time", text=words, tables=(Table(columns=heads, rows=tuple(body)),))


def tiers_section(f: Facts) -> Section | None:
    """What is handed on from tier to tier, and what a tier decides itself."""
    steps = [e for e in f.scenario.escalations if e.authority > 0.0 or e.handover_s > 0.0]
    if not steps:
        return None
    body = tuple(
        (f"{e.from_type} → {e.to_type}", percent(e.share), percent(e.share * e.authority), percent(e.share * (1.0 - e.authority)),
         f"{e.decide_s:g} s", f"{e.handover_s:g} s")
        for e in steps
    )  # fmt: skip
    heads = columns("step", "#need the next tier", "#decided by own authority", "#handed on", "#own decision takes", "#handing over takes")
    words = ("Shares are of answered contacts; both times are worked by the tier that hands on or decides.",)
    return Section(key="tiers", title="Between the tiers", text=words, tables=(Table(columns=heads, rows=body),))


def equipment_section(f: Facts) -> Section | None:
    """Seats with equipment: used, there, paid."""
    rows = [
        (s.name, e, equipped_used(f.scenario, f.plan.design, s.name, e))
        for s in f.scenario.sites if s.name in f.plan.design.open_sites for e in s.equipped_seats
    ]  # fmt: skip
    if not rows:
        return None
    body = tuple(
        (site, e.name, ", ".join(e.contact_types), count(used), "no limit" if e.seats is None else count(e.seats),
         money(used * e.cost_per_year))
        for site, e, used in rows
    )  # fmt: skip
    heads = columns("site", "equipment", "for", "#seats used", "#seats there", f"#cost a year ({f.currency})")
    words = ("Every agent who may serve these contacts sits at an equipped seat.",)
    return Section(key="equipment", title="Seats with equipment", text=words, tables=(Table(columns=heads, rows=body),))


def home_section(f: Facts) -> Section | None:
    """Agents at home: how many, their share, and the shifts that only they may work."""
    home = [s for s in f.scenario.sites if s.kind == "home" and s.name in f.plan.design.open_sites]
    if not home:
        return None
    used = {s: seats_used(f.scenario, f.plan.design, s) for s in f.plan.design.open_sites}
    total = sum(used.values())
    body = tuple((s.name, count(used[s.name]), percent(used[s.name] / total if total else 0.0)) for s in home)
    words = ["They need no seats, and the loss of a building does not take them away."]
    if f.scenario.shifts is not None:
        own = [p for p in f.scenario.shifts.patterns if p.kinds is not None and "home" in p.kinds]
        words += [f"Shifts at home: {', '.join(f'{p.name} ({p.length_h:g} h)' for p in own)}."] if own else []
    table = Table(columns=columns("workforce", "#agents at peak", "#of all agents"), rows=body)
    return Section(key="home", title="Agents at home", text=tuple(words), tables=(table,))
