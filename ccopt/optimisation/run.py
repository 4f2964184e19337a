"""State of one run: its clocks, the certified designs, the proven bounds."""

from __future__ import annotations

import math
import threading
import time

from ccopt.costs import seats_used
from ccopt.design import Design, EndedBy, RunRecord
from ccopt.errors import SolverError
from ccopt.optimisation.certificate import broken_limits
from ccopt.optimisation.comfort import finished
from ccopt.optimisation.decode import certified_cost, decode, served_volume, serves_all, simulated_cells, trim
from ccopt.optimisation.extra_rows import ExtraRows
from ccopt.optimisation.findings import Best, Finding, Findings, View, gap_of
from ccopt.optimisation.lagrangian import ENDLESS
from ccopt.optimisation.options import Options, Progress
from ccopt.optimisation.problem import Floats, Problem, Solution
from ccopt.optimisation.starts import fitting
from ccopt.optimisation.work import CERTIFY_S, SIMULATED_S, Lane, lane, spend
from ccopt.scenario.entities import Scenario

BOUND_SAFETY = 1e-9
PROVEN = 2 * BOUND_SAFETY  # gap that nothing can close: bounds are taken with their safety
BUDGET_SLACK = 1e-9
LEAST_LEFT = 0.1  # of the time, where the work is behind the clock
INSTANT = 1e-9
MAIN = "designs"


