"""Back-test of the queueing model on a contact log: predicted against observed, interval by interval.

Three predictions stand side by side. *Plain* is what a planner does first: Erlang A with one mean handle time, one
patience and the agents whom the log shows logged in. *Planned* is what a plan of ccopt assumes: agents truly at work
(those on a break while customers wait are not), and the mean handle time of each contact type. *Corrected* repairs what
else the log proves wrong: handle times change over the day and with the agents on duty, and some callers hang up before
they reach the queue. No plan promises finer than the error of *planned* (`ccopt.studies.stated_errors`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ccopt.demand import ContactLog, agents_present
from ccopt.studies.backtesting_inputs import MODELS, model_inputs, predict
from ccopt.studies.backtesting_types import predicted_by_type, summed_by_type

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
        ``error`` (mean absolute error of the abandonment by time of day), ``noise`` (the part of it that the scatter
        between days explains: what an exact model would show with so few days), ``correlation`` over the times of day,
        ``service_level_bias``, and ``asa_error_s`` and ``service_level_error`` (means of absolute errors by time of day).
    unstable_share
        Share of intervals in which a model without abandonment has no steady state.
    """

    intervals: pd.DataFrame
    by_time: pd.DataFrame
    by_type: pd.DataFrame
    summary: pd.DataFrame
    unstable_share: float


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
        mine = judged[judged["day"].isin(block.index.get_level_values("day"))]
        predicted = {
            f"{key}_{name}": x
            for name, given in model_inputs(fitted, mine, block, minutes).items()
            for key, x in predict(given, awt_s).items()
        }
        found.append(block.assign(**predicted))
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


def _noise(rows: pd.DataFrame, name: str) -> float:
    """Mean absolute error by time of day that an unbiased model would have, from the scatter of its errors between days.

    The error of a time of day is a mean over days; with standard error s its absolute value is s sqrt(2 / pi) on average.
    """
    minute = rows.index.get_level_values("minute")
    excess = (rows[f"abandonment_{name}"] - rows["abandonment"]) * rows["offered"]
    grouped = excess.groupby(minute)
    error = grouped.std(ddof=1) * grouped.size() ** 0.5 / rows["offered"].groupby(minute).sum()
    return float((error * (2.0 / np.pi) ** 0.5).mean())


def _summary(rows: pd.DataFrame) -> pd.DataFrame:
    time = _by_time(rows)
    weight = rows["offered"] / rows["offered"].sum()
    observed = float((rows["abandonment"] * weight).sum())
    lines: dict[str, Mapping[str, float]] = {}
    for name in MODELS:
        predicted = float((rows[f"abandonment_{name}"] * weight).sum())
        level = (rows[f"service_level_{name}"] - rows["service_level"]) * weight
        lines[name] = {
            "predicted": predicted, "observed": observed, "bias": predicted - observed,
            "error": float((time[f"abandonment_{name}"] - time["abandonment"]).abs().mean()),
            "noise": _noise(rows, name),
            "correlation": float(time[f"abandonment_{name}"].corr(time["abandonment"])),
            "asa_error_s": float((time[f"asa_s_{name}"] - time["asa_s"]).abs().mean()),
            "service_level_error": float((time[f"service_level_{name}"] - time["service_level"]).abs().mean()),
            "service_level_bias": float(level.sum()),
        }  # fmt: skip
    return pd.DataFrame.from_dict(lines, orient="index")
