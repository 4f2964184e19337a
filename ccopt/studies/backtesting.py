"""Back-test of the queueing model on a contact log: predicted against observed, interval by interval.

Two predictions stand side by side. *Plain* is what a planner does first: Erlang A with one mean handle time, one
patience and the agents that the log shows at work. *Corrected* repairs what the log itself proves wrong: agents on a
break while customers wait are not at work, handle times change over the day, and some callers hang up before they
reach the queue. A plan should never promise finer than the error stated here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ccopt.demand import ContactLog, agents_present, fit_patience
from ccopt.studies.backtesting_types import predicted_by_type, summed_by_type

Floats = NDArray[np.float64]
HANDLE_PRIOR = 50.0  # contacts at the mean of the whole log that each time of day is shrunk with
LEAVING_PRIOR = 200.0
SHIFT_GAP_S = 1200.0
LEAST_AGENTS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Predicted against observed.

    Attributes
    ----------
    intervals
        One row per day and interval: offered, observed and predicted abandonment, wait and service level, agents.
    by_time
        The same, summed over days, per interval of the day.
    by_type
        One row per contact type: offered, observed and predicted (corrected) abandonment, service level and ASA. All
        types wait in one line; they differ by patience and by hang-ups before the queue.
    summary
        One row per model: predicted and observed abandonment, ``bias`` (predicted - observed),
        ``error`` (mean absolute error of the abandonment by time of day), ``correlation`` over the times of day,
        ``asa_error_s`` and ``service_level_error`` (means of absolute errors by time of day).
    unstable_share
        Share of intervals in which a model without abandonment has no steady state.
    """

    intervals: pd.DataFrame
    by_time: pd.DataFrame
    by_type: pd.DataFrame
    summary: pd.DataFrame
    unstable_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inputs:
    """What one model is fed with, per interval row."""

    rate_per_hour: Floats
    aht_s: Floats
    patience_s: float
    agents: Floats
    left_before: Floats


