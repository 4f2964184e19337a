"""A user's own constraints, checked on a finished design: trimming and annealing do not know them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ccopt.costs import seats_used
from ccopt.design import Design
from ccopt.optimisation.formulation import Extra, build_model, compile_model
from ccopt.optimisation.problem import Floats, Ints, Problem
from ccopt.optimisation.solve import solve_arrays
from ccopt.scenario.entities import Scenario

SECONDS = 10.0
ROUNDING = 1e-9


class ExtraRows:
    """The formulation with the extra constraints, compiled once; ``keeps`` asks it about designs."""

    def __init__(self, scenario: Scenario, p: Problem, extra: Extra) -> None:
        self.scenario, self.p = scenario, p
        self.compiled = compile_model(build_model(p, extra=extra), p)

    def keeps(self, design: Design) -> bool:
        """Whether a point with the sites, seats, agents and contacts of the design keeps all rows of the model.

        What the design does not decide (overhead, contract payments, variables of the user) is left to the solver.
        """
        a = self.compiled.arrays
        low, high = a.low.copy(), a.high.copy()
        for places, values, slack in self._fixed(design):
            known = places >= 0
            low[places[known]] = np.maximum(low[places[known]], values[known] * (1.0 - slack))
            high[places[known]] = np.maximum(np.minimum(high[places[known]], values[known] * (1.0 + slack)), low[places[known]])
            if (values[known] < a.low[places[known]] - 1e-6).any() or (values[known] > a.high[places[known]] * (1.0 + 1e-6)).any():
                return False
        found = solve_arrays(replace(a, low=low, high=high, cost=np.zeros_like(a.cost)), time_limit_s=SECONDS)
        return found.status == "optimal"

    def _fixed(self, design: Design) -> list[tuple[Ints, Floats, float]]:
        """Places and values of the variables that the design decides, with the rounding allowed."""
        p, c = self.p, self.compiled
        form = [(name, design.contracts.get(name)) for name in design.open_sites]
        opened = np.array([key in form for key in zip(p.site_names, p.site_contracts, strict=True)], dtype=float)
        used = np.array([seats_used(self.scenario, design, name) for name in p.site_names]) * opened
        staff = {(g.site, g.skill_set): np.array(g.agents, dtype=float) for g in design.groups}
        none = np.zeros(len(p.hours))
        agents = np.array([staff.get(name, none) * opened[s] for name, s in zip(p.group_names, p.group_site, strict=True)])
        return [(c.open_site, opened, 0.0), (c.used, used, 0.0), (c.agents.ravel(), agents.ravel(), 0.0),
                (c.flow.ravel(), self._flows(design, opened).ravel(), ROUNDING)]  # fmt: skip

    def _flows(self, design: Design, opened: Floats) -> Floats:
        """Contacts per hour (E, T) of the shares of the design."""
        p = self.p
        share: dict[tuple[str, str, str, str], Floats] = {}
        for r in design.routes:
            share[r.region, r.contact_type, r.site, r.skill_set] = np.array(r.share)
        none = np.zeros(len(p.hours))
        rows = [
            share.get((*p.commodity_names[int(c)], *p.group_names[int(g)]), none) * p.demand[int(c)] * opened[p.group_site[g]]
            for c, g in zip(p.arc_commodity, p.arc_group, strict=True)
        ]  # fmt: skip
        return np.array(rows).reshape(len(p.arc_group), len(p.hours))

