"""Section of the path from today to the plan: bars of sites, heads, money, month by month, and what it rests on."""

from __future__ import annotations

from ccopt.reporting.facts import Facts
from ccopt.reporting.figures import Point, curve, gantt
from ccopt.reporting.pieces import Figure, Section, Table, columns, count, money
from ccopt.studies.path_records import SHORT, TransitionPath

WORDS = {
    "months": "length of the path, months", "hiring_months": "from the decision to hire to the first day, months",
    "training_months": "training, months", "learning": "productivity in the first months of work",
    "first_year_attrition": "share that leaves in the first year", "later_attrition": "share that leaves in a later year",
    "paid_hours_per_year": "paid hours of a full-time agent a year", "hiring_cost": "cost of a hire",
    "severance_months": "severance, months of pay", "move_share": "share of a closing site's staff that moves",
    "moving_cost": "cost of a move", "overlap_months": "handing over of knowledge, months",
    "overlap_share": "share of the staff that stays for it", "build_months": "fitting out a new site, months",
    "waves_per_month": "sites that can close in a month",
}  # fmt: skip
BEFORE, WORKS, HANDS = "being built", "works", "hands over, then shut"


def path_section(f: Facts, result: TransitionPath) -> Section:
    """From today to the plan, month by month: what happens where, heads, money, pay-back."""
    last = result.months[-1].month

    def month(v: float) -> str:
        return f"{v:.0f}" if last <= 24 or v % 6 == 0 else ""

    heads = [Point(x=float(m.month), y=m.heads) for m in result.months]
    needed = [(float(m.month), m.needed, m.heads) for m in result.months]
    added = [Point(x=float(m.month), y=m.cumulative) for m in result.months]
    figures = (
        Figure(svg=gantt(_bars(result, last), last, "What happens to each site"),
               caption="Months from the decision. A closing site works until its contacts have moved, then hands over."),
        Figure(svg=curve(heads, ("month", "heads on the payroll"), "Heads by month", band=needed, x_shown=month, y_shown=count),
               caption="Heads on the payroll; the grey band reaches down to what the month needs."),
        Figure(svg=curve(added, ("month", f"{f.currency}, added up"), "Saving added up by month", x_shown=month),
               caption="Today's cost less all cost of the path, added up: it pays back where the line comes above zero."),
    )  # fmt: skip
    rows = tuple((_plain(name), value.strip("()"), span, source) for name, value, span, source in result.rules)
    rules = Table(columns=columns("figure", "value", "usual range", "source"), rows=rows, fold="What the path rests on")
    return Section(key="path", title="The path from today to the plan", text=(result.sentence(),), figures=figures,
                   tables=(_months(f, result), rules))  # fmt: skip


def _plain(name: str) -> str:
    return WORDS.get(name, name.replace("_", " "))


def _bars(result: TransitionPath, last: int) -> list[tuple[str, list[tuple[float, float, str]]]]:
    rows = []
    for m in sorted(result.moves, key=lambda m: ({"close": 0, "open": 1, "keep": 2}[m.action], m.end or 0, m.site)):
        if m.action == "open":
            parts = [(0.0, float(m.ready), BEFORE), (float(m.ready), float(last), WORKS)]
        elif m.end is None:
            parts = [(0.0, float(last), WORKS)]
        else:
            moved = float(m.moved or m.end)
            parts = [(0.0, moved, WORKS), (moved, float(m.end), HANDS)]
        rows.append((m.site, parts))
    return rows


def _months(f: Facts, result: TransitionPath) -> Table:
    rows = tuple(
        (str(m.month), str(len(m.open_sites)), "kept" if m.meets_targets and m.short <= SHORT else "broken", count(m.heads),
         count(m.needed), count(m.starts), count(m.let_go),
         money(m.running + m.pay), money(m.one_off), money(m.saving), money(m.cumulative))
        for m in result.months
    )  # fmt: skip
    marks = {(i, 2): "ok" if r[2] == "kept" else "bad" for i, r in enumerate(rows)}
    heads = columns("month", "#sites@sites", "promises", "#heads@heads", "#needed@heads", "#start@starts", "#let go@starts",
                    f"#running ({f.currency})@path_money", "#one-off@path_money", "#saving@path_money", "#added up@path_money")  # fmt: skip
    return Table(columns=heads, rows=rows, marks=marks, fold="Month by month")
