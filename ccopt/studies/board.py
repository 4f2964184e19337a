"""What a board asks beside a plan, answered in one go under one clock.

| study | question |
|---|---|
| ``what-if`` | sliders, tornado, range of the saving, price of a point of service; the layout stays |
| ``losses`` | what happens when a site is lost |
| ``path`` | how today becomes the plan, month by month |
| ``time`` | what periods hide of a calendar, what happens inside the busiest day, what shifts pay |
| ``frontier`` | what more or less service costs, with a bound |
| ``alternatives`` | which other layouts cost nearly as little |
| ``explain`` | why a site is open or closed; ``explain:NAME`` for a site of choice |
| ``sensitivity`` | the tornado with the layout chosen anew at both ends of every range; only when asked for |

The first four need no re-solve. The others share the time; what they could not prove in it, they say.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ccopt.design import Design, Plan
from ccopt.errors import CcoptError, Problem, ScenarioError
from ccopt.evaluation import stress
from ccopt.optimisation.limits import Limit
from ccopt.scenario.entities import Scenario
from ccopt.studies.changes import HIGHEST_LEVEL, require_site
from ccopt.studies.choices import Alternatives, alternatives, with_known
from ccopt.studies.explanations import explain
from ccopt.studies.frontiers import frontier
from ccopt.studies.layout_answers import answers_for
from ccopt.studies.sensitivities import sensitivity
from ccopt.studies.time_answers import time_studies
from ccopt.studies.transitions import transition_path

DEFAULT_STUDIES = ("what-if", "losses", "path", "time", "frontier", "alternatives", "explain")
ALL_STUDIES = (*DEFAULT_STUDIES, "sensitivity")
WEIGHTS = {"frontier": 2.0, "alternatives": 2.0, "explain": 3.0, "sensitivity": 2.0}  # of the time; the others need none
MOST_LOSSES = 30
WHAT_IF_S = 30.0
MOST_EXPLAINED = 2
STEPS = (-0.05, -0.02, 0.0, 0.02, 0.04)
WITHIN, MOST_ALTERNATIVES = 0.03, 3
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAnswered:
    """A study that was asked for and has no answer: its name and why."""

    name: str
    reason: str


@dataclass(slots=True, kw_only=True)
class _Board:
    """A plan under study, and what the studies before have found."""

    scenario: Scenario
    plan: Plan
    today: Design | None
    limits: tuple[Limit, ...]
    seed: int
    seconds: float = 0.0
    found: list[Any] = field(default_factory=list)


def board_studies(
    scenario: Scenario,
    plan: Plan,
    names: Sequence[str] = DEFAULT_STUDIES,
    *,
    today: Design | None = None,
    limits: Sequence[Limit] = (),
    seed: int = 0,
    time_limit_s: float = 60.0,
    progress: Callable[[str, float], None] | None = None,
) -> tuple[Any, ...]:
    """Answers to what a board asks beside a plan, in the order of `DEFAULT_STUDIES`.

    Parameters
    ----------
    scenario, plan
        The plan of a scenario.
    names
        Studies; ``explain`` takes the decisions that lie nearest to turning, ``explain:NAME`` one site.
    today
        The layout of today, for the range of the saving and the path.
    limits, seed
        Those under which the plan was made.
    time_limit_s
        Seconds for those that re-solve, together; what-if, losses and path come on top (on the largest packaged instance
        some 20 s of a free processor). An interrupt ends the study under way.
    progress
        Called with the name of a study and its seconds when it ends.

    Returns
    -------
    tuple
        Results for ``studies`` of `report`; a `NotAnswered` for each study that does not apply or found nothing.

    Raises
    ------
    ScenarioError
        An unknown study or site.

    Examples
    --------
    >>> import ccopt as cc
    >>> s = cc.load_instance("two-sites")
    >>> found = cc.board_studies(s, cc.optimise(s), ["alternatives", "explain:west"], time_limit_s=10)
    >>> [type(x).__name__ for x in found]
    ['Alternatives', 'Explanation']
    """
    asked, left = check_studies(scenario, names), time_limit_s
    board = _Board(scenario=scenario, plan=plan, today=today, limits=tuple(limits), seed=seed)
    for i, name in enumerate(asked):
        began = time.monotonic()
        board.seconds = _share(asked[i:], left)
        try:
            board.found += _ANSWERS[name.partition(":")[0]](board, name.partition(":")[2])
        except (CcoptError, ValueError) as error:
            log.info("%s: %s", name, error)
            board.found.append(NotAnswered(name=name, reason=str(error)))
        except KeyboardInterrupt:
            board.found.append(NotAnswered(name=name, reason="interrupted"))
        left -= time.monotonic() - began if name.partition(":")[0] in WEIGHTS else 0.0
        if progress is not None:
            progress(name, time.monotonic() - began)
    return tuple(board.found)


def check_studies(scenario: Scenario, names: Sequence[str]) -> list[str]:
    """Names of studies in their order, each once.

    Raises
    ------
    ScenarioError
        An unknown study or site.
    """
    problems = []
    for name in names:
        kind, colon, site = name.partition(":")
        if kind not in _ANSWERS or (colon and kind != "explain"):
            problems.append(Problem(place="studies", value=repr(name), rule="unknown study", remedy=f"have {list(ALL_STUDIES)}"))
        elif site:
            require_site(scenario, site)
    if problems:
        raise ScenarioError(problems)
    return sorted(dict.fromkeys(names), key=lambda n: ALL_STUDIES.index(n.partition(":")[0]))


def _share(names: Sequence[str], left: float) -> float:
    """Seconds of the first of the studies that are left."""
    weights = [WEIGHTS.get(n.partition(":")[0], 0.0) for n in names]
    return max(left, 0.0) * weights[0] / max(sum(weights), 1.0)


def _what_if(b: _Board, _: str) -> list[Any]:
    return [answers_for(b.scenario, b.plan.design, today=b.today, budget_s=WHAT_IF_S)]


def _losses(b: _Board, _: str) -> list[Any]:
    return [*stress(b.scenario, b.plan.design, volume=(), aht=(), lose_site=b.plan.design.open_sites[:MOST_LOSSES])]


def _sensitivity(b: _Board, _: str) -> list[Any]:
    return [sensitivity(b.scenario, b.plan, gap=_gap(b), time_limit_s=b.seconds, seed=b.seed)]


def _path(b: _Board, _: str) -> list[Any]:
    if b.today is None:
        return [NotAnswered(name="path", reason="the scenario has no layout of today (block existing)")]
    return [transition_path(b.scenario, b.plan, today=b.today)]


def _time(b: _Board, _: str) -> list[Any]:
    found, reasons = time_studies(b.scenario, b.plan.design)
    return [*found, *(NotAnswered(name="time", reason=r) for r in reasons)]


def _frontier(b: _Board, _: str) -> list[Any]:
    """The promised service level where all types share one, else all levels moved by the same points."""
    levels = sorted(e.service_level for c in b.scenario.contact_types for e in c.targets if e.service_level is not None)
    if not levels:
        return [NotAnswered(name="frontier", reason="no contact type promises a service level")]
    alike = levels[0] == levels[-1]
    middle = levels[0] if alike else 0.0
    over = [round(middle + d, 6) for d in STEPS if levels[0] + d > 0.0 and levels[-1] + d <= HIGHEST_LEVEL]
    return [frontier(b.scenario, "service_level" if alike else "service_points", over=over, gap=_gap(b), time_limit_s=b.seconds,
                     limits=b.limits, seed=b.seed, known={middle: b.plan})]  # fmt: skip


def _alternatives(b: _Board, _: str) -> list[Any]:
    return [alternatives(b.scenario, MOST_ALTERNATIVES, within=WITHIN, best=b.plan, gap=_gap(b), time_limit_s=b.seconds,
                         limits=b.limits, seed=b.seed)]  # fmt: skip


def _explain(b: _Board, site: str) -> list[Any]:
    sites = [site] if site else near_decisions(b.scenario, b.plan, b.found, b.today)
    if not sites:
        return [NotAnswered(name="explain", reason="no site to open or close")]
    told = [explain(b.scenario, b.plan, s, depth="all" if i == 0 else "flips", gap=_gap(b), time_limit_s=b.seconds / len(sites),
                    limits=b.limits, seed=b.seed) for i, s in enumerate(sites)]  # fmt: skip
    turned = [x.other for x in told if x.other is not None]
    b.found[:] = [with_known(x, b.scenario, turned) if isinstance(x, Alternatives) else x for x in b.found]
    return told


def near_decisions(scenario: Scenario, plan: Plan, found: Sequence[Any] = (), today: Design | None = None) -> list[str]:
    """Sites whose decision is worth explaining: one closed, one open.

    Those that change in the cheapest alternative; else the largest site of today that closes, and the smallest open site.
    """
    opened = set(plan.design.open_sites)
    near = [a for x in found if isinstance(x, Alternatives) for a in x.found]
    closed = [s for a in near for s in a.distance.opened] + (_by_size(today, set(today.open_sites) - opened)[::-1] if today else [])
    closed += [s.name for s in scenario.sites if s.name not in opened]
    kept = [s for a in near for s in a.distance.closed] + _by_size(plan.design, opened)
    return [*closed[:1], *(kept[:1] if len(scenario.sites) > 1 else [])][:MOST_EXPLAINED]


def _by_size(design: Design, sites: set[str]) -> list[str]:
    """Sites from the fewest to the most agents."""
    return sorted(sites, key=lambda s: (sum(sum(g.agents) for g in design.groups if g.site == s), s))


def _gap(b: _Board) -> float:
    """The gap that the plan itself reached or asked for."""
    return float(b.plan.provenance.get("options", {}).get("gap", 0.005))


_ANSWERS: dict[str, Callable[[_Board, str], list[Any]]] = {
    "what-if": _what_if, "losses": _losses, "path": _path, "time": _time, "frontier": _frontier, "alternatives": _alternatives,
    "explain": _explain, "sensitivity": _sensitivity,
}  # fmt: skip
