"""Planted clashes: the right family is named with an amount, and the repair, applied, leaves a design."""

import json
import re

import pytest

import ccopt as cc


def document(**changes):
    """Two sites, two contact types with a skill set each and one for both; about eleven agents are needed."""
    base = {
        "schema_version": 1, "name": "clash", "periods": [{"name": "p", "hours_per_year": 2000}],
        "sites": [
            {"name": "a", "kind": "inhouse", "wage_per_hour": 20, "seats": 20, "fixed_cost_per_year": 10000},
            {"name": "b", "kind": "inhouse", "wage_per_hour": 22, "seats": 20, "fixed_cost_per_year": 10000},
        ],
        "contact_types": [
            {"name": "c0", "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]},
            {"name": "c1", "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]},
        ],
        "skill_sets": [
            {"name": "k0", "contact_types": ["c0"]}, {"name": "k1", "contact_types": ["c1"]},
            {"name": "both", "contact_types": ["c0", "c1"], "wage_factor": 1.1},
        ],
        "demand": [
            {"region": "r", "contact_type": "c0", "contacts_per_hour": 40},
            {"region": "r", "contact_type": "c1", "contacts_per_hour": 50},
        ],
        "existing": {"open_sites": ["a"]},
    }  # fmt: skip
    raw = json.loads(json.dumps(base))
    raw.update(changes)
    return raw


def sites(**of_both):
    return [{**s, **of_both} for s in document()["sites"]]


def run(raw, limits, seconds=10):
    return cc.optimise(cc.Scenario.model_validate(raw), limits=limits, gap=0.01, time_limit_s=seconds)


def number(text):
    return float(re.findall(r"\d[\d,]*\.?\d*", text)[0].replace(",", ""))


def more_seats(raw, repair):
    for amount, name in re.findall(r"(\d+) more at (\w+)", repair):
        for site in raw["sites"]:
            if site["name"] == name:
                site["seats"] += int(amount)
    for amount in re.findall(r"add (\d+) seats", repair):
        raw["sites"][0]["seats"] += int(amount)
    return raw, []


CLASHES = {
    "demand and seats": (document(sites=sites(seats=4)), [], "seats", more_seats),
    "one site and its seats": (document(sites=sites(seats=8)), [cc.MaxSites(1)], "site", lambda raw, r: (
        more_seats(raw, r)[0], [] if "sites" in r and "seats" not in r else [cc.MaxSites(1)])),
    "target and budget": (document(), [cc.Budget(300_000.0)], "budget", lambda raw, r: (raw, [cc.Budget(number(r))])),
    "skill without a site": (
        document(sites=[{**s, "skill_sets": ["k0"]} for s in sites()]), [], "c1",
        lambda raw, r: ({**raw, "sites": [{**s, "skill_sets": ["k0", "k1"]} for s in raw["sites"]]}, [])),
    "no link": (
        document(links=[{"region": "r", "site": s, "allowed": False} for s in "ab"]), [], "no site may serve them",
        lambda raw, r: ({**raw, "links": []} if "allow a link from r" in r else raw, [])),
    "forced closed": (document(), [cc.ForceClosed("a"), cc.ForceClosed("b")], "closed", lambda raw, r: (
        raw, [cc.ForceClosed("b" if "allow a" in r else "a")])),
    "forced closed and seats": (document(sites=sites(seats=8)), [cc.ForceClosed("a")], "closed|seats", lambda raw, r: (
        more_seats(raw, r)[0], [cc.ForceClosed("a")] if "seats" in r else [])),
    "open and closed": (document(), [cc.ForceOpen("a"), cc.ForceClosed("a")], "forced open and forced closed",
                        lambda raw, r: (raw, [cc.ForceOpen("a")])),
    "too many forced open": (document(), [cc.ForceOpen("a"), cc.ForceOpen("b"), cc.MaxSites(1)], "forced open",
                             lambda raw, r: (raw, [cc.ForceOpen("a"), cc.ForceOpen("b"), cc.MaxSites(int(number(r)))])),
    "more sites than there are": (document(), [cc.MinSites(3)], "at least 3 sites", lambda raw, r: (
        raw, [cc.MinSites(int(number(r)))])),
    "least and most sites": (document(), [cc.MinSites(2), cc.MaxSites(1)], "at least 2 sites and at most 1",
                             lambda raw, r: (raw, [cc.MinSites(2)])),
    "labour pool": (document(), [cc.LabourPool("a", 3), cc.LabourPool("b", 3)], "seats|labour", lambda raw, r: (
        raw, [cc.LabourPool("a", 30), cc.LabourPool("b", 3)])),
    "loss of the only site": (document(sites=sites()[:1], existing={"open_sites": ["a"]}), [cc.SurviveSiteLoss()],
                              "loss", lambda raw, r: (raw, [cc.SurviveSiteLoss(relocatable=1.0)])),
    "loss and seats": (document(sites=sites(seats=7)), [cc.SurviveSiteLoss(share=1.0)], "loss", lambda raw, r: (
        more_seats(raw, r)[0],
        [] if "no site may be lost" in r else [cc.SurviveSiteLoss(share=number(r) if "share of" in r else 1.0)])),
    "group count": (document(skill_sets=document()["skill_sets"][:2]), [cc.MaxGroups(1)], "agent groups", lambda raw, r: (
        raw, [cc.MaxGroups(int(number(r)))])),
    "change and seats": (document(sites=sites(seats=8)), [cc.MaxChange(0)], "differ from today|seats", lambda raw, r: (
        more_seats(raw, r)[0], [cc.MaxChange(0 if "seats" in r else int(number(r)))])),
    "share at a site": (document(), [cc.MaxSites(1), cc.MaxShareAtSite(0.6)], "share|sites|%", lambda raw, r: (
        raw, [cc.MaxSites(int(number(r))), cc.MaxShareAtSite(0.6)] if "sites" in r
        else [cc.MaxSites(1), cc.MaxShareAtSite(number(r))])),
    "floor and budget": (document(), [cc.QualityFloor(0.99), cc.Budget(350_000.0)], "budget", lambda raw, r: (
        raw, [cc.QualityFloor(0.99), cc.Budget(number(r))])),
    "floor and seats": (document(sites=sites(seats=6)), [cc.QualityFloor(0.99)], "seats", lambda raw, r: (
        more_seats(raw, r)[0], [cc.QualityFloor(0.99)])),
    "loss and one site": (document(), [cc.SurviveSiteLoss(share=1.0), cc.MaxSites(1)], "loss of any one site", lambda raw, r: (
        raw, [cc.MaxSites(1)] if "no site may be lost" in r else [cc.SurviveSiteLoss(share=1.0), cc.MaxSites(int(number(r)))])),
    "loss and closed": (document(), [cc.SurviveSiteLoss(share=1.0), cc.ForceClosed("b")], "loss of any one site", lambda raw, r: (
        raw, [cc.ForceClosed("b")] if "no site may be lost" in r else [cc.SurviveSiteLoss(share=1.0)])),
    "loss and labour pool": (
        document(), [cc.SurviveSiteLoss(share=1.0), cc.LabourPool("b", 3)], "loss of any one site", lambda raw, r: (
            raw, [cc.LabourPool("b", 3)] if "no site may be lost" in r else [cc.SurviveSiteLoss(share=1.0), cc.LabourPool("b", 30)])),
    "loss and budget": (document(), [cc.SurviveSiteLoss(share=1.0), cc.Budget(500_000.0)], "budget", lambda raw, r: (
        raw, [cc.Budget(500_000.0)] if "no site may be lost" in r else [cc.SurviveSiteLoss(share=1.0), cc.Budget(number(r))])),
    "least group and seats": (document(), [cc.MinGroupSize(50)], "at least 50 agents", lambda raw, r: (
        raw, [cc.MinGroupSize(int(number(r)))])),
    "forced open and budget": (
        document(), [cc.ForceOpen("a"), cc.ForceOpen("b"), cc.Budget(250_000.0)], "budget", lambda raw, r: (
            raw, [cc.ForceOpen("a"), cc.ForceOpen("b"), cc.Budget(number(r))])),
    "change and closed": (document(), [cc.MaxChange(0), cc.ForceClosed("a")], "forced closed: a", lambda raw, r: (
        raw, [cc.MaxChange(0)] if r == "allow a" else [cc.MaxChange(int(number(r))), cc.ForceClosed("a")])),
    "no site may hold its half": (document(), [cc.MaxShareAtSite(0.4)], "no site with more than 40%", lambda raw, r: (
        raw, [cc.MaxShareAtSite(number(r))])),
    "sites and budget": (document(), [cc.MinSites(2), cc.Budget(400_000.0)], "budget", lambda raw, r: (
        raw, [cc.MinSites(2), cc.Budget(number(r))])),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CLASHES))
def test_the_clash_is_named_and_its_repair_works(name):
    raw, limits, family, mend = CLASHES[name]
    with pytest.raises(cc.InfeasibleError) as error:
        run(raw, limits)
    assert re.search(family, "\n".join(error.value.conflict))
    assert error.value.repair
    mended, kept = mend(json.loads(json.dumps(raw)), error.value.repair[0])
    plan = run(mended, kept)
    assert cc.evaluate(cc.Scenario.model_validate(mended), plan.design).meets_targets


def test_floors_are_kept_and_cost_no_less():
    scenario = cc.Scenario.model_validate(document())
    free, floor = (run(document(), floors, seconds=5) for floors in ([], [cc.QualityFloor(0.95, "c0")]))
    rows = [r for r in cc.evaluate(scenario, floor.design).contact_types if r.name == "c0" and r.period is not None]
    assert min(r.service_level for r in rows) >= 0.95
    assert floor.cost_per_year >= free.cost_per_year
    assert floor.lower_bound <= floor.cost_per_year


def test_no_more_sites_change_than_allowed():
    raw = document(existing={"open_sites": ["a", "b"]})
    assert len(run(raw, []).design.open_sites) == 1
    assert set(run(raw, [cc.MaxChange(0)]).design.open_sites) == {"a", "b"}
    assert len(run(raw, [cc.MaxChange(1)]).design.open_sites) == 1


def test_limits_of_the_document_are_kept():
    raw = document(existing={"open_sites": ["a", "b"]}, limits=[{"kind": "max_change", "value": 0},
                                                                {"kind": "quality_floor", "share": 0.9}])  # fmt: skip
    scenario = cc.Scenario.model_validate(raw)
    plan = cc.optimise(scenario, gap=0.01, time_limit_s=10)
    assert not cc.evaluate(scenario, plan.design).violations


def test_contacts_that_no_site_may_serve_are_named_once_and_not_for_every_period():
    raw = document(
        periods=[{"name": "day", "hours_per_year": 1000}, {"name": "night", "hours_per_year": 1000}],
        demand=[{"region": "r", "contact_type": c, "contacts_per_hour": [40, 10]} for c in ("c0", "c1")],
        links=[{"region": "r", "site": s, "allowed": False} for s in "ab"],
    )
    with pytest.raises(cc.InfeasibleError) as told:
        run(raw, [])
    assert told.value.conflict == tuple(f"{c} contacts of r in day: no site may serve them" for c in ("c0", "c1"))
    assert told.value.repair == tuple(f"allow a link from r, or a skill set for {c}, at one more site" for c in ("c0", "c1"))
