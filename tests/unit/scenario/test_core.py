"""The core of a scenario against hand calculations, and the rules of the optional blocks."""

import json

import pytest

import ccopt as cc
from ccopt.scenario.checks import validated
from ccopt.scenario.core import core_of


def document(**blocks):
    """One region, calls of 200 + 40 s and chats of 300 s, 100 and 50 an hour, two periods of 1,000 and 3,000 hours."""
    return {
        "schema_version": 1, "name": "small",
        "periods": [{"name": "day", "hours_per_year": 1000}, {"name": "rest", "hours_per_year": 3000}],
        "sites": [{"name": "here", "kind": "inhouse", "wage_per_hour": 20, "shrinkage": 0.2}],
        "contact_types": [
            {"name": "call", "talk_s": 200, "wrap_s": 40}, {"name": "chat", "channel": "chat", "talk_s": 300},
            {"name": "call after chat", "talk_s": 200, "wrap_s": 40},
        ],
        "skill_sets": [{"name": "all", "contact_types": ["call", "chat", "call after chat"]}],
        "demand": [
            {"region": "r", "contact_type": "call", "contacts_per_hour": 100},
            {"region": "r", "contact_type": "chat", "contacts_per_hour": [50, 20]},
        ],
    } | blocks  # fmt: skip


def rates(s):
    return {d.contact_type: d.contacts_per_hour for d in core_of(s).demand}


def test_a_scenario_without_blocks_is_its_own_core():
    s = validated(document())
    assert core_of(s) is s


def test_core_of_a_core_is_itself():
    s = core_of(validated(document(quality=[{"contact_type": "call", "first_contact_resolution": 0.8}])))
    assert core_of(s) == s


def test_repeat_contacts_multiply_demand():
    """70 % settled, half of the others come back: 1 / (1 - 0.5 x 0.3) = 1 / 0.85 contacts per matter."""
    s = validated(document(quality=[{"contact_type": "call", "first_contact_resolution": 0.7, "returns": 0.5}]))
    assert rates(s)["call"] == pytest.approx((100 / 0.85,) * 2)


def test_containment_and_repeats_together():
    """Attempts x = 100 + 0.15 y with y = 0.8 x: x = 100 / 0.88; ports hold x 30 s."""
    s = validated(document(
        quality=[{"contact_type": "call", "first_contact_resolution": 0.7, "returns": 0.5}],
        self_service=[{"name": "menu", "menus": [{"contact_type": "call", "time_s": 30, "containment": 0.2}]}],
    ))  # fmt: skip
    assert rates(s)["call"] == pytest.approx((80 / 0.88,) * 2)
    assert core_of(s).trunks[0].erlangs == pytest.approx((100 / 0.88 * 30 / 3600,) * 2)
    assert core_of(s).trunks[1].contact_types == ("call",)


def test_mailings_bring_calls_in_their_window_only():
    """60,000 letters, 2 % answer within the 1,000 hours of the day period: 1.2 an hour more."""
    s = validated(document(mailings=[{"name": "offer", "region": "r", "contact_type": "call", "pieces_per_year": 60_000,
                                      "response": 0.02, "periods": ["day"], "cost_per_piece": 0.5}]))  # fmt: skip
    assert rates(s)["call"] == pytest.approx((101.2, 100.0))
    assert core_of(s).charges[0].amount_per_year == 30_000


def test_shift_between_channels_keeps_the_total():
    s = validated(document(channel_shifts=[{"from_type": "call", "to_type": "chat", "share": 0.25}]))
    assert rates(s) == {"call": (75.0, 75.0), "chat": (75.0, 45.0)}


def test_journey_is_an_escalation_to_a_shorter_contact():
    s = core_of(validated(document(journeys=[{"from_type": "chat", "to_type": "call after chat", "share": 0.1,
                                              "handle_factor": 0.75}])))  # fmt: skip
    assert [(e.from_type, e.to_type, e.share) for e in s.escalations] == [("chat", "call after chat", 0.1)]
    assert {c.name: c.aht_s for c in s.contact_types}["call after chat"] == pytest.approx(180)


