"""The comparison of layouts runs small, and its rows obey what must hold between layouts."""

import csv
import importlib.util
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
    for layout in ("today", "separate", "dedicated", "optimised N-1"):
        assert cost(rows, "two-sites", "optimised") <= cost(rows, "two-sites", layout) * (1 + 1e-9)
    assert cost(rows, "tiny-tiers", "optimised") <= cost(rows, "tiny-tiers", "dedicated") * (1 + 1e-9)


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


def test_variants_are_valid_documents(module):
    s = cc.load_instance("help-desk-three-tiers")
    assert {len(k.contact_types) for k in module.dedicated(s).skill_sets} == {1}
    assert all(x.seats is None for x in module.merged(s).sites)
    assert any(not k.allowed for k in module.separate(s).links)
