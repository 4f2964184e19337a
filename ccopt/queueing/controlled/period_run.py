"""One period of a routed network: antithetic runs, counts per cell and batch, companions per component."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.queueing.controlled.bank import Bank, scaled_calls
from ccopt.queueing.controlled.call_kernel import ABANDONED, ANSWERED, Calls, run_calls
from ccopt.queueing.controlled.companions import PoolModel, batch_sums, components, pool_waits
from ccopt.queueing.controlled.control_variates import zero_mean
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
    came = out.line >= 0
    batch = np.where(came & (out.entry_s <= end), _batch(out.entry_s, start, end, batches), -1)
    used = batch >= 0
    line, batch = out.line[used], batch[used]
    wait, status = out.wait_s[used], out.status[used]
    size = len(lines.contact_type)
    cell = line * batches + batch

    def sums(values: Floats | NDArray[np.bool_]) -> Floats:
        return batch_sums(values, cell, size * batches).reshape(size, batches)

    answered, lost = status == ANSWERED, status == ABANDONED
    in_time = np.array([sums(answered & (wait <= awt[line])) for awt in awt_s])
    early = np.array([sums(lost & (wait <= awt[line])) for awt in awt_s])
    finite_wait = np.where(np.isfinite(wait), wait, 0.0)
    companions = _companions(lines, calls, agents, awt_s[0], start_s=start, model=model, batches=batches) if model else ({}, {})
    at = np.zeros((size, len(agents)))
    np.add.at(at, (line[answered], out.group[used][answered]), 1.0)
    return Counts(
        offered=sums(np.ones(len(line))), answered=sums(answered), abandoned=sums(lost),
        delayed=sums((wait > 0) | ~answered), wait_answered=sums(np.where(answered, finite_wait, 0.0)),
        wait_all=sums(finite_wait), in_time=in_time, early=early, in_time_companions=companions[0],
        lost_companions=companions[1], busy_s=out.busy_s, window_s=end - start, answered_at=at,
        virtual=np.array([_patient(wait, answered, line, size, awt) for awt in awt_s]),
    )  # fmt: skip


def _patient(wait: Floats, answered: NDArray[np.bool_], line: Ints, size: int, awt_s: Floats) -> Floats:
    """Share of each line whose offered wait is within ``awt_s``: who left earlier is censored (Kaplan and Meier)."""
    out = np.ones(size)
    order = np.lexsort((~answered, wait, line))
    sorted_line, sorted_wait, sorted_answered = line[order], wait[order], answered[order]
    edges = np.searchsorted(sorted_line, np.arange(size + 1))
    for c in range(size):
        rows = slice(edges[c], edges[c + 1])
        at_risk = np.arange(edges[c + 1] - edges[c], 0, -1, dtype=float)
        hit = sorted_answered[rows] & (sorted_wait[rows] <= awt_s[c])
        out[c] = 1.0 - float(np.prod(1.0 - 1.0 / at_risk[hit])) if len(at_risk) else 1.0
    return out


def _batch(entry_s: Floats, start_s: float, end_s: float, batches: int) -> Ints:
    index = np.floor((entry_s - start_s) / (end_s - start_s) * batches).astype(np.int64)
    return np.where(index == batches, batches - 1, np.where(index < 0, -1, index))


def _companions(
    lines: PeriodLines, calls: Calls, agents: Ints, awt_s: Floats, *, start_s: float, model: PoolModel, batches: int
) -> tuple[dict[int, Floats], dict[int, Floats]]:
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
        here = np.isin(calls.line, mine)
        line, slot = calls.line[here], np.flatnonzero(here)
        stay = calls.patience[slot] * rows.patience_s[line]
        wait = pool_waits(calls.arrival_s[here], calls.service[slot] * aht, stay, n)
        batch = _batch(calls.arrival_s[here], start_s, float(calls.arrival_s[-1]), batches)
        used = batch >= 0
        good = (wait <= awt_s[line]) & (wait <= stay)
        width_s = (float(calls.arrival_s[-1]) - start_s) / batches
        work = _work(line[used], batch[used], calls.service[slot[used]], mine, rates / 3600.0 * width_s, batches=batches)
        at_home = _work_at_home(work, lines.home[mine], rates)
        for table, hits, means in (
            (service, good, expected.answered_in_time),
            (lost, wait > stay, expected.abandonment),
        ):
            share = float(rates @ means / rates.sum())
            whole = zero_mean(batch_sums(hits[used], batch[used], batches),
                              np.bincount(batch[used], minlength=batches).astype(float), share)  # fmt: skip
            for k, c in enumerate(mine):
                own = used & (line == c)
                totals = np.bincount(batch[own], minlength=batches).astype(float)
                mean_zero = zero_mean(batch_sums(hits[own], batch[own], batches), totals, float(means[k]))
                table[int(c)] = np.array([mean_zero, whole, work[k], at_home[k]])
    return service, lost


def _work(
    line: Ints, batch: Ints, service: Floats, mine: Ints, expected: Floats, *, batches: int
) -> Floats:
    """Work that each line brought in a batch over what was to be expected, less 1: (lines of the component, B)."""
    out = np.zeros((len(mine), batches))
    for k, c in enumerate(mine):
        own = line == c
        if expected[k] > 0:
            out[k] = np.bincount(batch[own], weights=service[own], minlength=batches) / expected[k] - 1.0
    return out


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
