"""The numbers of the optimisation model: arrays only, no documents.

`Problem` is what every part of the optimiser reads (formulation, bound, search, repair); `build.py` makes it from a
scenario, `decode.py` turns a `Solution` back into a design. Money is per year, loads are in erlangs, flows in contacts
per hour. A *site option* is a site under one contract form: a site with several tariffs becomes several options of
which at most one is open (``exclusive``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ccopt.scenario.entities import Overhead, Tariff
from ccopt.staffing.tables import Mode

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLoss:
    """After the loss of any one open site the others still carry ``share`` of the load, skill by skill.

    ``surge`` multiplies the agents that remain, ``relocatable`` is the share of the lost agents that work elsewhere.
    """

    share: float = 1.0
    relocatable: float = 0.0
    surge: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipped:
    """A kind of equipped seats at a site option: its groups, seats at most (-1: no limit) and price of a used seat."""

    name: str
    site: int
    groups: tuple[int, ...]
    seats: int
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """Cross-selling in a bound.

    Attributes
    ----------
    gain
        (E, T) money per year of one offer per hour, less the pay of its sale.
    work, load
        (E,) erlangs of an offer per hour, and erlangs that a contact per hour surely takes.
    busy
        (G,) largest occupancy.
    handed_gain
        (E, T) money per year of one offer per hour by warm transfer, less the least pay of a sale.
    briefing, handed
        (E,) erlangs of the first agent, and of the one who sells, of such an offer per hour.
    """

    gain: Floats
    work: Floats
    load: Floats
    busy: Floats
    handed_gain: Floats
    briefing: Floats
    handed: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Sizes: S site options, G groups, C commodities (region, contact type), E arcs, T periods, K agents at most.

    Attributes
    ----------
    site_names, site_contracts
        Physical site and tariff name (None without a choice) of each option, length S.
    group_names
        (site, skill set) of each group, length G; ``group_site`` (G,) is its option.
    commodity_names
        (region, contact type), length C.
    hours
        (T,) hours per year.
    demand, demand_low
        (C, T) contacts per hour that a design serves (escalated: share x offered, safe) and that every design serves at
        least (share x (1 - largest abandonment that the targets allow) x offered). Equal without escalation.
    arc_commodity, arc_group, arc_work
        (E,) commodity and group of an arc; erlangs per contact per hour.
    arc_cost
        (E, T) money per year of one contact per hour on the arc in the period (telecom, contract per contact).
    arc_most
        (E, T) contacts per hour on the arc at most: the demand of its commodity, less where arcs are merged.
    agent_cost
        (G, T) money per year of one agent present in the period.
    slowness
        (G,) factor of a group on the handle times of all its contact types.
    seat_cost, site_cost
        (S,) money per year of one used seat; of an open site (fixed, one-off less the closing cost that it avoids).
    base_cost
        Constant: closing costs of all existing sites. Never part of a model that a solver sees.
    seats
        (S,) agents present at most at the same time (seats and labour pool; a safe finite number when unlimited).
    overhead
        Overhead staff of each option.
    contracts
        Exact contract of an option where prices are tiered or have a minimum; the linear costs above then hold a valid
        underestimate. None where the linear costs are exact.
    inner, outer
        (G, K + 1) erlangs that k agents certify: ``load <= inner[g, n]`` is enough for any mix of the group's types
        (rounded down); ``load <= outer[g, n]`` is necessary (most favourable mix, rounded up). Column 0 is 0.
    available
        (S, T) whether the site may work in the period.
    exclusive
        Sets of options of which at most one is open.
    must_open, must_close
        (S,) decisions taken by limits.
    min_sites, max_sites
        Counts of open sites.
    max_groups
        Most open groups at a physical site, or in all (None).
    min_group_size
        (G,) employed agents of an open group at least.
    max_share_at_site
        Share of all agents that a physical site may hold in any period; sites without a limit are left out.
    budget
        Cost per year at most, infinite without one.
    site_loss
        Resilience, or None; ``never_lost`` names the sites that cannot be lost as a building (home-based).
    answered_low
        (C,) share of a commodity's contacts that every design answers.
    own_demand
        (C, T) contacts per hour from outside, without escalation.
    escalation_from, escalation_to, escalation_share
        (M,) commodities of each escalation and its share of the answered contacts.
    largest_loss
        (G, K + 1) largest share that may abandon in a group with at least k agents while all targets hold.
    equipped
        Seats with equipment (video rooms): agents of these groups at most, at a price for each.
    pooled
        Names of the sites whose ``seats`` are the size of a labour pool.
    spare
        Whether a user's constraints may ask for more agents than the contacts of a group.
    today, max_change
        Names of today's open sites, and how many sites may differ from them (None: no limit).
    min_site_agents
        Agents that a physical site has at least in the busiest period.
    modes
        Per group the ways to use it (which types, in which band of mixes) with a table each; one where all mixes are
        alike. ``arc_type`` (E,) is the index of an arc's contact type among the types of its group.
    offers
        What offers may earn (E15), in problems of bounds only; None where nothing is sold, and in problems of designs.
    """

    site_names: tuple[str, ...]
    site_contracts: tuple[str | None, ...]
    group_names: tuple[tuple[str, str], ...]
    commodity_names: tuple[tuple[str, str], ...]
    hours: Floats
    demand: Floats
    demand_low: Floats
    group_site: Ints
    arc_commodity: Ints
    arc_group: Ints
    arc_work: Floats
    arc_cost: Floats
    arc_most: Floats
    agent_cost: Floats
    slowness: Floats
    seat_cost: Floats
    site_cost: Floats
    base_cost: float
    seats: Ints
    overhead: tuple[tuple[Overhead, ...], ...]
    contracts: tuple[Tariff | None, ...]
    inner: Floats
    outer: Floats
    available: Bools
    exclusive: tuple[tuple[int, ...], ...]
    must_open: Bools
    must_close: Bools
    min_sites: int
    max_sites: int
    max_groups: dict[str | None, int]
    min_group_size: Ints
    max_share_at_site: dict[str, float]
    budget: float
    site_loss: SiteLoss | None
    never_lost: frozenset[str]
    answered_low: Floats
    own_demand: Floats
    escalation_from: Ints
    escalation_to: Ints
    escalation_share: Floats
    largest_loss: Floats
    modes: tuple[tuple[Mode, ...], ...]
    arc_type: Ints
    min_site_agents: dict[str, int] = field(default_factory=dict)
    today: frozenset[str] = frozenset()
    max_change: int | None = None
    pooled: frozenset[str] = frozenset()
    spare: bool = False
    equipped: tuple[Equipped, ...] = ()
    offers: Offers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A point: options open (S,), agents (G, T) and flows (E, T), with its cost on the exact integer tables."""

    open_sites: Bools
    agents: Ints
    flows: Floats
    cost: float
