"""One shape for both kinds of history: what a contact log and an interval report say of each contact type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ccopt.demand.contact_log import ContactLog
from ccopt.demand.follow_ups import FollowUps, fitted_follow_ups
from ccopt.demand.interval_report import IntervalReport
from ccopt.demand.patience import PatienceFit, fit_patience
from ccopt.demand.profile import HandleTimeFit, fit_handle_time, interval_counts, missing_days

FEWEST_ABANDONMENTS = 30
FEWEST_HANDLED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeHistory:
    """One contact type.

    Attributes
    ----------
    counts
        Contacts per day (rows) and interval (columns, minutes after midnight).
    parts_s
        Handle time by part (talk_s, hold_s, wrap_s).
    handle_source, handle_range
        Where the handle time comes from.
    patience_s, patience_range, patience_source
        Mean patience; None where the history does not show it.
    """

    counts: pd.DataFrame
    parts_s: Mapping[str, float]
    handle_source: str
    handle_range: str
    patience_s: float | None
    patience_source: str
    patience_range: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All contact types, fits behind them, who contacts again, and warnings by kind with counts."""

    types: Mapping[str, TypeHistory]
    total: pd.DataFrame
    first: pd.Timestamp
    last: pd.Timestamp
    patience: Mapping[str, PatienceFit] = field(default_factory=dict)
    handle_time: Mapping[str, HandleTimeFit] = field(default_factory=dict)
    follow_ups: FollowUps = field(default_factory=FollowUps)
    warnings: Mapping[str, int] = field(default_factory=dict)

    def demand_share(self, contact_type: str) -> float:
        """Share of a type's contacts that no earlier contact caused."""
        return self.follow_ups.demand_share.get(contact_type, 1.0)


def _joined_types(share: pd.Series, least: float) -> tuple[set[str], str]:
    """Types with too small a share, and the largest one, which takes them."""
    return {str(k) for k in share[share < least].index}, str(share.idxmax())


def _lost_days(total: pd.DataFrame) -> dict[str, int]:
    lost = missing_days(total)
    return {f"days without any contact, left out ({lost[0]:%Y-%m-%d} ...)": len(lost)} if len(lost) else {}


def history_of_log(
    log: ContactLog, *, minutes: int, least_share: float, redial_window_s: float = 1800.0, repeat_window_s: float = 86_400.0
) -> History:
    """History of a contact log.

    Patience is the censored exponential mean of each contact type, of all types together where fewer than 30 contacts
    left after waiting.

    Raises
    ------
    ValueError
        A log without contacts, or without any answered contact.
    """
    contacts = log.contacts
    if contacts.empty:
        msg = "log: no contacts were read"
        raise ValueError(msg)
    share = contacts["contact_type"].value_counts(normalize=True)
    small, largest = _joined_types(share, least_share)
    kind = contacts["contact_type"].where(~contacts["contact_type"].isin(small), largest)
    handled = contacts["handle_s"].dropna()
    everyone = fit_handle_time(handled)
    handle: dict[str, HandleTimeFit] = {}
    patience: dict[str, PatienceFit] = {}
    types: dict[str, TypeHistory] = {}
    whole = _fitted_patience(contacts)
    total = interval_counts(contacts["arrived"], minutes=minutes)
    for c in sorted(kind.unique()):
        mine = contacts[kind == c]
        own = mine["handle_s"].dropna()
        handle[c] = fit_handle_time(own) if (own >= 10).sum() >= FEWEST_HANDLED else everyone
        enough = int(((mine["wait_s"] > 0) & ~mine["answered"]).sum()) >= FEWEST_ABANDONMENTS
        fit = _fitted_patience(mine) if enough else whole
        if fit is not None:
            patience[c] = fit
        types[c] = TypeHistory(
            counts=interval_counts(mine["arrived"], minutes=minutes).reindex(total.index, fill_value=0),
            parts_s={"talk_s": handle[c].mean_s}, patience_s=fit.mean_s if fit else None,
            handle_source=f"mean of {handle[c].contacts} contacts" + ("" if handle[c] is not everyone else " of all types"),
            handle_range=f"median {handle[c].median_s:.0f} s, standard deviation {handle[c].standard_deviation_s:.0f} s",
            patience_source="censored exponential fit" + ("" if enough else " to all types"),
            patience_range="" if fit is None else "{:.0f} to {:.0f} s".format(*fit.mean_interval_s),
        )  # fmt: skip
    again = fitted_follow_ups(
        contacts.assign(contact_type=kind), redial_window_s=redial_window_s, repeat_window_s=repeat_window_s
    )
    warnings = dict(log.warnings) | _lost_days(total) | dict(again.warnings)
    if log.faults:
        warnings["rows refused"] = len(log.faults)
    if small:
        warnings[f"contact types joined to {largest} ({', '.join(sorted(small))})"] = len(small)
    arrived = contacts["arrived"]
    return History(types=types, total=total, first=arrived.min(), last=arrived.max(), patience=patience,
                   handle_time=handle, follow_ups=again, warnings=warnings)  # fmt: skip


