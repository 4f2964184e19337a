"""Cells of foreign tables: numbers, durations, dates and times of day in their many spellings."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d-%m-%Y", "%d %b %Y", "%d.%m.%y")
TIME_FORMATS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I:%M:%S %p", "%H%M", "%H.%M")
LONGEST_S = 24 * 3600.0
EXCEL_DAYS = (20_000.0, 80_000.0)  # 1954 to 2119 as serial numbers


def decimal_of(values: Iterable[Any]) -> str | None:
    """The decimal mark that the numbers of a file prove; None where nothing does, or both are proven.

    Examples
    --------
    >>> decimal_of(["1,234", "3,50"]), decimal_of(["1,234", "12"]), decimal_of(["3.5", "3,5"])
    (',', None, None)
    """
    proven: set[str] = set()
    for value in values:
        text = str(value).strip() if isinstance(value, str) else ""
        if ":" in text:
            continue
        if "," in text and "." in text:
            proven.add("," if text.rfind(",") > text.rfind(".") else ".")
        elif re.fullmatch(r"[+-]?[0-9]+[.,][0-9]+", text) and not re.fullmatch(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}", text):
            proven.add("," if "," in text else ".")
    return proven.pop() if len(proven) == 1 else None


def parse_number(value: Any, *, decimal: str | None = None) -> float:
    """A number from a cell: ``1,234.5``, ``1.234,5`` or ``3,5``.

    A lone mark before three digits (``1,234``) is refused unless the decimal mark is known.

    Examples
    --------
    >>> parse_number("1.234,5"), parse_number("3,5"), parse_number(7)
    (1234.5, 3.5, 7.0)
    """
    if isinstance(value, bool) or value is None:
        msg = "must be a number"
        raise ValueError(msg)
    if isinstance(value, (int, float)):
        number = float(value)
    else:
        text = str(value).strip().replace("\u00a0", "").replace(" ", "").replace("'", "")
        if decimal is not None:
            text = text.replace("," if decimal == "." else ".", "").replace(",", ".")
        elif re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", text):
            msg = "could be a thousand or a decimal; write it without separator"
            raise ValueError(msg)
        if decimal is None and "," in text and "." in text:
            thousand, point = (".", ",") if text.rfind(",") > text.rfind(".") else (",", ".")
            text = text.replace(thousand, "").replace(point, ".")
        elif decimal is None and text.count(",") == 1:
            text = text.replace(",", ".")
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
            msg = "must be a number"
            raise ValueError(msg)
        number = float(text)
    if not math.isfinite(number):
        msg = "must be finite"
        raise ValueError(msg)
    return number


def parse_duration_s(value: Any, *, scale: float = 1.0, decimal: str | None = None) -> float:
    """Seconds from a cell: a clock ``h:mm:ss`` or ``m:ss``, a time or timedelta, or a number times ``scale``.

    Examples
    --------
    >>> parse_duration_s("0:06:50"), parse_duration_s("6:50"), parse_duration_s("6,5", scale=60.0)
    (410.0, 410.0, 390.0)
    """
    if isinstance(value, dt.datetime):
        msg = "is a date, not a duration"
        raise ValueError(msg)  # noqa: TRY004  (a wrong cell, not a wrong call)
    if isinstance(value, dt.timedelta):
        seconds = value.total_seconds()
    elif isinstance(value, dt.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    elif isinstance(value, str) and ":" in value:
        match = re.fullmatch(r"(?:(\d+):)?(\d{1,3}):([0-5]?\d(?:[.,]\d+)?)", value.strip())
        if not match or (match[1] and int(match[2]) > 59):
            msg = "must be a duration like 0:06:50 or 6:50"
            raise ValueError(msg)
        seconds = int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3].replace(",", "."))
    else:
        seconds = parse_number(value, decimal=decimal) * scale
    if not 0 <= seconds <= LONGEST_S:
        msg = f"is {seconds:g} s; must be between 0 and a day"
        raise ValueError(msg)
    return seconds


def parse_start(
    start: Any, date: Any, time: Any, *, date_format: str | None = None, time_zone: str | None = None
) -> dt.datetime:
    """Start of an interval from one cell, or from a date and a time of day; to the second.

    A cell that holds only a time of day is joined with the date; times with an offset are turned into ``time_zone``.

    Examples
    --------
    >>> parse_start("2024-03-01 08:30", None, None), parse_start("08:00-08:30", "1.3.2024", None)
    (datetime.datetime(2024, 3, 1, 8, 30), datetime.datetime(2024, 3, 1, 8, 0))
    """
    if isinstance(start, dt.datetime):
        return _local(_snapped(start), time_zone)
    if isinstance(start, float) and EXCEL_DAYS[0] < start < EXCEL_DAYS[1]:
        return dt.datetime(1899, 12, 30) + dt.timedelta(seconds=round(start * 86_400))
    if start is not None and date is not None and time is None:
        return dt.datetime.combine(_date(date, date_format), _time(start))
    if start is None:
        return dt.datetime.combine(_date(date, date_format), _time(time))
    text = str(start).strip()
    if date_format is None and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", text):
        return _local(dt.datetime.fromisoformat(text), time_zone)
    parts = text.split(" ", 1)
    if len(parts) != 2:
        msg = "must be a date and a time of day"
        raise ValueError(msg)
    return dt.datetime.combine(_date(parts[0], date_format), _time(parts[1]))


def _snapped(stamp: dt.datetime) -> dt.datetime:
    """Serial numbers of workbooks miss a full second by rounding."""
    return (stamp + dt.timedelta(microseconds=500_000)).replace(microsecond=0)


def _local(stamp: dt.datetime, time_zone: str | None) -> dt.datetime:
    if stamp.tzinfo is None:
        return stamp
    if time_zone is None:
        msg = "has an offset from UTC; pass time_zone"
        raise ValueError(msg)
    return stamp.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)


def _date(value: Any, date_format: str | None) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    hits = set()
    for form in (date_format,) if date_format else DATE_FORMATS:
        try:
            hits.add(dt.datetime.strptime(str(value).strip(), form).date())
        except ValueError:
            continue
    if len(hits) != 1:
        msg = "could be two dates; pass date_format" if hits else "must be a date"
        raise ValueError(msg)
    return hits.pop()


def _time(value: Any) -> dt.time:
    if isinstance(value, dt.datetime):
        return value.time()
    if isinstance(value, dt.time):
        return value
    if isinstance(value, float) and 0 <= value < 1:  # Excel: fraction of a day
        return (dt.datetime.min + dt.timedelta(seconds=round(value * 86_400))).time()
    text = re.split(r"\s*[-\u2013]\s*", str(value).strip())[0]
    for form in TIME_FORMATS:
        try:
            return dt.datetime.strptime(text, form).time()
        except ValueError:
            continue
    msg = "must be a time of day like 08:30"
    raise ValueError(msg)
