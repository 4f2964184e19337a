"""Judge a design by simulation: replications of every period, intervals from their scatter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design
from ccopt.kpis import Evaluation
from ccopt.routing.checks import check_design
from ccopt.scenario.entities import Scenario
from ccopt.simulation.arrivals import Banks
from ccopt.simulation.contacts import Simulator
from ccopt.simulation.laws import EXPONENTIAL, Law
from ccopt.simulation.network import steady
from ccopt.simulation.record_files import RecordFile
from ccopt.simulation.tally import MEASURES, Tally, tally
from ccopt.simulation.translate import PeriodNetwork, Translator, awt_of, by_response, curves_of

Floats = NDArray[np.float64]
WARM_UP_HANDLE_TIMES = 10.0
LEAST_HANDLE_TIMES = 20.0
COOL_DOWN_HANDLE_TIMES = 3.0
CONTACTS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationOptions:
    """What the scenario does not say.

    Attributes
    ----------
    records
        File for one row per simulated contact (``.parquet`` or ``.csv``), None for none.
    service_law, patience_law
        Laws of all handle times and of all patience.
    progress
        Called with (periods done, periods).
    threads
        Replications at a time; the result is the same.
    """

    records: str | Path | None = None
    service_law: Law = EXPONENTIAL
    patience_law: Law = EXPONENTIAL
    progress: Callable[[int, int], None] | None = None
    threads: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodCounts:
    """Counts of one period: replications R, queues Q, sources S, groups G; ``window_h`` measured hours of each.

    ``service`` (R, Q, MEASURES), ``busy_h`` (R, G); means over replications per hour (S, G): ``answered``, ``lost``,
    ``sold``; per hour too: ``waited_s`` and ``displeasure`` by source and home group.
    """

    parts: PeriodNetwork
    window_h: float
    service: Floats
    busy_h: Floats
    answered: Floats
    lost: Floats
    contained: Floats
    sold: Floats
    waited_s: Floats
    displeasure: Floats


def window_of(parts: PeriodNetwork, contacts: int) -> tuple[float, float, float]:
    """Warm-up, measured and last seconds of one replication of a period."""
    network = parts.network
    handle = max((steady(w.handle_s) for q in network.queues for w in q.ways), default=1.0)
    total = sum(steady(s.contacts_per_hour) for s in network.sources) / 3600.0
    measured = max(contacts / total, LEAST_HANDLE_TIMES * handle) if total > 0.0 else 0.0
    return WARM_UP_HANDLE_TIMES * handle, measured, COOL_DOWN_HANDLE_TIMES * handle


def simulate_period(
    scenario: Scenario, translator: Translator, period: int, *, replications: int, seed: int, contacts: int,
    records: RecordFile | None = None, threads: int = 1,
) -> PeriodCounts:  # fmt: skip
    """Replications of one period; replications of equal seed meet the same contacts whatever the design."""
    warm, measured, cool = window_of(translator.network(period, 1.0), contacts)
    parts = translator.network(period, warm + measured + cool or 1.0)
    kinds = [translator.kinds[name] for name, _, _ in parts.queue_of]
    queues, sources, groups = len(kinds), len(parts.source_of), len(parts.network.groups)
    service, busy = np.zeros((replications, queues, MEASURES)), np.zeros((replications, groups))
    totals = {name: np.zeros((sources, groups)) for name in ("answered", "lost", "contained", "sold", "wait_all", "displeasure")}
    if measured > 0.0 and sources:
        simulator = Simulator(parts.network, seed=seed_of(seed, period), banks=Banks(0))
        awt, response = np.array([awt_of(k) for k in kinds]), np.array([by_response(k) for k in kinds])
        curves = curves_of(scenario, [k.name for k in kinds])
        days = simulator.days(replications, threads=threads)
        for r, day in enumerate(days):
            if records is not None:
                records.add(day.frame(simulator.network), period=scenario.periods[period].name, replication=r)
            found: Tally = tally(day, simulator.tables, edges_s=np.array([warm, warm + measured]), awt_s=awt,
                                 response=response, curves=curves)  # fmt: skip
            service[r], busy[r] = found.service[0], translator.busy_h(parts, found.busy_s[0], found.answered[0])
            for name in totals:
                totals[name] += getattr(found, name)[0]
    hours = measured / 3600.0
    mean = {name: total / (replications * hours) if hours else total for name, total in totals.items()}
    return PeriodCounts(
        parts=parts, window_h=hours, service=service, busy_h=busy, answered=mean["answered"], lost=mean["lost"],
        contained=mean["contained"], sold=mean["sold"], waited_s=mean["wait_all"], displeasure=mean["displeasure"],
    )  # fmt: skip


def seed_of(seed: int, period: int) -> int:
    """Seed of a period."""
    return int(np.random.SeedSequence([seed, period]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def simulate(
    scenario: Scenario,
    design: Design,
    *,
    replications: int = 20,
    seed: int = 7,
    contacts: int = CONTACTS,
    options: SimulationOptions | None = None,
) -> Evaluation:
    """Judge a design by simulation, without any queueing formula.

    Every period is simulated as a steady period: Poisson arrivals, handle times and patience by their laws, smaller
    priority first, groups, shares, ranks and delays as designed, answered contacts escalated with their probability,
    offers made while the live state is at most their threshold. Under overflow an agent takes contacts of the own queue
    first; under one virtual queue the longest wait.

    Parameters
    ----------
    scenario, design
        Documents; the design is checked first.
    replications
        Independent runs of each period; at least 2, for the intervals.
    seed
        The same seed gives the same result, and the same contacts to every design.
    contacts
        Contacts from outside measured in each run (at least twenty handle times), after a warm-up of ten handle times
        and before three more in which contacts still come.
    options
        Records file, laws other than exponential, progress.

    Returns
    -------
    Evaluation
        Rows with ``half_width`` of 95 % confidence intervals (Student's t over replications). ``violations`` are the
        targets that the runs prove broken, see `contradictions`; ``notes`` say what else lies beside a target.

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
    options = options or SimulationOptions()
    translator = Translator(scenario, design, service_law=options.service_law, patience_law=options.patience_law)
    scenario = translator.scenario
    records = RecordFile(options.records) if options.records is not None else None
    counts = []
    for t in range(len(scenario.periods)):
        counts.append(simulate_period(scenario, translator, t, replications=replications, seed=seed, contacts=contacts,
                                      records=records, threads=options.threads))  # fmt: skip
        if options.progress is not None:
            options.progress(t + 1, len(scenario.periods))
    if records is not None:
        records.write()
    found = evaluation_of(scenario, design, counts)
    return replace(found, notes=(*found.notes, *translator.entrances.notes(scenario)))
