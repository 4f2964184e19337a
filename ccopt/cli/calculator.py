"""``staff``, ``instances``, ``schema``, ``template``, ``check``, ``convert``, ``compile``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ccopt.cli.common import dumps, emit, exit_codes, load_scenario, say, write_text

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def staff(
    contacts_per_hour: Annotated[float, typer.Option(help="Arrival rate.")],
    aht: Annotated[float, typer.Option(help="Average handle time in seconds.")],
    service_level: Annotated[float | None, typer.Option(help="Share answered in time, such as 0.8.")] = None,
    awt: Annotated[float, typer.Option(help="Acceptable wait in seconds.")] = 20.0,
    patience: Annotated[float | None, typer.Option(help="Mean patience in seconds; nobody leaves without it.")] = None,
    max_abandonment: Annotated[float | None, typer.Option(help="Largest share that abandons.")] = None,
    max_asa: Annotated[float | None, typer.Option(help="Largest mean wait of the answered in seconds.")] = None,
    max_occupancy: Annotated[float | None, typer.Option(help="Largest occupancy.")] = None,
    shrinkage: Annotated[float, typer.Option(help="Paid time without service, such as 0.3.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Agents for one pool."""
    with exit_codes():
        from ccopt import ErlangA, ErlangC, MaxAbandonment, MaxAsa, MaxOccupancy, ServiceLevel
        from ccopt.queueing import binding_target
        from ccopt.scenario.hints import unusual

        targets = [ServiceLevel(service_level, awt)] if service_level is not None else []
        targets += [MaxAbandonment(max_abandonment)] if max_abandonment is not None else []
        targets += [MaxAsa(max_asa)] if max_asa is not None else []
        targets += [MaxOccupancy(max_occupancy)] if max_occupancy is not None else []
        if not targets:
            targets = [ServiceLevel(0.8, awt)]
        if not 0.0 <= shrinkage < 1.0:
            msg = f"--shrinkage = {shrinkage}: must be at least 0 and below 1"
            raise ValueError(msg)
        model = (
            ErlangC(contacts_per_hour=contacts_per_hour, aht_s=aht)
            if patience is None
            else ErlangA(contacts_per_hour=contacts_per_hour, aht_s=aht, patience_s=patience)
        )
        for name, given, kind in (("--aht", aht, "aht_s"), ("--awt", awt, "awt_s"), ("--patience", patience, "patience_s"),
                                  ("--max-asa", max_asa, "max_asa_s"), ("--service-level", service_level, "service_level")):  # fmt: skip
            for hint in unusual(name, kind, given):
                say(f"hint: {hint}")
        need = binding_target(model, targets)
        p = model.performance(need.agents, awt)
        import math

        result = {
            "agents": need.agents, "scheduled_agents": math.ceil(need.agents / (1.0 - shrinkage) - 1e-9),
            "binding": repr(need.binding), "load": p.load, "service_level": p.service_level, "awt_s": awt,
            "asa_s": p.asa_s, "abandonment": p.abandonment, "delay_probability": p.delay_probability,
            "occupancy": p.occupancy, "queue_length": p.queue_length,
        }  # fmt: skip
        if as_json:
            emit(result)
            return
        typer.echo(f"{need.agents} agents ({result['scheduled_agents']} scheduled) for {p.load:.2f} erlangs")
        typer.echo(f"service level {p.service_level:.2%} in {awt:g} s, ASA {p.asa_s:.1f} s, abandonment {p.abandonment:.2%}, "
                   f"occupancy {p.occupancy:.2%}; binding: {need.binding}")  # fmt: skip


def instances(as_json: Json = False) -> None:
    """Packaged instances, with the question that each asks."""
    with exit_codes():
        from ccopt.scenario import list_instances

        rows = list_instances()
        if as_json:
            emit([dict(r) if isinstance(r, dict) else r for r in rows])
            return
        from ccopt.scenario.instances.catalogue import read_catalogue

        teaches = {r["name"]: r["teaches"] for r in read_catalogue()}
        for row in rows:
            typer.echo(f"{row.name}: {row.question}{_answer(row, teaches.get(row.name, ''))}")