def test_campaign_reaches_people_after_misses():
    """40,000 addresses, 25 % reached: 10,000 over 4,000 h = 2.5 an hour; three misses of 20 s before each: 240 + 60 s."""
    s = core_of(validated(document(campaigns=[{"name": "c", "region": "r", "contact_type": "call after chat",
                                               "list_per_year": 40_000, "hit_rate": 0.25, "success": 0.1, "value": 50,
                                               "miss_s": 20}])))  # fmt: skip
    assert rates(s)["call after chat"] == (2.5, 2.5)
    assert {c.name: c.aht_s for c in s.contact_types}["call after chat"] == pytest.approx(300)
    assert s.worth[0].value_per_contact == pytest.approx(5.0)


def test_tenure_mixes_speeds_by_rate_and_wages_by_head():
    """Half the staff at 1.0, half at 1.5: speed (1 + 1/1.5) / 2 = 5/6, so the factor is 1.2; wages 1.0 and 0.8: 0.9."""
    raw = document()
    raw["skill_sets"][0]["tenure"] = [{"name": "old", "share": 0.5}, {"name": "new", "share": 0.5, "aht_factor": 1.5, "wage_factor": 0.8}]
    [k] = core_of(validated(raw)).skill_sets
    assert (k.aht_factor, k.wage_factor) == (pytest.approx(1.2), pytest.approx(0.9))


@pytest.mark.parametrize(("blocks", "place", "rule"), [
    ({"journeys": [{"from_type": "chat", "to_type": "call", "share": 0.1, "handle_factor": 0.5}]},
     "journeys[0].handle_factor", "contacts of its own"),
    ({"journeys": [{"from_type": "chat", "to_type": "call", "share": 0.1}, {"from_type": "call", "to_type": "chat", "share": 0.1}]},
     "journeys[0]", "circle"),
    ({"journeys": [{"from_type": "chat", "to_type": "mail", "share": 0.1}]}, "journeys[0].to_type", "not declared"),
    ({"quality": [{"contact_type": "call", "first_contact_resolution": 0.0}]}, "quality[0]", "for ever"),
    ({"worth": [{"contact_type": "call", "dissatisfaction": [{"wait_s": 60, "cost": 2}, {"wait_s": 30, "cost": 3}]}]},
     "worth[0].dissatisfaction", "rise"),
    ({"mailings": [{"name": "m", "region": "r", "contact_type": "call", "pieces_per_year": 1, "response": 0.1, "periods": ["noon"]}]},
     "mailings[0].periods[0]", "not declared"),
    ({"channel_shifts": [{"from_type": "call", "to_type": "chat", "share": 0.7}] * 2}, "channel_shifts[1].share", "exceed 1"),
    ({"trunks": [{"name": "t", "erlangs": [1, 2, 3]}]}, "trunks[0].erlangs", "one number per period"),
])  # fmt: skip
def test_rules_of_the_blocks(blocks, place, rule):
    with pytest.raises(cc.ScenarioError) as caught:
        validated(document(**blocks))
    assert any(p.place == place and rule in p.rule for p in caught.value.problems), caught.value.problems


def test_more_chats_in_hand_must_not_slow_an_agent_down():
    raw = document()
    raw["contact_types"][1]["chat_levels"] = [{"chats": 1, "handle_s": 300}, {"chats": 2, "handle_s": 700}]
    with pytest.raises(cc.ScenarioError, match="must not lower"):
        validated(raw)


def test_blocks_survive_json(tmp_path):
    s = validated(document(worth=[{"contact_type": "call", "lost_value": 3.5}], charges=[{"name": "licence", "amount_per_year": 10}]))
    path = tmp_path / "s.json"
    path.write_text(json.dumps(s.model_dump(mode="json", exclude_unset=True)), encoding="utf-8")
    assert cc.read_scenario(path) == s


def test_handing_over_takes_the_first_agent_its_share_of_the_time():
    """A tenth of the calls is handed over in 60 s: 240 + 6 s on average; the second contact stays as it is."""
    s = core_of(validated(document(escalations=[{"from_type": "call", "to_type": "call after chat", "share": 0.1, "handover_s": 60}])))
    aht = {c.name: c.aht_s for c in s.contact_types}
    assert aht["call"] == pytest.approx(246)
    assert aht["call after chat"] == pytest.approx(240)
    assert core_of(s) == s
