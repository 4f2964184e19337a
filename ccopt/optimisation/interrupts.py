"""Interrupts of the keyboard that cannot get lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def noted_interrupts() -> Iterator[threading.Event]:
    """The event that an interrupt sets before it is raised, in this block of the main thread.

    Python drops an exception that reaches it inside a destructor, and a compiler that builds many small objects spends
    a good part of its time in destructors: an interrupt that is only raised may be lost. Who looks at the event ends
    all the same. Elsewhere than in the main thread, and where an interrupt has no handler in Python, nothing changes.
    """
    seen = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield seen
        return

    def note(number: int, frame: FrameType | None) -> None:
        seen.set()
        before(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)
