"""Rules of the optional blocks of a scenario: each broken once, refused with its place and in words."""

import copy

import pytest

import ccopt as cc
from ccopt.scenario.checks import validated

BASE = {
    "schema_version": 1, "name": "blocks", "periods": [{"name": "day", "hours_per_year": 1000}, {"name": "rest", "hours_per_year": 3000}],
    "sites": [{"name": "here", "kind": "inhouse", "wage_per_hour": 20}],
    "contact_types": [{"name": "call", "talk_s": 200}, {"name": "chat", "channel": "chat", "talk_s": 300}],
    "skill_sets": [{"name": "all", "contact_types": ["call", "chat"]}],
    "demand": [{"region": "r", "contact_type": c, "contacts_per_hour": 100} for c in ("call", "chat")],
}  # fmt: skip
LEVELS = [{"chats": 1, "handle_s": 300}, {"chats": 2, "handle_s": 400}]
TARIFF = {"per": "agent_hour", "price": 30}


@pytest.mark.parametrize(("place", "value", "words"), [
    ("worth", [{"contact_type": "call", "dissatisfaction": [{"wait_s": 0, "cost": 0}]}], r"worth\[0\].dissatisfaction.*needs a point after wait 0"),
    ("worth", [{"contact_type": "call", "dissatisfaction": [{"wait_s": 30, "cost": 2}, {"wait_s": 60, "cost": 1}]}], "cost must not fall with the wait"),
    ("worth", [{"contact_type": "call", "dissatisfaction": [{"wait_s": 0, "cost": 1}, {"wait_s": 60, "cost": 2}]}], "a wait of 0 must cost 0"),
    ("worth", [{"contact_type": "call", "dissatisfaction": [{"wait_s": 60, "cost": 1}, {"wait_s": 30, "cost": 2}]}], "wait_s must rise"),
    ("trunks", [{"name": "lines", "contact_types": ["fax"]}], r"trunks\[0\].contact_types\[0\] = 'fax'"),
    ("trunks", [{"name": "lines", "erlangs": [1.0]}], r"trunks\[0\].erlangs = 1 numbers: must have one number per period \(2\)"),
    ("journeys", [{"from_type": "call", "to_type": "chat", "share": 0.7}, {"from_type": "call", "to_type": "chat", "share": 0.6}],
     r"journeys\[1\].share.*shares out of 'call' exceed 1"),
    ("contact_types.0.chat_levels", LEVELS, r"contact_types\[0\].chat_levels = 'voice': belongs to chats.*set channel"),
    ("contact_types.1.chat_levels", [{"chats": 2, "handle_s": 300}], "must list 1, 2, ... chats in order"),
    ("contact_types.1.chat_levels", [{"chats": 1, "handle_s": 300}, {"chats": 2, "handle_s": 700}], "must not lower the chats"),
    ("contact_types.1", {"chat_levels": LEVELS, "callback": {"accept": 0.5}}, r"contact_types\[1\].callback = 'chat': belongs to calls that wait"),
    ("sites.0.equipped_seats", [{"name": "video", "contact_types": ["chat"]}] * 2, r"equipped_seats\[1\].name = 'video': stands twice"),
    ("skill_sets.0.tenure", [{"name": "new", "share": 0.5}], r"skill_sets\[0\].tenure = 0.5: shares must sum to 1"),
    ("sites.0", {"wage_per_hour": None, "tariff": TARIFF, "labour_market": [{"wage_per_hour": 20}]}, "belongs to a site that hires"),
    ("sites.0.labour_market", [{"up_to": 10, "wage_per_hour": 20}], "up_to must rise, and the last tier be open"),
    ("sites.0", {"wage_per_hour": None, "tariff": TARIFF, "tariffs": [{**TARIFF, "name": "night"}]}, r"sites\[0\].tariffs: excludes tariff"),
    ("contact_types.0.targets", [{}], "must hold exactly one target"),
    ("quality", [{"contact_type": "call", "first_contact_resolution": 0.0, "returns": 1.0}], "every contact is repeated for ever"),
])  # fmt: skip
def test_a_broken_rule_is_said(place, value, words):
    raw = copy.deepcopy(BASE)
    *path, last = place.split(".")
    where = raw
    for step in path:
        where = where[int(step)] if step.isdigit() else where[step]
    if last.isdigit():
        where[int(last)] = {k: v for k, v in (where[int(last)] | value).items() if v is not None}
    else:
        where[last] = value
    with pytest.raises(cc.ScenarioError, match=words):
        validated(raw)
