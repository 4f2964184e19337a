"""Things that happen at a time: one heap, equal times in the order of their kinds."""

from __future__ import annotations

from ccopt.compilation import inlined
from ccopt.simulation.heap import push
from ccopt.simulation.state import State

CHANGE, OPENING, DELAYED_WAY, SELF_END, RETURN, LEAVE, COME_AGAIN = range(7)
PAYLOAD = 2**48


@inlined
def at(s: State, time: float, kind: int, item: int) -> None:
    """Something is to happen; the heap has room (`with_room`)."""
    push(s.timers, s.used[0].timers, time, kind * PAYLOAD + item)
    s.used[0].timers += 1
