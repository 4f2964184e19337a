"""What it costs that a client has agents of its own."""

from __future__ import annotations

from ccopt.scenario.entities import Scenario
from ccopt.studies.selling_plans import optimise


def exclusivity_prices(scenario: Scenario, *, gap: float = 0.002, time_limit_s: float = 20.0, seed: int = 0) -> dict[str, float]:
    """Money a year that each client's wish for dedicated agents costs, one client at a time.

    A client is a contact type. Its price is the cost of the best plan found without the skill sets that serve it
    together with others, less the cost of the best plan found with all skill sets; both within ``gap``, so a price below
    twice the gap's money says nothing.

    Parameters
    ----------
    scenario
        A checked scenario in which several contact types share skill sets.
    gap, time_limit_s, seed
        For each optimisation; there is one per client and one more.

    Returns
    -------
    dict
        Price by contact type; those without a skill set of their own are left out.

    Raises
    ------
    InfeasibleError
        Seats are too few for a dedicated team.
    """
    shared = optimise(scenario, gap=gap, time_limit_s=time_limit_s, seed=seed).cost_per_year
    found = {}
    for kind in (c.name for c in scenario.contact_types):
        kept = tuple(k for k in scenario.skill_sets if kind not in k.contact_types or k.contact_types == (kind,))
        if not any(k.contact_types == (kind,) for k in kept) or len(kept) == len(scenario.skill_sets):
            continue
        names = {k.name for k in kept}
        sites = tuple(
            s.model_copy(update={"skill_sets": tuple(n for n in s.skill_sets if n in names)}) if s.skill_sets else s
            for s in scenario.sites
        )
        alone = scenario.model_copy(update={"skill_sets": kept, "sites": sites})
        found[kind] = optimise(alone, gap=gap, time_limit_s=time_limit_s, seed=seed).cost_per_year
    least = min([shared, *found.values()])  # a plan with dedicated agents is also a plan where sharing is allowed
    return {kind: cost - least for kind, cost in found.items()}
