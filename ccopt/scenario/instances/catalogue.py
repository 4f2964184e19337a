"""The catalogue of packaged instances: question, lesson, source, licence, best-known value, rows of the design plan.

``catalogue.json`` is data; ``benchmarks/layouts.py --catalogue`` writes a better best-known value into it.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

FIELDS = ("name", "title", "question", "teaches", "source", "licence", "best_known", "rows")


def read_catalogue() -> list[dict[str, Any]]:
    """All rows of the catalogue, in the order of reading.

    Returns
    -------
    list of dict
        Keys as in `FIELDS`; ``best_known`` is None or ``{"cost_per_year", "lower_bound", "gap", "status", "date",
        "note"}`` with status ``optimal`` (proved, by enumeration or by hand) or ``best_found``.

    Examples
    --------
    >>> [row["name"] for row in read_catalogue()][:2]
    ['three-regions', 'two-sites']
    """
    text = resources.files("ccopt.scenario.instances").joinpath("catalogue.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def write_catalogue(rows: list[dict[str, Any]]) -> None:
    """Write the catalogue beside this file, one instance per line (used by the benchmarks)."""
    text = "[\n " + ",\n ".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"
    (Path(__file__).parent / "catalogue.json").write_text(text, encoding="utf-8")
