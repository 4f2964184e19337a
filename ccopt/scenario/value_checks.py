"""Rules of money, handle times, targets, escalations, and of who serves what, on raw data."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from ccopt.errors import Problem
from ccopt.scenario.raw_rows import Raw, is_number, listed, names, rows, texts
from ccopt.scenario.translation import shown

HANDLE_PARTS = ("ring_s", "talk_s", "hold_s", "wrap_s")
TARGET_KINDS = ("service_level", "max_asa_s", "max_abandonment", "max_occupancy", "max_blocking", "max_response_h")


def value_problems(raw: Raw) -> Iterable[Problem]:
    """Problems of combinations of fields."""
    for rule in (_money, _handle_times, _targets, _escalations, _served):
        yield from rule(raw)


def _money(raw: Raw) -> Iterable[Problem]:
    for i, row in rows(raw, "sites"):
        tariffs = listed(row.get("tariffs"))
        if row.get("wage_per_hour") and (row.get("tariff") or tariffs):
            yield Problem(place=f"sites[{i}].tariff", value="", rule="excludes wage_per_hour",
                          remedy="keep the tariff of an outsourcer or the wage of own staff")  # fmt: skip
        if row.get("tariff") and tariffs:
            yield Problem(place=f"sites[{i}].tariffs", value="", rule="excludes tariff", remedy="keep the list")
        found = [(f"sites[{i}].tariff", row.get("tariff"))]
        found += [(f"sites[{i}].tariffs[{j}]", t) for j, t in enumerate(tariffs)]
        seen: set[str] = set()
        for place, tariff in found:
            if not isinstance(tariff, dict):
                continue
            yield from _tariff(place, tariff)
            if place.endswith("]"):
                name = tariff.get("name")
                if not isinstance(name, str) or not name or name in seen:
                    yield Problem(place=f"{place}.name", value=shown(name), rule="must be a name of its own")
                else:
                    seen.add(name)


def _tariff(place: str, tariff: dict[str, Any]) -> Iterable[Problem]:
    tiers = listed(tariff.get("tiers"))
    if (tariff.get("price") is None) == (not tiers):
        yield Problem(place=place, value="", rule="needs either a price or tiers")
    ends = [t.get("up_to") for t in tiers if isinstance(t, dict)]
    if ends and ends[-1] is not None:
        yield Problem(place=f"{place}.tiers[{len(ends) - 1}].up_to", value=shown(ends[-1]), rule="must be open",
                      remedy="leave out up_to in the last tier")  # fmt: skip
    numbers = [e for e in ends[:-1] if is_number(e)]
    if len(numbers) != len(ends[:-1]) or any(b <= a for a, b in pairwise(numbers)):
        yield Problem(place=f"{place}.tiers", value=shown(ends), rule="up_to must rise from tier to tier")


def _handle_times(raw: Raw) -> Iterable[Problem]:
    for i, row in rows(raw, "contact_types"):
        if rows(row, "chat_levels"):
            continue
        parts = [row.get(p) for p in HANDLE_PARTS if row.get(p) is not None]
        numbers = [p for p in parts if is_number(p)]
        if not parts or (len(numbers) == len(parts) and sum(numbers) <= 0):
            yield Problem(place=f"contact_types[{i}]", value=shown(row.get("name")), rule="has no handle time",
                          remedy="give at least one of ring_s, talk_s, hold_s, wrap_s above 0")  # fmt: skip


def _targets(raw: Raw) -> Iterable[Problem]:
    for i, row in rows(raw, "contact_types"):
        for j, entry in rows(row, "targets"):
            place = f"contact_types[{i}].targets[{j}]"
            kinds = [k for k in TARGET_KINDS if entry.get(k) is not None]
            if len(kinds) != 1:
                yield Problem(place=place, value=shown(kinds), rule="must hold exactly one target",
                              remedy=f"one of {list(TARGET_KINDS)} per entry")  # fmt: skip
                continue
            if kinds == ["service_level"] and entry.get("awt_s") is None:
                yield Problem(place=f"{place}.awt_s", value="", rule="is missing", remedy="the 20 in 80/20")
            stray = {"awt_s", "basis"} if kinds != ["service_level"] else set()
            stray |= {"share"} if kinds != ["max_response_h"] else set()
            for field in sorted(k for k in stray if entry.get(k) is not None):
                yield Problem(place=f"{place}.{field}", value=shown(entry[field]), rule=f"does not belong to {kinds[0]}")


def _escalations(raw: Raw) -> Iterable[Problem]:
    out: dict[str, list[tuple[int, str]]] = {}
    total: dict[str, float] = {}
    for i, row in rows(raw, "escalations"):
        a, b, share = row.get("from_type"), row.get("to_type"), row.get("share")
        if isinstance(a, str) and isinstance(b, str):
            out.setdefault(a, []).append((i, b))
        if isinstance(a, str) and is_number(share):
            total[a] = total.get(a, 0.0) + share
            if total[a] > 1.0 + 1e-9:
                yield Problem(place=f"escalations[{i}].share", value=shown(share), rule=f"shares out of {a!r} exceed 1")
    for start in out:
        path, stack = set(), [start]
        while stack:
            for i, b in out.get(stack.pop(), ()):
                if b == start:
                    yield Problem(place=f"escalations[{i}]", value=f"{start!r} -> ... -> {b!r}", rule="goes in a circle",
                                  remedy="remove one step; repeat contacts are journeys")  # fmt: skip
                    path.add(b)
                elif b not in path:
                    path.add(b)
                    stack.append(b)
            if start in path:
                break


def _served(raw: Raw) -> Iterable[Problem]:
    skills = {r["name"]: texts(r.get("contact_types")) for _, r in rows(raw, "skill_sets") if isinstance(r.get("name"), str)}
    known = set(names(raw, "contact_types"))
    served = set().union(*skills.values()) if skills else set()
    banned = {(str(r.get("region")), str(r.get("site"))) for _, r in rows(raw, "links") if r.get("allowed") is False}
    sites = [(str(r.get("name")), r.get("skill_sets")) for _, r in rows(raw, "sites")]
    for i, row in rows(raw, "demand"):
        kind, region = row.get("contact_type"), row.get("region")
        if not isinstance(kind, str) or kind not in known:
            continue
        if kind not in served:
            yield Problem(place=f"demand[{i}].contact_type", value=shown(kind), rule="no skill set serves it",
                          remedy="add it to a skill set")  # fmt: skip
            continue
        able = [
            name for name, allowed in sites
            if (str(region), name) not in banned
            and any(kind in skills.get(k, ()) for k in (skills if allowed is None else texts(allowed)))
        ]  # fmt: skip
        if sites and not able:
            yield Problem(place=f"demand[{i}]", value=shown(region), rule=f"no allowed site serves {kind!r} of this region",
                          remedy="allow a link, or give a site a skill set")  # fmt: skip
