"""What a design promises and does not keep: targets per contact type, group and period, and limits of sites."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ccopt.costs import equipped_used, seats_used
from ccopt.design import Design
from ccopt.evaluation.group_results import Results
from ccopt.evaluation.records import level_in
from ccopt.kpis import (
    MaxAbandonment,
    MaxAsa,
    MaxBlocking,
    MaxOccupancy,
    MaxResponse,
    ServiceLevel,
    Target,
    Violation,
)
from ccopt.routing.flows import Network
from ccopt.scenario.entities import ContactType, Scenario

TARGET_TOLERANCE = 1e-9
LOAD_TOLERANCE = 1e-6


def broken_promises(scenario: Scenario, design: Design, network: Network, results: Results) -> tuple[Violation, ...]:
    """Every violation of a design under the given results, targets to 1e-9."""
    return (*broken_targets(scenario, design, network, results), *broken_site_limits(scenario, design))


def broken_targets(
    scenario: Scenario, design: Design, network: Network, results: Results
) -> Iterable[Violation]:
    """Targets that a cell misses, and groups without targets whose load exceeds their agents."""
    for g, t in np.argwhere(results.rates.sum(axis=1) > 0):
        place = "/".join(network.groups[g]) + f" in {scenario.periods[t].name}"
        served = [int(c) for c in np.flatnonzero(results.rates[g, :, t] > 0)]
        promised = [c for c in served if scenario.contact_types[c].targets]
        agents, load = design.groups[g].agents[t], float(results.load[g, t])
        if not promised and load > agents * (1.0 + LOAD_TOLERANCE):
            yield Violation(
                place=place, limit="agents", required=load, actual=float(agents),
                message=f"{place}: {agents} agents for a load of {load:.6g} erlangs; a group without targets needs "
                f"at least {math.ceil(load * (1 - LOAD_TOLERANCE))}",
            )  # fmt: skip
        if promised and not results.stable[g, t]:
            yield Violation(
                place=place, limit="stability", required=load, actual=float(agents),
                message=f"{place}: the queue grows without bound, {agents} agents for a load of {load:.6g} erlangs; "
                f"needs more than {math.floor(load)} agents",
            )  # fmt: skip
        for c in promised:
            yield from _missed(scenario.contact_types[c], place, (int(g), c, int(t)), results)


def _missed(
    contact_type: ContactType, place: str, index: tuple[int, int, int], results: Results
) -> Iterable[Violation]:
    layer = 0
    responses = sum(e.service_level is not None for e in contact_type.targets) or 1
    for entry in contact_type.targets:
        target = entry.target()
        here = layer
        if isinstance(target, ServiceLevel):
            layer += 1
        elif isinstance(target, MaxResponse):
            here, responses = responses, responses + 1
        name, required, actual, at_least = measure(target, results, index, here)
        if _kept(required, actual, at_least=at_least):
            continue
        side = "at least" if at_least else "at most"
        shown = "undefined" if actual is None else f"{actual:.6g}{_unsure(name, results, index)}"
        yield Violation(
            place=f"{contact_type.name} at {place}", limit=name, required=required, actual=actual,
            message=f"{contact_type.name} at {place}: {name} is {shown}, must be {side} {required:g}",
        )  # fmt: skip


def _unsure(name: str, results: Results, index: tuple[int, int, int]) -> str:
    """The half-width behind a simulated value."""
    g, _, t = index
    if not results.simulated[g, t] or not results.stable[g, t]:
        return ""
    width = results.half_width.get("service_level" if name == "response" else name)
    return "" if width is None else f" ± {float(width[index]):.2g}"


def measure(
    target: Target, results: Results, index: tuple[int, int, int], layer: int
) -> tuple[str, float, float | None, bool]:
    """Name, required value, actual value and direction (True: at least) of a target in a cell."""
    g, _, t = index
    settled = bool(results.stable[g, t])
    match target:
        case ServiceLevel(at_least, _, basis):
            return "service_level", at_least, level_in(results, index, layer, basis) if settled else 0.0, True
        case MaxResponse(_, share):
            return "response", share, float(results.virtual[layer][index]) if settled else 0.0, True
        case MaxAsa(limit):
            asa = float(results.asa_s[index])
            return "asa_s", limit, asa if settled and math.isfinite(asa) else None, False
        case MaxAbandonment(limit):
            return "abandonment", limit, float(results.abandonment[index]), False
        case MaxOccupancy(limit):
            manned = results.carried_load[g, t] > 0.0  # nobody at all is not lightly occupied
            return "occupancy", limit, float(results.occupancy[g, t]) if manned else None, False
        case MaxBlocking(limit):
            return "blocking", limit, 0.0, False


def _kept(required: float, actual: float | None, *, at_least: bool) -> bool:
    if actual is None:
        return False
    slack = actual - required if at_least else required - actual
    return slack >= -TARGET_TOLERANCE * max(1.0, abs(required))


def broken_site_limits(scenario: Scenario, design: Design) -> Iterable[Violation]:
    """Seats, equipped seats, labour pool (agents present at the peak) and opening periods of sites."""
    for site in scenario.sites:
        groups = [g for g in design.groups if g.site == site.name]
        used = seats_used(scenario, design, site.name)
        for what, limit in (("seats", site.seats), ("labour_pool", site.labour_pool)):
            if limit is not None and used > limit:
                yield Violation(
                    place=site.name, limit=what, required=float(limit), actual=float(used),
                    message=f"{site.name}: {used} agents at the peak, {what} {limit}",
                )  # fmt: skip
        for kind in site.equipped_seats:
            sitting = equipped_used(scenario, design, site.name, kind)
            if kind.seats is not None and sitting > kind.seats:
                yield Violation(
                    place=site.name, limit=f"equipped_seats {kind.name}", required=float(kind.seats), actual=float(sitting),
                    message=f"{site.name}: {sitting} agents at the peak, equipped seats {kind.name!r} {kind.seats}",
                )  # fmt: skip
        if site.periods is None:
            continue
        for t, period in enumerate(scenario.periods):
            present = sum(g.agents[t] for g in groups)
            if present and period.name not in site.periods:
                yield Violation(
                    place=f"{site.name} in {period.name}", limit="open_periods", required=0.0, actual=float(present),
                    message=f"{site.name}: {present} agents in {period.name}, but the site works only in "
                    f"{list(site.periods)}",
                )  # fmt: skip
