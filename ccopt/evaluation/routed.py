"""Judge linked sites: simulation of the contacts with Erlang-A companions as control variates."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design
from ccopt.evaluation.bank import Bank
from ccopt.evaluation.companions import components
from ccopt.evaluation.control_variates import Estimate, controlled_ratio
from ccopt.evaluation.group_results import GroupModel, awt_layers
from ccopt.evaluation.lines import PeriodLines, build_lines
from ccopt.evaluation.period_run import Counts, run_period
from ccopt.kpis import Basis
from ccopt.routing.flows import Network
from ccopt.scenario.entities import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CONTACTS = 60_000
MOST_CONTACTS = 8_000_000
PILOT = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How much to simulate: contacts per period, or until a time or a half-width of the service level is reached."""

    contacts: int = CONTACTS
    budget_ms: float | None = None
    half_width: float | None = None
    seed: int = 7


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


def run_network(
    scenario: Scenario, design: Design, network: Network, *, options: RunOptions, bank: Bank, model: GroupModel | None
) -> list[PeriodResult | None]:
    """Every period of a design; None where nobody comes.

    With ``budget_ms`` a pilot measures the speed and the rest of the time is spent evenly over the periods; with
    ``half_width`` a period is run again with more contacts until no contact type has a wider interval.
    """
    periods = [t for t in range(len(scenario.periods)) if network.demand[:, :, t].sum() > 0]
    built = {t: build_lines(scenario, design, network, t) for t in periods}
    contacts = dict.fromkeys(periods, options.contacts)
    if options.budget_ms is not None:
        contacts = _within(scenario, design, built, options=options, bank=bank, model=model)
    found: list[PeriodResult | None] = [None] * len(scenario.periods)
    for t in periods:
        found[t] = one_period(scenario, design, built[t], t, options=options, contacts=contacts[t], bank=bank,
                              model=model)  # fmt: skip
        if options.half_width is not None:
            found[t] = _narrowed(scenario, design, found[t], t, options=options, bank=bank, model=model)
    return found


def one_period(
    scenario: Scenario, design: Design, lines: PeriodLines, period: int, *, options: RunOptions, contacts: int,
    bank: Bank, model: GroupModel | None,
) -> PeriodResult:  # fmt: skip
    """Run the lines of one period."""
    agents = np.array([g.agents[period] for g in design.groups], dtype=np.int64)
    awt_s = awt_layers(scenario.contact_types)[:, lines.contact_type]
    counts = run_period(
        lines, agents, awt_s, bank=bank, stream=(options.seed, period), contacts=contacts, model=model
    )
    return PeriodResult(lines=lines, counts=counts, agents=agents, contacts=contacts,
                        unstable=_without_rest(lines, agents))  # fmt: skip


def _within(
    scenario: Scenario, design: Design, built: dict[int, PeriodLines], *, options: RunOptions, bank: Bank,
    model: GroupModel | None,
) -> dict[int, int]:  # fmt: skip
    """Contacts per period that a time budget allows, from the measured speed of a pilot."""
    first = min(built)
    for _ in range(2):  # the first run may compile
        start = time.perf_counter()
        one_period(scenario, design, built[first], first, options=options, contacts=PILOT, bank=Bank(), model=model)
        pilot_ms = 1e3 * (time.perf_counter() - start)
    left = max((options.budget_ms or 0.0) - pilot_ms, 0.0) / len(built)
    return dict.fromkeys(built, int(min(max(PILOT * left / pilot_ms, 1600), MOST_CONTACTS)))


def _narrowed(
    scenario: Scenario, design: Design, result: PeriodResult | None, period: int, *, options: RunOptions, bank: Bank,
    model: GroupModel | None,
) -> PeriodResult | None:  # fmt: skip
    """Run again with more contacts until the widest service level of a contact type is narrow enough."""
    wanted = options.half_width or 0.0
    while result is not None and result.contacts < MOST_CONTACTS:
        widest = max(
            result.level(lines_of(result, c), 0, "offered").half_width for c in set(result.lines.contact_type.tolist())
        )
        if widest <= wanted:
            break
        grow = min(max(1.3 * (widest / wanted) ** 2, 1.5), 16.0)
        contacts = int(min(result.contacts * grow, MOST_CONTACTS))
        result = one_period(scenario, design, result.lines, period, options=options, contacts=contacts, bank=bank,
                            model=model)  # fmt: skip
    return result


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


def _without_rest(lines: PeriodLines, agents: Ints) -> NDArray[np.bool_]:
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
