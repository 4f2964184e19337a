"""One cell: from what a spreadsheet program stores to what the document holds, and back.

Durations (fields in seconds) come in six forms: a number of seconds, the same as text, a time of day, a duration over
24 hours, text such as ``4:00`` or ``0:04:00``, and a fraction of a day under a plain number format. The last one is
refused with the guess, because 0.5 may also be half a second. A comma decimal is read where it cannot be a thousand.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from ccopt.scenario.parsing import parse_json
from ccopt.scenario.workbook.layout import Column

CLOCK = re.compile(r"(?:(\d{1,5}):)?(\d{1,5}):(\d{2})(?:[.,](\d{1,6}))?")
COMMA = re.compile(r"[+-]?\d+,\d+")
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
PERCENT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*%")
TRUE, FALSE = {"true", "yes", "wahr", "vrai"}, {"false", "no", "falsch", "faux"}


class CellError(ValueError):
    """A cell that cannot be read: rule and remedy."""

    def __init__(self, rule: str, remedy: str = "") -> None:
        self.rule, self.remedy = rule, remedy
        super().__init__(rule)


def blank(cell: Any) -> bool:
    """Whether a cell counts as empty."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def parse_cell(column: Column, cell: Any) -> Any:
    """The value of a filled cell for a column.

    Raises
    ------
    CellError
        What is wrong and what to write instead.
    """
    readers: dict[str, Callable[[], Any]] = {
        "number": lambda: _number(column, cell), "integer": lambda: _number(column, cell), "boolean": lambda: _boolean(cell),
        "choice": lambda: _choice(column, cell), "names": lambda: _names(cell), "numbers": lambda: _numbers(column, cell),
        "json": lambda: _json(cell),
    }  # fmt: skip
    return readers.get(column.kind, lambda: _text(column, cell))()


def _whole(value: float) -> Any:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _seconds(column: Column, cell: Any) -> float | None:
    """Seconds of a time or duration; None where the cell is neither."""
    if isinstance(cell, dt.timedelta):
        return cell.total_seconds()
    if isinstance(cell, dt.time):
        return cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6
    if isinstance(cell, dt.datetime) and cell.year <= 1904:  # durations of a day and more under a date format
        return (cell - dt.datetime(1899, 12, 31)).total_seconds()
    clock = CLOCK.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if clock:
        hours, minutes, rest = int(clock[1] or 0), int(clock[2]), int(clock[3])
        if rest >= 60 or (clock[1] and minutes >= 60):
            msg = "is no time"
            raise CellError(msg, "write h:mm:ss, mm:ss or seconds")
        return hours * 3600 + minutes * 60 + rest + float(f"0.{clock[4] or 0}")
    return None


def _number(column: Column, cell: Any) -> Any:
    if isinstance(cell, bool):
        msg = "must be a number"
        raise CellError(msg)
    time_like = isinstance(cell, (dt.date, dt.time, dt.timedelta))
    if column.seconds:
        found = _seconds(column, cell)
        if found is not None:
            return _whole(found)
        if isinstance(cell, float) and 0 < cell < 1 and round(cell, 5) != cell:
            guess = cell * 86400
            if abs(guess - round(guess)) < 1e-3:
                rule = "looks like a duration stored as a fraction of a day"
                raise CellError(rule, f"write {round(guess)} for seconds, or format the cell as time")
    if time_like:
        msg = "is a date or time"
        raise CellError(msg, "format the cell as number and type it again")
    if isinstance(cell, (int, float)):
        return _whole(float(cell))
    return _number_in_text(str(cell).strip())


def _number_in_text(text: str) -> Any:
    share = PERCENT.fullmatch(text)
    if share:
        return round(float(share[1].replace(",", ".")) / 100, 12)
    if COMMA.fullmatch(text):
        before, after = text.lstrip("+-").split(",")
        if len(after) == 3 and before != "0":
            remedy = f"write {text.replace(',', '')} or {text.replace(',', '.')} as a number"
            msg = "may be a thousand or a decimal"
            raise CellError(msg, remedy)
        return _whole(float(text.replace(",", ".")))
    if PLAIN.fullmatch(text):
        value = float(text)
        if abs(value) > 1e300:
            msg = "is too large"
            raise CellError(msg)
        return _whole(value)
    msg = "must be a number"
    raise CellError(msg, "type digits without units or blanks")


def _boolean(cell: Any) -> bool:
    if isinstance(cell, bool):
        return cell
    word = str(cell).strip().lower()
    if word in TRUE or cell == 1:
        return True
    if word in FALSE or cell == 0:
        return False
    msg = "must be TRUE or FALSE"
    raise CellError(msg)


def _choice(column: Column, cell: Any) -> Any:
    if isinstance(cell, float):
        return _whole(cell)
    text = str(cell).strip()
    if text in column.choices:
        return text
    fold = {str(c).lower(): c for c in column.choices}
    return fold.get(text.lower().replace("-", "_").replace(" ", "_"), fold.get(text.lower(), text))


def _text(column: Column, cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if column.kind == "date" and isinstance(cell, dt.date):
        return cell.date().isoformat() if isinstance(cell, dt.datetime) else cell.isoformat()
    if column.kind == "time" and isinstance(cell, dt.time):
        return cell.isoformat()
    word = "a truth value" if isinstance(cell, bool) else "a number" if isinstance(cell, (int, float)) else "a date or time"
    msg = f"is {word} where text belongs"
    raise CellError(msg, "format the cell as text and type it again, so that 007 stays 007")


def _names(cell: Any) -> list[str]:
    if not isinstance(cell, str):
        msg = "must be text: names with semicolons between them"
        raise CellError(msg)
    text = cell.strip()
    if text.startswith("["):
        found = _json(text)
        return list(found) if isinstance(found, list) else found
    return [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]


def _numbers(column: Column, cell: Any) -> Any:
    if not isinstance(cell, str):
        value = _number(column, cell)
        return value if column.scalar else [value]
    text = cell.strip()
    if text.startswith("["):
        return _json(text)
    if ";" in text:
        return [_number_in_text(part.strip()) for part in text.split(";") if part.strip()]
    value = _number_in_text(text)
    return value if column.scalar else [value]


def _json(cell: Any) -> Any:
    if isinstance(cell, bool) or not isinstance(cell, str):
        return _whole(cell) if isinstance(cell, float) else cell
    text = cell.strip()
    if text[:1] not in ("[", "{", '"'):
        return cell
    from ccopt.errors import ScenarioError

    try:
        return parse_json(text, "cell")
    except ScenarioError as error:
        raise CellError(error.problems[0].rule, "write a JSON list or object") from None


def cell_text(column: Column, value: Any) -> Any:
    """What is written into a cell for a value: a number, a truth value or text."""
    import json

    if column.kind == "names" and isinstance(value, list) and value and all(_plain_name(v) for v in value):
        return "; ".join(value)
    if isinstance(value, (list, dict)) or (column.kind == "json" and isinstance(value, str)):
        return json.dumps(value, ensure_ascii=False)
    return value


def _plain_name(value: Any) -> bool:
    return (isinstance(value, str) and value == value.strip() and bool(value) and not value.startswith("[")
            and ";" not in value and "\n" not in value)  # fmt: skip
