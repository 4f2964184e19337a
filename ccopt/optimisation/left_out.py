"""What a plan must say about its bound and its certificate."""

from __future__ import annotations

from collections.abc import Sequence

from ccopt.optimisation.limits import Limit, QualityFloor
from ccopt.optimisation.run import Run
from ccopt.optimisation.volumes import types_in_group
from ccopt.staffing.group_types import is_simulated, ranks_left_out
from ccopt.staffing.network_model import MOST_SIMULATED, NetworkModel


def left_out(run: Run, limits: Sequence[Limit]) -> dict[str, list[str]]:
    """What designs keep and the bound does not ask for, so that the gap is wider than it need be."""
    found = [f"{x!r}: kept in every agent group, left out of the bound" for x in limits if isinstance(x, QualityFloor)]
    if run.options.extra is not None:
        found.append("extra constraints: kept by the design; in the bound only where the formulation itself gave it")
    rooms = sorted({f"{k.name!r} of {run.p.site_names[k.site]}" for k in run.p.equipped})
    found += [f"equipped seats {x}: in the bound by programmes, not in that by prices" for x in rooms]
    left = {"bound_leaves_out": found} if found else {}
    ranks = _ranks(run)
    return left | ({"ranks": ranks} if ranks else {})


def _ranks(run: Run) -> list[str]:
    """How priorities that no formula holds are certified."""
    kinds = {k.name: types_in_group(run.scenario, k, k.contact_types) for k in run.scenario.skill_sets}
    found = []
    unlike = sorted(repr(k) for k, mine in kinds.items() if is_simulated(mine))
    if unlike:
        words = ", ".join(unlike)
        best = run.findings.best
        many = best is not None and NetworkModel(run.scenario, best.design).simulated > MOST_SIMULATED
        how = (
            f"certified in the order of arrival, being more than {MOST_SIMULATED} groups and periods: ask `evaluate`" if many
            else "certified by the unfavourable end of simulated intervals; the bound holds for any order of service"
        )
        found.append(f"unlike types by priority in {words}: {how}")
    apart = sorted(repr(k) for k, mine in kinds.items() if ranks_left_out(mine))
    if apart:
        found.append(f"chats or background work by priority in {', '.join(apart)}: certified in the order of arrival: ask `evaluate`")
    return found
