"""Rows of a sweep on disk: whole parts only, resumable, the newest row of a key wins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ccopt.errors import import_extra
from ccopt.scenario.writing import harmless, unguarded, write_whole

FLUSH_ROWS = 500
ALWAYS = ("key", "scenario", "status", "message")  # text in every row, perhaps empty
NAMES = ("plan_status", "open_sites")  # text, missing where there is no plan


class Store:
    """A folder of parts (CSV, or Parquet with ``form="parquet"``), one row per finished task.

    Parameters
    ----------
    folder
        Created if need be; leftovers of a write that was cut are removed.
    form
        ``csv`` or ``parquet`` (needs pyarrow).
    """

    def __init__(self, folder: str | Path, *, form: str = "csv") -> None:
        if form not in ("csv", "parquet"):
            msg = f"form = {form!r}: have 'csv', 'parquet'"
            raise ValueError(msg)
        if form == "parquet":
            import_extra("pyarrow", "distributed")
        self.folder = Path(folder)
        self.form = form
        self.folder.mkdir(parents=True, exist_ok=True)
        for leftover in self.folder.glob("*.part"):
            leftover.unlink()
        self._rows: list[dict[str, Any]] = []
        taken = [int(p.stem.split("-")[1]) for p in self.parts()]
        self._next = max(taken, default=0) + 1

    def parts(self) -> list[Path]:
        """Finished parts, oldest first."""
        return sorted(p for p in self.folder.glob("part-*") if p.suffix in (".csv", ".parquet"))

    def add(self, row: dict[str, Any]) -> None:
        """Keep a row; it reaches the disk with the next flush."""
        self._rows.append(row)
        if len(self._rows) >= FLUSH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write the rows since the last flush as a part.

        Raises
        ------
        OSError
            The disk is full or gone; earlier parts stay readable and the sweep can be resumed.
        """
        if not self._rows:
            return
        frame = pd.DataFrame(self._rows)
        path = self.folder / f"part-{self._next:06d}.{self.form}"
        content = harmless(frame).to_csv(index=False).encode() if self.form == "csv" else frame.to_parquet(index=False)
        write_whole(path, content)
        self._next += 1
        self._rows = []

    def read(self) -> pd.DataFrame:
        """All rows on disk, the newest of each key."""
        frames = [_read_csv(p) if p.suffix == ".csv" else pd.read_parquet(p) for p in self.parts()]
        if not frames:
            return pd.DataFrame(columns=["key", "status"])
        return pd.concat(frames, ignore_index=True).drop_duplicates("key", keep="last").reset_index(drop=True)

    def finished(self, keys: Sequence[str]) -> set[str]:
        """Keys whose newest row is ``ok``; errors and lost tasks run again."""
        rows = self.read()
        return set(rows.loc[rows["status"] == "ok", "key"]) & set(keys)


def _read_csv(path: Path) -> pd.DataFrame:
    """A part with names as they were: a site NA is no missing value, and 007 no number."""
    columns = pd.read_csv(path, nrows=0).columns
    text = dict.fromkeys((c for c in (*ALWAYS, *NAMES) if c in columns), str)
    empty = {c: [""] for c in columns if c not in ALWAYS}
    return unguarded(pd.read_csv(path, dtype=text, keep_default_na=False, na_values=empty))
