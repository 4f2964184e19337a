"""Read and write scenario documents (JSON, TOML)."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from ccopt.scenario.entities import Scenario


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario document."""
    return Scenario.model_validate_json(Path(path).read_text(encoding="utf-8"))


def load_instance(name: str) -> Scenario:
    """A packaged instance."""
    return Scenario.model_validate_json(
        resources.files("ccopt.scenario.instances").joinpath(f"{name}.json").read_text(encoding="utf-8")
    )
