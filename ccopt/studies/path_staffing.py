"""Hiring, moving and leaving over the months of a path: one mixed-integer programme (scipy's HiGHS), elastic.

Per group and month: E experienced heads, h hired to start work (whole), l let go, x moved from a closing site, u short.

- E_m = s E_{m-1} - l_m - moved out + moved in, with s the monthly survival of experienced staff
- E_m + sum over earlier hires of h x survival(age) x productivity(age) + u_m >= heads that the layout of the month needs
- nobody stays at a site that is shut; at most a share of its staff moves, in the month of the move
- hires need lead time: in the first months only as many start as leave anyway (the pipeline that runs today)

Cost: pay of everybody (in training too), hiring, moving, severance. Heads missing are made as few as possible first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.costs import tariff_in_force
from ccopt.design import Design
from ccopt.errors import SolverError
from ccopt.scenario.entities import Scenario
from ccopt.scenario.transition import Transition
from ccopt.studies.path_layouts import SiteMove, Stage

Group = tuple[str, str]
Floats = NDArray[np.float64]
MISSING = 1e-7
SECONDS = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """Heads by group (rows) and month (columns, the first is month 1).

    ``needed`` heads of the layout; ``experienced``, ``learning`` (hired on the path, at work), ``training`` heads;
    ``starts`` hires that start work; ``let_go``, ``moved_in``, ``left`` (attrition), ``short`` (productive heads missing).
    ``pay_per_month`` (G,) of one head.
    """

    groups: tuple[Group, ...]
    needed: Floats
    experienced: Floats
    learning: Floats
    training: Floats
    starts: Floats
    let_go: Floats
    moved_in: Floats
    left: Floats
    short: Floats
    pay_per_month: Floats
    before: Floats


def heads_needed(scenario: Scenario, design: Design, rules: Transition) -> dict[Group, float]:
    """Heads on the payroll of each waged group: paid hours over full-time hours, and at least the peak with shrinkage."""
    sites = {s.name: s for s in scenario.sites}
    out: dict[Group, float] = {}
    for g in design.groups:
        site = sites[g.site]
        if g.site not in design.open_sites or tariff_in_force(site, design) is not None:
            continue
        present = math.fsum(n * p.hours_per_year for n, p in zip(g.agents, scenario.periods, strict=True))
        keep = 1.0 - site.shrinkage
        out[g.site, g.skill_set] = max(present / keep / rules.paid_hours_per_year, max(g.agents, default=0) / keep)
    return out


def monthly_survival(yearly_attrition: float) -> float:
    """Share that is still there after a month.

    Examples
    --------
    >>> round(monthly_survival(0.2) ** 12, 12)
    0.8
    """
    return float((1.0 - yearly_attrition) ** (1.0 / 12.0))


def staff_path(
    scenario: Scenario, today: Design, stages: tuple[Stage, ...], moves: tuple[SiteMove, ...], rules: Transition
) -> Staffing:
    """The cheapest hiring, moving and leaving for the layouts of a path."""
    before = heads_needed(scenario, today, rules)
    by_stage = [heads_needed(scenario, s.design, rules) for s in stages]
    groups = tuple(dict.fromkeys([*before, *(g for need in by_stage for g in need)]))
    months = rules.months
    needed = np.zeros((len(groups), months))
    for s, need in zip(stages, by_stage, strict=True):
        for i, g in enumerate(groups):
            needed[i, s.month - 1 :] = need.get(g, 0.0)
    for move in moves:  # knowledge transfer: some of the staff stays until the site is shut
        for i, g in enumerate(groups):
            if g[0] == move.site and move.moved is not None and move.end is not None:
                span = slice(move.moved - 1, move.end - 1)
                needed[i, span] = np.maximum(needed[i, span], rules.overlap_share * before.get(g, 0.0))
    start = np.array([before.get(g, 0.0) for g in groups])
    return _Programme(scenario, groups, needed, start, moves, rules).solved()


class _Programme:
    def __init__(
        self, scenario: Scenario, groups: tuple[Group, ...], needed: Floats, before: Floats, moves: tuple[SiteMove, ...],
        rules: Transition,
    ) -> None:  # fmt: skip
        self.groups, self.needed, self.before, self.rules = groups, needed, before, rules
        self.G, self.M = int(needed.shape[0]), int(needed.shape[1])
        sites = {s.name: s for s in scenario.sites}
        factor = {k.name: k.wage_factor for k in scenario.skill_sets}
        self.pay = np.array([sites[s].wage_per_hour * factor[k] * rules.paid_hours_per_year / 12.0 for s, k in groups])
        told = "severance_months" in rules.model_fields_set
        paid = np.array([told or sites[s].closing_cost <= 0.0 for s, _ in groups])  # else closing_cost holds it
        self.severance = self.pay * rules.severance_months * paid
        self.end = {m.site: m.end for m in moves if m.end is not None}
        self.moved = {m.site: m.moved for m in moves if m.moved is not None}
        first, later = monthly_survival(rules.first_year_attrition), monthly_survival(rules.later_attrition)
        ages = np.arange(self.M)
        self.survival = first ** np.minimum(ages, 12) * later ** np.maximum(ages - 12, 0)
        learning = [*rules.learning, *([1.0] * self.M)]
        self.productive = self.survival * np.array(learning[: self.M])
        self.stay = later
        self.pairs = [
            (i, j) for i, (s, k) in enumerate(groups) for j, (r, m) in enumerate(groups)
            if s in self.end and r not in self.end and k == m
        ]  # fmt: skip

    def solved(self) -> Staffing:
        """Fewest missing heads first, then the cheapest staffing with no more missing than that."""
        size = 4 * self.G * self.M + len(self.pairs)
        rows, low = self._rows()
        short = np.zeros(size)
        short[3 * self.G * self.M : 4 * self.G * self.M] = 1.0
        least = float(short @ self._point(rows, low, short))
        keep = [(int(c), -1.0) for c in np.flatnonzero(short)]
        self.kinds.append(">")
        return self._read(self._point([*rows, keep], np.append(low, -least - MISSING), self._cost(size)))

    def _point(self, rows: list[list[tuple[int, float]]], low: Floats, cost: Floats) -> Floats:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import coo_matrix

        at = np.array([(i, c, v) for i, row in enumerate(rows) for c, v in row])
        places = at[:, :2].astype(np.int64)
        matrix = coo_matrix((at[:, 2], (places[:, 0], places[:, 1])), shape=(len(rows), len(cost)))
        high = np.where(np.array([k == "=" for k in self.kinds]), low, np.inf)
        lower, upper, whole = self._bounds(len(cost))
        found = milp(cost, constraints=LinearConstraint(matrix.tocsr(), low, high), bounds=Bounds(lower, upper),
                     integrality=whole, options={"time_limit": SECONDS, "mip_rel_gap": 0.002})  # fmt: skip
        if found.x is None:
            msg = f"the hiring programme ended without an answer ({found.message})"
            raise SolverError(msg, status=str(found.status))
        point: Floats = found.x
        return point

    def e(self, g: int, m: int) -> int:
        return g * self.M + m

    def h(self, g: int, m: int) -> int:
        return self.G * self.M + g * self.M + m

    def gone(self, g: int, m: int) -> int:
        return 2 * self.G * self.M + g * self.M + m

    def u(self, g: int, m: int) -> int:
        return 3 * self.G * self.M + g * self.M + m

    def x(self, k: int) -> int:
        return 4 * self.G * self.M + k

    def _month_of_move(self, g: int) -> int:
        return self.moved[self.groups[g][0]] - 1

    def _rows(self) -> tuple[list[list[tuple[int, float]]], Floats]:
        rows: list[list[tuple[int, float]]] = []
        low: list[float] = []
        self.kinds: list[str] = []
        for g in range(self.G):
            for m in range(self.M):
                row = [(self.e(g, m), 1.0), (self.gone(g, m), 1.0)]
                row += [(self.x(k), 1.0) for k, (i, _) in enumerate(self.pairs) if i == g and self._month_of_move(i) == m]
                row += [(self.x(k), -1.0) for k, (i, j) in enumerate(self.pairs) if j == g and self._month_of_move(i) == m]
                if m:
                    row.append((self.e(g, m - 1), -self.stay))
                rows.append(row)
                low.append(self.stay * self.before[g] if m == 0 else 0.0)
                self.kinds.append("=")
                rows.append([(self.e(g, m), 1.0), (self.u(g, m), 1.0),
                             *((self.h(g, a), float(self.productive[m - a])) for a in range(m + 1))])  # fmt: skip
                low.append(float(self.needed[g, m]))
                self.kinds.append(">")
            mine = [(self.x(k), -1.0) for k, (i, _) in enumerate(self.pairs) if i == g]
            if mine:
                rows.append(mine)
                low.append(-self.rules.move_share * float(self.before[g]))
                self.kinds.append(">")
        return rows, np.array(low)

    def _bounds(self, size: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
        lower, upper = np.zeros(size), np.full(size, np.inf)
        whole = np.zeros(size, dtype=np.int64)
        lead = self.rules.hiring_months + self.rules.training_months
        for g, (site, _) in enumerate(self.groups):
            shut = self.end.get(site, self.M + 1) - 1
            pipeline = math.ceil((1.0 - self.stay) * self.before[g] / float(self.productive[0])) if self.before[g] > 0 else 0
            for m in range(self.M):
                whole[self.h(g, m)] = 1
                if m >= shut:
                    upper[self.e(g, m)] = 0.0
                    upper[self.h(g, m)] = 0.0
                elif m < lead:
                    upper[self.h(g, m)] = float(pipeline)
        return lower, upper, whole

    def _at_work(self, g: int, a: int) -> float:
        """Head-months paid to one who starts in month a, until the end of the path or of the site."""
        end = min(self.M, self.end.get(self.groups[g][0], self.M + 1) - 1)
        return float(self.survival[: max(end - a, 0)].sum())

    def _cost(self, size: int) -> Floats:
        cost = np.zeros(size)
        for g in range(self.G):
            for m in range(self.M):
                cost[self.e(g, m)] = self.pay[g]
                cost[self.h(g, m)] = (self.rules.hiring_cost
                                      + self.pay[g] * (self.rules.training_months + self._at_work(g, m)))  # fmt: skip
                cost[self.gone(g, m)] = self.severance[g]
        for k in range(len(self.pairs)):
            cost[self.x(k)] = self.rules.moving_cost
        return cost / max(float(cost.max(initial=1.0)), 1.0)

    def _read(self, point: Floats) -> Staffing:
        G, M = self.G, self.M
        parts = [point[k * G * M : (k + 1) * G * M].reshape(G, M) for k in range(4)]
        experienced, starts, gone, short = (np.where(np.abs(p) < MISSING, 0.0, p) for p in parts)
        starts = np.rint(starts)
        learning, training, moved_in = np.zeros((G, M)), np.zeros((G, M)), np.zeros((G, M))
        for g, (site, _) in enumerate(self.groups):
            shut = self.end.get(site, M + 1) - 1
            for a in range(M):
                learning[g, a:shut] += starts[g, a] * self.survival[: max(shut - a, 0)][: M - a]
                training[g, max(0, a - self.rules.training_months) : a] += starts[g, a]
        for k, (i, j) in enumerate(self.pairs):
            moved_in[j, self._month_of_move(i)] += point[self.x(k)]
        past = np.column_stack((self.before, experienced[:, :-1]))
        return Staffing(
            groups=self.groups, needed=self.needed, experienced=experienced, learning=learning, training=training,
            starts=starts, let_go=gone, moved_in=moved_in, left=(1.0 - self.stay) * past, short=short,
            pay_per_month=self.pay, before=self.before,
        )  # fmt: skip
