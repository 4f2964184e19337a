"""Read and write scenario documents: JSON, TOML, workbooks, packaged instances."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from ccopt.scenario.checks import validated
from ccopt.scenario.entities import Scenario
from ccopt.scenario.parsing import DEEPEST, depth, fail, parse_json, parse_toml, read_text

INSTANCES = "ccopt.scenario.instances"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A packaged instance: its name, the question that it asks, and its best-known answer."""

    name: str
    title: str
    question: str
    best_known: dict[str, Any] | None = None
    more: dict[str, Any] = field(default_factory=dict)


def read_scenario(path: str | Path) -> Scenario:
    """Read and check a scenario (.json, .toml, .xlsx).

    Raises
    ------
    ScenarioError
        Every problem of the document at once.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        from ccopt.scenario.workbook import read_workbook

        return read_workbook(path)
    if suffix not in (".json", ".toml"):
        raise fail(path.name, "must end in .json, .toml or .xlsx")
    text = read_text(path)
    raw = parse_json(text, path.name) if suffix == ".json" else parse_toml(text, path.name)
    if depth(raw) >= DEEPEST:
        raise fail(path.name, "is nested too deeply")
    return validated(raw)


def to_json(scenario: Scenario) -> str:
    """The document as JSON; reading it gives an equal scenario."""
    return scenario.model_dump_json(indent=1, exclude_unset=True) + "\n"


def list_instances() -> list[Instance]:
    """Packaged instances by name."""
    root = resources.files(INSTANCES)
    catalogue: dict[str, dict[str, Any]] = {}
    listed = root.joinpath("catalogue.json")
    if listed.is_file():
        catalogue = {row["name"]: row for row in json.loads(listed.read_text(encoding="utf-8"))}
    found = []
    for entry in sorted(root.iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".json") or entry.name == "catalogue.json":
            continue
        name = entry.name.removesuffix(".json")
        known = catalogue.get(name, {})
        document = {} if known else json.loads(entry.read_text(encoding="utf-8"))
        found.append(
            Instance(
                name=name, title=known.get("title") or document.get("title", ""),
                question=known.get("question") or document.get("question", ""), best_known=known.get("best_known"),
                more={k: v for k, v in known.items() if k not in ("name", "title", "question", "best_known")},
            )
        )  # fmt: skip
    return found


def load_instance(name: str) -> Scenario:
    """A packaged instance.

    Raises
    ------
    ValueError
        No such instance.
    """
    file = resources.files(INSTANCES).joinpath(f"{name}.json")
    if "/" in name or "\\" in name or not file.is_file() or name == "catalogue":
        msg = f"instance {name!r}: not packaged; have {[i.name for i in list_instances()]}"
        raise ValueError(msg)
    return validated(parse_json(file.read_text(encoding="utf-8"), f"{name}.json"))
