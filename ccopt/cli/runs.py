"""``run`` and ``optimise``: from a scenario to a plan, and to everything that a client reads."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from ccopt.cli.common import (
    INTERRUPTED,
    MET,
    MISSED,
    dumps,
    emit,
    exit_codes,
    load_scenario,
    records,
    say,
    shown_progress,
    write_text,
)

Gap = Annotated[float, typer.Option(help="Stop at this gap between cost and bound.")]
Limit = Annotated[float, typer.Option("--time-limit", help="Seconds for the optimiser.")]
Seed = Annotated[int, typer.Option(help="Of the optimiser; the simulation uses the next one.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Output = Annotated[Path, typer.Option("-o", "--output")]
DEFAULT = "what-if,losses,path,time,frontier,alternatives,explain"
SitesOption = Annotated[list[str] | None, typer.Option(help="Site that must be open (or closed); repeat for more.")]


def planner_limits(scenario: Any, open_sites: list[str] | None, closed: list[str] | None, most: int | None) -> list[Any]:
    """Limits from the command line.

    Raises
    ------
    ScenarioError
        Sites that the scenario does not have, each one a fault.
    """
    from ccopt import ForceClosed, ForceOpen, MaxSites
    from ccopt.errors import Problem, ScenarioError

    have = [s.name for s in scenario.sites]
    asked = [("--force-open", s) for s in open_sites or []] + [("--force-closed", s) for s in closed or []]
    unknown = [
        Problem(place=option, value=repr(site), rule="not declared", remedy=f"have {have}")
        for option, site in asked if site not in have
    ]  # fmt: skip
    if unknown:
        raise ScenarioError(unknown)
    found: list[Any] = [ForceOpen(s) for s in open_sites or []] + [ForceClosed(s) for s in closed or []]
    return found + ([MaxSites(most)] if most is not None else [])


def optimise(
    scenario: str, output: Output, gap: Gap = 0.005, time_limit: Limit = 60.0, seed: Seed = 0,
    force_open: SitesOption = None, force_closed: SitesOption = None,
    max_sites: Annotated[int | None, typer.Option(help="Most open sites.")] = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Write the cheapest plan found; exit 0 whenever it is verified, whatever the gap."""
    with exit_codes():
        import ccopt
        from ccopt.scenario import check

        found = load_scenario(scenario)
        check(found)
        with shown_progress("optimise") as progress:
            plan = ccopt.optimise(found, gap=gap, time_limit_s=time_limit, seed=seed, progress=progress,
                                  limits=planner_limits(found, force_open, force_closed, max_sites))  # fmt: skip
        write_text(output, dumps(plan.model_dump(mode="json")) + "\n")
        if as_json:
            emit(plan.model_dump(mode="json"))
        else:
            typer.echo(f"{output}: cost {plan.cost_per_year:,.2f} a year, {_gap_words(plan)}, {plan.status}")
        if plan.status == "interrupted":
            raise typer.Exit(INTERRUPTED)


def _gap_words(plan: Any) -> str:
    return "no bound" if plan.gap is None else f"at most {plan.gap:.2%} above the least possible"


