"""Agents beyond the contacts of a group, where a limit may ask for them."""

import numpy as np
import pytest

import ccopt as cc
from ccopt.optimisation import SurviveSiteLoss
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.staffing_rows import cells_of


@pytest.mark.parametrize(("rule", "spare"), [
    (SurviveSiteLoss(share=0.7), False), (SurviveSiteLoss(share=0.7, relocatable=0.5), True),
    (SurviveSiteLoss(share=0.7, surge=0.9), True),
])  # fmt: skip
def test_a_loss_that_counts_lost_agents_may_ask_for_more_than_the_contacts_need(rule, spare):
    # one site of 5 erlangs: of n agents half work elsewhere after its loss, and 0.5 n >= 0.7 x 5 may exceed what 5 erlangs need
    scenario = cc.Scenario.model_validate({
        "schema_version": 1, "name": "loss", "periods": [{"name": "day", "hours_per_year": 1000}],
        "sites": [{"name": "a", "kind": "inhouse", "seats": 60, "wage_per_hour": 20}],
        "contact_types": [{"name": "c", "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "demand": [{"region": "r", "contact_type": "c", "contacts_per_hour": 60}],
    })  # fmt: skip
    p = build_problem(scenario, [rule])
    needed = int(np.searchsorted(p.inner[0], 5.0))
    assert (cells_of(p, p.inner).most[0] > needed) == spare
