"""(E11) in the model: agents that carry a share of the load after the loss of any one site."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo

from ccopt.optimisation.loss_flows import flow_size, loss_flow_rows
from ccopt.optimisation.loss_rows import loss_rows, may_be_spared
from ccopt.optimisation.problem import Floats, Problem

MOST_LOSS_FLOWS = 20_000


def site_loss(m: Any, p: Problem) -> None:
    """(E11) After the loss of any one site the others carry a share of the load, for every subset of contact types.

    Where there are too many subsets for a row each, the contacts are routed once more for every loss; where that would be
    more than `MOST_LOSS_FLOWS` variables, the rows are necessary only and the certificate checks designs.
    """
    rows = loss_rows(p)
    if not len(rows.need):
        return
    spared = may_be_spared(p)
    if not rows.complete and not spared and flow_size(p, rows) <= MOST_LOSS_FLOWS:
        loss_flow_rows(m, p, rows)
    m.risk = pyo.Var(range(int(spared)), bounds=(0.0, 1.0))  # whether a site is open that may be lost
    risk = m.risk[0] if spared else 1.0
    m.risks = pyo.ConstraintList()
    for i, name in enumerate(p.site_names):
        if spared and name not in p.never_lost:
            m.risks.add(m.risk[0] >= m.y[i])
    m.able = pyo.Var(range(len(set(rows.kinds))), range(len(p.hours)), domain=pyo.NonNegativeReals)
    m.ability, m.loss = pyo.ConstraintList(), pyo.ConstraintList()
    for i, kinds in enumerate(dict.fromkeys(rows.kinds)):
        mine = [r for r, other in enumerate(rows.kinds) if other == kinds]
        usual = rows.weight[mine].max(axis=0)  # all who can, counted once: a row then names the lost site only
        lost = np.unique(usual - rows.weight[mine], axis=0)
        need = rows.need[mine[0]]
        for t in np.flatnonzero(need > 0.0).tolist():
            m.ability.add(m.able[i, t] == _weighted(m, usual, t))
            for less in lost:
                left = m.able[i, t] - _weighted(m, less, t)
                m.loss.add(left >= float(need[t]) * risk if (usual > less).any() or spared else m.y[0] >= 2)  # nobody is able: no design


def _weighted(m: Any, weight: Floats, t: int) -> Any:
    return pyo.quicksum(float(weight[g]) * m.n[g, t] for g in np.flatnonzero(weight > 0.0).tolist())
