"""Rules of the optional blocks (channels, self-service, outbound, quality, worth, people), on raw data."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from ccopt.errors import Problem
from ccopt.scenario.raw_rows import Raw, names, reference, rows
from ccopt.scenario.translation import shown

TYPES = {
    "journeys": ("from_type", "to_type"), "channel_shifts": ("from_type", "to_type"), "quality": ("contact_type",),
    "mailings": ("contact_type",), "campaigns": ("contact_type",), "worth": ("contact_type",),
}  # fmt: skip
ONCE = (("quality", "contact_type"), ("worth", "contact_type"), ("mailings", "name"),
        ("campaigns", "name"), ("self_service", "name"), ("trunks", "name"), ("charges", "name"))  # fmt: skip
CALLED = ("voice", "callback", "video")


def kind_problems(raw: Raw) -> Iterable[Problem]:
    """Problems of the optional blocks."""
    for rule in (_references, _repeated, _journeys, _shares, _reached, _curves, _chats, _callers, _people):
        yield from rule(raw)


def _list(row: Raw, key: str) -> list[Any]:
    value = row.get(key)
    return list(value) if isinstance(value, (list, tuple)) else []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15 else None


def _references(raw: Raw) -> Iterable[Problem]:
    types, periods = names(raw, "contact_types"), names(raw, "periods")
    for key, fields in TYPES.items():
        for i, row in rows(raw, key):
            for field in fields:
                yield from reference(f"{key}[{i}].{field}", row.get(field), types)
            for j, value in enumerate(_list(row, "periods")):
                yield from reference(f"{key}[{i}].periods[{j}]", value, periods)
    for i, row in rows(raw, "self_service"):
        for j, menu in rows(row, "menus"):
            yield from reference(f"self_service[{i}].menus[{j}].contact_type", menu.get("contact_type"), types)
    for i, row in rows(raw, "trunks"):
        for j, value in enumerate(_list(row, "contact_types")):
            yield from reference(f"trunks[{i}].contact_types[{j}]", value, types)
        load = row.get("erlangs")
        if isinstance(load, (list, tuple)) and periods and len(load) != len(periods):
            yield Problem(place=f"trunks[{i}].erlangs", value=f"{len(load)} numbers",
                          rule=f"must have one number per period ({len(periods)})")  # fmt: skip


def _repeated(raw: Raw) -> Iterable[Problem]:
    for key, field in ONCE:
        seen: dict[Any, int] = {}
        for i, row in rows(raw, key):
            name = row.get(field)
            if isinstance(name, str):
                if name in seen:
                    yield Problem(place=f"{key}[{i}].{field}", value=shown(name), rule=f"stands already in {key}[{seen[name]}]",
                                  remedy="keep one of them")  # fmt: skip
                seen.setdefault(name, i)


def _journeys(raw: Raw) -> Iterable[Problem]:
    """Journeys and escalations together: no circle, at most one contact out of one, one handle time per type."""
    steps = [(f"journeys[{i}]", r) for i, r in rows(raw, "journeys")]
    other = [(f"escalations[{i}]", r) for i, r in rows(raw, "escalations")]
    total: dict[str, float] = {}
    for _, r in other:
        share = _number(r.get("share"))
        if isinstance(r.get("from_type"), str) and share is not None:
            total[r["from_type"]] = total.get(r["from_type"], 0.0) + share
    fed = [r.get("contact_type") for key in ("demand", "mailings", "campaigns") for _, r in rows(raw, key)]
    fed += [r.get("to_type") for _, r in other] + [r.get("to_type") for _, r in rows(raw, "channel_shifts")]
    own = {name for name in fed if isinstance(name, str)}
    factors: dict[str, Any] = {}
    for place, r in steps:
        start, end, share = r.get("from_type"), r.get("to_type"), _number(r.get("share"))
        if isinstance(start, str) and share is not None:
            total[start] = total.get(start, 0.0) + share
            if total[start] > 1.0 + 1e-9:
                yield Problem(place=f"{place}.share", value=shown(share), rule=f"shares out of {start!r} exceed 1")
        factor = r.get("handle_factor", 1.0)
        if factor != 1.0 and isinstance(end, str) and end in own:
            yield Problem(place=f"{place}.handle_factor", value=shown(factor), rule=f"{end!r} also takes contacts of its own",
                          remedy="declare a contact type for what follows, such as 'call after chat'")  # fmt: skip
        if isinstance(end, str) and factors.setdefault(end, factor) != factor:
            yield Problem(place=f"{place}.handle_factor", value=shown(factor), rule=f"differs from that of other journeys to {end!r}")
        if _leads_back(start, [*steps, *other]):
            yield Problem(place=place, value=f"{start!r} -> ... -> {start!r}", rule="goes in a circle",
                          remedy="remove one step; who contacts again with the same type is quality.returns")  # fmt: skip


def _leads_back(start: Any, steps: list[tuple[str, Raw]]) -> bool:
    seen: set[str] = set()
    stack = [start]
    while stack:
        now = stack.pop()
        for _, r in steps:
            end = r.get("to_type")
            if r.get("from_type") == now and isinstance(end, str):
                if end == start:
                    return True
                if end not in seen:
                    seen.add(end)
                    stack.append(end)
    return False


def _shares(raw: Raw) -> Iterable[Problem]:
    """Parts that are taken out of a whole."""
    moved: dict[Any, float] = {}
    for i, r in rows(raw, "channel_shifts"):
        share = _number(r.get("share"))
        if isinstance(r.get("from_type"), str) and share is not None:
            moved[r["from_type"]] = moved.get(r["from_type"], 0.0) + share
            if moved[r["from_type"]] > 1.0 + 1e-9:
                yield Problem(place=f"channel_shifts[{i}].share", value=shown(share), rule=f"shares out of {r['from_type']!r} exceed 1")
    for i, r in rows(raw, "quality"):
        solved, returns = _number(r.get("first_contact_resolution", 1.0)), _number(r.get("returns", 1.0))
        redial, lost = _number(r.get("redial", 0.0)), _number(r.get("lost", 0.0))
        right, faulty = _number(1.0 if r.get("accuracy") is None else r["accuracy"]), _number(r.get("fault_returns", 0.0))
        if solved is None or returns is None or redial is None or lost is None or right is None or faulty is None:
            continue
        if (returns * (1.0 - solved) + faulty * solved * (1.0 - right)) * (1.0 - lost) + redial * lost >= 1.0:
            yield Problem(place=f"quality[{i}]", value=shown(r.get("contact_type")), rule="every contact is repeated for ever",
                          remedy="first_contact_resolution above 0, or returns below 1")  # fmt: skip


def _reached(raw: Raw) -> Iterable[Problem]:
    """Contact types that only optional blocks bring about must be served as well."""
    served = {c for _, k in rows(raw, "skill_sets") for c in _list(k, "contact_types") if isinstance(c, str)}
    types = set(names(raw, "contact_types"))
    for key, field in (("journeys", "to_type"), ("channel_shifts", "to_type"), ("mailings", "contact_type"),
                       ("campaigns", "contact_type")):  # fmt: skip
        for i, r in rows(raw, key):
            if isinstance(r.get(field), str) and r[field] in types - served:
                yield Problem(place=f"{key}[{i}].{field}", value=shown(r[field]), rule="no skill set serves it",
                              remedy="add it to a skill set")  # fmt: skip


def _curves(raw: Raw) -> Iterable[Problem]:
    for i, r in rows(raw, "worth"):
        points = [(_number(p.get("wait_s")), _number(p.get("cost"))) for _, p in rows(r, "dissatisfaction")]
        place = f"worth[{i}].dissatisfaction"
        if len(points) == 1 and points[0][0] == 0:
            yield Problem(place=place, value="", rule="needs a point after wait 0")
        for (a, low), (b, high) in pairwise(points):
            if a is not None and b is not None and b <= a:
                yield Problem(place=place, value=f"{b:g}", rule="wait_s must rise from point to point")
            if low is not None and high is not None and high < low:
                yield Problem(place=place, value=f"{high:g}", rule="cost must not fall with the wait")
        if points and points[0] == (0.0, points[0][1]) and (points[0][1] or 0.0) > 0.0:
            yield Problem(place=place, value=f"{points[0][1]:g}", rule="a wait of 0 must cost 0")


def _chats(raw: Raw) -> Iterable[Problem]:
    for i, r in rows(raw, "contact_types"):
        levels = [(_number(x.get("chats")), _number(x.get("handle_s"))) for _, x in rows(r, "chat_levels")]
        if not levels:
            continue
        place = f"contact_types[{i}].chat_levels"
        if [k for k, _ in levels] != list(range(1, len(levels) + 1)):
            yield Problem(place=place, value=shown([k for k, _ in levels]), rule="must list 1, 2, ... chats in order")
        rates = [k / h for k, h in levels if k and h]
        if any(b < a * (1 - 1e-12) for a, b in pairwise(rates)):
            yield Problem(place=place, value="", rule="one more chat in hand must not lower the chats that an agent completes",
                          remedy="leave out the highest levels")  # fmt: skip
        if r.get("channel", "voice") in CALLED:
            yield Problem(place=place, value=shown(r.get("channel", "voice")), rule="belongs to chats", remedy="set channel to 'chat'")


def _callers(raw: Raw) -> Iterable[Problem]:
    """Call-back belongs to calls; equipped seats name contact types."""
    types = names(raw, "contact_types")
    for i, r in rows(raw, "contact_types"):
        if isinstance(r.get("callback"), dict) and (rows(r, "chat_levels") or r.get("background") is True):
            yield Problem(place=f"contact_types[{i}].callback", value=shown(r.get("name")), rule="belongs to calls that wait",
                          remedy="remove it from chats and background work")  # fmt: skip
    for i, r in rows(raw, "sites"):
        seen: set[str] = set()
        for j, e in rows(r, "equipped_seats"):
            place = f"sites[{i}].equipped_seats[{j}]"
            for k, value in enumerate(_list(e, "contact_types")):
                yield from reference(f"{place}.contact_types[{k}]", value, types)
            if isinstance(e.get("name"), str) and e["name"] in seen:
                yield Problem(place=f"{place}.name", value=shown(e["name"]), rule="stands twice", remedy="rename one of them")
            seen |= {e["name"]} if isinstance(e.get("name"), str) else set()


def _people(raw: Raw) -> Iterable[Problem]:
    for i, r in rows(raw, "skill_sets"):
        shares = [_number(t.get("share")) for _, t in rows(r, "tenure")]
        known = [s for s in shares if s is not None]
        if shares and len(known) == len(shares) and abs(sum(known) - 1.0) > 1e-6:
            yield Problem(place=f"skill_sets[{i}].tenure", value=f"{sum(known):g}", rule="shares must sum to 1")
    for i, r in rows(raw, "sites"):
        ends = [t.get("up_to") for _, t in rows(r, "labour_market")]
        numbers = [n for n in map(_number, ends[:-1]) if n is not None]
        if ends and (ends[-1] is not None or len(numbers) != len(ends) - 1 or any(b <= a for a, b in pairwise(numbers))):
            yield Problem(place=f"sites[{i}].labour_market", value=shown(ends), rule="up_to must rise, and the last tier be open")
        if ends and (r.get("tariff") or r.get("tariffs")):
            yield Problem(place=f"sites[{i}].labour_market", value="", rule="belongs to a site that hires; this one has a tariff")
