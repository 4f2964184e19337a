"""Saving of linked staffing against independent groups on two designs, with a check on fresh calls.

A: 20, 12 and 8 erlangs, seven skill sets (all subsets), two skills cost 5 % more, three 15 %.
B: six types with 61 erlangs together, thirteen skill sets (single, neighbours, all), premiums 5 % and 20 %.
80 % within a twelfth of the handle time per contact type; patience of twice the handle time.
"""

from __future__ import annotations

import argparse
import time
from itertools import combinations

from ccopt.design import AgentGroup, Design, Route
from ccopt.queueing import group_performance
from ccopt.scenario.entities import Scenario
from ccopt.studies.refinement import refine

AHT_S, AWT_S = 240.0, 20.0


def fewest(load: float, patience_s: float) -> int:
    agents = 1
    while True:
        found = group_performance(load * 3600 / AHT_S, AHT_S, patience_s=patience_s, agents=agents, awt_s=AWT_S)
        if found.stable and found.answered_in_time[0] >= 0.8:
            return agents
        agents += 1


def network(loads: list[float], skills: list[tuple[int, ...]], premium: dict[int, float]) -> tuple[Scenario, Design]:
    """Scenario and the design of independent groups, one for each type."""
    patience = 2 * AHT_S
    names = ["".join(str(c) for c in s) for s in skills]
    scenario = Scenario.model_validate({
        "schema_version": 1, "name": "linked", "periods": [{"name": "hour", "hours_per_year": 1.0}],
        "sites": [{"name": "here", "kind": "inhouse", "wage_per_hour": 1.0}],
        "contact_types": [{"name": f"c{c}", "talk_s": AHT_S, "patience_s": patience,
                           "targets": [{"service_level": 0.8, "awt_s": AWT_S}]} for c in range(len(loads))],
        "skill_sets": [{"name": n, "contact_types": [f"c{c}" for c in s], "wage_factor": premium[len(s)]}
                       for n, s in zip(names, skills, strict=True)],
        "demand": [{"region": "r", "contact_type": f"c{c}", "contacts_per_hour": a * 3600 / AHT_S}
                   for c, a in enumerate(loads)]})  # fmt: skip
    design = Design(
        open_sites=("here",),
        groups=tuple(AgentGroup(site="here", skill_set=str(c), agents=(fewest(a, patience),))
                     for c, a in enumerate(loads)),
        routes=tuple(Route(region="r", contact_type=f"c{c}", site="here", skill_set=str(c), share=(1.0,))
                     for c in range(len(loads))))  # fmt: skip
    return scenario, design


def design_a() -> tuple[Scenario, Design]:
    skills = [s for k in (1, 2, 3) for s in combinations(range(3), k)]
    return network([20.0, 12.0, 8.0], skills, {1: 1.0, 2: 1.05, 3: 1.15})


def design_b() -> tuple[Scenario, Design]:
    skills = [(c,) for c in range(6)] + [tuple(sorted((c, (c + 1) % 6))) for c in range(6)] + [tuple(range(6))]
    return network([16.0, 12.0, 10.0, 9.0, 8.0, 6.0], skills, {1: 1.0, 2: 1.05, 6: 1.2})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    seconds = parser.parse_args().seconds
    for name, make in (("A", design_a), ("B", design_b)):
        scenario, design = make()
        refine(scenario, design, time_limit_s=0.1)  # compile
        start = time.perf_counter()
        found = refine(scenario, design, time_limit_s=seconds)
        spent = time.perf_counter() - start
        staff = {g.skill_set: g.agents[0] for g in found.design.groups if g.agents[0]}
        levels = [round(r.service_level or 0.0, 4) for r in found.evaluation.contact_types if r.period]
        print(f"{name}: {found.start_cost_per_year:.2f} -> {found.cost_per_year:.2f} ({-100 * found.saving:+.1f} %), "
              f"{found.simulations} simulations, {spent:.1f} s, fresh calls {levels} "
              f"{'kept' if found.evaluation.meets_targets else 'MISSED'}, {staff}")  # fmt: skip


if __name__ == "__main__":
    main()
