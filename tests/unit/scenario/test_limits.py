"""A limit of the document without what it needs, or with what it cannot use, is refused before anything is built."""

import json
from typing import get_args

import pytest

import ccopt as cc
from ccopt.optimisation.limits import limits_of
from ccopt.scenario.checks import validated
from ccopt.scenario.entities import LimitEntry
from ccopt.scenario.limit_checks import FIELDS

BASE = json.loads(cc.load_instance("two-sites").model_dump_json(exclude_unset=True))
SITE = BASE["sites"][0]["name"]


def with_limits(*rows):
    return validated(BASE | {"limits": list(rows)})


def test_every_kind_has_its_rule():
    assert set(FIELDS) == set(get_args(LimitEntry.model_fields["kind"].annotation))


@pytest.mark.parametrize(("row", "place", "words"), [
    *[({"kind": k}, "limits[0].value", f"{k} needs") for k, (what, *_) in FIELDS.items() if what],
    ({"kind": "force_open"}, "limits[0].site", "is missing"), ({"kind": "labour_pool", "value": 9}, "limits[0].site", "is missing"),
    ({"kind": "max_sites", "value": 1.5}, "limits[0].value", "whole number"),
    ({"kind": "max_share_at_site", "value": 60}, "limits[0].value", "did you mean 0.6"),
    ({"kind": "budget", "value": 1e6, "site": SITE}, "limits[0].site", "does not belong to budget"),
    ({"kind": "survive_site_loss", "value": 2}, "limits[0].value", "does not belong"),
])  # fmt: skip
def test_faults_of_limits(row, place, words):
    with pytest.raises(cc.ScenarioError) as error:
        with_limits(row)
    assert any(p.place == place and words in str(p) for p in error.value.problems), str(error.value)


def test_changes_from_today_need_a_today():
    raw = {k: v for k, v in BASE.items() if k != "existing"} | {"limits": [{"kind": "max_change", "value": 1}]}
    with pytest.raises(cc.ScenarioError, match="no today"):
        validated(raw)


def test_every_kind_reaches_the_optimiser():
    values = {"a whole number": 1, "an amount": 1e6, "a share between 0 and 1": 0.5}
    rows = [
        {"kind": k} | ({"value": values[what]} if what else {}) | ({"site": SITE} if "site" in needed else {})
        for k, (what, needed, _) in FIELDS.items()
    ]
    assert len(limits_of(with_limits(*rows))) == len(FIELDS)
