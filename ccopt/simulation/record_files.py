"""One row per simulated contact, as Parquet or CSV, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ccopt.scenario.writing import harmless

if TYPE_CHECKING:
    import pandas as pd


class RecordFile:
    """Collects frames and writes them once.

    Raises
    ------
    ValueError
        The name ends neither in ``.parquet`` nor in ``.csv``.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.suffix not in (".parquet", ".csv"):
            msg = f"records = {str(path)!r}: must end in .parquet or .csv"
            raise ValueError(msg)
        self._frames: list[pd.DataFrame] = []

    def add(self, frame: pd.DataFrame, *, period: str, replication: int) -> None:
        """Add the contacts of one run."""
        frame.insert(0, "replication", replication)
        frame.insert(0, "period", period)
        self._frames.append(frame)

    def write(self) -> None:
        """Write beside, then rename."""
        import pandas as pd

        table = pd.concat(self._frames, ignore_index=True) if self._frames else pd.DataFrame()
        beside = self.path.with_name(self.path.name + ".part")
        try:
            if self.path.suffix == ".parquet":
                table.to_parquet(beside, index=False)
            else:
                harmless(table).to_csv(beside, index=False)
            os.replace(beside, self.path)  # noqa: PTH105
        finally:
            beside.unlink(missing_ok=True)
