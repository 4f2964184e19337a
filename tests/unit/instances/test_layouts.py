"""The comparison of layouts runs small, and its rows obey what must hold between layouts."""

import csv
import importlib.util
import sys
from pathlib import Path

import pytest

import ccopt as cc

FILE = Path(__file__).parents[3] / "benchmarks" / "layouts.py"


@pytest.fixture(scope="module")
def module():
    spec = importlib.util.spec_from_file_location("layouts", FILE)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture(scope="module")
def rows(module, tmp_path_factory):
    path = tmp_path_factory.mktemp("layouts") / "rows.csv"
    assert module.main(["--smoke", "--output", str(path)]) == 0
    with path.open(encoding="utf-8", newline="") as file:
        return {(r["instance"], r["layout"]): r for r in csv.DictReader(file)}


def cost(rows, instance, layout):
    return float(rows[instance, layout]["cost_per_year"])


def test_every_row_says_where_it_comes_from(rows):
    for r in rows.values():
        assert all(r[k] for k in ("status", "seconds", "seed", "ccopt", "date"))


def test_freedom_never_costs_more(rows):
    for layout in ("today", "separate", "dedicated", "pairs", "chain", "optimised N-1"):
        assert cost(rows, "two-sites", "optimised") <= cost(rows, "two-sites", layout) * (1 + 1e-9)
    assert cost(rows, "tiny-tiers", "optimised") <= cost(rows, "tiny-tiers", "dedicated") * (1 + 1e-9)
    assert cost(rows, "tiny-tiers", "pairs") <= cost(rows, "tiny-tiers", "chain") * (1 + 1e-9)


def test_surviving_a_loss_needs_five_agents_at_each_site(rows):
    """4.67 erlang on either site alone: 5 at 24 and 5 at 21 an hour over 0.7, two fixed costs, ten seats."""
    assert cost(rows, "two-sites", "optimised N-1") == pytest.approx((5 * 24 + 5 * 21) / 0.7 * 2000 + 60_000 + 20_000, rel=1e-6)


def test_what_cannot_be_done_says_why(rows):
    assert rows["tiny-tiers", "separate"]["status"].startswith("InfeasibleError")
    assert "seats" in rows["tiny-tiers", "separate"]["status"]


def test_both_judges_agree_within_the_interval(rows):
    for r in rows.values():
        if r["cost_per_year"]:
            assert float(r["service_simulated"]) == pytest.approx(float(r["service_queueing"]), abs=float(r["half_width"]) + 0.01)


def test_rows_are_replaced_and_kept(module, tmp_path):
    path = tmp_path / "rows.csv"
    module.write([{"instance": "a", "layout": "x", "cost_per_year": 1.0}, {"instance": "b", "layout": "x"}], path)
    module.write([{"instance": "a", "layout": "x", "cost_per_year": 2.0}], path)
    with path.open(encoding="utf-8", newline="") as file:
        found = {r["instance"]: r["cost_per_year"] for r in csv.DictReader(file)}
    assert found == {"a": "2", "b": ""}


def test_rows_of_the_same_run_are_not_run_again(module, tmp_path):
    """Those of another commit, seed or limit are; the layout of today has no limit."""
    path = tmp_path / "rows.csv"
    same = {"commit": "abc", "seed": 0, "seconds_limit": 60.0}
    rows = [("x", same), ("today", same | {"seconds_limit": ""}), ("y", same | {"seconds_limit": 5.0}), ("z", same | {"seed": 1})]
    module.write([{"instance": "a", "layout": name} | what for name, what in rows], path)
    assert module.finished(path, same) == {("a", "x"), ("a", "today")}


def test_the_table_says_what_cannot_be_done_and_what_was_not_found(module, tmp_path):
    path = tmp_path / "rows.csv"
    free = {"cost_per_year": 3e6, "revenue_per_year": 1e6, "sites": 2, "gap": 0.015, "seconds": 7.2, "service_queueing": 0.81,
            "service_simulated": 0.8, "half_width": 0.02}  # fmt: skip
    module.write([
        {"instance": "a", "layout": "separate", "status": "InfeasibleError: no design meets all limits"},
        {"instance": "a", "layout": "merged", "status": "SolverError: the time limit came first"},
        {"instance": "a", "layout": "pairs", "status": "gap_reached", "sets_by_rule": "x + y", **free},
        {"instance": "a", "layout": "optimised", "status": "gap_reached", **free},
    ], path)  # fmt: skip
    head, _, row = module.table(path).splitlines()
    assert row == "| a | - | none | not found | - | 2.000\\* | - | 2.000 | - | 2 | 1.50 % | 81.0 / 80.0 +- 2.0 | 7 |"
    assert head.count("|") == row.count("|")


