"""Judge linked sites: simulation of the contacts with Erlang-A companions as control variates."""

from __future__ import annotations

from functools import partial

import numpy as np

from ccopt.design import Design
from ccopt.evaluation.group_results import GroupModel, awt_layers
from ccopt.evaluation.lines import build_lines
from ccopt.queueing.controlled.bank import Bank
from ccopt.queueing.controlled.effort import RunOptions, contacts_within, narrow_enough
from ccopt.queueing.controlled.estimates import PeriodResult, run_lines
from ccopt.queueing.controlled.period_lines import PeriodLines
from ccopt.routing.flows import Network
from ccopt.scenario.entities import Scenario


def run_network(
    scenario: Scenario, design: Design, network: Network, *, options: RunOptions, bank: Bank, model: GroupModel | None
) -> list[PeriodResult | None]:
    """Every period of a design; None where nobody comes.

    With ``budget_ms`` a pilot measures the speed and the rest of the time is spent evenly over the periods; with
    ``half_width`` a period is run again with more contacts until no contact type has a wider interval.
    """
    periods = [t for t in range(len(scenario.periods)) if network.demand[:, :, t].sum() > 0]
    built = {t: build_lines(scenario, design, network, t) for t in periods}
    contacts = options.contacts
    if options.budget_ms is not None:
        first = periods[0]
        pilot = partial(one_period, scenario, design, built[first], first, options=options, bank=Bank(), model=model)
        contacts = contacts_within(lambda n: pilot(contacts=n), options.budget_ms, len(built))
    found: list[PeriodResult | None] = [None] * len(scenario.periods)
    for t in periods:
        run = partial(one_period, scenario, design, built[t], t, options=options, bank=bank, model=model)
        found[t] = narrow_enough(lambda n, run=run: run(contacts=n), contacts, options.half_width)  # type: ignore[misc]
    return found


def one_period(
    scenario: Scenario, design: Design, lines: PeriodLines, period: int, *, options: RunOptions, contacts: int,
    bank: Bank, model: GroupModel | None,
) -> PeriodResult:  # fmt: skip
    """Run the lines of one period."""
    agents = np.array([g.agents[period] for g in design.groups], dtype=np.int64)
    awt_s = awt_layers(scenario.contact_types)[:, lines.contact_type]
    return run_lines(
        lines, agents, awt_s, bank=bank, stream=(options.seed, period), contacts=contacts, model=model
    )
