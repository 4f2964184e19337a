"""Judge a design by simulation: replications of every period, intervals from their scatter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design
from ccopt.kpis import Evaluation
from ccopt.routing.checks import check_design
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario
from ccopt.simulation.kernel import MEASURES, run
from ccopt.simulation.network import Network, draw_bank
from ccopt.simulation.translate import Translator

Floats = NDArray[np.float64]
WARM_UP_HANDLE_TIMES = 10.0
LEAST_HANDLE_TIMES = 20.0
CONTACTS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Raw counts: (R, T, G, K, MEASURES) contacts by group and type, (R, T, G) busy agent-hours, (T,) window in hours."""

    contacts: Floats
    busy_h: Floats
    window_h: Floats


def _window(network: Network, contacts: int) -> tuple[float, float]:
    """Warm-up and measured seconds of one replication of a period."""
    used = network.rate > 0.0
    handle = float(network.handle_s.max()) if network.handle_s.size else 1.0
    total = float(network.rate[used].sum())
    measured = max(contacts / total, LEAST_HANDLE_TIMES * handle) if total > 0.0 else 0.0
    return WARM_UP_HANDLE_TIMES * handle, measured


def run_network(network: Network, *, from_s: float, until_s: float, generations: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """One replication of one network: counts (G, K, MEASURES) and busy agent-seconds (G,) within the window."""
    bank = draw_bank(network.rate, until_s, generations, rng)
    plans = network.plan_groups
    users: list[list[int]] = [[] for _ in range(len(network.agents))]
    for p in range(plans.shape[0]):
        for g in plans[p][plans[p] >= 0]:
            users[g].append(p)
    start = np.concatenate(([0], np.cumsum([len(u) for u in users]))).astype(np.int64)
    flat = np.array([p for u in users for p in u], dtype=np.int64)
    return run(
        bank.time, bank.origin, bank.service, bank.patience, bank.route, bank.onward, network.kind,
        network.plan_start, network.plan_class_share, plans, start, flat, network.agents, network.handle_s,
        network.patience_s, network.priority, network.next_class, network.next_share, network.awt_s, from_s, until_s,
    )  # fmt: skip


def count(
    scenario: Scenario, design: Design, *, replications: int, seed: int, contacts: int = CONTACTS,
    progress: Callable[[int, int], None] | None = None,
) -> Counts:  # fmt: skip
    """Simulate all periods; one random stream per replication and period, so that designs share random numbers."""
    translator = Translator(scenario, design)
    periods, groups, kinds = len(scenario.periods), len(design.groups), len(scenario.contact_types)
    out = np.zeros((replications, periods, groups, kinds, MEASURES))
    busy, window = np.zeros((replications, periods, groups)), np.zeros(periods)
    generations = translator.generations()
    streams = np.random.SeedSequence(seed).spawn(replications * periods)
    for t in range(periods):
        network = translator.network(t)
        warm, measured = _window(network, contacts)
        window[t] = measured / 3600.0
        if measured <= 0.0:
            continue
        for r in range(replications):
            rng = np.random.Generator(np.random.PCG64(streams[r * periods + t]))
            out[r, t], seconds = run_network(
                network, from_s=warm, until_s=warm + measured, generations=generations, rng=rng
            )
            busy[r, t] = seconds / 3600.0
        if progress is not None:
            progress(t + 1, periods)
    return Counts(contacts=out, busy_h=busy, window_h=window)


def simulate(
    scenario: Scenario,
    design: Design,
    *,
    replications: int = 20,
    seed: int = 7,
    contacts: int = CONTACTS,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Judge a design by simulation, without any queueing formula.

    Every period is simulated as a steady period: Poisson arrivals, exponential handle times and patience, first come,
    first served within priority, groups and shares as designed, answered contacts escalated with their probability.

    Parameters
    ----------
    scenario, design
        Documents; the design is checked first.
    replications
        Independent runs of each period; at least 2, for the intervals.
    seed
        The same seed gives the same result.
    contacts
        Contacts from outside measured in each run (at least twenty handle times), after a warm-up of ten handle times.
    progress
        Called with (periods done, periods).

    Returns
    -------
    Evaluation
        Rows with ``half_width`` of 95 % confidence intervals from Student's t over replications.

    Raises
    ------
    ScenarioError
        The design does not fit the scenario.
    ValueError
        Fewer than two replications.
    """
    from ccopt.simulation.rows import evaluation_of

    if replications < 2:
        msg = f"replications = {replications}: at least 2 are needed for confidence intervals"
        raise ValueError(msg)
    check_design(scenario, design)
    scenario = core_of(scenario)
    counts = count(scenario, design, replications=replications, seed=seed, contacts=contacts, progress=progress)
    return evaluation_of(scenario, design, counts)
