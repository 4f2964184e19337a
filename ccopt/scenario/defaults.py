"""Every default of a scenario with its meaning, usual range and source, so that a report can list those in effect.

A default is a choice that somebody did not make. Neutral ones (0 of an amount, 1 of a factor) leave something out; the
others are figures of ccopt. A test holds this table against the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import BaseModel

from ccopt.scenario.entities import Scenario
from ccopt.scenario.planning import Assumption

NEUTRAL = "default of ccopt: left out unless given"
PRACTICE = "default of ccopt: usual in practice, not measured here"
ASSUMED = "default of ccopt: assumption"
PLAIN = "default of ccopt: convention"


class Default(NamedTuple):
    """What a default means, what is usual, and who says so."""

    words: str
    usual: str
    source: str = NEUTRAL


_MONEY = "in most accounts above 0"
DEFAULTS: Mapping[str, Mapping[str, Default]] = {
    "Scenario": {"currency": Default("currency of all amounts", "any", PLAIN)},
    "Site": {
        "seats": Default("seats without limit", "the capacity of the building"),
        "labour_pool": Default("people to hire without limit", "0.03 to 0.1 % of the employed residents in reach"),
        "wage_per_hour": Default("no wage", "8 to 35 an hour, loaded"),
        "fixed_cost_per_year": Default("no fixed cost", _MONEY), "seat_cost_per_year": Default("no cost of a seat", "3,000 to 9,000"),
        "shrinkage": Default("all paid time is at work", "0.25 to 0.4"),
        "opening_cost": Default("opening costs nothing", _MONEY), "closing_cost": Default("closing costs nothing", _MONEY),
        "pay_per_contact": Default("no pay per contact", "0 to 2"), "pay_per_sale": Default("no pay per sale", "0 to 20"),
    },
    "Tariff": {"minimum": Default("no minimum volume", "50 to 80 % of the expected bill")},
    "ContactType": {
        "channel": Default("a call", "any channel", PLAIN), "priority": Default("first come, first served", "1 to 3", PLAIN),
        "background": Default("answered while the customer waits", "true for outbound and deferrable work", PLAIN),
        "patience_s": Default("nobody leaves while waiting", "60 to 900 s; asks for more agents (safe)", PRACTICE),
    },
    "SkillSet": {
        "aht_factor": Default("as fast as a specialist", "1.0 to 1.15 with several skills", PRACTICE),
        "wage_factor": Default("paid as the others", "1.0 to 1.25 with several skills", PRACTICE),
    },
    "Tenure": {
        "aht_factor": Default("as fast as the skill set", "1.1 to 1.5 in the first months", PRACTICE),
        "wage_factor": Default("paid as the skill set", "0.9 to 1.2", PRACTICE),
    },
    "Link": {"cost_per_contact": Default("telecom costs nothing", "0.01 to 0.3"), "allowed": Default("allowed", "", PLAIN)},
    "Escalation": {
        "handover_s": Default("handing over takes no time", "15 to 60 s"), "authority": Default("nothing is decided at once", "0 to 1"),
        "decide_s": Default("deciding takes no time", "0 to 300 s"),
    },
    "EquippedSeats": {"cost_per_year": Default("equipment costs nothing", "500 to 5,000")},
    "CallBack": {"ring_back_s": Default("ringing back takes no time", "5 to 30 s")},
    "CrossSelling": {"briefing_s": Default("briefing takes no time", "10 to 60 s")},
    "Assignment": {"share": Default("all contacts of the pair", "0 to 1", PLAIN)},
    "Horizon": {"years": Default("one-off costs over five years", "3 to 10 years", ASSUMED)},
    "Journey": {"handle_factor": Default("shared history shortens nothing", "0.7 to 1")},
    "Quality": {
        "first_contact_resolution": Default("every matter is settled at once", "0.65 to 0.85", PRACTICE),
        "returns": Default("everybody whose matter is open returns", "0.5 to 1", ASSUMED),
        "redial": Default("nobody who was lost tries again", "0.2 to 0.7"),
        "fault_returns": Default("nobody returns for a wrong answer", "0 to 1"),
        "lost": Default("nobody is lost where redials are counted", "the share lost in the history"),
    },
    "Mailing": {"cost_per_piece": Default("letters cost nothing", "0.1 to 1.5")},
    "Campaign": {
        "success": Default("nobody buys", "0.01 to 0.2"), "value": Default("a success is worth nothing", _MONEY),
        "miss_s": Default("a miss takes no agent time", "0 with a dialler, 20 to 40 s by hand"),
    },
    "Menu": {
        "containment": Default("nobody ends in the menu", "0.05 to 0.5"), "share": Default("every contact passes it", "0 to 1", PLAIN),
    },
    "SelfService": {
        "max_blocking": Default("1 % of attempts find no port", "0.001 to 0.02", PRACTICE),
        "port_rental_per_year": Default("ports cost nothing", "50 to 500"),
        "line_rental_per_year": Default("lines cost nothing", "50 to 500"),
        "number_rental_per_year": Default("numbers cost nothing", _MONEY),
    },
    "Trunk": {
        "max_blocking": Default("1 % of attempts find no line", "0.001 to 0.02", PRACTICE),
        "rental_per_year": Default("lines cost nothing", "50 to 500"), "erlangs": Default("no load beside the contacts", ""),
    },
    "Worth": {
        "value_per_contact": Default("an answered contact is worth nothing", ""), "lost_value": Default("a lost contact costs nothing", ""),
        "toll_free_per_minute": Default("callers pay for their call", "0.01 to 0.1"),
    },
    "Calendar": {
        "time_zone": Default("UTC where no zone is named", "the zone of the site", PLAIN),
        "interval_min": Default("half-hours", "15, 30 or 60", PRACTICE),
    },
    "Season": {"factor": Default("volume as in the rest of the year", "0.5 to 3")},
    "Uncertainty": {"common_share": Default("all types are busy together (safe)", "0.3 to 1", ASSUMED)},
    "ModelError": {
        "asa_s": Default("the mean wait is not widened", "5 to 20 s"),
        "safety": Default("no margin for the error of the model", "0 to 1", ASSUMED),
    },
    "ShiftPattern": {
        "first_start": Default("shifts may begin at midnight", "", PLAIN), "last_start": Default("shifts may begin all day", "", PLAIN),
        "step_min": Default("starts on the hour", "15, 30 or 60", PRACTICE),
    },
    "ShiftBreak": {"paid": Default("breaks are paid", "by contract", ASSUMED)},
    "Shifts": {
        "shrinkage_by_hour": Default("everybody on shift is at work", "0.05 to 0.2"),
        "full_time_h_per_week": Default("38 hours a week are full time", "35 to 40", PRACTICE),
    },
    "SoftFactor": {"weight": Default("all soft factors weigh the same", "", PLAIN)},
    "Transition": {
        "months": Default("two years", "12 to 36", ASSUMED), "hiring_months": Default("one month to hire", "1 to 3", PRACTICE),
        "training_months": Default("one month of training", "0.5 to 3", PRACTICE),
        "learning": Default("productivity of the first three months", "0.5 to 1", ASSUMED),
        "first_year_attrition": Default("40 % leave in the first year", "0.2 to 0.6", PRACTICE),
        "later_attrition": Default("20 % a year leave later", "0.1 to 0.35", PRACTICE),
        "paid_hours_per_year": Default("1,800 paid hours a year", "1,600 to 2,080", PRACTICE),
        "hiring_cost": Default("3,000 a hire", "1,500 to 8,000", ASSUMED),
        "severance_months": Default("three months of pay", "0 to 12", ASSUMED),
        "move_share": Default("one in ten moves along", "0.02 to 0.3", ASSUMED),
        "moving_cost": Default("5,000 a move", "2,000 to 15,000", ASSUMED),
        "overlap_months": Default("one month in both places", "0 to 3", ASSUMED),
        "overlap_share": Default("one in ten works twice", "0 to 0.3", ASSUMED),
        "build_months": Default("three months to build a site", "2 to 12", ASSUMED),
        "waves_per_month": Default("one site a month", "1 to 3", ASSUMED),
    },
}  # fmt: skip


def defaults_in_effect(scenario: Scenario) -> tuple[Assumption, ...]:
    """Defaults that the document leaves in force, one row per field, for the register in the report.

    Examples
    --------
    >>> from ccopt.scenario import load_instance
    >>> {a.name for a in defaults_in_effect(load_instance("two-sites"))} >= {"contact_types: priority (1 of 1)"}
    True
    """
    used: dict[tuple[str, str, str], int] = {}
    count: dict[str, int] = {}
    values: dict[tuple[str, str, str], object] = {}
    for place, part in _parts(scenario, ""):
        count[place] = count.get(place, 0) + 1
        for name in DEFAULTS.get(type(part).__name__, {}):
            if name not in part.model_fields_set:
                key = (place, type(part).__name__, name)
                used[key] = used.get(key, 0) + 1
                values[key] = getattr(part, name)
    rows = []
    for (place, model, name), n in used.items():
        known = DEFAULTS[model][name]
        where = f"{place}: {name.replace('_', ' ')} ({n} of {count[place]})" if place else name
        value = values[place, model, name]
        shown = known.words if value is None else f"{value} ({known.words})"
        rows.append(Assumption(name=where, value=shown, range=known.usual, source=known.source))
    return tuple(rows)


def _parts(part: BaseModel, place: str) -> Iterator[tuple[str, BaseModel]]:
    """All objects of a document with the path of their list."""
    yield place, part
    for name in type(part).model_fields:
        value = getattr(part, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, BaseModel):
                yield from _parts(item, f"{place}.{name}" if place else name)
