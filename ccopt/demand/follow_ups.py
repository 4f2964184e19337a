"""Redials, repeat contacts and journeys of a log as blocks of a scenario, with demand that holds first contacts only.

A log counts every contact. Where a scenario says that contacts cause contacts, its demand must be what is left without
them, so that the contacts for agents are again those of the log: with measured contacts x of a type, of which journeys
bring a share j, and q followed by one of the same type, the demand is :math:`x (1 - j)(1 - q)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ccopt.demand.returns import fit_follow_ups
from ccopt.scenario.kinds import Quality

FEWEST_KNOWN = 100  # earlier contacts of a type by known customers
LEAST_SHARE = 0.01
Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUps:
    """Blocks ``quality`` and ``journeys``, the share of each type's contacts that is demand, register rows, warnings."""

    quality: tuple[dict[str, Any], ...] = ()
    journeys: tuple[dict[str, Any], ...] = ()
    demand_share: Mapping[str, float] = field(default_factory=dict)
    register: tuple[Row, ...] = ()
    warnings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Step:
    share: float
    low: float
    high: float

    def words(self, window_s: float) -> tuple[str, str]:
        """Value and range for the register."""
        within = f"{window_s / 3600:g} h" if window_s >= 3600 else f"{window_s / 60:g} min"
        return f"{self.share:.1%} within {within}", f"{self.low:.1%} to {self.high:.1%}"


Steps = dict[tuple[str, str], _Step]


def fitted_follow_ups(contacts: pd.DataFrame, *, redial_window_s: float, repeat_window_s: float) -> FollowUps:
    """Redials within one window of a loss, repeats and journeys within another of an answer; chance is taken off.

    A share enters where at least 100 earlier contacts of the type have a known customer, its 95 % interval lies above 0 and
    it is at least 1 %. Shares of known customers are taken for all. Journeys that would close a circle are left out, the
    smallest first.

    Parameters
    ----------
    contacts
        Frame of a contact log, types already joined.
    redial_window_s, repeat_window_s
        Within which the next contact belongs to the one before.
    """
    if contacts["customer"].notna().sum() < FEWEST_KNOWN:
        return FollowUps(warnings={"customers are not named, so redials, repeats and journeys are unknown": 1})
    redials = _proven(fit_follow_ups(contacts, after="abandoned", window_s=redial_window_s))
    nexts = _proven(fit_follow_ups(contacts, after="answered", window_s=repeat_window_s))
    lost = {str(c): float(v) for c, v in (~contacts["answered"]).groupby(contacts["contact_type"]).mean().items()}
    known = f"of the {contacts['customer'].notna().mean():.0%} of contacts that name their customer; chance taken off"
    steps = _one_way(nexts)
    quality, register = [], []
    for c in sorted(lost):
        row: dict[str, Any] = {"contact_type": c, "lost": lost[c]}
        if (repeat := nexts.get((c, c))) is not None:
            row["first_contact_resolution"] = 1.0 - repeat.share
            register.append((f"repeat contacts of {c}", *repeat.words(repeat_window_s), known))
        if (redial := redials.get((c, c))) is not None:
            row["redial"] = redial.share
            register.append((f"redials of {c}", *redial.words(redial_window_s), f"{known}; {lost[c]:.1%} are lost"))
        if len(row) > 2:
            quality.append(row)
    for (a, b), step in steps.items():
        register.append((f"journeys from {a} to {b}", *step.words(repeat_window_s), known))
    dropped = sum(a != b for a, b in nexts) - len(steps)
    return FollowUps(
        quality=tuple(quality), register=tuple(register),
        journeys=tuple({"from_type": a, "to_type": b, "share": s.share} for (a, b), s in steps.items()),
        demand_share=_demand_share(contacts, steps, lost, quality),
        warnings={"journeys that would close a circle, left out": dropped} if dropped else {},
    )  # fmt: skip


def _proven(table: pd.DataFrame) -> Steps:
    kept = table[(table["contacts"] >= FEWEST_KNOWN) & (table["low"] > 0.0) & (table["share"] >= LEAST_SHARE)]
    return {
        (str(r["from_type"]), str(r["to_type"])): _Step(float(r["share"]), float(r["low"]), float(r["high"]))
        for r in kept.reset_index().to_dict(orient="records")
    }


def _one_way(nexts: Steps) -> Steps:
    """Steps between different types, the largest first, without those that would close a circle."""
    after: dict[str, set[str]] = {}
    kept: Steps = {}
    for (a, b), step in sorted(nexts.items(), key=lambda x: -x[1].share):
        if a != b and a not in _reached(after, b):
            after.setdefault(a, set()).add(b)
            kept[a, b] = step
    return kept


def _reached(after: Mapping[str, set[str]], start: str) -> set[str]:
    found, stack = {start}, [start]
    while stack:
        for b in after.get(stack.pop(), set()) - found:
            found.add(b)
            stack.append(b)
    return found


def _demand_share(
    contacts: pd.DataFrame, steps: Steps, lost: Mapping[str, float], quality: list[dict[str, Any]]
) -> dict[str, float]:
    """Share of each type's contacts that no earlier contact caused."""
    arrivals = {str(c): int(n) for c, n in contacts["contact_type"].value_counts().items()}
    brought = dict.fromkeys(lost, 0.0)
    for (a, b), step in steps.items():
        brought[b] += step.share * arrivals[a] * (1.0 - lost[a]) / arrivals[b]
    again = {q["contact_type"]: Quality(**q).again for q in quality}
    return {c: (1.0 - again.get(c, 0.0)) * (1.0 - min(brought[c], 1.0)) for c in lost}
