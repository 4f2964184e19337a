"""Rules of the ``model_error`` block that need more than one field, on raw data."""

from __future__ import annotations

from collections.abc import Iterator

from ccopt.errors import Problem
from ccopt.scenario.model_error import MARGINS
from ccopt.scenario.raw_rows import Raw, is_number, rows


def margin_problems(raw: Raw) -> Iterator[Problem]:
    """Targets that leave no room for the margin, on raw data."""
    error = raw.get("model_error")
    safety = error.get("safety") if isinstance(error, dict) else None
    if not isinstance(error, dict) or not is_number(safety) or not safety:
        return
    for i, kind in rows(raw, "contact_types"):
        for j, entry in rows(kind, "targets"):
            for name, (field, sign) in MARGINS.items():
                value, off = entry.get(name), error.get(field, 0.0)
                if not (is_number(value) and is_number(off)):
                    continue
                kept = value + sign * safety * off
                if not kept > 0.0 or (name == "service_level" and not kept < 1.0):
                    yield Problem(
                        place=f"contact_types[{i}].targets[{j}].{name}", value=f"{value:g}",
                        rule=f"leaves no room for a margin of {safety:g} x {off:g} (model_error)",
                        remedy="a looser target, or a smaller model_error.safety",
                    )  # fmt: skip
