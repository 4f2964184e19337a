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


def _checked_window(after: str, window_s: float) -> None:
    if after not in ("abandoned", "answered"):
        msg = f"after = {after!r}: must be 'abandoned' or 'answered'"
        raise ValueError(msg)
    if not window_s > 0:
        msg = f"window_s = {window_s}: must be above 0"
        raise ValueError(msg)


def _followed(rows: pd.DataFrame, first: pd.DataFrame, window_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each first contact: row of the next one in the window, of the first one in the later window (-1: none), delay."""
    blocks = {c: (g.index.to_numpy(), g.to_numpy()) for c, g in rows.groupby("customer")["arrived"]}
    width = np.timedelta64(round(window_s * 1e6), "us")
    soon, late, delay = np.full(len(first), -1), np.full(len(first), -1), np.full(len(first), np.nan)
    for i, (customer, at) in enumerate(zip(first["customer"], first["arrived"].to_numpy(), strict=True)):
        row, mine = blocks[customer]
        a, b, c, d = np.searchsorted(mine, [at, at + width, at + LATER * width, at + (LATER + 1) * width], side="right")
        if b > a:
            soon[i], delay[i] = row[a], (mine[a] - at) / np.timedelta64(1, "s")
        if d > c:
            late[i] = row[c]
    return soon, late, delay


def _share(soon: np.ndarray, late: np.ndarray) -> tuple[float, tuple[float, float]]:
    """Share that follows beyond chance, with its 95 % interval."""
    n, raw, chance = soon.size, float(soon.mean()), float(late.mean())
    share = float(np.clip((raw - chance) / (1.0 - chance), 0.0, 1.0)) if chance < 1.0 else 0.0
    half = float(stats.norm.ppf(0.975) * np.std(soon.astype(float) - late, ddof=1) / n**0.5) if n > 1 else 1.0
    return share, (max(share - half, 0.0), min(share + half, 1.0))


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
    _checked_window(after, window_s)
    rows = _sorted(contacts)
    end = rows["arrived"].max() - pd.Timedelta(seconds=(LATER + 1) * window_s)
    first = rows[(rows["answered"] == (after == "answered")) & (rows["arrived"] <= end)]
    if first.empty:
        msg = f"contacts: none was {after} {LATER + 1} windows before the end of the history by a known customer"
        raise ValueError(msg)
    after_row, later_row, delay = _followed(rows, first, window_s)
    soon, late = after_row >= 0, later_row >= 0
    share, interval = _share(soon, late)
    return ReturnFit(
        share=share, interval=interval, raw=float(soon.mean()), by_chance=float(late.mean()),
        median_delay_s=float(np.nanmedian(delay)) if soon.any() else None, contacts=len(first),
    )  # fmt: skip


def fit_follow_ups(contacts: pd.DataFrame, *, after: str, window_s: float) -> pd.DataFrame:
    """Who contacts again with which type: one row per pair of types, chance taken off as in `fit_returns`.

    Only the next contact in the window counts, so that none follows from two.

    Parameters
    ----------
    contacts, after, window_s
        As in `fit_returns`.

    Returns
    -------
    pandas.DataFrame
        Index ``from_type``, ``to_type``; columns ``share`` of the earlier contacts that cause one of the later type,
        ``low`` and ``high`` of its 95 % interval, ``contacts`` (earlier ones). Empty where no earlier contact of a known
        customer has both windows inside the history.

    Raises
    ------
    ValueError
        Missing columns, or an unknown ``after``.
    """
    _checked_window(after, window_s)
    rows = _sorted(contacts)
    end = rows["arrived"].max() - pd.Timedelta(seconds=(LATER + 1) * window_s)
    first = rows[(rows["answered"] == (after == "answered")) & (rows["arrived"] <= end)]
    lines = []
    soon, late, _ = _followed(rows, first, window_s)
    kind = rows["contact_type"].to_numpy()
    for to_type in sorted(rows["contact_type"].unique()):
        is_it = np.append(kind == to_type, False)  # entry -1: no contact
        for from_type, at in first.groupby("contact_type").indices.items():
            share, interval = _share(is_it[soon[at]], is_it[late[at]])
            lines.append({"from_type": str(from_type), "to_type": to_type, "share": share, "low": interval[0],
                          "high": interval[1], "contacts": len(at)})  # fmt: skip
    columns = ["from_type", "to_type", "share", "low", "high", "contacts"]
    return pd.DataFrame(lines, columns=columns).set_index(["from_type", "to_type"]).sort_index()


def fit_journeys(contacts: pd.DataFrame, *, window_s: float) -> pd.DataFrame:
    """Share of answered contacts of each type (rows) that bring the customer to each type (columns) in a window.

    Chance is taken off (see `fit_follow_ups`); the diagonal holds repeat contacts.
    """
    kinds = sorted(_sorted(contacts)["contact_type"].unique())
    table = fit_follow_ups(contacts, after="answered", window_s=window_s)["share"].unstack(fill_value=0)
    return table.reindex(index=kinds, columns=kinds, fill_value=0.0).rename_axis(index="from_type", columns="to_type")
