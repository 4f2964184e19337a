"""Errors of ccopt, all in one tree.

::

    CcoptError
    ├── ScenarioError(problems)          a document breaks rules; every problem at once
    ├── UnstableError                    more load than agents and nobody abandons
    ├── UnattainableError(limit)         no number of agents meets the target
    ├── InfeasibleError(conflict, repair)  limits of the network contradict each other
    ├── SolverError(status)              the solver stopped without an answer
    └── MissingExtraError                an optional package is not installed (also an ImportError)

Wrong argument values of functions stay ``ValueError``. A message has four parts: place, value, rule, remedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of an input document.

    Attributes
    ----------
    place
        Where it is: ``demand[3].contact_type`` or ``sheet "Demand" cell C7``.
    value
        What stands there, shortened for display.
    rule
        What it breaks.
    remedy
        What to do about it; empty where nothing better than the rule can be said.
    """

    place: str
    value: str
    rule: str
    remedy: str = ""

    def __str__(self) -> str:
        """One line: ``place = value: rule; remedy``."""
        head = f"{self.place} = {self.value}" if self.value else self.place
        return f"{head}: {self.rule}" + (f"; {self.remedy}" if self.remedy else "")


class CcoptError(Exception):
    """Root of all errors that ccopt raises on purpose."""


class ScenarioError(CcoptError):
    """A document breaks rules. ``problems`` holds every one of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class UnstableError(CcoptError):
    """The load is not below the number of agents and nobody abandons, so the queue grows without bound."""


class UnattainableError(CcoptError):
    """No number of agents meets the target. ``limit`` is the best value that can be reached."""

    def __init__(self, message: str, limit: Any = None) -> None:
        self.limit = limit
        super().__init__(message)


class InfeasibleError(CcoptError):
    """No design meets all limits.

    ``conflict`` names the families of limits that contradict each other, in planner's words with amounts;
    ``repair`` is the cheapest change that makes the scenario feasible.
    """

    def __init__(self, conflict: Sequence[str], repair: Sequence[str] = ()) -> None:
        self.conflict: tuple[str, ...] = tuple(conflict)
        self.repair: tuple[str, ...] = tuple(repair)
        lines = ["no design meets all limits; in conflict:", *(f"  - {c}" for c in self.conflict)]
        if self.repair:
            lines += ["cheapest repair:", *(f"  - {r}" for r in self.repair)]
        super().__init__("\n".join(lines))


class SolverError(CcoptError):
    """The solver ended without a usable answer. ``status`` is its own word for it."""

    def __init__(self, message: str, status: str = "") -> None:
        self.status = status
        super().__init__(message)


class MissingExtraError(CcoptError, ImportError):
    """An optional package is not installed; the message names the extra of ccopt that brings it."""


def import_extra(module: str, extra: str) -> Any:
    """An optional module, or the words that say how to get it.

    Raises
    ------
    MissingExtraError
        The module cannot be imported.

    Examples
    --------
    >>> import_extra("json", "forecast").dumps([1])
    '[1]'
    """
    try:
        return import_module(module)
    except ImportError as error:
        msg = f"{module.partition('.')[0]} is not installed: pip install 'ccopt[{extra}]'"
        raise MissingExtraError(msg) from error
