"""Why no design exists: families of limits relaxed one by one, in planner's words with amounts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ccopt.errors import InfeasibleError
from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.problem import Problem
from ccopt.showing import counted


def explain_infeasible(p: Problem, *, proven: bool, periods: Sequence[str]) -> None:
    """Raise `InfeasibleError` where a reason is found.

    The first reasons need no solver: unserved contacts, seats in total, counts of sites.

    Parameters
    ----------
    periods
        Names of the periods, for the words.
    proven
        Whether it is known that no design exists: families of limits are then dropped one by one.

    Raises
    ------
    InfeasibleError
        With the conflict and the cheapest repair.
    """
    conflict: list[str] = []
    repair: list[str] = []
    _unserved(p, periods, conflict, repair)
    _seats(p, periods, conflict, repair)
    _counts(p, conflict, repair)
    _single_sites(p, conflict, repair)
    if conflict:
        raise InfeasibleError(conflict, repair)
    if proven:
        from ccopt.optimisation.relaxations import relax_families

        relax_families(p)


def _unserved(p: Problem, periods: Sequence[str], conflict: list[str], repair: list[str]) -> None:
    for c, (region, kind) in enumerate(p.commodity_names):
        arcs = np.flatnonzero(p.arc_commodity == c)
        sites = p.group_site[p.arc_group[arcs]]
        for t in np.flatnonzero(p.demand[c] > 0.0):
            usable = [s for s in sites if p.available[s, t] and not p.must_close[s]]
            certified = p.outer[p.arc_group[arcs]].max(initial=0.0) > 0.0
            if not usable or not certified:
                closed = sorted({p.site_names[s] for s in sites if p.must_close[s] and p.available[s, t]})
                why = "no number of agents meets their targets"
                mend = f"allow a link from {region}, or a skill set for {kind}, at one more site"
                if not usable:
                    why = f"the sites that may serve them are forced closed: {', '.join(closed)}" if closed else (
                        "no site may serve them")
                    mend = f"allow {closed[0]}" if closed else mend
                conflict.append(f"{kind} contacts of {region} in {periods[int(t)]}: {why}")
                repair.append(mend)
                break


def _least_agents(p: Problem, t: int) -> int:
    """Agents that any design needs in a period, all contacts in one group at the best certified rate."""
    work = np.full(len(p.commodity_names), math.inf)
    np.minimum.at(work, p.arc_commodity, p.arc_work)
    load = float((np.where(np.isfinite(work), work, 0.0) * p.demand_low[:, t]).sum())
    best = float(np.max(p.outer[:, 1:] / np.arange(1, p.outer.shape[1]), initial=1e-12))
    return math.ceil(load / best - 1e-9)


def _seats(p: Problem, periods: Sequence[str], conflict: list[str], repair: list[str]) -> None:
    seats = seats_or_enough(p)
    for t in range(len(p.hours)):
        usable: dict[str, int] = {}
        for s, name in enumerate(p.site_names):
            if p.available[s, t] and not p.must_close[s]:
                usable[name] = max(usable.get(name, 0), int(seats[s]))
        room = sum(sorted(usable.values(), reverse=True)[: p.max_sites])
        need = _least_agents(p, t)
        if need > room:
            sites = "all sites together"
            if p.max_sites < len(usable):
                sites = f"the {p.max_sites} largest sites together" if p.max_sites > 1 else "the largest site alone"
            conflict.append(f"{periods[t]}: at least {counted(need, 'agent')} are needed, {sites} have {counted(room, 'seat')}")
            from ccopt.optimisation.relaxations import seats_needed

            repair.append(seats_needed(p) or f"add {counted(need - room, 'seat')}, or open a site with as many")
            return


def _counts(p: Problem, conflict: list[str], repair: list[str]) -> None:
    names = {n for n, closed in zip(p.site_names, p.must_close, strict=True) if not closed}
    forced = {n for n, is_open in zip(p.site_names, p.must_open, strict=True) if is_open}
    if p.min_sites > len(names):
        conflict.append(f"at least {counted(p.min_sites, 'site')} asked for, {len(names)} may open")
        repair.append(f"lower the number of sites to {len(names)}")
    if p.min_sites > p.max_sites:
        conflict.append(f"at least {counted(p.min_sites, 'site')} and at most {counted(p.max_sites, 'site')}")
        repair.append("drop one of the two limits")
    if len(forced) > p.max_sites:
        conflict.append(f"{counted(len(forced), 'site')} forced open ({', '.join(sorted(forced))}), at most {p.max_sites} may be")
        repair.append(f"allow {counted(len(forced), 'site')}")
    for name in sorted(forced - names):
        conflict.append(f"site {name} is forced open and forced closed")
        repair.append(f"drop one of the two limits on {name}")


def _single_sites(p: Problem, conflict: list[str], repair: list[str]) -> None:
    """Contact types that only one building can serve do not survive its loss."""
    rule = p.site_loss
    if rule is None or rule.share <= 0.0 or rule.relocatable > 0.0:
        return
    able: dict[str, set[str]] = {}
    for c, g in zip(p.arc_commodity, p.arc_group, strict=True):
        able.setdefault(p.commodity_names[int(c)][1], set()).add(p.site_names[int(p.group_site[int(g)])])
    for kind, sites in able.items():
        if len(sites) == 1 and not sites & p.never_lost:
            conflict.append(f"surviving the loss of any one site: only {min(sites)} can serve {kind} contacts")
            repair.append(f"allow a link or a skill set for {kind} at one more site, or agents that relocate")
