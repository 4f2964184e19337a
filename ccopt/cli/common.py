"""What the commands share: reading, writing whole files, JSON, exit codes, progress."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ccopt.design import Design, Plan
from ccopt.errors import CcoptError, InfeasibleError, MissingExtraError, ScenarioError
from ccopt.scenario.entities import Scenario
from ccopt.scenario.writing import write_whole

MET, MISSED, BAD_INPUT, INFEASIBLE, LOST_SCHEDULER, INTERRUPTED = 0, 1, 2, 3, 4, 130
err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def say(text: str) -> None:
    """One line for people, on stderr."""
    err.print(text)


def plain(value: Any) -> Any:
    """A value as JSON can hold it: no NaN, no infinity, no objects."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    elif is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    elif hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item() if getattr(value, "ndim", 0) == 0 else value.tolist()
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def records(frame: Any) -> list[dict[str, Any]]:
    """Rows of a pandas frame as plain dictionaries."""
    return [{str(k): plain(v) for k, v in row.items()} for row in frame.to_dict(orient="records")]


def dumps(value: Any) -> str:
    """JSON with sorted keys."""
    return json.dumps(plain(value), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)


def emit(value: Any) -> None:
    """The one JSON document on stdout."""
    sys.stdout.write(dumps(value) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode("utf-8"))


@contextmanager
def exit_codes() -> Iterator[None]:
    """Errors as lines and exit codes, never a traceback."""
    try:
        yield
    except ScenarioError as error:
        for problem in error.problems:
            say(str(problem))
        raise typer.Exit(BAD_INPUT) from None
    except InfeasibleError as error:
        say(str(error))
        raise typer.Exit(INFEASIBLE) from None
    except KeyboardInterrupt:
        say("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except CcoptError as error:
        say(f"{type(error).__name__}: {error}")
        raise typer.Exit(_code_of(error)) from None
    except MemoryError as error:
        say(f"not enough memory: {error or 'the system gave no more'}; take fewer periods, sites or skill sets at once")
        raise typer.Exit(INFEASIBLE) from None
    except BrokenPipeError:  # the reader of the output stopped, as `head` does: no fault; click ends the process
        raise
    except (ValueError, OSError) as error:
        say(str(error))
        raise typer.Exit(BAD_INPUT) from None


def _code_of(error: CcoptError) -> int:
    if type(error).__name__ == "SchedulerLostError":
        return LOST_SCHEDULER
    if isinstance(error, MissingExtraError):
        return BAD_INPUT
    return INTERRUPTED if getattr(error, "status", "") == "interrupted" else INFEASIBLE


def load_scenario(source: str) -> Scenario:
    """A scenario from a path or the name of a packaged instance."""
    from ccopt.scenario import list_instances, load_instance, read_scenario

    path = Path(source)
    if path.suffix.lower() in (".json", ".toml", ".xlsx") or path.exists():
        return read_scenario(path)
    names = [i.name for i in list_instances()]
    if source not in names:
        msg = f"{source}: neither a file nor a packaged instance; have {', '.join(names)}"
        raise ValueError(msg)
    return load_instance(source)


def load_design(path: Path) -> Design:
    """The design of a plan file, or a bare design."""
    found = load_plan(path)
    return found.design if isinstance(found, Plan) else found


def load_plan(path: Path) -> Plan | Design:
    """A plan, or a bare design.

    Raises
    ------
    ScenarioError
        The file cannot be read, or is neither.
    """
    from pydantic import ValidationError

    from ccopt.errors import Problem

    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ScenarioError([Problem(place=str(path), value="", rule=f"cannot be read: {error}")]) from None
    model: type[Plan | Design] = Plan if isinstance(raw, dict) and "design" in raw else Design
    try:
        return model.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        raise ScenarioError([
            Problem(place=f"{path.name}: " + ".".join(str(x) for x in e["loc"]), value=str(e["input"])[:60], rule=e["msg"])
            for e in error.errors()
        ]) from None


@contextmanager
def shown_progress(label: str) -> Iterator[Any]:
    """Progress of `optimise` on stderr: stage, best cost, bound, gap."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=not err.is_terminal) as bar:
        task = bar.add_task(label, total=None)

        def update(p: Any) -> None:
            parts = [p.stage]
            parts += [f"best {p.incumbent:,.0f}"] if p.incumbent is not None else []
            parts += [f"bound {p.lower_bound:,.0f}"] if p.lower_bound is not None else []
            parts += [f"gap {p.gap:.2%}"] if p.gap is not None else []
            bar.update(task, description=f"{label}: " + ", ".join(parts))

        yield update
