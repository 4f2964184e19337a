"""Own staff, agents at home, vendors, temporary seats, on demand: which workforce is cheapest at which volume."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ccopt.costs import cost_of, leaves
from ccopt.scenario.core import core_of
from ccopt.scenario.entities import Scenario, Site
from ccopt.studies.forms import BreakEven, FormsRow, FormStudy, changes


def workforce_forms(
    scenario: Scenario, sites: Sequence[str], volumes: Sequence[float], *, periods: Sequence[str] | None = None
) -> tuple[FormsRow, ...]:
    """Yearly amounts where one workforce takes all contacts, for each site and each of its tariffs.

    The amount is everything that the site costs: fixed cost, seats, pay or contract, overhead staff, telecom, one-off.

    Parameters
    ----------
    scenario
        A checked scenario.
    sites
        Names of sites of any kind.
    volumes
        Multiples of the demand, above 0.
    periods
        Compare only the contacts of these periods (a temporary site works in none but its own); all when None.

    Raises
    ------
    ValueError
        An unknown site or period, or a site that does not work in a period that is compared.

    Examples
    --------
    >>> import ccopt
    >>> season = ccopt.load_instance("seasonal-retail")
    >>> [row] = workforce_forms(season, ["rented hall", "call vendor"], [0.1], periods=["peak weeks"])
    >>> row.cheapest, row.agents_of["rented hall"]
    ('call vendor', (0, 0, 9))
    """
    study = _Workforces(scenario, sites, periods)
    return tuple(study.row(float(v)) for v in volumes)


def workforce_break_evens(
    scenario: Scenario, sites: Sequence[str], volumes: Sequence[float], *, periods: Sequence[str] | None = None
) -> tuple[BreakEven, ...]:
    """Volumes at which the cheapest workforce changes, by bisection between neighbours of a rising grid of multiples."""
    return changes(_Workforces(scenario, sites, periods).row, volumes)


class _Workforces:
    def __init__(self, scenario: Scenario, names: Sequence[str], periods: Sequence[str] | None) -> None:
        known = {s.name: s for s in scenario.sites}
        unknown = [n for n in names if n not in known]
        have = [p.name for p in scenario.periods]
        chosen = have if periods is None else list(periods)
        strange = [p for p in chosen if p not in have]
        if unknown or strange or not names:
            msg = f"sites = {list(names)}, periods = {chosen}: have the sites {list(known)} and the periods {have}"
            raise ValueError(msg)
        shut = {n: [p for p in chosen if p not in (known[n].periods or have)] for n in names}
        if any(shut.values()):
            msg = f"sites that do not work in all periods: { {n: p for n, p in shut.items() if p} }; name fewer periods"
            raise ValueError(msg)
        core = core_of(scenario)
        keep = [p in chosen for p in have]
        self.studies = {n: FormStudy(core, known[n], keep) for n in names}
        self.known: dict[float, FormsRow] = {}

    def row(self, volume: float) -> FormsRow:
        """Amounts of all workforces at a multiple of the demand."""
        if volume in self.known:
            return self.known[volume]
        amounts: dict[str, float] = {}
        agents: dict[str, tuple[int, ...]] = {}
        contacts = 0.0
        for name, study in self.studies.items():
            staffed = study.staffed(volume)
            contacts = staffed.contacts_per_year
            for label, contract in _forms(study.site):
                design = staffed.design.model_copy(update={"contracts": {name: contract} if contract else {}})
                costs = cost_of(staffed.scenario, design, staffed.flows).costs["sites"][name]
                amounts[label] = math.fsum(leaves(costs))
                agents[label] = staffed.agents
        first = next(iter(agents.values()))
        self.known[volume] = FormsRow(
            volume=volume, contacts_per_year=contacts, agents=first, amounts=amounts, agents_of=agents
        )
        return self.known[volume]


def _forms(site: Site) -> list[tuple[str, str | None]]:
    """Label and contract of each form of a site."""
    if not site.tariffs:
        return [(site.name, None)]
    return [(f"{site.name}: {t.name}", str(t.name)) for t in site.tariffs]
