"""Legal but odd values get a hint with the unit that is meant; packaged instances get none."""

import json

import pytest
from typer.testing import CliRunner

import ccopt as cc
from ccopt.cli.app import app
from ccopt.scenario.checks import validated
from ccopt.scenario.hints import hints_of


def document(**kind):
    return {
        "schema_version": 1, "name": "odd", "periods": [{"name": "day", "hours_per_year": 1000}],
        "sites": [{"name": "here", "kind": "inhouse", "wage_per_hour": 20}],
        "contact_types": [{"name": "call", "talk_s": 240, "targets": [{"service_level": 0.8, "awt_s": 20}]} | kind],
        "skill_sets": [{"name": "all", "contact_types": ["call"]}],
        "demand": [{"region": "r", "contact_type": "call", "contacts_per_hour": 100}],
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "place", "words"), [
    ({"talk_s": 4}, "contact_types[0]", "4 minutes are 240"),
    ({"patience_s": 2}, "contact_types[0].patience_s", "2 minutes are 120"),
    ({"targets": [{"service_level": 0.8, "awt_s": 0.33}]}, "contact_types[0].targets[0].awt_s", "a third of a minute is 20"),
    ({"targets": [{"service_level": 0.008, "awt_s": 20}]}, "contact_types[0].targets[0].service_level", "80 % are 0.8"),
    ({"talk_s": 240_000}, "contact_types[0]", "not milliseconds"),
])  # fmt: skip
def test_a_mistaken_unit_is_hinted_at_with_its_place(kind, place, words):
    s = validated(document(**kind))
    [hint] = hints_of(s)
    assert hint.place == place
    assert words in str(hint)


def test_money_and_volumes_have_their_hints_too():
    raw = document()
    raw["sites"][0]["wage_per_hour"] = 3200
    raw["demand"][0]["contacts_per_hour"] = 876_000
    assert [h.place for h in hints_of(validated(raw))] == ["sites[0].wage_per_hour", "demand[0].contacts_per_hour"]
    assert hints_of(validated(document())) == []


@pytest.mark.parametrize("name", [row.name for row in cc.list_instances()])
def test_packaged_instances_need_no_hint(name):
    assert hints_of(cc.load_instance(name)) == []


def test_commands_show_hints_and_still_answer(tmp_path):
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(document(talk_s=4)), encoding="utf-8")
    shown = CliRunner().invoke(app, ["check", str(path)])
    assert shown.exit_code == 0
    assert "hint: contact_types[0] = 4" in shown.output
    data = json.loads(CliRunner().invoke(app, ["check", str(path), "--json"]).output)
    assert data["ok"] is True
    assert data["hints"][0]["place"] == "contact_types[0]"
    staffed = CliRunner().invoke(app, ["staff", "--contacts-per-hour", "200", "--aht", "4"])
    assert staffed.exit_code == 0
    assert "4 minutes are 240" in staffed.output
