"""What the models of a back-test are fed with: handle times, patience, hang-ups and agents, fitted on other days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ccopt.demand import fit_patience

Floats = NDArray[np.float64]
HANDLE_PRIOR = 10.0  # contacts at the mean of the whole log that each time of day is shrunk with
SPEED_PRIOR = 200.0  # contacts at the usual speed that each agent is shrunk with
LEAVING_PRIOR = 500.0
MODELS = ("plain", "planned", "corrected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What one model is fed with, per interval row."""

    rate_per_hour: Floats
    aht_s: Floats
    patience_s: float
    agents: Floats
    left_before: Floats


def shrunk(values: pd.Series, by: pd.Series, prior: float) -> tuple[pd.Series, float]:
    """Means by time of day, drawn towards the mean of all by ``prior`` contacts; and that mean."""
    overall = float(values.mean())
    grouped = values.groupby(by).agg(["mean", "size"])
    return (grouped["mean"] * grouped["size"] + overall * prior) / (grouped["size"] + prior), overall


def agent_speeds(served: pd.DataFrame, expected_s: pd.Series) -> pd.Series:
    """Handle time of each agent over what is expected at the times of day of its contacts, shrunk towards 1.

    Examples
    --------
    >>> rows = pd.DataFrame({"agent": ["a"] * 600 + ["b"] * 600, "handle_s": [150.0] * 600 + [50.0] * 600})
    >>> agent_speeds(rows, pd.Series(100.0, index=rows.index)).tolist()
    [1.375, 0.625]
    """
    total = pd.DataFrame({"took": served["handle_s"], "expected": expected_s}).groupby(served["agent"]).sum()
    prior = SPEED_PRIOR * float(expected_s.mean())
    return (total["took"] + prior) / (total["expected"] + prior)


def team_factor(judged: pd.DataFrame, speeds: pd.Series, at: pd.MultiIndex) -> Floats:
    """Handle-time factor of the agents who worked in each interval; agents work at rates, so speeds add."""
    named = judged[judged["answered"] & judged["agent"].notna()].drop_duplicates(["day", "minute", "agent"])
    rate = 1.0 / speeds.reindex(named["agent"]).fillna(1.0).to_numpy()
    mean = pd.Series(rate, index=named.index).groupby([named["day"], named["minute"]]).mean()
    return np.asarray(1.0 / mean.reindex(at).fillna(1.0).to_numpy(), dtype=float)


def _mixed_handle(served: pd.DataFrame, judged: pd.DataFrame, at: pd.MultiIndex) -> Floats:
    """Mean handle time of the contact types that arrived in each interval, each with its own mean."""
    overall = float(served["handle_s"].mean())
    by_type, _ = shrunk(served["handle_s"], served["contact_type"], 30.0)
    own = judged["contact_type"].map(by_type).fillna(overall)
    return np.asarray(
        own.groupby([judged["day"], judged["minute"]]).mean().reindex(at).fillna(overall).to_numpy(), dtype=float
    )


def model_inputs(fitted: pd.DataFrame, judged: pd.DataFrame, rows: pd.DataFrame, minutes: int) -> dict[str, Inputs]:
    """Inputs of each model for the intervals of ``rows``; ``fitted`` and ``judged`` are marked contacts."""
    served = fitted[fitted["handle_s"] > 0]
    patience = fit_patience(fitted["wait_s"], ~fitted["answered"]).mean_s
    handle, handle_all = shrunk(served["handle_s"], served["minute"], HANDLE_PRIOR)
    leaving, leaving_all = shrunk(fitted["left_before"].astype(float), fitted["minute"], LEAVING_PRIOR)
    at = rows.index.get_level_values("minute")
    named = served[served["agent"].notna()]
    speeds = agent_speeds(named, named["minute"].map(handle))
    places = pd.MultiIndex.from_frame(rows.index.to_frame())
    team = team_factor(judged, speeds, places)
    rate, zero = rows["offered"].to_numpy() * 60 / minutes, np.zeros(len(rows))
    at_work = rows["agents_corrected"].to_numpy()
    return {
        "plain": Inputs(
            rate_per_hour=rate, aht_s=zero + handle_all, patience_s=patience, agents=rows["agents_plain"].to_numpy(),
            left_before=zero,
        ),
        "planned": Inputs(
            rate_per_hour=rate, aht_s=_mixed_handle(served, judged, places), patience_s=patience, agents=at_work,
            left_before=zero,
        ),
        "corrected": Inputs(
            rate_per_hour=rate, aht_s=handle.reindex(at).fillna(handle_all).to_numpy() * team, patience_s=patience,
            agents=at_work, left_before=leaving.reindex(at).fillna(leaving_all).to_numpy(),
        ),
    }  # fmt: skip


def predict(inputs: Inputs, awt_s: float) -> dict[str, Floats]:
    """Shares of offered contacts, with those who leave before the queue counted as abandoned."""
    from ccopt.queueing import ErlangA

    reaching = 1.0 - inputs.left_before
    model = ErlangA(contacts_per_hour=inputs.rate_per_hour * reaching, aht_s=inputs.aht_s, patience_s=inputs.patience_s)
    found = model.performance(agents=inputs.agents, awt_s=awt_s)
    return {
        "abandonment": inputs.left_before + reaching * np.asarray(found.abandonment),
        "service_level": reaching * np.asarray(found.service_level),
        "asa_s": np.asarray(found.asa_s),
    }