def run(
    scenario: str, output: Output = Path("out"), gap: Gap = 0.01, time_limit: Limit = 90.0, seed: Seed = 0,
    replications: Annotated[int, typer.Option(help="Of the simulation.")] = 20,
    studies: Annotated[str, typer.Option(help="Beside the plan, with commas: what-if, losses, path, time, frontier, alternatives, "
                                              "explain (or explain:SITE), sensitivity; or none.")] = DEFAULT,
    study_time: Annotated[float, typer.Option(help="Seconds for the studies that optimise again, together.")] = 20.0,
    force_open: SitesOption = None, force_closed: SitesOption = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Check, optimise, evaluate, simulate, check the routing graph, study and report.

    Writes report.html, result.xlsx, plan.json and run.json. Exit 0 only if the design meets its targets and simulation
    does not contradict them; 3 where no design exists, with infeasible.html and infeasible.json that say why.
    """
    from ccopt.errors import InfeasibleError

    order = _Order(source=scenario, output=output, options={"gap": gap, "time_limit_s": time_limit, "seed": seed},
                   forced={"force_open": force_open or [], "force_closed": force_closed or []}, replications=replications,
                   studies=_names(studies), study_time_s=study_time)  # fmt: skip
    with exit_codes():
        try:
            code, done = _run(order)
        except InfeasibleError as error:
            from ccopt.reporting.infeasible import infeasible_page

            told = {"scenario": scenario, "feasible": False, "conflict": list(error.conflict), "repair": list(error.repair)}
            found = load_scenario(scenario)  # read without fault a moment ago
            write_text(output / "infeasible.html", infeasible_page(found.title or found.name, error.conflict, error.repair))
            write_text(output / "infeasible.json", dumps(told) + "\n")
            if as_json:
                emit(told)
            raise
        if as_json:
            emit(done)
    raise typer.Exit(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What a run was asked for."""

    source: str
    output: Path
    options: dict[str, Any]
    forced: dict[str, list[str]]
    replications: int
    studies: tuple[str, ...]
    study_time_s: float


def _names(text: str) -> tuple[str, ...]:
    """Studies from the command line."""
    names = tuple(x.strip() for x in text.split(",") if x.strip())
    return () if names == ("none",) else names


class _Clock:
    """Seconds of each stage."""

    def __init__(self) -> None:
        self.began, self.seconds = time.monotonic(), dict[str, float]()

    def __call__(self, stage: str) -> None:
        self.seconds[stage] = round(time.monotonic() - self.began - sum(self.seconds.values()), 3)


def _run(order: _Order) -> tuple[int, dict[str, Any]]:
    import ccopt
    from ccopt.reporting.case import judged_case
    from ccopt.scenario import check
    from ccopt.studies.board import board_studies, check_studies

    clock = _Clock()
    scenario = load_scenario(order.source)
    check(scenario)
    check_studies(scenario, order.studies)
    limits = planner_limits(scenario, order.forced["force_open"], order.forced["force_closed"], None)
    clock("check")
    with shown_progress("optimise") as progress:
        plan = ccopt.optimise(scenario, progress=progress, limits=limits, **order.options)
    text = dumps(plan.model_dump(mode="json")) + "\n"
    write_text(order.output / "plan.json", text)
    clock("optimise")
    say(f"plan: {plan.cost_per_year:,.0f} {scenario.currency} a year, {_gap_words(plan)} ({plan.status})")
    seed = order.options["seed"]
    case = judged_case(scenario, plan, replications=order.replications, seed=seed + 1, done=clock)
    found = board_studies(
        scenario, plan, order.studies if plan.status != "interrupted" else (), today=case.today_design, limits=limits, seed=seed,
        time_limit_s=order.study_time_s, progress=lambda name, _: clock(f"study {name}"),
    )  # fmt: skip
    report = ccopt.report(
        scenario=scenario, plan=plan, evaluation=case.evaluation, simulation=case.simulation, today=case.today,
        today_design=case.today_design, findings=case.findings, contradictions=case.contradictions, studies=found,
    )
    report.to_html(order.output / "report.html")
    report.to_workbook(order.output / "result.xlsx")
    clock("report")
    done = {
        "scenario": order.source, "options": order.options, "forced": order.forced, "replications": order.replications,
        "record": None if plan.record is None else plan.record.model_dump(mode="json"), "studies": order.studies,
        "provenance": plan.provenance, "plan_sha256": hashlib.sha256(text.encode()).hexdigest(), "seconds": clock.seconds,
        "status": plan.status, "meets_targets": case.evaluation.meets_targets, "contradictions": case.contradictions,
        "graph_errors": case.broken,
    }  # fmt: skip
    write_text(order.output / "run.json", dumps(done) + "\n")
    _verdict(case)
    say(f"wrote {order.output / 'report.html'}, result.xlsx, plan.json, run.json")
    if plan.status == "interrupted":
        return INTERRUPTED, done
    return (MET if case.holds else MISSED), done


def _verdict(case: Any) -> None:
    if case.holds:
        say("all targets are met; simulation does not contradict")
    for v in case.evaluation.violations:
        say(f"missed: {v.message}")
    for v in case.contradictions:
        say(f"contradicted by simulation: {v.message}")
    for f in case.broken:
        say(f"routing: {f.place}: {f.message}; {f.cure}")


def replay(file: Path, as_json: Json = False) -> None:
    """Run a run.json again, to the work at which it ended, and compare the bytes of its plan."""
    with exit_codes():
        import json


        try:
            past = json.loads(file.read_text(encoding="utf-8"))
            source, options, expected = past["scenario"], past["options"], past["plan_sha256"]
        except (ValueError, KeyError, TypeError) as error:
            msg = f"{file}: is no run.json of `ccopt run` ({type(error).__name__}: {error})"
            raise ValueError(msg) from None
        scenario = load_scenario(source)
        forced = past.get("forced", {})
        limits = planner_limits(scenario, forced.get("force_open"), forced.get("force_closed"), None)
        plan = _repeated(scenario, past.get("record"), limits, options)
        text = dumps(plan.model_dump(mode="json")) + "\n"
        same = hashlib.sha256(text.encode()).hexdigest() == expected
        if as_json:
            emit({"same_bytes": same, "cost_per_year": plan.cost_per_year, "expected_sha256": expected})
        else:
            typer.echo("same bytes" if same else "different bytes")
        if not same:
            raise typer.Exit(MISSED)


def _repeated(scenario: Any, record: Any, limits: list[Any], options: dict[str, Any]) -> Any:
    import ccopt
    from ccopt.design import RunRecord

    if record is None:  # written before runs had one
        return ccopt.optimise(scenario, limits=limits, **options)
    return ccopt.repeat_plan(scenario, RunRecord.model_validate(record), limits=limits, **options)


def sweep(
    grid: Path, output: Output = Path("sweep"),
    scheduler: Annotated[str | None, typer.Option(help="Address such as tcp://127.0.0.1:8786.")] = None,
    workers: Annotated[int | None, typer.Option(help="Local processes.")] = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Run all combinations of a TOML grid: scenarios, options, seeds."""
    with exit_codes():
        import tomllib

        from ccopt.studies.sweeps import grid as all_tasks
        from ccopt.studies.sweeps import sweep as run_sweep

        text = tomllib.loads(grid.read_text(encoding="utf-8"))
        unknown = set(text) - {"scenarios", "options", "seeds"}
        if unknown or "scenarios" not in text:
            msg = f"{grid}: needs scenarios = [...], may have options = [{{...}}] and seeds = [...]; not {sorted(unknown)}"
            raise ValueError(msg)
        tasks = all_tasks([load_scenario(s) for s in text["scenarios"]], options=text.get("options", [{}]),
                          seeds=text.get("seeds", [0]))  # fmt: skip
        last = None

        def show(p: Any) -> None:
            nonlocal last
            last = p
            say(f"{p.done} done, {p.failed} failed, {p.left} left")

        table = run_sweep(tasks, executor=scheduler or workers, store=output, progress=show)
        emit(records(table.reset_index())) if as_json else typer.echo(table.to_string())


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for function in (run, optimise, replay, sweep):
        app.command()(function)
