"""Write instance documents: checked by the entities, one row per line, so that a difference is readable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ccopt.scenario.checks import validated

HERE = Path(__file__).parent
Row = dict[str, Any]


def as_text(document: Mapping[str, Any]) -> str:
    """JSON text of a document with each row of its lists on a line of its own."""
    parts = []
    for key, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in value)
            parts.append(f"{json.dumps(key)}: [\n  {rows}]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{" + ",\n ".join(parts) + "}\n"


def write_instance(document: Mapping[str, Any], folder: Path = HERE) -> Path:
    """Check a document and write it beside this file, whole or not at all.

    Raises
    ------
    ScenarioError
        The document is no scenario.
    """
    text = as_text(document)
    validated(json.loads(text))
    path = folder / f"{document['name']}.json"
    beside = path.with_suffix(".json.part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
    return path


def assumed(*rows: tuple[str, str, str, str]) -> list[Row]:
    """Rows of the register from (name, value, range, source)."""
    return [{"name": n, "value": v, "range": r, "source": s} for n, v, r, s in rows]
