"""Every rule says place, value, rule and remedy; all problems at once; files read strictly; workbooks lossless."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ccopt as cc
from ccopt.scenario import read_scenario, to_json
from ccopt.scenario.checks import validated

GOOD = json.loads(to_json(cc.load_instance("three-regions")))


def changed(change):
    raw = copy.deepcopy(GOOD)
    change(raw)
    return raw


FAULTS = {
    "unknown key": (lambda r: r.update(linkz=[]), "linkz", "did you mean 'links'"),
    "missing": (lambda r: r["sites"][0].pop("kind"), "sites[0].kind", "is missing"),
    "type": (lambda r: r["sites"][0].update(wage_per_hour="24"), "sites[0].wage_per_hour", "must be a number"),
    "bool is no number": (lambda r: r["sites"][0].update(wage_per_hour=True), "sites[0].wage_per_hour", "must be a number"),
    "percent": (lambda r: r["contact_types"][0]["targets"][0].update(service_level=80), "service_level", "did you mean 0.8"),
    "negative": (lambda r: r["sites"][0].update(seats=-1), "sites[0].seats", "at least 0"),
    "huge": (lambda r: r["sites"][0].update(wage_per_hour=1e20), "sites[0].wage_per_hour", "at most"),
    "kind": (lambda r: r["sites"][0].update(kind="inhous"), "sites[0].kind", "'inhouse'"),
    "type not declared": (lambda r: r["demand"][0].update(contact_type="chat"), "demand[0].contact_type", "have ['sales', 'support']"),
    "link to nowhere": (lambda r: r["links"][0].update(site="east"), "links[0].site", "not declared"),
    "skill without type": (lambda r: r["skill_sets"][0].update(contact_types=["x"]), "skill_sets[0].contact_types[0]", "not declared"),
    "periods": (lambda r: r["demand"][0].update(contacts_per_hour=[1]), "demand[0].contacts_per_hour", "one number per period (2)"),
    "duplicate": (lambda r: r["sites"][1].update(name="NORTH"), "sites[1].name", "looks like sites[0].name"),
    "look-alike": (lambda r: r["sites"][1].update(name="\uff4eorth"), "sites[1].name", "looks like"),
    "control": (lambda r: r["sites"][1].update(name="a\x07"), "sites[1].name", "control characters"),
    "blank": (lambda r: r["sites"][1].update(name="  "), "sites[1].name", "blank"),
    "long": (lambda r: r["sites"][1].update(name="x" * 10_000), "sites[1].name", "longer than 200"),
    "demand twice": (lambda r: r["demand"].append(dict(r["demand"][0])), "demand[2]", "stands already in demand[0]"),
    "wage and tariff": (lambda r: r["sites"][1].update(wage_per_hour=3), "sites[1].tariff", "excludes wage_per_hour"),
    "tariff without price": (lambda r: r["sites"][1]["tariff"].pop("price"), "sites[1].tariff", "either a price or tiers"),
    "tiers fall": (lambda r: r["sites"][1].update(tariff={"per": "contact", "tiers": [
        {"up_to": 9, "price": 2}, {"up_to": 5, "price": 1}, {"price": 1}]}), "sites[1].tariff.tiers", "must rise"),
    "last tier": (lambda r: r["sites"][1].update(tariff={"per": "contact", "tiers": [{"up_to": 9, "price": 2}]}),
                  "tiers[0].up_to", "must be open"),
    "no handle time": (lambda r: [r["contact_types"][1].pop(k) for k in ("talk_s", "wrap_s")], "contact_types[1]", "no handle time"),
    "two targets": (lambda r: r["contact_types"][1]["targets"][0].update(max_asa_s=9), "targets[0]", "exactly one target"),
    "no awt": (lambda r: r["contact_types"][1]["targets"][0].pop("awt_s"), "targets[0].awt_s", "is missing"),
    "stray basis": (lambda r: r["contact_types"][0]["targets"][1].update(basis="offered"), "targets[1].basis", "does not belong"),
    "escalation circle": (lambda r: r.update(escalations=[
        {"from_type": "sales", "to_type": "support", "share": 0.1}, {"from_type": "support", "to_type": "sales", "share": 0.1}]),
        "escalations", "circle"),
    "escalation shares": (lambda r: r.update(escalations=[
        {"from_type": "sales", "to_type": "support", "share": 0.7}, {"from_type": "sales", "to_type": "support", "share": 0.7}]),
        "escalations[1].share", "exceed 1"),
    "nobody can serve": (lambda r: r["skill_sets"].pop(1), "demand[1].contact_type", "no skill set serves it"),
    "no site allowed": (lambda r: r.update(links=[{"region": "r1", "site": s, "allowed": False} for s in ("north", "south")]),
                        "demand[0]", "no allowed site"),
    "limit": (lambda r: r.update(limits=[{"kind": "force_open", "site": "east"}]), "limits[0].site", "not declared"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_names_place_and_rule(name):
    change, place, words = FAULTS[name]
    with pytest.raises(cc.ScenarioError) as error:
        validated(changed(change))
    assert any(place in p.place and words in str(p) for p in error.value.problems), str(error.value)


def test_all_faults_of_a_document_come_at_once():
    def spoil(raw):
        for name in ("type", "percent", "link to nowhere", "unknown key", "duplicate"):
            FAULTS[name][0](raw)

    with pytest.raises(cc.ScenarioError) as error:
        validated(changed(spoil))
    assert len(error.value.problems) == 5
    assert len(str(error.value).splitlines()) == 5


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", '{"a": 1, "a": 2}', '{"schema_version": NaN}', '{"x": Infinity}', '{"x": 1e400}', '{"x": -Infinity}',
    "[" * 3000, '{"name": "\\ud800"}', "{'a': 1}", '{"a": 1,}', "\x00", '{"schema_version": 2}', "true", "12",
])  # fmt: skip
def test_bad_json_is_one_line_not_a_traceback(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(cc.ScenarioError) as error:
        read_scenario(path)
    assert all("\n" not in str(p) for p in error.value.problems)


@pytest.mark.parametrize("text", ["a = ", "a = nan", "a = inf", "a = 1\na = 2", "[a", "a = 2020-99-99", "\x00"])
def test_bad_toml_is_one_line(tmp_path, text):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(cc.ScenarioError):
        read_scenario(path)


@pytest.mark.parametrize("name", ["none.json", "folder.json", "wrong.yaml", "latin.json", "cut.xlsx", "empty.xlsx"])
def test_files_that_cannot_be_read(tmp_path, name):
    path = tmp_path / name
    if name == "folder.json":
        path.mkdir()
    elif name != "none.json":
        path.write_bytes(b"\xff\xfe\x81" if "empty" not in name else b"")
    with pytest.raises(cc.ScenarioError):
        read_scenario(path)


NUMBERS = [
    ("sites", 0, "wage_per_hour"), ("sites", 0, "seats"), ("sites", 0, "shrinkage"), ("contact_types", 0, "talk_s"),
    ("contact_types", 0, "patience_s"), ("skill_sets", 1, "aht_factor"), ("periods", 0, "hours_per_year"),
    ("demand", 0, "contacts_per_hour"), ("links", 0, "cost_per_contact"),
]  # fmt: skip
BAD = st.sampled_from([float("nan"), float("inf"), -float("inf"), -1.0, 1e300, "12", None, True, [], {}, "1e3", -0.5])


@given(place=st.sampled_from(NUMBERS), value=BAD)
@settings(max_examples=150, deadline=None)
def test_no_bad_number_gets_through(place, value):
    key, index, field = place
    raw = changed(lambda r: r[key][index].update({field: value}))
    if value is None and (key, field) in (("sites", "seats"), ("contact_types", "talk_s"), ("contact_types", "patience_s")):
        return  # these may be left out
    with pytest.raises(cc.ScenarioError) as error:
        validated(raw)
    assert any(f"{key}[{index}].{field}" in p.place for p in error.value.problems)


@pytest.mark.parametrize("name", [i.name for i in cc.list_instances()])
def test_json_round_trips_lose_nothing(tmp_path, name):
    scenario = cc.load_instance(name)
    (tmp_path / "x.json").write_text(to_json(scenario), encoding="utf-8")
    assert read_scenario(tmp_path / "x.json") == scenario
