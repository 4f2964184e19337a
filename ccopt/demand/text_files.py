"""Text of foreign files: encodings recognised, lines split without swallowing any."""

from __future__ import annotations

import re
from pathlib import Path

from ccopt.errors import Problem, ScenarioError

LARGEST_FILE = 512 * 1024 * 1024
MOST_ZEROS = 0.05
NOT_UTF8 = "bytes that are no UTF-8; the file was read as Windows-1252"


def read_lines(path: Path) -> tuple[list[str], str | None]:
    """Lines of a file and a warning where its encoding had to be guessed.

    UTF-8 and UTF-16 with a byte order mark are read as such; other bytes as Windows-1252, with a warning.

    Raises
    ------
    ScenarioError
        The file cannot be read, is too large, or is no text.
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST_FILE else b""
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror or error}") from None
    if size > LARGEST_FILE:
        raise _unreadable(path, f"cannot be read: larger than {LARGEST_FILE // 2**20} MiB")
    note = None
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
        if content.count(b"\0") > MOST_ZEROS * len(content):
            raise _unreadable(path, "cannot be read: so many zero bytes are no text")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "utf-16":
            raise _unreadable(path, "cannot be read: no UTF-16 in spite of its first bytes") from None
        text, note = content.decode("cp1252", errors="replace"), NOT_UTF8
    return re.split(r"\r\n|\n|\r", text), note


def _unreadable(path: Path, rule: str) -> ScenarioError:
    return ScenarioError([Problem(place=str(path), value="", rule=rule)])
