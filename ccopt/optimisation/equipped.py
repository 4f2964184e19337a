"""Seats with equipment: agents who may serve a contact type that needs it sit at one (a bound may leave the rows out).

sum over the groups of the kind of n_gt <= v_k <= seats_k,    v_k costs the yearly price of the equipment
"""

from __future__ import annotations

from collections.abc import Sequence

from ccopt.optimisation.problem import Equipped
from ccopt.optimisation.site_options import Option
from ccopt.scenario.entities import Scenario


def equipped_kinds(
    scenario: Scenario, options: Sequence[Option], group_names: Sequence[tuple[str, str]], group_site: Sequence[int]
) -> tuple[Equipped, ...]:
    """Kinds of all site options whose groups may need them."""
    serves = {k.name: set(k.contact_types) for k in scenario.skill_sets}
    found = []
    for s, option in enumerate(options):
        for e in option.site.equipped_seats:
            groups = tuple(
                g for g, (_, skill) in enumerate(group_names)
                if group_site[g] == s and serves[skill] & set(e.contact_types)
            )  # fmt: skip
            if groups:
                seats = -1 if e.seats is None else e.seats
                found.append(Equipped(name=e.name, site=s, groups=groups, seats=seats, cost=e.cost_per_year))
    return tuple(found)
