"""``demand`` and ``backtest``: from a client's log or interval report to a scenario, and how far the model is off."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ccopt.cli.common import emit, exit_codes, say, write_text

if TYPE_CHECKING:
    from ccopt.demand import ContactLog, IntervalReport, LogOptions, LogScenario
    from ccopt.scenario.entities import Scenario
    from ccopt.scenario.model_error import ModelError

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Kind = Annotated[str, typer.Option(help="log, report, or auto: told by the header.")]
Workdays = Annotated[str | None, typer.Option(help="Weekdays of one day type, such as Monday,Tuesday; others keep their name.")]
SHOWN_FAULTS = 20
DEFAULT_WAGE = 20.0


def _is_log(path: Path) -> bool:
    from ccopt.demand import ANONYMOUS_BANK
    from ccopt.demand.text_files import read_lines

    if path.suffix.lower() == ".xlsx":
        return False
    first = read_lines(path)[0][0]
    cells = {c.strip().lower() for c in first.split(ANONYMOUS_BANK.separator)}
    return set(ANONYMOUS_BANK.columns) <= cells or len(first.split("\t")) == len(ANONYMOUS_BANK.header)


def _read(path: Path, kind: str) -> ContactLog | IntervalReport:
    from ccopt.demand import read_contact_log, read_interval_report

    if kind not in ("auto", "log", "report"):
        msg = f"--kind = {kind!r}: must be log, report or auto"
        raise ValueError(msg)
    if kind == "log" or (kind == "auto" and _is_log(path)):
        return read_contact_log(path)
    return read_interval_report(path)


def _weekdays(text: str | None) -> tuple[str, ...]:
    from ccopt.scenario.intervals import WEEKDAYS

    days = tuple(d.strip().capitalize() for d in (text or "").split(",") if d.strip())
    wrong = [d for d in days if d not in WEEKDAYS]
    if wrong:
        msg = f"weekdays = {wrong}: have {list(WEEKDAYS)}"
        raise ValueError(msg)
    return days


def _say_faults(history: Any) -> None:
    for problem in history.faults[:SHOWN_FAULTS]:
        say(str(problem))
    if len(history.faults) > SHOWN_FAULTS:
        say(f"... and {len(history.faults) - SHOWN_FAULTS} more rows refused")


def demand(
    history: Annotated[Path, typer.Argument(help="Contact log, or interval report (.csv, .txt, .xlsx).")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Scenario to write (.json).")] = Path("scenario.json"),
    kind: Kind = "auto",
    name: Annotated[str | None, typer.Option(help="Of the scenario; the name of the file without it.")] = None,
    wage_per_hour: Annotated[float | None, typer.Option(help="Of the site that serves the log; 20 without it.")] = None,
    shrinkage: Annotated[float, typer.Option(help="Paid time without service.")] = 0.3,
    minutes: Annotated[int, typer.Option(help="Length of the steps of a day: 15, 30 or 60.")] = 60,
    workdays: Workdays = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA zone; the scenario then has a calendar of the next year.")] = None,
    safety: Annotated[float, typer.Option(help="Errors of the back-test that the staff keeps as a margin.")] = 0.0,
    forecast_days: Annotated[int, typer.Option(min=0, help="Open days to forecast; demand is theirs, not that of the past.")] = 0,
    as_json: Json = False,
) -> None:
    """Turn a log or interval report into a scenario; rows refused and warnings are counted."""
    with exit_codes():
        from ccopt.demand import ContactLog
        from ccopt.scenario import to_json

        found, days = _read(history, kind), _weekdays(workdays)
        options = _options(wage_per_hour, shrinkage, minutes, time_zone, days)
        made = _made(found, name or history.stem, options, forecast_days)
        scenario, told = _tested(made.scenario, found, days, safety)
        warnings = dict(made.warnings) | told
        write_text(output, to_json(scenario))
        rows = found.rows if isinstance(found, ContactLog) else len(found.intervals) + len(found.faults)
        if as_json:
            emit({
                "scenario": str(output), "rows": rows, "refused": len(found.faults), "warnings": warnings,
                "faults": [str(p) for p in found.faults], "dispersion": made.dispersion,
                "model_error": scenario.model_error, "assumptions": [a.model_dump() for a in scenario.assumptions],
            })  # fmt: skip
            return
        _say_faults(found)
        typer.echo(found.summary() if isinstance(found, ContactLog) else f"{rows} rows: {len(found.intervals)} intervals read")
        for text, count in warnings.items():
            typer.echo(f"warning: {text}: {count}")
        if scenario.model_error is not None:
            typer.echo(_promise_words(scenario.model_error))
        typer.echo(f"{output}: {len(scenario.contact_types)} contact types, {len(scenario.periods)} periods, "
                   f"{len(scenario.assumptions)} assumptions registered")  # fmt: skip


def _options(wage_per_hour: float | None, shrinkage: float, minutes: int, time_zone: str | None, days: tuple[str, ...]) -> LogOptions:
    """Choices of the planner; a wage that nobody gave says so in the register."""
    from ccopt.demand import LogOptions, group_weekdays

    options = LogOptions(
        wage_per_hour=DEFAULT_WAGE if wage_per_hour is None else wage_per_hour, shrinkage=shrinkage, minutes=minutes,
        time_zone=time_zone,
    )  # fmt: skip
    if wage_per_hour is None:
        options = dataclasses.replace(options, wage_source="default, not of this client", wage_range="8 to 35")
    return dataclasses.replace(options, day_types=group_weekdays({"workday": days})) if days else options


def _made(found: ContactLog | IntervalReport, title: str, options: LogOptions, forecast_days: int) -> LogScenario:
    """The scenario of the past, or of the days that are forecast from it."""
    from ccopt.demand import ContactLog, scenario_from_log, scenario_from_report, scenario_of_forecast

    made = (
        scenario_from_log(found, name=title, options=options)
        if isinstance(found, ContactLog)
        else scenario_from_report(found, name=title, options=options)
    )
    if not forecast_days:
        return made
    return dataclasses.replace(made, scenario=scenario_of_forecast(made, days=forecast_days, day_types=options.day_types))


def _tested(scenario: Scenario, history: Any, days: tuple[str, ...], safety: float) -> tuple[Scenario, dict[str, int]]:
    """The scenario with the error of a back-test on its log; or why there is none, as a warning."""
    import ccopt
    from ccopt.demand import ContactLog
    from ccopt.studies.stated_errors import with_model_error

    none = "no back-test, so the plan's promises have no stated error"
    if not isinstance(history, ContactLog):
        return scenario, {f"{none} (an interval report shows no agents)": 1}
    try:
        contacts = history.contacts
        if days:
            contacts = contacts[contacts["arrived"].dt.day_name().isin(days)]
        found = ccopt.backtest(dataclasses.replace(history, contacts=contacts))
    except ValueError as error:
        return scenario, {f"{none} ({error})": 1}
    span = contacts["arrived"]
    source = f"back-test {span.min():%Y-%m-%d} to {span.max():%Y-%m-%d}, half-hours of {', '.join(days) or 'all days'}"
    return with_model_error(scenario, found, safety=safety, source=source), {}


def _promise_words(error: ModelError) -> str:
    text = (f"A plan from this model promises no finer than {100 * error.abandonment:.1f} points of abandonment and "
            f"{100 * error.service_level:.1f} points of service level ({error.source}")  # fmt: skip
    return text + (f"; margin {error.safety:g} x)." if error.safety else ").")


def backtest(
    history: Annotated[Path, typer.Argument(help="Contact log with the agents who served.")],
    minutes: Annotated[int, typer.Option(help="Length of an interval.")] = 30,
    awt: Annotated[float, typer.Option(help="Acceptable wait of the service level in seconds.")] = 20.0,
    weekdays: Annotated[str | None, typer.Option(help="Only these, such as Sunday,Monday.")] = None,
    from_hour: Annotated[float, typer.Option(help="Leave out intervals that start earlier in the day.")] = 0.0,
    without: Annotated[list[str] | None, typer.Option(help="Contact type with agents of its own; repeat for more.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Table of intervals to write (.csv).")] = None,
    scenario: Annotated[Path | None, typer.Option(help="Scenario (.json) that gets the error; its plans promise no finer.")] = None,
    safety: Annotated[float, typer.Option(help="Errors that the staff of the scenario keeps as a margin.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Compare the queueing model with a log: predicted against observed abandonment, wait and service level."""
    with exit_codes():
        import ccopt
        from ccopt.demand import read_contact_log

        log = read_contact_log(history)
        days = _weekdays(weekdays)
        keep = ~log.contacts["contact_type"].isin(without or [])
        if days:
            keep &= log.contacts["arrived"].dt.day_name().isin(days)
        log = dataclasses.replace(log, contacts=log.contacts[keep])
        found = ccopt.backtest(log, minutes=minutes, awt_s=awt, from_minute=round(60 * from_hour))
        if output is not None:
            write_text(output, found.intervals.reset_index().to_csv(index=False))
        if scenario is not None:
            from ccopt.scenario import read_scenario, to_json
            from ccopt.studies.stated_errors import with_model_error

            told = with_model_error(read_scenario(scenario), found, safety=safety, source=f"back-test on {history.name}")
            write_text(scenario, to_json(told))
        if as_json:
            tables = {n: getattr(found, n).reset_index(names="name") for n in ("summary", "by_time", "by_type")}
            emit({
                "refused": len(log.faults), "warnings": dict(log.warnings), "intervals": len(found.intervals),
                "unstable_share": found.unstable_share,
            } | {n: t.to_dict(orient="records") for n, t in tables.items()})  # fmt: skip
            return
        _say_faults(log)
        typer.echo(log.summary())
        typer.echo(found.summary.T.round(4).to_string())
        typer.echo(found.by_type.round(3).to_string())
        from ccopt.studies.stated_errors import model_error_of

        typer.echo(_promise_words(model_error_of(found, safety=safety, source=f"{len(found.intervals)} intervals")))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for function in (demand, backtest):
        app.command()(function)


