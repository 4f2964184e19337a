"""What stands beside the columns: meaning, unit, drop-down. Fields without a note are described by their name and unit."""

from __future__ import annotations

from typing import Any

from ccopt.scenario.workbook.layout import Column, Sheet, layout

INTRODUCTION = (
    "Each sheet is a list: row 1 names the columns, every further row is one entry. Blue column names must be filled.",
    "Leave out what you do not need: empty sheets, empty columns and empty cells take the value shown under 'without it'.",
    "Units stand in the names: _s seconds (0:04:00 and 4:00 are read too), _h hours, _per_hour, _per_year; shares as 0.8 or 80 %.",
    "Lists of names in one cell are separated by semicolons: sales; support.",
    "Numbers by period stand in one column per period, headed 'contacts_per_hour: peak'; a column without a period means always.",
    "`ccopt check FILE.xlsx` names every fault with sheet, cell, rule and remedy; `ccopt run FILE.xlsx -o out` designs the network.",
)
SHEETS: dict[str, str] = {
    "Scenario": "Single values.",
    "Periods": "Steady periods and the hours of each in a year.",
    "Sites": "Candidate and existing places, vendors and home-based workforces. Wage and tariff exclude each other.",
    "Contact types": "Kinds of contacts; handle time = ring_s + talk_s + hold_s + wrap_s, at least one of them.",
    "Targets": "Promises per contact type, one kind per row: service_level with awt_s, or one of the max_ columns.",
    "Skill sets": "What an agent can do; agents with one skill set at one site form a group.",
    "Demand": "Contacts offered per hour by each region, before abandonment.",
    "Links": "Telecom cost between region and site; no row means allowed at no cost.",
    "Regions": "Coordinates of the regions for the map.",
    "Existing groups": "Groups of today; without agents they are staffed to the targets.",
    "Existing assignments": "Which group serves which region and type today.",
    "Limits": "Limits of the planner: at most so many sites, forced sites, a budget, the loss of any one site.",
    "Assumptions": "Register of what was assumed, printed in the report.",
}
NOTES: dict[str, str] = {
    "schema_version": "Version of this document format.", "currency": "Of all money in the workbook.",
    "question": "What the scenario asks; printed in the report.", "horizon.years": "One-off costs are spread over so many years.",
    "kind": "What it is; see the list.", "seats": "Most agents present at a time.",
    "briefing_s": "Of a warm transfer: both agents spend it on handing the customer over.",
    "shrinkage": "Paid time without service: breaks, training, leave.", "wage_per_hour": "Paid per agent and hour, loaded.",
    "fixed_cost_per_year": "Of an open site, whatever its size.", "seat_cost_per_year": "Per used seat.",
    "tariff.per": "What an outsourced form is paid by.", "tariff.price": "Per unit of tariff.per.",
    "tariff.minimum": "At least this amount a year.", "opening_cost": "One-off, where the site does not exist yet.",
    "closing_cost": "One-off, where an existing site closes.", "labour_pool": "Most scheduled agents that can be hired there.",
    "patience_s": "Mean time that a customer would wait; without it nobody leaves.",
    "priority": "Smaller is served first.", "service_level": "Share answered within awt_s.",
    "awt_s": "Acceptable wait, the 20 in 80/20.", "basis": "How the service level is counted.",
    "max_asa_s": "Longest mean wait of answered contacts.", "max_abandonment": "Largest share that leaves while waiting.",
    "max_occupancy": "Largest busy share of the agents.", "contacts_per_hour": "Offered, by period.",
    "aht_factor": "Handle time of these agents over the standard one.", "wage_factor": "Wage of these agents over the site's.",
    "allowed": "FALSE forbids the link.", "cost_per_contact": "Telecom per offered contact.",
    "hours_per_year": "Weight of the period.", "agents": "Present, by period.",
    "existing.open_sites": "Sites that are open today.", "latitude": "For the map.", "longitude": "For the map.",
}  # fmt: skip
UNITS = {
    "_s": "seconds", "_h": "hours", "_per_hour": "per hour", "_per_year": "per year", "_factor": "factor",
}  # fmt: skip
REFERENCES = {
    "site": "Sites", "to_site": "Sites", "skill_set": "Skill sets", "to_skill_set": "Skill sets", "contact_type": "Contact types",
    "from_type": "Contact types", "to_type": "Contact types", "period": "Periods",
}  # fmt: skip
LONGEST_LIST = 250


def sheet_note(sheet: Sheet) -> str:
    """A sentence about a sheet."""
    if sheet.title in SHEETS:
        return SHEETS[sheet.title]
    text = (sheet.model.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(text.replace("``", "").split())


def note_of(sheet: Sheet, column: Column) -> str:
    """A sentence about a column."""
    described = column.field.description if column.field is not None else None
    if described:
        return described
    note = NOTES.get(column.header) or NOTES.get(column.path[-1])
    if note:
        return note
    word = column.header.replace("_", " ").replace(".", ", ")
    return f"{word[:1].upper()}{word[1:]}."


def unit_of(column: Column) -> str:
    """Unit, choices or form of a column."""
    if column.kind == "choice":
        return " | ".join(str(c) for c in column.choices)
    forms = {"boolean": "TRUE or FALSE", "names": "names with ;", "json": "JSON", "text": "text", "integer": "whole number",
             "date": "2026-03-29", "time": "08:00"}  # fmt: skip
    if column.kind in forms:
        return forms[column.kind]
    last = column.path[-1]
    unit = next((u for end, u in sorted(UNITS.items(), key=lambda x: -len(x[0])) if last.endswith(end)), "")
    if _is_share(column):
        unit = "share 0..1"
    return unit or "number"


def _is_share(column: Column) -> bool:
    limits = [getattr(m, "le", getattr(m, "lt", None)) for m in (column.field.metadata if column.field else ())]
    inner: list[Any] = list(getattr(column.field.annotation, "__args__", ())) if column.field else []
    nested = [getattr(m, "le", None) for a in inner for x in getattr(a, "__metadata__", ()) for m in getattr(x, "metadata", ())]
    return 1 in limits or 1.0 in limits or 1 in nested


def choices_source(column: Column) -> Any:
    """The source of a drop-down: a short list, or the names on another sheet."""
    if column.kind == "boolean":
        return ["TRUE", "FALSE"]
    if column.kind == "choice":
        texts = [str(c) for c in column.choices]
        return texts if len(",".join(texts)) <= LONGEST_LIST else None
    title = REFERENCES.get(column.path[-1]) if column.kind == "text" else None
    if title and any(s.title == title for s in layout()):
        return f"='{title}'!$A$2:$A$1000"
    return None
