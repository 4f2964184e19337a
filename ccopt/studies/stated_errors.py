"""The error of a back-test travels in the scenario, so that nobody promises finer than it."""

from __future__ import annotations

import numpy as np

from ccopt.scenario.entities import Assumption, Scenario
from ccopt.scenario.model_error import ModelError
from ccopt.studies.backtesting import Backtest

NAME = "error of the queueing model"


def model_error_of(found: Backtest, *, safety: float = 0.0, source: str = "back-test on the history") -> ModelError:
    """The block ``model_error`` from a back-test: errors of the model that a plan uses (``planned``), rounded up.

    Absolute errors by time of day, averaged by contacts, so that a few calls at night do not decide.

    Parameters
    ----------
    found
        Of `ccopt.backtest`.
    safety
        Errors kept as a margin when agents are counted.
    source
        For the report.
    """
    table = found.by_time
    off = {
        name: float(np.average((table[f"{name}_planned"] - table[name]).abs().fillna(0.0), weights=table["offered"]))
        for name in ("abandonment", "service_level", "asa_s")
    }
    return ModelError(
        abandonment=_up(off["abandonment"], 4), service_level=_up(off["service_level"], 4), asa_s=_up(off["asa_s"], 1),
        safety=safety, source=source,
    )  # fmt: skip


def with_model_error(
    scenario: Scenario, found: Backtest, *, safety: float = 0.0, source: str = "back-test on the history"
) -> Scenario:
    """The scenario with the error of a back-test, and a row of it in the register of assumptions.

    Raises
    ------
    ScenarioError
        The margin leaves no room above a target (``safety`` times the error is too large).

    Examples
    --------
    Judges then widen what they say, and `ccopt.optimise` keeps the margin:

    >>> import ccopt as cc
    >>> s = cc.load_instance("two-sites")
    >>> error = ModelError(abandonment=0.02, service_level=0.05, safety=1.0, source="January")
    >>> cc.evaluate(s.model_copy(update={"model_error": error}), cc.baseline(s)).cells[0].half_width["service_level"]
    0.05
    """
    from ccopt.scenario.checks import validated

    error = model_error_of(found, safety=safety, source=source)
    row = found.summary.loc["planned"]
    register = Assumption(
        name=NAME, value=f"abandonment {100 * error.abandonment:.1f} points, service level {100 * error.service_level:.1f} points",
        range=f"bias {100 * row['bias']:+.1f} and {100 * row['service_level_bias']:+.1f} points; days alone scatter by "
        f"{100 * row['noise']:.1f} points of abandonment",
        source=f"{source}, {len(found.intervals)} intervals; margin kept by the staff: {safety:g} x",
    )  # fmt: skip
    rows = (*(a for a in scenario.assumptions if a.name != NAME), register)
    made = scenario.model_copy(update={"model_error": error, "assumptions": rows})
    return validated(made.model_dump(mode="json", exclude_unset=True))


def _up(value: float, digits: int) -> float:
    """Rounded away from zero: a stated error is never smaller than the measured one."""
    return round(value + 0.5 * 10.0**-digits, digits)
