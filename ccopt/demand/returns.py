"""Who contacts again: redials after an abandonment, repeat contacts after an answer, and from which type to which.

Within a window customers come back because of the earlier contact, and by chance. The chance is estimated from as long a
window later, when the earlier contact no longer matters, and taken off; both figures are returned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

LATER = 5  # windows after which an earlier contact is forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFit:
    """Customers who contact again within a window.

    Attributes
    ----------
    share, interval
        Share of the earlier contacts that cause another one, with its 95 % interval.
    raw, by_chance
        Share followed by another contact in the window, and in an equally long window later.
    median_delay_s
        From one contact to the next, among those followed; None without any.
    contacts
        Earlier contacts with a known customer and both windows inside the history.
    """

    share: float
    interval: tuple[float, float]
    raw: float
    by_chance: float
    median_delay_s: float | None
    contacts: int


def _sorted(contacts: pd.DataFrame) -> pd.DataFrame:
    missing = {"arrived", "contact_type", "answered", "customer"} - set(contacts.columns)
    if missing:
        msg = f"contacts: lacks the columns {sorted(missing)}"
        raise ValueError(msg)
    known = contacts[contacts["customer"].notna()]
    return known.sort_values(["customer", "arrived"], kind="stable").reset_index(drop=True)


def _followed(rows: pd.DataFrame, first: pd.DataFrame, window_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each first contact: followed in the window, followed in the later window, delay of the next contact."""
    times = {c: g.to_numpy() for c, g in rows.groupby("customer")["arrived"]}
    width = np.timedelta64(round(window_s * 1e6), "us")
    soon, late, delay = np.zeros(len(first), bool), np.zeros(len(first), bool), np.full(len(first), np.nan)
    for i, (customer, at) in enumerate(zip(first["customer"], first["arrived"].to_numpy(), strict=True)):
        mine = times[customer]
        a, b = np.searchsorted(mine, [at, at + width], side="right")
        soon[i] = b > a
        if b > a:
            delay[i] = (mine[a] - at) / np.timedelta64(1, "s")
        c, d = np.searchsorted(mine, [at + LATER * width, at + (LATER + 1) * width], side="right")
        late[i] = d > c
    return soon, late, delay


def fit_returns(contacts: pd.DataFrame, *, after: str, window_s: float) -> ReturnFit:
    """Share of contacts that bring the same customer back within a window.

    Parameters
    ----------
    contacts
        Frame of a contact log with a column ``customer`` (missing where unknown).
    after
        ``abandoned``: redials; ``answered``: repeat contacts.
    window_s
        Minutes for redials, days for repeats.

    Raises
    ------
    ValueError
        Missing columns, an unknown ``after``, or no contact with both windows inside the history.
    """
    if after not in ("abandoned", "answered"):
        msg = f"after = {after!r}: must be 'abandoned' or 'answered'"
        raise ValueError(msg)
    if not window_s > 0:
        msg = f"window_s = {window_s}: must be above 0"
        raise ValueError(msg)
    rows = _sorted(contacts)
    end = rows["arrived"].max() - pd.Timedelta(seconds=(LATER + 1) * window_s)
    first = rows[(rows["answered"] == (after == "answered")) & (rows["arrived"] <= end)]
    if first.empty:
        msg = f"contacts: none was {after} {LATER + 1} windows before the end of the history by a known customer"
        raise ValueError(msg)
    soon, late, delay = _followed(rows, first, window_s)
    n = len(first)
    raw, chance = float(soon.mean()), float(late.mean())
    share = float(np.clip((raw - chance) / (1.0 - chance), 0.0, 1.0)) if chance < 1.0 else 0.0
    half = float(stats.norm.ppf(0.975) * np.std(soon.astype(float) - late, ddof=1) / n**0.5) if n > 1 else 1.0
    return ReturnFit(
        share=share, interval=(max(share - half, 0.0), min(share + half, 1.0)), raw=raw, by_chance=chance,
        median_delay_s=float(np.nanmedian(delay)) if soon.any() else None, contacts=n,
    )  # fmt: skip


def fit_journeys(contacts: pd.DataFrame, *, window_s: float) -> pd.DataFrame:
    """Share of answered contacts of each type (rows) whose customer next contacts with each type (columns) in a window."""
    rows = _sorted(contacts)
    following = rows.groupby("customer")[["arrived", "contact_type"]].shift(-1)
    soon = (following["arrived"] - rows["arrived"]).dt.total_seconds() <= window_s
    answered = rows["answered"]
    base = rows.loc[answered, "contact_type"].value_counts()
    pairs = pd.crosstab(rows.loc[answered & soon, "contact_type"], following.loc[answered & soon, "contact_type"])
    kinds = sorted(rows["contact_type"].unique())
    table = pairs.reindex(index=kinds, columns=kinds, fill_value=0)
    return table.div(base.reindex(kinds).fillna(1.0), axis=0).rename_axis(index="from_type", columns="to_type")
