"""One period of a routed network: antithetic runs, counts per cell and batch, companions per component."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.controlled.bank import Bank, scaled_calls
from ccopt.queueing.controlled.call_kernel import ANSWERED, Calls, Outcome, run_calls
from ccopt.queueing.controlled.companions import PoolModel, components
from ccopt.queueing.controlled.control_variates import zero_mean
from ccopt.queueing.controlled.counting import counted, pool_counts
from ccopt.queueing.controlled.period_lines import PeriodLines

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_BATCHES, MOST_BATCHES = 20, 40
BATCH_HANDLE_TIMES = 10.0
WARM_HANDLE_TIMES = 10.0
MOST_WARM = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Sums per line (L) and batch (B), both antithetic runs together; service counts have a first axis of layers.

    ``companions`` maps a line to rows (K, B) of expectation 0: its own line and its whole component in a pool, the work
    that the line and all lines of its home brought beyond the expected.
    ``virtual`` (layers, L) is the product-limit estimate of the wait that a patient customer would be offered,
    ``busy_s`` (G,) and ``window_s`` are seconds, ``answered_at`` (L, G) contacts by the group that answered.
    """

    offered: Floats
    answered: Floats
    abandoned: Floats
    delayed: Floats
    wait_answered: Floats
    wait_all: Floats
    in_time: Floats
    early: Floats
    in_time_companions: dict[int, Floats]
    lost_companions: dict[int, Floats]
    busy_s: Floats
    window_s: float
    answered_at: Floats
    virtual: Floats


