"""Before and after the queue: lines, self-service, contacts that follow, contacts that come again."""

from __future__ import annotations

from ccopt.compilation import compiled, inlined
from ccopt.simulation import randomness as r
from ccopt.simulation.draws import draw, interval_at
from ccopt.simulation.records import BLOCKED, CONTAINED, ELSEWHERE, NO_OFFER, TO_SELL
from ccopt.simulation.state import State
from ccopt.simulation.tables import Tables
from ccopt.simulation.timers import RETURN, SELF_END, at

PASSED, HELD, REFUSED_ENTRY = range(3)


@inlined
def first_thread(s: State, slot: int) -> None:
    """A contact that hangs together with no other."""
    thread = s.threads[slot]
    thread.root, thread.sale, thread.factor, thread.trunk, thread.way = slot, NO_OFFER, 1.0, -1, -1


@inlined
def hang_up(s: State, slot: int) -> None:
    """Give the line back, if the contact holds one."""
    thread = s.threads[slot]
    if thread.trunk >= 0:
        s.trunks[thread.trunk] -= 1
        thread.trunk = -1


@compiled
def front_door(t: Tables, s: State, slot: int, now: float) -> int:
    """A new contact takes a line and a port of its self-service: passed, held there, or blocked."""
    source = t.sources[s.origins[slot].source]
    course = s.courses[slot]
    if source.trunk < 0 and source.self_service < 0:
        return PASSED
    course.entry_s, course.queue, course.group = now, t.shares[source.first].queue, -1
    free = source.trunk < 0 or s.trunks[source.trunk] < t.trunks[source.trunk]
    if free and source.trunk >= 0:
        s.trunks[source.trunk] += 1
        s.threads[slot].trunk = source.trunk
    if free and source.self_service >= 0:
        machine = t.self_services[source.self_service]
        if s.ports[machine.bank] < t.self_services[machine.bank].ports:
            s.ports[machine.bank] += 1
            course.status = ELSEWHERE
            length = draw(t, machine.law, s.origins[slot].key, r.SELF) * machine.mean_s
            at(s, now + length, SELF_END, slot)
            return HELD
        free = False
    if free:
        return PASSED
    course.status, course.wait_s, course.offered_s, course.end_s = BLOCKED, 0.0, 0.0, now
    return REFUSED_ENTRY


@compiled
def end_of_self_service(t: Tables, s: State, slot: int, now: float) -> bool:
    """Whether the contact still needs an agent."""
    machine = t.sources[s.origins[slot].source].self_service
    s.ports[t.self_services[machine].bank] -= 1
    if r.uniform(s.origins[slot].key, r.CONTAINED) >= t.self_services[machine].contained:
        return True
    course = s.courses[slot]
    course.status, course.wait_s, course.offered_s, course.end_s = CONTAINED, 0.0, 0.0, now
    hang_up(s, slot)
    return False


@compiled
def child_of(s: State, slot: int, source: int) -> int:
    """A new contact of the same chain, with numbers of its own."""
    child = s.used[0].contacts
    s.used[0].contacts += 1
    first_thread(s, child)
    s.origins[child].key, s.origins[child].source = r.mix(s.origins[slot].key + r.CHILD), source
    s.threads[child].root = s.threads[slot].root
    return int(child)


@compiled
def comes_later(s: State, child: int, now: float, mean_s: float) -> None:
    """A contact is to come after an exponential time."""
    back = now + r.exponential(s.origins[child].key, r.DELAY) * mean_s
    s.origins[child].time_s, s.courses[child].status = back, ELSEWHERE
    at(s, back, RETURN, child)


@compiled
def comes_now(t: Tables, s: State, child: int, slot: int, now: float) -> None:
    """A contact follows at once, on the line of the one before if its source has the same lines."""
    if t.sources[s.origins[child].source].trunk == s.threads[slot].trunk:
        s.threads[child].trunk, s.threads[slot].trunk = s.threads[slot].trunk, -1
    s.origins[child].time_s, s.origins[child].interval = now, interval_at(t, now)


@compiled
def may_come_again(t: Tables, s: State, slot: int, now: float) -> None:
    """Who was blocked, gave up or was cut off hangs up and comes again with a probability."""
    hang_up(s, slot)
    source = t.sources[s.origins[slot].source]
    share = source.blocked if s.courses[slot].status == BLOCKED else source.abandoned
    if share > 0.0 and r.uniform(s.origins[slot].key, r.AGAIN) < share:
        child = child_of(s, slot, s.origins[slot].source)
        if s.threads[slot].sale != TO_SELL:
            s.threads[child].factor = s.threads[slot].factor
        comes_later(s, child, now, source.delay_s)