def _fitted_patience(contacts: pd.DataFrame) -> PatienceFit | None:
    left = ~contacts["answered"]
    if not (left & (contacts["wait_s"] > 0)).any():
        return None
    return fit_patience(contacts["wait_s"], left)


def history_of_report(report: IntervalReport, *, minutes: int, least_share: float) -> History:
    """History of an interval report.

    Patience follows from the identity abandonment = mean wait / patience of exponential patience, with the average
    speed of answer in place of the mean wait of all; it is missing where the report lacks either column.

    Raises
    ------
    ValueError
        No row was read, the intervals are longer than ``minutes``, or there is no handle time.
    """
    rows = report.intervals
    if rows.empty:
        msg = "report: no row was read"
        raise ValueError(msg)
    step = rows["start"].drop_duplicates().sort_values().diff().dropna().min()
    if pd.notna(step) and step > pd.Timedelta(minutes=minutes):
        msg = f"report: has intervals of {step.total_seconds() / 60:g} minutes; minutes = {minutes} is shorter"
        raise ValueError(msg)
    volume = rows.groupby("contact_type")["offered"].sum()
    small, largest = _joined_types(volume / volume.sum(), least_share)
    kind = rows["contact_type"].where(~rows["contact_type"].isin(small), largest)
    total = _counts(rows, minutes)
    types = {}
    for c in sorted(kind.unique()):
        mine = rows[kind == c]
        parts, source = _parts(mine, c)
        patience, words = _identity_patience(mine)
        types[c] = TypeHistory(
            counts=_counts(mine, minutes).reindex(total.index, fill_value=0.0), parts_s=parts, handle_source=source,
            handle_range="", patience_s=patience, patience_source=words,
        )  # fmt: skip
    warnings = dict(report.warnings) | _lost_days(total[total.sum(axis=1) > 0])
    if report.faults:
        warnings["rows refused"] = len(report.faults)
    if small:
        warnings[f"contact types joined to {largest} ({', '.join(sorted(small))})"] = len(small)
    return History(types=types, total=total, first=rows["start"].min(), last=rows["start"].max(), warnings=warnings)


def _counts(rows: pd.DataFrame, minutes: int) -> pd.DataFrame:
    start = rows["start"]
    minute = (start.dt.hour * 60 + start.dt.minute) // minutes * minutes
    wide = rows.assign(day=start.dt.normalize(), minute=minute).pivot_table(
        index="day", columns="minute", values="offered", aggfunc="sum", fill_value=0.0
    )
    wide.index = pd.DatetimeIndex(wide.index)
    return wide.reindex(columns=range(0, 1440, minutes), fill_value=0.0)


def _weighted(rows: pd.DataFrame, column: str) -> float | None:
    """Mean of a column weighted by answered (else offered) contacts; None where it never stands."""
    if column not in rows or rows[column].isna().all():
        return None
    weight = rows["answered"] if "answered" in rows else rows["offered"]
    known = rows[column].notna() & (weight > 0)
    if not known.any():
        return None
    return float(np.average(rows.loc[known, column], weights=weight[known]))


def _parts(rows: pd.DataFrame, name: str) -> tuple[dict[str, float], str]:
    """Handle time in parts that sum to the average handle time."""
    parts = {p: x for p in ("talk_s", "hold_s", "wrap_s") if (x := _weighted(rows, p)) is not None}
    aht = _weighted(rows, "aht_s")
    if aht is None and "talk_s" not in parts:
        msg = f"report: contact type {name!r} has no handle time (a column such as AHT or talk time)"
        raise ValueError(msg)
    if aht is None:
        return parts, "mean of the report's parts"
    rest = aht - sum(x for p, x in parts.items() if p != "talk_s")
    if rest <= 0:
        return {"talk_s": aht}, "mean of the report (its parts exceed it and were left out)"
    return parts | {"talk_s": rest}, "mean of the report, weighted by answered contacts"


def _identity_patience(rows: pd.DataFrame) -> tuple[float | None, str]:
    asa = _weighted(rows, "asa_s")
    left, offered = float(rows["abandoned"].sum()) if "abandoned" in rows else 0.0, float(rows["offered"].sum())
    if asa is None or left < FEWEST_ABANDONMENTS or asa <= 0:
        return None, "not in the report: nobody leaves in the model, which asks for more agents (safe)"
    return asa * offered / left, "mean wait over share abandoned, with the speed of answer as the mean wait"
