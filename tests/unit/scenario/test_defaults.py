"""Every default of the schema has a meaning, a range and a source, and the report lists those in effect."""

import pytest
from pydantic import BaseModel

import ccopt as cc
from ccopt.scenario.defaults import DEFAULTS, defaults_in_effect
from ccopt.scenario.entities import Scenario
from ccopt.scenario.workbook.layout import _bare, _items, _model

# defaults that say nothing about the world: names, texts, lists that are empty, references to everything
SILENT_NONE = {
    "Scenario": {"existing", "calendar", "shifts", "transition", "model_error"}, "Calendar": {"derived"},
    "Reduction": {"periods", "load_error"},  # without either nothing is joined, so nothing is lost
}  # fmt: skip
NAMED_NONE = {"Site": {"seats", "labour_pool"}, "ContactType": {"patience_s"}}


def models(model: type[BaseModel], seen: dict):
    if model.__name__ in seen:
        return seen
    seen[model.__name__] = model
    for field in model.model_fields.values():
        bare, _ = _bare(field.annotation)
        inner = _model(bare) or _model(_items(bare))
        if inner is not None:
            models(inner, seen)
    return seen


SCHEMA = models(Scenario, {})


@pytest.mark.parametrize("name", sorted(SCHEMA))
def test_every_default_of_the_schema_is_registered(name):
    found = set()
    for key, field in SCHEMA[name].model_fields.items():
        bare, _ = _bare(field.annotation)
        document = _model(bare) is not None
        if field.is_required() or document or field.default in ((), "", None):
            continue
        found.add(key)
    assert found | NAMED_NONE.get(name, set()) == set(DEFAULTS.get(name, {}))
    for known in DEFAULTS.get(name, {}).values():
        assert known.words
        assert known.source.startswith("default of ccopt")
        assert known.usual or "convention" in known.source or "left out" in known.source


def test_nothing_is_registered_that_the_schema_does_not_have():
    assert set(DEFAULTS) <= set(SCHEMA)


@pytest.mark.parametrize("instance", ["two-sites", "telecom", "follow-the-sun"])
def test_the_report_lists_the_defaults_in_effect(instance):
    scenario = cc.load_instance(instance)
    rows = defaults_in_effect(scenario)
    assert rows
    assert all(r.source for r in rows)
    plan = cc.optimise(scenario, gap=0.2, time_limit_s=6)
    page = cc.report(scenario=scenario, plan=plan, evaluation=cc.evaluate(scenario, plan.design)).html()
    for row in rows:
        assert row.value.split("(")[0].strip() in page
    assert "Defaults in effect" in page


def test_what_is_given_is_no_default():
    scenario = cc.load_instance("two-sites")
    sites = tuple(s.model_copy(update={"opening_cost": 5.0}) for s in scenario.sites)
    given = Scenario.model_validate(scenario.model_dump(exclude_unset=True) | {"sites": [s.model_dump(exclude_unset=True) for s in sites]})
    before = {r.name for r in defaults_in_effect(scenario)}
    after = {r.name for r in defaults_in_effect(given)}
    assert {n for n in before if "opening cost" in n}
    assert not {n for n in after if "opening cost" in n}
