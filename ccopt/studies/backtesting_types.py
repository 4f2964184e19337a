"""Back-test by contact type: one line of waiting customers, types with their own patience and hang-ups."""

from __future__ import annotations

import pandas as pd

from ccopt.demand import fit_patience

FEWEST_ABANDONMENTS = 30
PRIOR = 200.0


def _fits(fitted: pd.DataFrame, kinds: list[str]) -> pd.DataFrame:
    """Handle time, patience and share that hangs up before the queue, by type; those of all where a type has few."""
    served = fitted[fitted["handle_s"] > 0]
    whole = fit_patience(fitted["wait_s"], ~fitted["answered"]).mean_s
    overall = float(fitted["left_before"].mean())
    rows = {}
    for kind in kinds:
        mine = fitted[fitted["contact_type"] == kind]
        handled = served.loc[served["contact_type"] == kind, "handle_s"]
        left = int((~mine["answered"] & (mine["wait_s"] > 0)).sum())
        patience = fit_patience(mine["wait_s"], ~mine["answered"]).mean_s if left >= FEWEST_ABANDONMENTS else whole
        before = (float(mine["left_before"].sum()) + PRIOR * overall) / (len(mine) + PRIOR)
        aht = float(handled.mean()) if len(handled) >= FEWEST_ABANDONMENTS else float(served["handle_s"].mean())
        rows[kind] = {"aht_s": aht, "patience_s": patience, "left_before": before}
    return pd.DataFrame.from_dict(rows, orient="index")


def predicted_by_type(
    fitted: pd.DataFrame, judged: pd.DataFrame, rows: pd.DataFrame, *, awt_s: float, minutes: int
) -> pd.DataFrame:
    """Contacts and predicted shares per interval and type, under the group model with the agents of ``rows``.

    Parameters
    ----------
    fitted, judged
        Marked contacts (``day``, ``minute``, ``left_before``) to fit on and to compare with.
    rows
        Intervals with ``agents_corrected``.
    awt_s
        Acceptable wait.
    minutes
        Length of an interval.
    """
    from ccopt.queueing import group_performance

    fits = _fits(fitted, sorted(judged["contact_type"].unique()))
    marked = judged.assign(in_time=judged["answered"] & (judged["wait_s"] <= awt_s), left=~judged["answered"], offered=1.0)
    counted = marked.groupby(["day", "minute", "contact_type"])[["offered", "left", "in_time"]].sum().astype(float)
    agents = rows["agents_corrected"].to_dict()
    lines = []
    for key, here in counted.groupby(level=["day", "minute"]):
        if key not in agents:
            continue
        here = here.droplevel(["day", "minute"])  # noqa: PLW2901
        fit = fits.loc[here.index]
        reach = 1.0 - fit["left_before"].to_numpy()
        offered = here["offered"].to_numpy()
        found = group_performance(
            offered * (60 / minutes) * reach, fit["aht_s"].to_numpy(), patience_s=fit["patience_s"].to_numpy(),
            agents=agents[key], awt_s=awt_s,
        )  # fmt: skip
        lines.append(here.assign(
            left_predicted=offered * (1.0 - reach + reach * found.abandonment),
            in_time_predicted=offered * reach * found.answered_in_time,
        ))  # fmt: skip
    return pd.concat(lines)


def summed_by_type(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per contact type with observed and predicted shares, and the bias of the abandonment."""
    total = lines.groupby(level=0).sum()
    out = pd.DataFrame({
        "offered": total["offered"],
        "abandonment": total["left"] / total["offered"],
        "abandonment_predicted": total["left_predicted"] / total["offered"],
        "service_level": total["in_time"] / total["offered"],
        "service_level_predicted": total["in_time_predicted"] / total["offered"],
    })
    out["bias"] = out["abandonment_predicted"] - out["abandonment"]
    return out.sort_values("offered", ascending=False)
