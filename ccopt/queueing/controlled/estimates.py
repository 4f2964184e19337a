"""What a simulated period says: shares and means of its lines with half-widths."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.kpis import Basis
from ccopt.queueing.controlled.bank import Bank
from ccopt.queueing.controlled.companions import PoolModel, components
from ccopt.queueing.controlled.control_variates import Estimate, controlled_ratio
from ccopt.queueing.controlled.period_lines import PeriodLines
from ccopt.queueing.controlled.period_run import Counts, run_period

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodResult:
    """Lines of a period with their counts; ``unstable`` (L,) marks lines without a steady state."""

    lines: PeriodLines
    counts: Counts
    unstable: NDArray[np.bool_]
    agents: Ints
    contacts: int

    def rate(self) -> Floats:
        """Contacts per hour of each line: exact from outside, simulated where contacts follow others."""
        inside = self.counts.offered.sum(axis=1) / self.counts.window_s * 3600.0
        return np.where(self.lines.inner, inside, self.lines.outside)

    def level(self, chosen: Ints, layer: int, basis: Basis) -> Estimate:
        """Service level of a set of lines on a basis."""
        counts = self.counts
        in_time, early = counts.in_time[layer, chosen].sum(axis=0), counts.early[layer, chosen].sum(axis=0)
        offered = counts.offered[chosen].sum(axis=0)
        top, bottom = in_time, offered
        if basis == "answered":
            bottom = counts.answered[chosen].sum(axis=0)
        elif basis == "offered_less_early_abandons":
            bottom = offered - early
        elif basis == "early_abandons_credited":
            top = in_time + early
        found = self._ratio(top, bottom, self._companions(counts.in_time_companions, chosen) if layer == 0 else None)
        if basis != "virtual":
            return found
        weight = counts.offered[chosen].sum(axis=1)
        patient = float(weight @ counts.virtual[layer, chosen] / weight.sum()) if weight.sum() else 1.0
        return Estimate(value=patient, half_width=found.half_width)

    def abandonment(self, chosen: Ints) -> Estimate:
        """Share of offered contacts that gives up."""
        top, bottom = self.counts.abandoned[chosen].sum(axis=0), self.counts.offered[chosen].sum(axis=0)
        return self._ratio(top, bottom, self._companions(self.counts.lost_companions, chosen))

    def plain(self, top: Floats, bottom: Floats, chosen: Ints) -> Estimate:
        """Ratio of two counts without companions."""
        return self._ratio(top[chosen].sum(axis=0), bottom[chosen].sum(axis=0), None)

    def occupancy(self, group: int) -> Estimate:
        """Busy share of a group's agents; 0 without agents.

        The half-width is that of a compound Poisson sum of exponential handle times: 1.96 · occupancy · sqrt(2 / contacts).
        """
        if self.agents[group] <= 0:
            return Estimate(value=0.0, half_width=0.0)
        busy = float(self.counts.busy_s[group] / self.counts.window_s / self.agents[group])
        contacts = float(self.counts.answered_at[:, group].sum())
        return Estimate(value=busy, half_width=1.96 * busy * math.sqrt(2.0 / max(contacts, 1.0)))

    def _ratio(self, top: Floats, bottom: Floats, companions: Floats | None) -> Estimate:
        if bottom.sum() <= 0:
            return Estimate(value=0.0, half_width=0.0)
        rows = np.zeros((0, len(top))) if companions is None else companions
        found = controlled_ratio(top, bottom, rows.T)
        if companions is None:
            return found
        return Estimate(value=min(max(found.value, 0.0), 1.0), half_width=found.half_width, explained=found.explained)

    def _companions(self, table: dict[int, Floats], chosen: Ints) -> Floats | None:
        mine = [int(c) for c in chosen if int(c) in table]
        if len(mine) < len(chosen):
            return None
        weight = self.rate()[chosen]
        total = float(weight.sum())
        if total <= 0:
            return None
        mixed: Floats = np.tensordot(weight / total, np.array([table[c] for c in mine]), axes=1)
        return mixed


def lines_of(result: PeriodResult, contact_type: int, home: int | None = None) -> Ints:
    """Lines of a contact type, of one home group if given."""
    same = result.lines.contact_type == contact_type
    if home is not None:
        same = same & (result.lines.home == home)
    return np.flatnonzero(same)


def cells_of(result: PeriodResult) -> Iterable[tuple[int, int, Ints]]:
    """(contact type, home group, lines) of every queue of a period."""
    pairs: Sequence[tuple[int, int]] = sorted(
        {(int(c), int(h)) for c, h in zip(result.lines.contact_type, result.lines.home, strict=True)}
    )
    for c, home in pairs:
        yield c, home, lines_of(result, c, home)


def without_rest(lines: PeriodLines, agents: Ints) -> NDArray[np.bool_]:
    """Lines in components whose contacts that never leave bring as much load as there are agents."""
    rows = lines.arrays
    size = len(lines.contact_type)
    can = np.zeros((size, len(agents)), dtype=bool)
    owner = np.repeat(np.arange(size), np.diff(rows.route_start))
    can[owner, rows.route_group] = True
    shortest = np.full(size, np.inf)
    np.minimum.at(shortest, owner, rows.route_aht_s)
    rate = np.array([sum(r.values()) for r in lines.regions])
    load = np.where(np.isinf(rows.patience_s), rate * shortest / 3600.0, 0.0)
    out = np.zeros(size, dtype=bool)
    for mine, groups in components(can):
        out[mine] = load[mine].sum() >= agents[groups].sum()
    return out


def run_lines(
    lines: PeriodLines, agents: Ints, awt_s: Floats, *, bank: Bank, stream: tuple[int, int], contacts: int,
    model: PoolModel | None,
) -> PeriodResult:  # fmt: skip
    """Simulate lines with whole agents (G,) and waiting times (layers, L); see `run_period`."""
    counts = run_period(lines, agents, awt_s, bank=bank, stream=stream, contacts=contacts, model=model)
    return PeriodResult(
        lines=lines, counts=counts, agents=agents, contacts=contacts, unstable=without_rest(lines, agents)
    )
