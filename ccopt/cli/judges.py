"""``evaluate``, ``simulate``, ``compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ccopt.cli.common import MISSED, emit, exit_codes, load_design, load_plan, load_scenario, records

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
MOST_LINES = 12


def _show(result: Any) -> None:
    word = "meets all targets" if result.meets_targets else f"misses {len(result.violations)} targets"
    typer.echo(f"{word}; cost {result.cost_per_year:,.2f} a year ({result.method})")
    for v in result.violations[:MOST_LINES]:
        typer.echo(f"  {v.message}")
    for row in result.contact_types[: 4 * MOST_LINES]:
        level = "-" if row.service_level is None else f"{row.service_level:.1%}"
        asa = "-" if row.asa_s is None else f"{row.asa_s:.1f} s"
        half = row.half_width.get("service_level")
        width = f" +- {half:.1%}" if half is not None else ""
        typer.echo(f"  {row.name:20.20} {row.period or 'year':20.20} {level}{width} in {row.awt_s:g} s, ASA {asa}, "
                   f"abandoned {row.abandonment:.1%}")  # fmt: skip


def evaluate(scenario: str, file: Path, as_json: Json = False) -> None:
    """Judge a plan or design from queueing models; exit 1 when a target is missed."""
    with exit_codes():
        import ccopt

        found = load_scenario(scenario)
        result = ccopt.evaluate(found, load_design(file))
        emit(result.as_dict()) if as_json else _show(result)
        if not result.meets_targets:
            raise typer.Exit(MISSED)


def simulate(
    scenario: str, file: Path, replications: Annotated[int, typer.Option(help="Independent runs.")] = 20,
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 7, as_json: Json = False,
    records: Annotated[Path | None, typer.Option(help="One row per contact, .parquet or .csv.")] = None,
) -> None:  # fmt: skip
    """Judge a plan or design by simulation; exit 1 when simulation proves a target missed."""
    with exit_codes():
        import ccopt
        from ccopt.simulation import SimulationOptions, contradictions

        found = load_scenario(scenario)
        options = SimulationOptions(records=records)
        result = ccopt.simulate(found, load_design(file), replications=replications, seed=seed, options=options)
        proven = contradictions(found, result, replications=replications)
        emit(result.as_dict() | {"contradictions": proven}) if as_json else _show(result)
        if proven:
            raise typer.Exit(MISSED)


def compare(
    scenario: str, files: list[Path],
    replications: Annotated[int, typer.Option(help="Of the simulation beside the evaluation; 0: none.")] = 0,
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 7, as_json: Json = False,
) -> None:  # fmt: skip
    """Designs or plans side by side: cost, sites, agents, and service by both judges."""
    with exit_codes():
        from ccopt.studies.comparison import compare_designs

        found = load_scenario(scenario)
        names = [f.stem for f in files]
        if len(set(names)) < len(names):
            names = [str(f) for f in files]
        plans = {name: load_plan(f) for name, f in zip(names, files, strict=True)}
        table = compare_designs(found, plans, replications=replications, seed=seed)
        if as_json:
            emit(records(table.reset_index()))
        else:
            typer.echo(table.T.to_string())


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for function in (evaluate, simulate, compare):
        app.command()(function)
