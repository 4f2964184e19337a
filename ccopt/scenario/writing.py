"""Files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

LEADS = ("=", "+", "-", "@", "\t", "\r", "'")


def write_whole(path: Path, content: bytes) -> None:
    """Write beside, to the disk, then rename; a failure leaves the old file as it was."""
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table for a CSV file: text that a spreadsheet would take for a formula gets an apostrophe in front."""

    def guard(x: object) -> object:
        return f"'{x}" if isinstance(x, str) and x.startswith(LEADS) else x

    return table.assign(**{c: table[c].map(guard) for c in table.columns if table[c].dtype.kind not in "biuf"})


def unguarded(table: pd.DataFrame) -> pd.DataFrame:
    """A table that `harmless` guarded, as it was."""

    def bare(x: object) -> object:
        return x[1:] if isinstance(x, str) and x.startswith("'") else x

    return table.assign(**{c: table[c].map(bare) for c in table.columns if table[c].dtype.kind not in "biuf"})
