"""`report`: one page that opens offline, and one workbook."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ccopt.design import Design, Plan
from ccopt.evaluation import StressRow
from ccopt.kpis import Evaluation, Violation
from ccopt.reporting import callers, kinds, quality, sections
from ccopt.reporting.case import judged_case
from ccopt.reporting.choices import study_sections, unanswered_section
from ccopt.reporting.facts import Facts, certainty, decision
from ccopt.reporting.pieces import Section, percent
from ccopt.routing.finding import Finding
from ccopt.scenario.entities import Scenario
from ccopt.scenario.writing import write_whole
from ccopt.studies.board import board_studies
from ccopt.studies.layout_answers import LayoutAnswers

LONGEST_WORD = 24


@dataclass(frozen=True, slots=True)
class Report:
    """A report that can be written as a page or a workbook."""

    facts: Facts

    def to_html(self, path: str | Path) -> Path:
        """Write the page (offline, no request) and return its path."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, self.html().encode("utf-8"))
        return target

    def html(self) -> str:
        """The page as text."""
        environment = Environment(
            loader=PackageLoader("ccopt.reporting", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        environment.tests["long_word"] = lambda words: any(len(w) > LONGEST_WORD for w in str(words).split())
        return environment.get_template("page.html.j2").render(**_context(self.facts)).lstrip()

    def to_workbook(self, path: str | Path) -> Path:
        """Write the workbook and return its path."""
        from ccopt.reporting.workbook import write_result

        return write_result(self.facts, Path(path))

    def _repr_html_(self) -> str:
        import html

        return f'<iframe srcdoc="{html.escape(self.html(), quote=True)}" width="100%" height="700" style="border:0"></iframe>'


def report(  # noqa: PLR0913  (everything that a client reads, by name)
    *, scenario: Scenario, plan: Plan, evaluation: Evaluation | None = None, simulation: Evaluation | None = None,
    today: Evaluation | None = None, today_design: Design | None = None, findings: Sequence[Finding] = (),
    contradictions: Sequence[Violation] = (), studies: Sequence[Any] = (), study_time_s: float = 20.0,
) -> Report:  # fmt: skip
    """Gather what a client reads.

    Parameters
    ----------
    scenario, plan
        What was given and what was chosen.
    evaluation
        The analytic judge; without it the plan is judged here, as `ccopt run` does: queueing models, simulation, the
        layout of today, routing checks.
    simulation
        The second judge; the page says where the two differ.
    today, today_design
        The layout of today, for the bridge and the map.
    findings, contradictions
        Of the routing graph and of the simulation.
    studies
        What becomes further sections: names of studies, which are run here (`board_studies`), or their results: what-if
        answers with the layout fixed (`ccopt.studies.layout_answers.answers_for`), rows of `stress`, results of `frontier`,
        `sensitivity`, `alternatives`, `explain`, `transition_path`.
    study_time_s
        Seconds for the studies that are named.

    Examples
    --------
    >>> import ccopt as cc
    >>> s = cc.load_instance("two-sites")
    >>> page = cc.report(scenario=s, plan=cc.optimise(s), studies=["what-if", "losses", "path"]).html()
    >>> 'id="path"' in page
    True
    """
    if evaluation is None:
        case = judged_case(scenario, plan)
        evaluation, simulation = case.evaluation, simulation or case.simulation
        today, today_design = today or case.today, today_design or case.today_design
        findings, contradictions = findings or case.findings, contradictions or case.contradictions
    names = [x for x in studies if isinstance(x, str)]
    made = board_studies(scenario, plan, names, today=today_design, time_limit_s=study_time_s) if names else ()
    given = [x for x in studies if not isinstance(x, str)]
    flat = [y for x in (*given, *made) for y in (x if isinstance(x, (tuple, list)) else (x,))]
    return Report(
        Facts(
            scenario=scenario, plan=plan, evaluation=evaluation, simulation=simulation, today=today,
            today_design=today_design, findings=tuple(findings), contradictions=tuple(contradictions),
            answers=next((x for x in flat if isinstance(x, LayoutAnswers)), None),
            losses=tuple(x for x in flat if isinstance(x, StressRow) and x.kind == "loss"),
            studies=tuple(x for x in flat if not isinstance(x, (StressRow, LayoutAnswers))),
        )
    )  # fmt: skip


def page_sections(f: Facts) -> tuple[Section, ...]:
    """All parts of the page in order."""
    studied = study_sections(f)
    known = {s.key for s in studied}
    return sections.all_of(
        quality.problem_section(f), sections.cost_section(f), sections.map_section(f), sections.site_section(f),
        sections.routing_section(f), sections.staff_section(f), quality.what_if_section(f),
        None if "frontier" in known else quality.service_price_section(f),
        None if "tornado" in known else quality.tornado_section(f), quality.loss_section(f), quality.scorecard_section(f),
        *studied, *kinds.kind_sections(f), *callers.caller_sections(f), quality.values_section(f), quality.findings_section(f),
        quality.assumption_section(f), unanswered_section(f),
    )  # fmt: skip


def _context(f: Facts) -> dict[str, Any]:
    script = resources.files("ccopt.reporting").joinpath("page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    data = quality.what_if_data(f)
    definitions = quality.definition_rows(f)
    ends = {"low_volume": data["volumes"][0], "high_volume": data["volumes"][-1], "low_time": data["times"][0],
            "high_time": data["times"][-1]} if data else {}  # fmt: skip
    return {
        "title": f"{f.scenario.title or f.scenario.name} – plan", "heading": f.scenario.title or f.scenario.name,
        "decision": decision(f), "certainty": certainty(f), "question": f.scenario.question, "cards": _cards(f),
        "sections": page_sections(f), "definitions": definitions, "meaning": {k: m for k, _, m in definitions},
        "css": resources.files("ccopt.reporting").joinpath("page.css").read_text(encoding="utf-8"), "script": script,
        "script_hash": f"sha256-{digest}", "what_if": _embedded(data) if data else "", **ends,
        "currency": f.currency, "provenance": json.dumps(f.plan.provenance, indent=1, sort_keys=True),
    }  # fmt: skip


def _embedded(data: dict[str, Any]) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(data, allow_nan=False).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _cards(f: Facts) -> list[dict[str, str]]:
    def card(value: str, label: str, term: str = "") -> dict[str, str]:
        return {"value": value, "label": label, "term": term}

    agents = sum(s.agents_peak for s in f.evaluation.sites)
    cards = [card(_short(f.plan.cost_per_year), f"{f.currency} a year", "cost")]
    if f.saving is not None:
        word = "less" if f.saving >= 0 else "more"
        cards.append(card(_short(abs(f.saving)), f"{f.currency} a year {word} than today", "saving"))
    cards.append(card(percent(f.plan.gap, 2), "gap to the proven lower bound", "gap"))
    many = len(f.plan.design.open_sites)
    cards.append(card(str(many), f"open site{'s' if many != 1 else ''}"))
    cards.append(card(f"{agents:,}", "agents at the sites' peaks", "peak"))
    levels = [
        r.service_level for r in f.evaluation.contact_types
        if r.period is None and r.service_level is not None and _is_promised(f, r.name)
    ]  # fmt: skip
    if levels:
        cards.append(card(percent(min(levels)), "service level of the year, lowest contact type", "service_level"))
    if f.plan.revenue_per_year:
        cards.append(card(_short(f.plan.revenue_per_year), f"{f.currency} of revenue a year"))
    return cards


def _is_promised(f: Facts, name: str) -> bool:
    kind = next(c for c in f.scenario.contact_types if c.name == name)
    return any(e.service_level is not None for e in kind.targets)


def _short(value: float) -> str:
    return f"{value / 1e6:,.2f} m" if value >= 1e5 else f"{value:,.0f}"