def test_layouts_that_change_nothing_get_the_figures_of_those_before(rows):
    """One contact type: pairs and chain are the dedicated agents, and these are the only ones."""
    for layout in ("pairs", "chain", "optimised"):
        assert cost(rows, "two-sites", layout) == cost(rows, "two-sites", "dedicated")


def test_variants_are_valid_documents(module):
    s = cc.load_instance("help-desk-three-tiers")
    assert {len(k.contact_types) for k in variants(module).dedicated(s).skill_sets} == {1}
    assert all(x.seats is None for x in variants(module).merged(s).sites)
    assert any(not k.allowed for k in variants(module).separate(s).links)


def variants(module):
    return sys.modules[module.layouts.__module__]


def sets_of(scenario):
    return {frozenset(k.contact_types) for k in scenario.skill_sets}


@pytest.mark.parametrize("name", [i.name for i in cc.list_instances()])
def test_skill_sets_of_a_layout_serve_all_types_and_no_more_than_two(module, name):
    s = cc.load_instance(name)
    types = {c.name for c in s.contact_types}
    for layout, most in ((variants(module).dedicated, 1), (variants(module).pairs, 2), (variants(module).chain, 2)):
        changed = layout(s)
        allowed = {k for x in changed.sites for k in x.skill_sets}
        served = [k.contact_types for k in changed.skill_sets if k.name in allowed]
        assert set().union(*served) == types
        assert max(map(len, served)) <= most


def test_a_chain_of_five_types_closes_on_itself(module):
    s = cc.load_instance("contracts")
    types = [c.name for c in s.contact_types]
    links = {frozenset((types[i], types[(i + 1) % 5])) for i in range(5)}
    assert sets_of(variants(module).chain(s)) == links
    assert len(sets_of(variants(module).pairs(s))) == 10
    assert sets_of(variants(module).chain(s)) < sets_of(variants(module).pairs(s))


def test_factors_of_a_set_come_from_the_scenario_where_it_has_them(module):
    """Bank day: the counter serves two types; shares (1.2) and internet (1.1) together get 1.25, so a second skill costs 1.25 / 1.2."""
    v, s = variants(module), cc.load_instance("bank-day")
    found = {frozenset(k.contact_types): k for k in v.pairs(s).skill_sets}
    assert found[frozenset({"regular", "prospective"})].name == "counter"
    assert found[frozenset({"stock", "internet"})].wage_factor == 1.25
    assert found[frozenset({"regular", "stock"})].wage_factor == pytest.approx(1.2 * 1.25 / 1.2)
    assert len(v.by_rule(s, v.pairs(s))) == 4
    alone = {k.contact_types[0]: k for k in v.dedicated(s).skill_sets}
    assert alone["regular"].wage_factor == 1.0  # the counter's agents, who take nothing else


def test_agents_who_know_more_take_two_types_only(module):
    """No set of the bank serves accounts and loans but the one for all three, with its factors."""
    v, s = variants(module), cc.load_instance("cross-selling-bank")
    [found] = [k for k in v.pairs(s).skill_sets if set(k.contact_types) == {"account", "loan"}]
    assert (found.aht_factor, found.wage_factor) == (1.05, 1.3)
    assert v.by_rule(s, v.pairs(s)) == []


def test_what_nobody_knows_follows_the_stated_rule(module):
    v, s = variants(module), cc.load_instance("taxi-and-food")
    [found] = v.pairs(s).skill_sets
    assert (found.aht_factor, found.wage_factor) == (1.03, 1.05)
    assert v.by_rule(s, v.pairs(s)) == ["taxi + food"]


def test_who_cannot_be_paired_stays_alone(module):
    """The maker's expert works at the maker's only, where nobody serves another tier."""
    v, s = variants(module), cc.load_instance("help-desk-three-tiers")
    assert frozenset({"expert"}) in sets_of(v.pairs(s))
    assert [x.skill_sets for x in v.chain(s).sites if x.name == "maker"] == [("maker's expert",)]
    assert frozenset({"tier 1", "tier 2"}) in sets_of(v.chain(s))
