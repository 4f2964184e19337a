"""Indicators of a judged design over the year, gathered into the groups of a scorecard (the mapping is data)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ccopt.design import Design
from ccopt.evaluation.records import weighted
from ccopt.evaluation.waiting_curves import WaitCurve, dissatisfaction
from ccopt.kpis import Evaluation, ServiceRow
from ccopt.scenario.entities import Scenario

SHIFT_H = 8.0
SCORECARD: dict[str, tuple[str, ...]] = {
    "service": ("service_level", "asa_s", "delay_probability"),
    "quality": ("first_contact_resolution", "accuracy"),
    "cost and efficiency": (
        "cost_per_year", "cost_per_contact", "revenue_per_hour", "occupancy", "aht_s", "contacts_per_agent_hour",
        "contacts_per_agent_shift",
    ),
    "customer satisfaction": ("abandonment", "mean_wait_s", "dissatisfaction"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One figure: ``value`` is None where the scenario cannot say; ``contact_type`` None means all together."""

    group: str
    name: str
    contact_type: str | None
    value: float | None
    note: str = ""


def scorecard(
    scenario: Scenario,
    design: Design,
    evaluation: Evaluation,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    given: Mapping[str, float] | None = None,
    shift_h: float = SHIFT_H,
    curves: dict[str, WaitCurve] | None = None,
) -> tuple[Indicator, ...]:
    """All indicators of the year, in the order of the scorecard's groups.

    Formulas, with contacts of the year as weights: cost per contact = cost / answered contacts; contacts per agent-hour
    = answered contacts / hours present; per shift times ``shift_h``; occupancy = busy hours / hours present; first
    contact resolution = share of answered contacts that are settled (block ``quality``) and not escalated; accuracy =
    that of the block ``quality``, by answered contacts of the types that have one; mean waits by answered (ASA) or
    offered contacts.

    Parameters
    ----------
    scenario, design, evaluation
        Documents and a judge's answer on them.
    groups
        Scorecard group -> names of indicators; `SCORECARD` when None. Names that nobody computes must be in ``given``.
    given
        Measured figures of the client, such as ``accuracy``; they replace computed ones.
    shift_h
        Hours of a shift (assumption: 8).
    curves
        Dissatisfaction of customers by their wait, see `dissatisfaction`.

    Raises
    ------
    ValueError
        A name of ``groups`` is neither computed nor given.
    """
    chosen = SCORECARD if groups is None else groups
    given = given or {}
    year = Year(scenario, design, evaluation)
    unhappy: dict[str, float | None] = {}
    if "dissatisfaction" not in given and any("dissatisfaction" in names for names in chosen.values()):
        unhappy = dissatisfaction(scenario, design, curves=curves)
    known = {**year.whole(shift_h), "dissatisfaction": year.share_of(unhappy), **given}
    rows = []
    for group, names in chosen.items():
        for name in names:
            if name not in known and name != "accuracy":
                msg = f"indicator {name!r} of group {group!r}: neither computed nor given; have {sorted(known)}"
                raise ValueError(msg)
            note = "given" if name in given else "" if known.get(name) is not None else "not known for this scenario"
            rows.append(Indicator(group=group, name=name, contact_type=None, value=known.get(name), note=note))
            if name in PER_TYPE and name not in given:
                each = [
                    (c.name, unhappy[c.name] if name == "dissatisfaction" else year.of_type(c.name, name))
                    for c in scenario.contact_types
                ]
                rows += [
                    Indicator(group=group, name=name, contact_type=kind, value=value)
                    for kind, value in each if value is not None or name != "accuracy"
                ]  # fmt: skip
    return tuple(rows)


PER_TYPE = (
    "service_level", "asa_s", "delay_probability", "abandonment", "mean_wait_s", "dissatisfaction", "first_contact_resolution",
    "accuracy",
)  # fmt: skip


class Year:
    """Sums and means over the year of a judge's rows."""

    def __init__(self, scenario: Scenario, design: Design, evaluation: Evaluation) -> None:
        self.scenario, self.design, self.evaluation = scenario, design, evaluation
        self.hours = {p.name: p.hours_per_year for p in scenario.periods}
        self.rows = [r for r in evaluation.contact_types if r.contacts_per_hour > 0 and r.period is not None]

    def _offered(self, rows: Sequence[ServiceRow]) -> list[float]:
        return [r.contacts_per_hour * self.hours[r.period or ""] for r in rows]

    def mean(self, rows: Sequence[ServiceRow], name: str) -> float | None:
        """Mean of an indicator over rows, by offered contacts (mean answered wait by answered ones)."""
        weights = self._offered(rows)
        if name == "asa_s":
            weights = [w * (1.0 - r.abandonment) for w, r in zip(weights, rows, strict=True)]
        return weighted([getattr(r, name) for r in rows], weights) if rows else None

    def of_type(self, contact_type: str, name: str) -> float | None:
        """Indicator of one contact type over the year."""
        quality = next((q for q in self.scenario.quality if q.contact_type == contact_type), None)
        if name == "accuracy":
            return quality.accuracy if quality else None
        if name == "first_contact_resolution":
            onward = sum(e.share * (1.0 - e.authority) for e in self.scenario.escalations if e.from_type == contact_type)
            return (quality.first_contact_resolution if quality else 1.0) * (1.0 - onward)
        return self.mean([r for r in self.rows if r.name == contact_type], name)

    def share_of(self, shares: Mapping[str, float | None]) -> float | None:
        """Mean of a share by contact type over all offered contacts; None where it is unknown for one of them."""
        return weighted([shares.get(r.name) for r in self.rows], self._offered(self.rows)) if shares else None

    def whole(self, shift_h: float) -> dict[str, float | None]:
        """All indicators of the network."""
        offered = self._offered(self.rows)
        answered = math.fsum(w * (1.0 - r.abandonment) for w, r in zip(offered, self.rows, strict=True))
        groups = [(g, self.hours[g.period]) for g in self.evaluation.groups]
        present = math.fsum(g.agents * h for g, h in groups)
        busy = math.fsum(g.carried_load * h for g, h in groups)
        onward = {c.name: 1.0 - (self.of_type(c.name, "first_contact_resolution") or 0.0)
                  for c in self.scenario.contact_types}  # fmt: skip
        escalated = math.fsum(
            w * (1.0 - r.abandonment) * onward[r.name] for w, r in zip(offered, self.rows, strict=True)
        )
        names = ("service_level", "asa_s", "delay_probability", "abandonment", "mean_wait_s")
        found: dict[str, float | None] = {name: self.mean(self.rows, name) for name in names}
        rated = [(w * (1.0 - r.abandonment), self.of_type(r.name, "accuracy")) for w, r in zip(offered, self.rows, strict=True)]
        known = [(w, a) for w, a in rated if a is not None]
        return {
            **found,
            "accuracy": _ratio(math.fsum(w * a for w, a in known), math.fsum(w for w, _ in known)),
            "first_contact_resolution": _ratio(answered - escalated, answered),
            "cost_per_year": self.evaluation.cost_per_year,
            "cost_per_contact": _ratio(self.evaluation.cost_per_year, answered),
            "revenue_per_hour": _ratio(self.evaluation.revenue_per_year, math.fsum(self.hours.values())),
            "occupancy": _ratio(busy, present),
            "aht_s": _ratio(3600.0 * busy, answered),
            "contacts_per_agent_hour": _ratio(answered, present),
            "contacts_per_agent_shift": _ratio(answered * shift_h, present),
        }


def _ratio(top: float, bottom: float) -> float | None:
    return top / bottom if bottom > 0 else None