def run_period(
    lines: PeriodLines, agents: Ints, awt_s: Floats, *, bank: Bank, stream: tuple[int, int], contacts: int,
    model: PoolModel | None,
) -> Counts:  # fmt: skip
    """Counts of ``contacts`` outside contacts, half of them antithetic to the other half.

    Parameters
    ----------
    lines, agents
        Lines of the period and agents (G,).
    awt_s
        (layers, L) waiting times.
    bank, stream
        Random numbers and (seed, period).
    contacts
        Outside contacts of both runs together.
    model
        Group model for companions; None runs without them.
    """
    half = max(contacts // 2, 20 * MOST_BATCHES)
    batches = _batches(lines, half)
    parts = []
    for flipped in (False, True):
        units = bank.units(*stream, half, slots=half * (lines.depth + 1), flipped=flipped)
        calls = scaled_calls(lines, units)
        parts.append(_run(lines, calls, agents, awt_s, model=model, batches=batches))
    return _together(parts)


def _batches(lines: PeriodLines, contacts: int) -> int:
    """Batches of about ten handle times each, so that they are nearly independent; 20 to 40."""
    span_s = contacts / (float(lines.outside.sum()) / 3600.0)
    handle_s = float(lines.arrays.route_aht_s.mean()) if len(lines.arrays.route_aht_s) else 1.0
    return int(min(max(span_s / (BATCH_HANDLE_TIMES * handle_s), FEWEST_BATCHES), MOST_BATCHES))


def _run(
    lines: PeriodLines, calls: Calls, agents: Ints, awt_s: Floats, *, model: PoolModel | None, batches: int
) -> Counts:
    end = float(calls.arrival_s[-1])
    longest = float(lines.arrays.route_aht_s.max(initial=0.0))
    start = min(WARM_HANDLE_TIMES * longest, MOST_WARM * end)
    out = run_calls(lines.arrays, calls, agents, start, end)
    sums, by_wait, at = counted(out, awt_s, len(agents), (start, end), batches)
    companions = _companions(lines, calls, agents, awt_s[0], window=(start, end), model=model, batches=batches) if model else ({}, {})
    return Counts(
        offered=sums[0], answered=sums[1], abandoned=sums[2], delayed=sums[3], wait_answered=sums[4], wait_all=sums[5],
        in_time=by_wait[0], early=by_wait[1], in_time_companions=companions[0], lost_companions=companions[1],
        busy_s=out.busy_s, window_s=end - start, answered_at=at, virtual=_patient(out, awt_s, (start, end)),
    )  # fmt: skip


def _patient(out: Outcome, awt_s: Floats, window: tuple[float, float]) -> Floats:
    """Share of each line whose offered wait is within ``awt_s`` (layers, L): who left earlier is censored (Kaplan and Meier).

    Answers without a wait come first; only waits within ``awt_s`` are put in order.
    """
    here = (out.line >= 0) & (out.entry_s >= window[0]) & (out.entry_s <= window[1])
    size = awt_s.shape[1]
    many = np.bincount(out.line[here], minlength=size)
    now = here & (out.status == ANSWERED) & (out.wait_s <= 0.0)
    at_once = np.bincount(out.line[now], minlength=size)
    some = here & ~now & (out.wait_s <= awt_s.max(axis=0)[out.line])
    line, wait, answered = out.line[some], out.wait_s[some], out.status[some] == ANSWERED
    order = np.lexsort((~answered, wait, line))
    line, wait, answered = line[order], wait[order], answered[order]
    edges = np.searchsorted(line, np.arange(size + 1))
    at_risk = (many - at_once)[line] - (np.arange(len(line)) - edges[line])
    found = np.ones(awt_s.shape)
    for c in range(size):
        rows = slice(edges[c], edges[c + 1])
        stays = 1.0 - at_once[c] / many[c] if many[c] else 0.0
        for k, awt in enumerate(awt_s[:, c]):
            hit = answered[rows] & (wait[rows] <= awt)
            found[k, c] = 1.0 - stays * float(np.prod(1.0 - 1.0 / at_risk[rows][hit]))
    return found


def _companions(
    lines: PeriodLines, calls: Calls, agents: Ints, awt_s: Floats, *, window: tuple[float, float], model: PoolModel,
    batches: int,
) -> tuple[dict[int, Floats], dict[int, Floats]]:  # fmt: skip
    """Companions per line for service and abandonment; none where contacts follow others or a pool has no rest."""
    service: dict[int, Floats] = {}
    lost: dict[int, Floats] = {}
    rows = lines.arrays
    size = len(lines.contact_type)
    can = np.zeros((size, len(agents)), dtype=bool)
    can[np.repeat(np.arange(size), np.diff(rows.route_start)), rows.route_group] = True
    for mine, groups in components(can):
        n = int(agents[groups].sum())
        if lines.inner[mine].any() or n == 0:
            continue
        rates = lines.outside[mine]
        weight = np.repeat(rates / np.maximum(np.diff(rows.route_start)[mine], 1), np.diff(rows.route_start)[mine])
        routes = np.concatenate([np.arange(rows.route_start[c], rows.route_start[c + 1]) for c in mine])
        aht = float(weight @ rows.route_aht_s[routes] / weight.sum())
        expected = model(rates, np.full(len(mine), aht), patience_s=rows.patience_s[mine], agents=n, awt_s=awt_s[mine])
        if not expected.stable:
            continue
        place = np.full(size, -1, dtype=np.int64)
        place[mine] = np.arange(len(mine))
        came, good, left, brought = pool_counts(
            calls, place, (aht, rows.patience_s[mine], awt_s[mine]), n, window, batches
        )
        usual = rates[:, None] / 3600.0 * (window[1] - window[0]) / batches
        work = np.divide(brought, usual, out=np.ones_like(brought), where=usual > 0.0) - 1.0
        at_home = _work_at_home(work, lines.home[mine], rates)
        for table, hits, means in ((service, good, expected.answered_in_time), (lost, left, expected.abandonment)):
            whole = zero_mean(hits.sum(axis=0), came.sum(axis=0), float(rates @ means / rates.sum()))
            for k, c in enumerate(mine):
                own = zero_mean(hits[k], came[k], float(means[k]))
                table[int(c)] = np.array([own, whole, work[k], at_home[k]])
    return service, lost


def _work_at_home(work: Floats, home: Ints, rates: Floats) -> Floats:
    """The same for all lines that share a home group, by their rates."""
    out = np.zeros_like(work)
    for g in np.unique(home):
        same = home == g
        total = float(rates[same].sum())
        if total > 0:
            out[same] = rates[same] @ work[same] / total
    return out


def _together(parts: list[Counts]) -> Counts:
    """Sum of the two antithetic runs, batch by batch; companions by their mean."""
    a, b = parts
    both = {
        name: getattr(a, name) + getattr(b, name)
        for name in ("offered", "answered", "abandoned", "delayed", "wait_answered", "wait_all", "in_time", "early",
                     "busy_s", "window_s", "answered_at")
    }  # fmt: skip
    both["virtual"] = 0.5 * (a.virtual + b.virtual)
    for name in ("in_time_companions", "lost_companions"):
        left, right = getattr(a, name), getattr(b, name)
        both[name] = {c: 0.5 * (left[c] + right[c]) for c in left if c in right}
    return Counts(**both)
