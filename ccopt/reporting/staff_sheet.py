"""The staff of a plan as live formulas: load, scheduled agents, labour, and service where one type waits in a group.

A spreadsheet can compute Erlang B, C and A exactly with functions that every version has:

- B = POISSON(n, a, FALSE) / POISSON(n, a, TRUE);
- nobody leaves: P(wait) = B / (1 - rho (1 - B)), answered in t = 1 - P(wait) exp(-(n - a) t / h);
- with patience 1/theta, s = n mu / theta and y = lambda / theta: A = s e^y y^-s Gamma(s) GAMMADIST(y, s),
  P(wait) = A B / (1 + (A - 1) B), abandonment = P(wait) (1 + (1 / A - 1) / rho), and with z = y e^(-theta t) the share
  answered after t is P(wait) (s / y) GAMMADIST(z, s + 1) / GAMMADIST(y, s).

The formula is written only where the same arithmetic here gives the judge's value to 1e-7; elsewhere the value stands as a
number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from scipy.special import gammainc

from ccopt.kpis import GroupRow, ServiceRow
from ccopt.reporting.facts import Facts

HEAD = (
    "site", "skill_set", "period", "hours_per_year", "contacts_per_hour", "aht_s", "patience_s", "awt_s", "agents", "shrinkage",
    "wage_per_hour", "wage_factor", "load", "scheduled_agents", "labour per year", "P(wait)", "abandonment", "service_level",
    "one agent less: service_level", "occupancy", "contact type", "basis", "computed by",
)  # fmt: skip
AGREE = 1e-7
LARGEST_LOAD = 600.0
AGENTS = "I"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pool:
    """One type in one group and period."""

    load: float
    aht_s: float
    patience_s: float | None
    awt_s: float
    basis: str

    def service(self, agents: int) -> tuple[float, float, float] | None:
        """P(wait), abandonment, service level; None where the formulas have no value."""
        a, n = self.load, agents
        if n <= 0 or a <= 0 or a > LARGEST_LOAD:
            return None
        terms = [math.exp(-a + k * math.log(a) - math.lgamma(k + 1)) for k in range(n + 1)]
        b, rho = terms[-1] / math.fsum(terms), a / n
        if self.patience_s is None:
            if rho >= 1:
                return None
            wait = b / (1 - rho * (1 - b))
            return wait, 0.0, 1 - wait * math.exp(-(n - a) * self.awt_s / self.aht_s)
        s, y = n * self.patience_s / self.aht_s, a * self.patience_s / self.aht_s
        z, p = y * math.exp(-self.awt_s / self.patience_s), float(gammainc(s, y))
        log_a = math.log(s) + y - s * math.log(y) + math.lgamma(s)
        if p <= 0 or log_a > 700:
            return None
        big = math.exp(log_a) * p
        wait = big * b / (1 + (big - 1) * b)
        lost = wait * (1 + (1 / big - 1) / rho)
        late = wait * s / y * float(gammainc(s + 1, z)) / p
        return wait, lost, (1 - lost - late) / (1 - lost if self.basis == "answered" else 1)


def _formulas(i: int, pool: _Pool) -> tuple[str, str, str, str]:
    """P(wait), abandonment, service level, and service level with one agent less, for worksheet row ``i``."""
    n = f"{AGENTS}{i}"

    def wait(n: str) -> str:
        b = f"POISSON({n},M{i},FALSE)/POISSON({n},M{i},TRUE)"
        if pool.patience_s is None:
            return f"({b})/(1-M{i}/{n}*(1-{b}))"
        return f"{big(n)}*({b})/(1+({big(n)}-1)*({b}))"

    def big(n: str) -> str:
        s, y = f"({n}*G{i}/F{i})", f"(M{i}*G{i}/F{i})"
        return f"(EXP(LN({s})+{y}-{s}*LN({y})+GAMMALN({s}))*GAMMADIST({y},{s},1,TRUE))"

    def lost(n: str, waits: str) -> str:
        return "0" if pool.patience_s is None else f"{waits}*(1+(1/{big(n)}-1)*{n}/M{i})"

    def level(n: str, waits: str, lost: str) -> str:
        if pool.patience_s is None:
            return f"1-({waits})*EXP(-({n}-M{i})*H{i}/F{i})"
        s, y = f"({n}*G{i}/F{i})", f"(M{i}*G{i}/F{i})"
        late = f"({waits})*{n}/M{i}*GAMMADIST({y}*EXP(-H{i}/G{i}),{s}+1,1,TRUE)/GAMMADIST({y},{s},1,TRUE)"
        below = f"/(1-({lost}))" if pool.basis == "answered" else ""
        return f"(1-({lost})-{late}){below}"

    less = f"({n}-1)"
    return (
        f"={wait(n)}", f"={lost(n, f'P{i}')}", f"={level(n, f'P{i}', f'Q{i}')}",
        f"={level(less, wait(less), lost(less, f'({wait(less)})'))}",
    )  # fmt: skip


def write_staff(book: Any, style: dict[str, Any], f: Facts) -> tuple[int, float]:
    """Write the sheet; returns the last worksheet row and the sum of its labour."""
    sheet = book.add_worksheet("Staff")
    for j, text in enumerate(HEAD):
        sheet.write_string(0, j, text, style["head"])
    rows = {(g.site, g.skill_set, g.period): g for g in f.evaluation.groups}
    cells: dict[tuple[str, str, str], list[ServiceRow]] = {}
    for r in f.evaluation.cells:
        if r.contacts_per_hour > 0 and r.site and r.skill_set and r.period:
            cells.setdefault((r.site, r.skill_set, r.period), []).append(r)
    i, labour = 1, 0.0
    for g in f.plan.design.groups:
        for t, period in enumerate(f.scenario.periods):
            row = rows[g.site, g.skill_set, period.name]
            mine = cells.get((g.site, g.skill_set, period.name), [])
            labour += _row(sheet, style, f, (i, g.agents[t], period.hours_per_year), (row, mine))
            i += 1
    sheet.freeze_panes(1, 3)
    sheet.set_row(0, 48)
    sheet.set_column(0, 2, 16)
    sheet.set_column(3, len(HEAD) - 1, 12)
    sheet.write_comment(0, 8, "Change the agents: labour, service and the cost of the plan follow where the last column says formula.")
    sheet.write_comment(0, 18, "Where this falls below the promise, no agent can be spared; other promises may bind instead.")
    return i, labour


def _row(
    sheet: Any, style: dict[str, Any], f: Facts, at: tuple[int, int, float], judged: tuple[GroupRow, list[ServiceRow]]
) -> float:
    (i, agents, hours), (row, kinds) = at, judged
    site = next(s for s in f.scenario.sites if s.name == row.site)
    skill = next(k for k in f.scenario.skill_sets if k.name == row.skill_set)
    paid = "labour" in f.plan.costs["sites"].get(row.site, {})
    for j, text in enumerate((row.site, row.skill_set, row.period)):
        sheet.write_string(i, j, text)
    single = kinds[0] if len(kinds) == 1 else None
    wage = site.wage_per_hour if paid else 0.0
    numbers = {3: hours, 4: row.contacts_per_hour, 8: agents, 9: site.shrinkage, 10: wage, 11: skill.wage_factor}
    for j, value in numbers.items():
        sheet.write_number(i, j, value, style[{8: "input", 9: "percent"}.get(j, "two")])
    aht = 3600.0 * row.load / row.contacts_per_hour if row.contacts_per_hour > 0 else 0.0
    sheet.write_number(i, 5, aht, style["two"])
    n = i + 1
    sheet.write_formula(i, 12, f"=E{n}*F{n}/3600", style["two"], row.load)
    sheet.write_formula(i, 13, f"=ROUNDUP(MAX(0,I{n}/(1-J{n})-0.000000001),0)", None, row.scheduled_agents)
    labour = agents / (1.0 - site.shrinkage) * wage * skill.wage_factor * hours
    sheet.write_formula(i, 14, f"=I{n}/(1-J{n})*K{n}*L{n}*D{n}", style["money"], labour)
    _service(sheet, style, f, i, (agents, row, single))
    return labour


def _service(sheet: Any, style: dict[str, Any], f: Facts, i: int, what: tuple[int, GroupRow, ServiceRow | None]) -> None:
    agents, row, single = what
    n = i + 1
    live = None
    if single is not None and single.basis in ("offered", "answered"):
        kind = next(c for c in f.scenario.contact_types if c.name == single.name)
        pool = _Pool(load=row.load, aht_s=3600.0 * row.load / row.contacts_per_hour, patience_s=kind.patience_s,
                     awt_s=single.awt_s, basis=single.basis)  # fmt: skip
        live = _agreeing(pool, agents, single)
        sheet.write_number(i, 7, single.awt_s)
        if kind.patience_s is not None:
            sheet.write_number(i, 6, kind.patience_s)
        sheet.write_string(i, 20, single.name)
        sheet.write_string(i, 21, single.basis)
    if live is not None and single is not None:
        formulas = _formulas(n, pool)
        less = pool.service(agents - 1)
        for j, formula, value in zip((15, 16, 17, 18), formulas, (*live, less[2] if less else None), strict=True):
            if value is not None:
                sheet.write_formula(i, j, formula, style["percent2"], value)
    elif single is not None:
        for j, number in ((16, single.abandonment), (17, single.service_level)):
            if number is not None:
                sheet.write_number(i, j, number, style["percent2"])
    if live is not None and agents:
        sheet.write_formula(i, 19, f"=M{n}*(1-Q{n})/I{n}", style["percent"], row.occupancy)
    else:
        sheet.write_number(i, 19, row.occupancy, style["percent"])
    sheet.write_string(i, 22, "formula" if live is not None else "ccopt")


def _agreeing(pool: _Pool, agents: int, judged: ServiceRow) -> tuple[float, float, float] | None:
    """The formulas' values where they are the judge's."""
    found = pool.service(agents)
    if found is None or judged.service_level is None:
        return None
    close = abs(found[1] - judged.abandonment) < AGREE and abs(found[2] - judged.service_level) < AGREE
    return found if close else None
