"""Packaged instances: built by their scripts, listed in the catalogue, honest about their figures."""

import csv
import json
from importlib import import_module

import pytest

import ccopt as cc
from ccopt.scenario.instances.build_nhs111 import LICENCE, PERIODS, document, escalated_share, read_areas
from ccopt.scenario.instances.catalogue import FIELDS, read_catalogue
from ccopt.scenario.instances.writing import HERE, as_text

NAMES = sorted(p.stem for p in HERE.glob("*.json") if p.stem != "catalogue")
BUILDERS = ("build_tiny", "build_designs", "build_networks", "build_times", "build_exact", "build_nhs111", "build_kinds",
            "build_sectors", "build_people")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_document_passes_the_checks(name):
    cc.check(cc.load_instance(name))


@pytest.mark.parametrize("builder", BUILDERS)
def test_documents_are_what_their_script_builds(builder, monkeypatch):
    module = import_module(f"ccopt.scenario.instances.{builder}")
    built = []
    monkeypatch.setattr(module, "write_instance", built.append)
    module.build()
    assert built
    for found in built:
        assert (HERE / f"{found['name']}.json").read_text(encoding="utf-8") == as_text(found)


def test_catalogue_lists_every_packaged_instance_once_and_says_what_it_teaches():
    rows = read_catalogue()
    assert sorted(r["name"] for r in rows) == NAMES
    for r in rows:
        assert set(r) == set(FIELDS)
        assert all(r[k] for k in ("title", "question", "teaches", "source", "licence", "rows")), r["name"]
    assert {i.name for i in cc.list_instances()} == set(NAMES)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "three-regions"])
def test_assumed_figures_are_registered_and_synthetic_ones_say_so(name):
    s = cc.load_instance(name)
    assert s.assumptions
    assert all(a.source for a in s.assumptions)
    source = next(r["source"] for r in read_catalogue() if r["name"] == name)
    text = json.dumps([a.model_dump() for a in s.assumptions])
    assert ("synthetic" in text) == ("synthetic" in source or name == "bank-day"), name


class TestNhs111:
    """Facts of the published year (data note of the extract) and of the document built from it."""

    def test_extract_adds_up_to_the_published_year(self):
        areas = read_areas()
        assert len(areas) == 44
        # NHS England monthly totals 2015-16: offered 14,039,579; answered 13,009,408; transferred 2,868,394
        assert sum(int(a["offered"]) for a in areas) == 14_039_579
        assert sum(int(a["answered"]) for a in areas) == 13_009_408
        assert escalated_share(areas) == pytest.approx(2_868_394 / 13_009_408, abs=5e-5)

    def test_licence_stands_in_the_extract_and_in_the_document(self):
        first = (HERE / "nhs111_areas_2015-16.csv").read_text(encoding="utf-8").splitlines()[0]
        assert LICENCE in first
        assert any(a.value == LICENCE for a in cc.load_instance("nhs111").assumptions)

    def test_demand_of_the_year_is_answered_and_abandoned(self):
        s = cc.load_instance("nhs111")
        hours = [p.hours_per_year for p in s.periods]
        assert sum(hours) == pytest.approx(8784, rel=1e-3)  # the profile's hours a week sum to 168.01
        calls = sum(h * x for d in s.demand for h, x in zip(hours, d.contacts_per_hour, strict=True))
        real = sum(int(a["answered"]) + int(a["abandoned_30s"]) for a in read_areas())
        assert calls == pytest.approx(real, rel=2e-3)  # rates relative to the mean are rounded to 0.001
        assert sum(h * r for _, h, r in PERIODS) / 168 == pytest.approx(1.0, abs=2e-3)

    def test_handle_times_wages_and_targets_are_those_of_the_notes(self):
        s = cc.load_instance("nhs111")
        call, advice = s.contact_types
        assert (call.aht_s, advice.aht_s, call.patience_s) == (410, 685, 600)
        assert s.skill_sets[1].wage_factor * 15.1 == pytest.approx(27.5, abs=1e-4)
        assert s.existing is not None
        assert (len(s.existing.open_sites), len(s.regions), len(s.sites)) == (15, 44, 21)

    def test_both_documents_differ_in_the_limit_only(self):
        a, b = cc.load_instance("nhs111"), cc.load_instance("nhs111-resilient")
        assert a.sites == b.sites
        assert a.demand == b.demand
        assert [x.kind for x in b.limits] == ["survive_site_loss"]
        assert document()["name"] == "nhs111"

    def test_todays_layout_meets_the_targets_within_seats_and_labour_pools(self):
        s = cc.load_instance("nhs111")
        today = cc.evaluate(s, cc.baseline(s))
        assert today.meets_targets, today.violations[:3]
        # rough pooling estimate of the data note: 15 operators 2,170 FTE and 78.0 m of staff cost, without wage index
        paid = sum(x.paid_hours_per_year for x in today.sites)
        assert paid / 1955 == pytest.approx(2_170, rel=0.03)

    def test_labour_pools_force_between_six_and_ten_sites(self):
        """Peak load over the occupancy ceiling against the largest labour pools: a bound by hand on the sites."""
        s = cc.load_instance("nhs111")
        calls = max(sum(d.contacts_per_hour[t] for d in s.demand) for t in range(10))
        least = calls * 0.97 * (410 + s.escalations[0].share * 685) / 3600 / 0.85  # at most 3 % abandon at these targets
        largest = sorted((x.labour_pool for x in s.sites), reverse=True)
        fewest = next(k for k in range(1, 22) if sum(largest[:k]) >= least)
        assert 6 <= fewest <= 10


def test_bank_profile_is_a_derived_table_without_rows_of_the_log():
    lines = (HERE / "bank_day_profile.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(x for x in lines if not x.startswith("#")))
    assert len(rows) == 4
    # 28,065 calls of 19 weekdays (count of the deriving script on the log)
    assert sum(float(r[f"h{h}"]) for r in rows for h in range(24)) * 19 == pytest.approx(28_065, abs=2)


@pytest.mark.parametrize("row", [r for r in read_catalogue() if r["best_known"]], ids=lambda r: r["name"])
def test_best_known_values_hold_together(row):
    best = row["best_known"]
    objective = best["cost_per_year"] - best["revenue_per_year"]
    assert best["lower_bound"] <= objective * (1 + 1e-9)
    assert best["gap"] == pytest.approx(max(0.0, objective - best["lower_bound"]) / best["cost_per_year"], abs=1e-9)
    assert best["status"] == ("optimal" if best["gap"] <= 1e-6 else "best_found")
    assert best["date"]