def _answer(row: object, teaches: str) -> str:
    """Best-known cost (and revenue) of an instance, how sure it is, and what it teaches."""
    known = getattr(row, "best_known", None)
    if not isinstance(known, dict):
        return f"\n    best known: none yet. {teaches}"
    earned = f", revenue {known['revenue_per_year']:,.0f}" if known.get("revenue_per_year") else ""
    sure = "proven" if known.get("status") == "optimal" else f"within {known.get('gap') or 0.0:.1%}"
    return f"\n    best known: {known['cost_per_year']:,.0f} a year{earned} ({sure}). {teaches}"


def schema(
    as_json: Annotated[bool, typer.Option("--json", help="The schema is JSON with and without it.")] = True,
) -> None:
    """JSON schema of the scenario document."""
    from ccopt.scenario.entities import Scenario

    typer.echo(dumps(Scenario.model_json_schema()))


def template(
    file: Annotated[Path | None, typer.Argument(help="Workbook to write (.xlsx).")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The same as an option.")] = None,
    instance: Annotated[str, typer.Option(help="Packaged instance that is the example.")] = "three-regions",
    sector: Annotated[str | None, typer.Option(help="Sector whose template is the example, such as 'bank'.")] = None,
    as_json: Json = False,
) -> None:
    """An Excel workbook to fill in: an example that runs, with notes, drop-downs and units."""
    with exit_codes():
        from ccopt.scenario import write_workbook
        from ccopt.scenario.sectors import SECTORS

        target = output or file or Path("scenario.xlsx")
        if target.suffix.lower() != ".xlsx":
            msg = f"{target}: must end in .xlsx"
            raise ValueError(msg)
        if sector is not None:
            if sector.lower() not in SECTORS:
                msg = f"sector {sector!r}: have {', '.join(SECTORS)}"
                raise ValueError(msg)
            instance = SECTORS[sector.lower()]
        write_workbook(load_scenario(instance), target)
        say(f"wrote {target}; fill it in, then: ccopt check {target}")
        if as_json:
            emit({"written": str(target), "instance": instance})


def check(scenario: str, as_json: Json = False) -> None:
    """Check a scenario; every fault on its own line, and hints where a unit was probably mistaken."""
    with exit_codes():
        from ccopt.scenario import check as check_scenario
        from ccopt.scenario.hints import hints_of

        found = load_scenario(scenario)
        check_scenario(found)
        hints = hints_of(found)
        if as_json:
            emit({"ok": True, "name": found.name, "problems": [], "hints": [asdict(h) for h in hints]})
        else:
            typer.echo(f"{found.name}: {len(found.sites)} sites, {len(found.contact_types)} contact types, "
                       f"{len(found.periods)} periods: no faults")  # fmt: skip
            for hint in hints:
                typer.echo(f"hint: {hint}")


def convert(scenario: str, output: Annotated[Path, typer.Option("-o", "--output", help=".json or .xlsx")],
            as_json: Json = False) -> None:  # fmt: skip
    """Write a scenario as JSON or as a workbook."""
    with exit_codes():
        from ccopt.scenario import to_json, write_workbook

        found = load_scenario(scenario)
        if output.suffix.lower() == ".xlsx":
            write_workbook(found, output)
        else:
            write_text(output, to_json(found))
        if as_json:
            emit({"written": str(output), "name": found.name})


def compile_kernels(as_json: Json = False) -> None:
    """Compile once what runs need, so that the first keeps its time limit: after an installation, while an image is built."""
    with exit_codes():
        import ccopt

        seconds = ccopt.compile_kernels()
        emit({"seconds": seconds}) if as_json else typer.echo(f"compiled in {seconds:.0f} s")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for function in (staff, instances, schema, template, check, convert):
        app.command()(function)
    app.command("compile")(compile_kernels)