class Run:
    """One run.

    A lane is told what it has found itself and what was known when it began, so that it does the same in every repetition;
    `Findings` joins the lanes.
    """

    def __init__(
        self, scenario: Scenario, p: Problem, options: Options, *, interrupted: threading.Event, built_s: float = 0.0
    ) -> None:
        self.scenario, self.p, self.options = scenario, p, options
        self.goal, self.report, self.repeat = options.gap, options.progress, options.repeat
        self.seconds = options.time_limit_s
        self.began = time.monotonic() - built_s
        self.findings = Findings(max(self.goal, PROVEN))
        self.lanes: list[Lane] = []
        self.views: dict[str, View] = {}
        self._interrupted, self._empty = interrupted, threading.Event()
        self.main = self._lane(MAIN, View())
        self.extra = None if options.extra is None else ExtraRows(scenario, p, options.extra)

    def _lane(self, name: str, view: View) -> Lane:
        past = self.repeat
        known = {} if past is None else {cut[0]: cut for cut in past.cuts.get(name, ())}
        deadline = self.began + self.seconds if past is None else math.inf
        self.lanes.append(Lane(name=name, deadline=deadline, known=known))
        self.views[name] = view
        return self.lanes[-1]

    def fork(self, name: str) -> Lane:
        """A lane beside this one, which knows what this one knows."""
        count = sum(x.name.split("-")[0] == name for x in self.lanes)
        mine = self.view
        made = self._lane(f"{name}-{count + 1}", View(best=mine.best, bound=mine.bound))
        made.spent = self.lane.spent
        return made

    def join(self, other: Lane) -> None:
        """Let this lane go on where the later of the two has ended, with what the other found."""
        mine, found = self.view, self.views[other.name]
        self.lane.spent = max(self.lane.spent, other.spent)
        mine.bound = max(mine.bound, found.bound)
        mine.best = found.best if found.best is not None and found.best.beats(mine.best) else mine.best

    @property
    def lane(self) -> Lane:
        """The lane of this thread."""
        return lane() or self.main

    @property
    def view(self) -> View:
        """What this lane knows."""
        return self.views[self.lane.name]

    @property
    def best(self) -> Best | None:
        """Best design that this lane knows."""
        return self.view.best

    @property
    def interrupted(self) -> bool:
        """Whether the keyboard has ended the run; it cannot be taken back."""
        return self._interrupted.is_set()

    @interrupted.setter
    def interrupted(self, value: bool) -> None:
        if value:
            self._interrupted.set()

    @property
    def empty(self) -> bool:
        """Whether it is proven that no design exists, and none was found."""
        return self._empty.is_set() and self.findings.best is None

    def conclude_empty(self) -> None:
        """End the run, because a relaxation has no point: there is no design."""
        self._empty.set()

    def left(self) -> float:
        """Nominal seconds of work left; where the work is behind the clock, a tenth of all."""
        return max(self.seconds - self.lane.spent, LEAST_LEFT * self.seconds)

    def gap(self) -> float:
        """Gap of this lane, to its bound or to what a running solver says of its own bound."""
        return gap_of(self.view.best, max(self.view.bound, self.view.told))

    def upper(self) -> float:
        """Objective of the best design that this lane knows, infinite without one."""
        return self.best.objective if self.best else math.inf

    def volume(self) -> Floats | None:
        """Contacts per hour (C, T) that the best design serves under the group model."""
        return None if self.best is None else served_volume(self.scenario, self.p, self.best.design)

    def done(self) -> bool:
        """Whether this lane is at the place where the run ends: gap reached, time over, or interrupted."""
        mine = self.lane
        if self.repeat is not None and mine.name in self.repeat.ends:
            over = mine.spent >= self.repeat.ends[mine.name]
        else:
            over = self.interrupted or self.empty or mine.overdue
        if over and mine.halted is None:
            mine.halted = mine.spent
        return over or mine.spent >= self.findings.reached

    def tell(self, stage: str) -> None:
        """Report where the run stands, all lanes together."""
        if self.report is None:
            return
        best, bound, gap = self.findings.best, self.findings.bound, self.findings.gap()
        self.report(
            Progress(
                stage=stage, seconds=time.monotonic() - self.began, incumbent=best.objective if best else None,
                lower_bound=bound if math.isfinite(bound) else None, gap=gap if math.isfinite(gap) else None,
            )
        )  # fmt: skip

    def hint(self, bound: float) -> None:
        """Bound of a solver that is still at work: it may end the run, and counts once the solve has confirmed it."""
        bound -= BOUND_SAFETY * abs(bound)
        if bound > max(self.view.told, self.view.bound):
            self.view.told = bound
            found = Finding(at=self._instant(), lane=self.lane.name, bound=bound, proven=False)
            self.view.open.append(found)
            self.findings.add(found)
            self.tell("bound")

    def raise_bound(self, bound: float, stage: str) -> None:
        """Take a proven bound; what the solver told on its way to it counts as far as the bound proves it.

        A bound that is infinite or above the budget says that there is no design.
        """
        bound -= BOUND_SAFETY * abs(bound) if math.isfinite(bound) else 0.0
        if bound > self.p.budget * (1.0 + BUDGET_SLACK) or bound > ENDLESS:
            self.conclude_empty()
        for found in self.view.open:
            found.bound, found.proven = min(found.bound, bound), True
        self.view.open.clear()
        if self.view.bound < bound <= ENDLESS:
            self.view.bound = bound
            self.findings.add(Finding(at=self._instant(), lane=self.lane.name, bound=bound))
            self.tell(stage)

    def _instant(self) -> float:
        """The place of a finding: later than every look at the end of the run before it."""
        self.lane.spent += INSTANT
        return self.lane.spent

    def _certified(self, design: Design) -> Best | None:
        """The design with its account when it keeps every target, the seats and every limit."""
        design = finished(self.scenario, self.p, design)
        if not self._seated(design):
            return None
        account, kept = certified_cost(self.scenario, design)
        return Best(design=design, account=account) if kept and self.keeps(design, account.cost_per_year) else None

    def _seated(self, design: Design) -> bool:
        return all(
            seats < 0 or seats_used(self.scenario, design, site) <= seats
            for site, seats in zip(self.p.site_names, self.p.seats, strict=True)
        )

    def keeps(self, design: Design, cost: float) -> bool:
        """Whether a design of this cost keeps seats, budget, limits and the user's own constraints."""
        if not self._seated(design) or cost > self.p.budget * (1.0 + BUDGET_SLACK) or broken_limits(self.p, design):
            return False
        return self.extra is None or self.extra.keeps(design)

    def _take(self, found: Best | None, stage: str) -> bool:
        if found is None or not found.beats(self.best):
            return False
        self.view.best = found
        self.findings.add(Finding(at=self._instant(), lane=self.lane.name, best=found))
        self.tell(stage)
        return True

    def offer_start(self, start: Design | None) -> None:
        """A design known before as the first incumbent, where its layout keeps the limits."""
        staffed = None if start is None else fitting(self.scenario, self.p, start)
        self._take(None if staffed is None else self._certified(staffed), "known design")

    def offer(self, solution: Solution | None, stage: str) -> bool:
        """Certify a solution; keep it when it is the best."""
        return self._take(self._judged(solution), stage)

    def judged(self, solution: Solution | None, stage: str) -> Best | None:
        """The certified design of a solution, which is kept when it is the best; None where it breaks a promise or a limit."""
        found = self._judged(solution)
        self._take(found, stage)
        return found

    def _judged(self, solution: Solution | None) -> Best | None:
        """The certified design of a solution. Both its own staff and the trimmed one are tried."""
        if solution is None or not serves_all(self.p, solution):
            return None
        spend(CERTIFY_S * len(self.p.group_names) * len(self.p.hours))
        decoded = decode(self.scenario, self.p, solution)
        spend(SIMULATED_S * simulated_cells(self.scenario, decoded))
        trimmed, fits = trim(self.scenario, self.p, decoded)
        found = self._certified(trimmed) if fits else None
        if found is None:  # trimming may break a limit that the staff of the solution keeps
            found = self._certified(decoded)
        return found

    def nothing_to_do(self) -> None:
        """The empty design is the best one where there are no contacts.

        Raises
        ------
        SolverError
            Limits ask for more than the empty design, and no other one is made of nothing.
        """
        empty = Design(open_sites=())
        broken = broken_limits(self.p, empty)
        if broken:
            msg = f"there are no contacts, but limits ask for sites or agents: {'; '.join(broken)}; drop them, or give contacts"
            raise SolverError(msg, status="no_contacts")
        self._take(Best(design=empty, account=certified_cost(self.scenario, empty)[0]), "no contacts")
        self.raise_bound(self.upper(), "no contacts")

    def ended_by(self, *, reached: bool) -> EndedBy:
        """What ended the run; a repetition says what ended the first one."""
        if reached:
            return "gap"
        if self.repeat is not None:
            return self.repeat.ended_by
        if self.interrupted:
            return "keyboard"
        return "clock" if any(x.halted is not None for x in self.lanes) else "nothing_left"

    def record(self, ended_by: EndedBy) -> RunRecord:
        """What a repetition must know."""
        return RunRecord(
            ended_by=ended_by, ends={x.name: x.halted for x in self.lanes if x.halted is not None},
            cuts={x.name: tuple(x.cuts) for x in self.lanes if x.cuts},
        )  # fmt: skip