def backtest(
    log: ContactLog,
    *,
    minutes: int = 30,
    awt_s: float = 20.0,
    fit_days: pd.DatetimeIndex | None = None,
    from_minute: int = 0,
) -> Backtest:
    """Compare Erlang A with a log, with agents read off the log.

    No day predicts itself: handle times, patience and hang-ups of each day are those of all other days, or of
    ``fit_days`` alone. Contacts that arrive and agents at work are taken from the day itself, because the question is
    the model, not the forecast.

    Parameters
    ----------
    log
        Contacts of one queue (select contact types first where agents are separate).
    minutes
        Length of an interval.
    awt_s
        Acceptable wait of the service level.
    fit_days
        Days from which everything is fitted; the comparison then uses the other days only.
    from_minute
        Leave out intervals that start earlier (minutes after midnight), as when a few calls arrive at night.

    Raises
    ------
    ValueError
        No interval with contacts and agents is left, or there is only one day and no ``fit_days``.
    """
    contacts = log.contacts
    day = contacts["arrived"].dt.normalize()
    minute = ((contacts["arrived"] - day).dt.total_seconds() // (60 * minutes) * minutes).astype(int)
    marked = contacts.assign(day=day, minute=minute, left_before=~contacts["answered"] & (contacts["wait_s"] == 0))
    judged = marked if fit_days is None else marked[~day.isin(fit_days)]
    rows = _with_agents(_observed(judged[judged["minute"] >= from_minute], awt_s), contacts, minutes)
    found, types = [], []
    for fitted, block in _folds(marked, rows, fit_days):
        predicted = {
            f"{key}_{name}": x
            for name, given in _inputs(fitted, block, minutes).items()
            for key, x in _predict(given, awt_s).items()
        }
        found.append(block.assign(**predicted))
        mine = judged[judged["day"].isin(block.index.get_level_values("day"))]
        types.append(predicted_by_type(fitted, mine, block, awt_s=awt_s, minutes=minutes))
    table = pd.concat(found)
    load = table["offered"] * (60 / minutes) * float(marked["handle_s"].mean()) / 3600
    return Backtest(
        intervals=table,
        by_time=_by_time(table),
        by_type=summed_by_type(pd.concat(types)),
        summary=_summary(table),
        unstable_share=float((load >= table["agents_plain"]).mean()),
    )


def _with_agents(rows: pd.DataFrame, contacts: pd.DataFrame, minutes: int) -> pd.DataFrame:
    """Intervals with contacts and agents."""
    staff = {
        "plain": agents_present(contacts, minutes=minutes, longest_gap_s=SHIFT_GAP_S, ignore_while_waiting=False),
        "corrected": agents_present(contacts, minutes=minutes),
    }
    for name, table in staff.items():
        rows[f"agents_{name}"] = [float(str(table.at[d, m])) for d, m in rows.index]
    rows = rows[(rows["agents_plain"] > LEAST_AGENTS) & (rows["agents_corrected"] > LEAST_AGENTS)]
    if rows.empty:
        msg = "log: no interval with contacts and agents to compare"
        raise ValueError(msg)
    return rows


def _folds(
    marked: pd.DataFrame, rows: pd.DataFrame, fit_days: pd.DatetimeIndex | None
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Contacts to fit on, and intervals to predict."""
    if fit_days is not None:
        yield marked[marked["day"].isin(fit_days)], rows
        return
    days = rows.index.get_level_values("day")
    for day in days.unique():
        others = marked[marked["day"] != day]
        if others.empty:
            msg = "log: has a single day; pass fit_days to say which days to fit on"
            raise ValueError(msg)
        yield others, rows[days == day]


def _observed(contacts: pd.DataFrame, awt_s: float) -> pd.DataFrame:
    in_time = contacts["answered"] & (contacts["wait_s"] <= awt_s)
    answered_wait = contacts["wait_s"].where(contacts["answered"])
    table = contacts.assign(in_time=in_time, answered_wait=answered_wait, left=~contacts["answered"])
    grouped = table.groupby(["day", "minute"])
    return pd.DataFrame({
        "offered": grouped.size().astype(float),
        "answered": grouped["answered"].sum().astype(float),
        "left_before": grouped["left_before"].sum().astype(float),
        "abandonment": grouped["left"].mean(),
        "service_level": grouped["in_time"].mean(),
        "asa_s": grouped["answered_wait"].mean(),
    })


def _shrunk(values: pd.Series, by: pd.Series, prior: float) -> tuple[pd.Series, float]:
    """Means by time of day, drawn towards the mean of all by ``prior`` contacts; and that mean."""
    overall = float(values.mean())
    grouped = values.groupby(by).agg(["mean", "size"])
    shrunk = (grouped["mean"] * grouped["size"] + overall * prior) / (grouped["size"] + prior)
    return shrunk, overall


def _inputs(fitted: pd.DataFrame, rows: pd.DataFrame, minutes: int) -> dict[str, _Inputs]:
    served = fitted[fitted["handle_s"] > 0]
    patience = fit_patience(fitted["wait_s"], ~fitted["answered"]).mean_s
    handle, handle_all = _shrunk(served["handle_s"], served["minute"], HANDLE_PRIOR)
    leaving, leaving_all = _shrunk(fitted["left_before"].astype(float), fitted["minute"], LEAVING_PRIOR)
    at = rows.index.get_level_values("minute")
    rate = rows["offered"].to_numpy() * 60 / minutes
    before = leaving.reindex(at).fillna(leaving_all).to_numpy()
    zero = np.zeros(len(rows))
    return {
        "plain": _Inputs(
            rate_per_hour=rate,
            aht_s=zero + handle_all,
            patience_s=patience,
            agents=rows["agents_plain"].to_numpy(),
            left_before=zero,
        ),
        "corrected": _Inputs(
            rate_per_hour=rate,
            aht_s=handle.reindex(at).fillna(handle_all).to_numpy(),
            patience_s=patience,
            agents=rows["agents_corrected"].to_numpy(),
            left_before=before,
        ),
    }


def _predict(inputs: _Inputs, awt_s: float) -> dict[str, Floats]:
    """Shares of offered contacts, with those who leave before the queue counted as abandoned."""
    from ccopt.queueing import ErlangA

    reaching = 1.0 - inputs.left_before
    model = ErlangA(
        contacts_per_hour=inputs.rate_per_hour * reaching, aht_s=inputs.aht_s, patience_s=inputs.patience_s
    )
    found = model.performance(agents=inputs.agents, awt_s=awt_s)
    return {
        "abandonment": inputs.left_before + reaching * np.asarray(found.abandonment),
        "service_level": reaching * np.asarray(found.service_level),
        "asa_s": np.asarray(found.asa_s),
    }


def _by_time(rows: pd.DataFrame) -> pd.DataFrame:
    """Contact-weighted means per interval of the day (waits by answered contacts)."""
    columns = [c for c in rows.columns if c.startswith(("abandonment", "service_level", "asa_s", "agents"))]
    by_minute = rows.index.get_level_values("minute")
    table = {}
    for column in columns:
        weight = rows["answered"] if column.startswith("asa_s") else rows["offered"]
        if column.startswith("agents"):
            table[column] = rows[column].groupby(by_minute).mean()
            continue
        total = (rows[column].fillna(0.0) * weight).groupby(by_minute).sum()
        table[column] = total / weight.groupby(by_minute).sum()
    table["offered"] = rows["offered"].groupby(by_minute).sum()
    return pd.DataFrame(table)


def _summary(rows: pd.DataFrame) -> pd.DataFrame:
    time = _by_time(rows)
    weight = rows["offered"] / rows["offered"].sum()
    observed = float((rows["abandonment"] * weight).sum())
    lines: dict[str, Mapping[str, float]] = {}
    for name in ("plain", "corrected"):
        predicted = float((rows[f"abandonment_{name}"] * weight).sum())
        lines[name] = {
            "predicted": predicted,
            "observed": observed,
            "bias": predicted - observed,
            "error": float((time[f"abandonment_{name}"] - time["abandonment"]).abs().mean()),
            "correlation": float(time[f"abandonment_{name}"].corr(time["abandonment"])),
            "asa_error_s": float((time[f"asa_s_{name}"] - time["asa_s"]).abs().mean()),
            "service_level_error": float((time[f"service_level_{name}"] - time["service_level"]).abs().mean()),
        }
    return pd.DataFrame.from_dict(lines, orient="index")
