"""Limits at one site, extra constraints on every way of the optimiser, and losses with many contact types."""

import dataclasses
import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

import ccopt as cc
from ccopt.evaluation.limits import surviving_share
from ccopt.optimisation import loss_rows
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.certificate import broken_limits
from ccopt.optimisation.extra_rows import ExtraRows
from ccopt.optimisation.formulation import build_model, compile_model
from ccopt.optimisation.limits import limits_of
from ccopt.optimisation.loss_flows import not_carried
from ccopt.optimisation.solve import solve_arrays

spec = importlib.util.spec_from_file_location("enumeration", Path(__file__).parents[2] / "property" / "enumeration.py")
enumeration = importlib.util.module_from_spec(spec)
spec.loader.exec_module(enumeration)


def scenario_of(kinds, *, limits=(), sites=("north", "south"), rate=20, for_all=False):
    """``kinds`` contact types with a skill set each (and one ``for_all``); sites differ a little in their wages."""
    names = [f"c{i}" for i in range(kinds)]
    return cc.Scenario.model_validate({
        "schema_version": 1, "name": "limits", "periods": [{"name": "day", "hours_per_year": 2000}],
        "sites": [{"name": s, "kind": "inhouse", "wage_per_hour": 20 + i, "fixed_cost_per_year": 1000} for i, s in enumerate(sites)],
        "contact_types": [{"name": c, "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]} for c in names],
        "skill_sets": [{"name": f"only-{c}", "contact_types": [c]} for c in names]
        + [{"name": "all", "contact_types": names, "wage_factor": 1.02}] * for_all,
        "demand": [{"region": "r", "contact_type": c, "contacts_per_hour": rate + 2 * i} for i, c in enumerate(names)],
        "limits": list(limits),
    })  # fmt: skip


@pytest.mark.parametrize(
    "limit",
    [
        {"kind": "max_groups", "value": 1, "site": "north"},
        {"kind": "max_groups", "value": 0, "site": "north"},
        {"kind": "max_share_at_site", "share": 0.4, "site": "north"},
        {"kind": "min_group_size", "value": 9, "site": "north"},
    ],
)
def test_a_limit_at_one_site_is_kept_there_and_only_there(limit):
    free = cc.optimise(scenario_of(2), gap=1e-6, time_limit_s=30)
    assert {g.site for g in free.design.groups} == {"north"}  # the cheaper site takes all
    scenario = scenario_of(2, limits=[limit])
    cc.check(scenario)
    plan = cc.optimise(scenario, gap=1e-6, time_limit_s=30)
    assert not cc.feasibility(scenario, plan.design)
    assert plan.lower_bound <= plan.cost_per_year
    assert plan.cost_per_year > free.cost_per_year
    if limit["kind"] != "min_group_size":
        elsewhere = cc.optimise(scenario_of(2, limits=[limit | {"site": "south"}]), gap=1e-6, time_limit_s=30)
        assert elsewhere.cost_per_year == pytest.approx(free.cost_per_year, rel=1e-9)


@pytest.mark.parametrize(("kept", "broken", "words"), [
    (cc.MaxSites(2), cc.MaxSites(1), "2 open sites, asked for 0 to 1"),
    (cc.ForceOpen("north"), cc.ForceClosed("south"), "site south must be closed"),
    (cc.ForceOpen("south"), cc.ForceOpen("west"), "site west must be open"),
    (cc.MaxChange(1), cc.MaxChange(0), "1 sites differ from today, at most 0 may"),
    (cc.MaxGroups(2), cc.MaxGroups(1), "2 agent groups, at most 1 may be"),
    (cc.MaxGroups(1, "south"), cc.MaxGroups(0, "south"), "1 agent groups at south, at most 0 may be"),
    (cc.MinGroupSize(5), cc.MinGroupSize(6), "group north / only-c0 has 5 agents, at least 6 are asked for"),
    (cc.MinAgentsAtSite("north", 5), cc.MinAgentsAtSite("north", 6), "site north has 5 agents, at least 6 are asked for"),
    (cc.MaxShareAtSite(7 / 12), cc.MaxShareAtSite(0.55), "site south holds more than 55% of the agents"),
], ids=repr)  # fmt: skip
def test_a_limit_that_a_design_breaks_is_named(kept, broken, words):
    raw = scenario_of(2, sites=("north", "south", "west")).model_dump(mode="json", exclude_unset=True)
    scenario = cc.Scenario.model_validate(raw | {"existing": {"open_sites": ["north"]}})
    groups = (cc.AgentGroup(site="north", skill_set="only-c0", agents=(5,)), cc.AgentGroup(site="south", skill_set="only-c1", agents=(7,)))
    design = cc.Design(open_sites=("north", "south"), groups=groups)
    assert broken_limits(build_problem(scenario, limits_of(scenario, (kept,))), design) == []
    assert broken_limits(build_problem(scenario, limits_of(scenario, (broken,))), design) == [words]


def test_of_several_limits_of_a_kind_the_tightest_counts():
    scenario = scenario_of(1, limits=[{"kind": "max_sites", "value": 1}], rate=200)
    plan = cc.optimise(scenario, limits=[cc.MaxSites(2), cc.MinSites(1)], gap=1e-6, time_limit_s=30)
    assert len(plan.design.open_sites) == 1


def least_agents(m, p):
    """One agent more in the first group of the first site than its contacts need (4: see the free plan)."""
    m.mine = cc_pyomo().Constraint(expr=m.n[0, 0] >= 5)


def at_most_half(m, p):
    """Contacts of the first type: at most half at any site, though one site alone is cheaper."""
    sites = sorted(set(p.site_names))
    arcs = {s: [e for e in range(len(p.arc_group)) if p.arc_commodity[e] == 0 and p.group_names[p.arc_group[e]][0] == s] for s in sites}
    m.half = cc_pyomo().Constraint(sites, rule=lambda m, s: sum(m.x[e, 0] for e in arcs[s]) <= 0.5 * float(p.demand[0, 0]) + 1e-6)


def impossible(m, p):
    """No contacts at the first site and none at the second."""
    m.none = cc_pyomo().Constraint(expr=sum(m.x[e, 0] for e in range(len(p.arc_group))) <= 0.0)


def cc_pyomo():
    return pytest.importorskip("pyomo.environ")


def test_a_design_of_prices_and_annealing_that_breaks_them_is_not_returned():
    with enumeration.forced("prices"), pytest.raises(cc.SolverError, match="that keeps the extra constraints"):
        cc.optimise(scenario_of(1), gap=1e-4, time_limit_s=2, extra=impossible)


@pytest.mark.parametrize("path", ["steps", "segments"])
@pytest.mark.parametrize("extra", [least_agents, at_most_half])
def test_plans_keep_extra_constraints_on_every_way(path, extra):
    scenario = scenario_of(1)
    with enumeration.forced(path):
        plan = cc.optimise(scenario, gap=1e-4, time_limit_s=4, extra=extra)
    assert cc.evaluate(scenario, plan.design).meets_targets
    if extra is least_agents:
        [agents] = [g.agents for g in plan.design.groups if (g.site, g.skill_set) == ("north", "only-c0")]
        assert agents[0] >= 5
    else:
        by_site = {s: math.fsum(r.share[0] for r in plan.design.routes if r.site == s) for s in ("north", "south")}
        assert max(by_site.values()) <= 0.5 + 1e-6
    assert "extra constraints" in plan.provenance["bound_leaves_out"][0]


@pytest.mark.parametrize(("most", "kept"), [(5, True), (3, False)])
def test_an_extra_limit_may_be_the_upper_bound_of_a_variable(most, kept):
    """A design of 4 agents at one site, asked of a model whose user bounds the agents of each group."""
    scenario = scenario_of(1)
    p = build_problem(scenario, limits_of(scenario))
    design = cc.optimise(scenario, gap=1e-4, time_limit_s=4).design
    assert [g.agents for g in design.groups] == [(4,)]

    def few(m, _):
        for place in m.n:
            m.n[place].setub(most)

    assert ExtraRows(scenario, p, few).keeps(design) is kept


def test_losses_with_seven_contact_types_are_bounded_by_every_subset(monkeypatch):
    # dedicated groups and one of all skills: here each of the 127 subsets may bind (Hall's condition)
    scenario = scenario_of(7, limits=[{"kind": "survive_site_loss", "share": 0.9}], rate=12, for_all=True)
    p = build_problem(scenario, limits_of(scenario))
    flows = solve_arrays(compile_model(build_model(p), p).arrays, time_limit_s=60, gap=1e-6)
    by_type = {site: np.flatnonzero([s == site for s, _ in p.group_names]) for site in ("north", "south")}
    agents = np.zeros((len(p.group_names), 1))
    agents[by_type["north"][:7]], agents[by_type["south"][:7]] = 2.0, 2.0  # 2 of each type: 12 x 300 / 3600 = 1.0 to 2.0 erlangs
    kept = not not_carried(p, loss_rows.loss_rows(p), agents)
    monkeypatch.setattr(loss_rows, "MOST_TYPES_FOR_SUBSETS", 7)
    rows = solve_arrays(compile_model(build_model(p), p).arrays, time_limit_s=60, gap=1e-6)
    assert flows.status == rows.status == "optimal"
    assert flows.objective == pytest.approx(rows.objective, rel=1e-6)  # two forms of one condition
    assert kept == (loss_rows.loss_rows(p).short(agents.astype(int)) is None)


def test_a_design_that_breaks_the_loss_of_a_pair_of_types_is_refused():
    # each type alone (1.0 to 2.0 erlangs) and all together (10.5) are carried by 3 dedicated agents of five types each; the
    # last two types have only one agent of all skills for their 3.8 erlangs
    scenario = scenario_of(7, limits=[{"kind": "survive_site_loss"}], rate=12, for_all=True)
    p = build_problem(scenario, limits_of(scenario))
    agents = np.zeros((len(p.group_names), 1))
    for g, (_, skill) in enumerate(p.group_names):
        agents[g] = 2.0 if skill == "all" else 3.0 if skill in {f"only-c{i}" for i in range(5)} else 0.0
    rows = loss_rows.loss_rows(p)
    assert not rows.complete
    assert rows.short(agents.astype(int)) is None
    assert not_carried(p, rows, agents)


def office_of_unlike_agents(seed):
    """Two regions, two types, slower agents for both, some links forbidden; a staff of a few agents in every group."""
    rng = np.random.default_rng(seed)
    sites, types, regions = ("north", "south", "west"), ("c0", "c1"), ("here", "there")
    banned = {(r, s) for r in regions for s in sites if rng.random() < 0.3}
    scenario = cc.Scenario.model_validate({
        "schema_version": 1, "name": "unlike", "periods": [{"name": "day", "hours_per_year": 2000}],
        "sites": [{"name": s, "kind": "inhouse", "wage_per_hour": 20} for s in sites],
        "contact_types": [{"name": c, "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]} for c in types],
        "skill_sets": [{"name": "only-c0", "contact_types": ["c0"], "aht_factor": 0.9}, {"name": "only-c1", "contact_types": ["c1"]},
                       {"name": "both", "contact_types": types, "aht_factor": 1.25}],
        "demand": [{"region": r, "contact_type": c, "contacts_per_hour": float(rng.integers(12, 40))} for r in regions for c in types],
        "links": [{"region": r, "site": s, "allowed": False} for r, s in sorted(banned)],
        "limits": [{"kind": "survive_site_loss", "share": float(rng.choice([0.7, 1.0])), "surge": 1.1, "relocatable": 0.2}],
    })  # fmt: skip
    groups = [{"site": s, "skill_set": k.name, "agents": [int(rng.integers(0, 7))]} for s in sites for k in scenario.skill_sets]
    routes = [
        {"region": d.region, "contact_type": d.contact_type, "site": s, "skill_set": "both", "share": [1.0]}
        for d in scenario.demand for s in [next((s for s in sites if (d.region, s) not in banned), None)] if s
    ]  # fmt: skip
    return scenario, cc.Design.model_validate({"open_sites": sites, "groups": groups, "routes": routes})


def test_losses_are_seen_alike_by_certificate_and_judge_where_agents_and_links_differ():
    """The rows over subsets of the kinds of load, the greatest flow, and the judge's linear programme of every loss."""
    seen = []
    for seed in range(150):
        scenario, design = office_of_unlike_agents(seed)
        if len(design.routes) < 4:  # a region that no site may serve
            continue
        limit = scenario.limits[0]
        left = min(surviving_share(scenario, design, s, 0, surge=1.1, relocatable=0.2) for s in design.open_sites)
        p = build_problem(scenario, limits_of(scenario))
        rows = loss_rows.loss_rows(p)
        present = np.zeros((len(p.group_names), 1))
        for g in design.groups:
            if (g.site, g.skill_set) in p.group_names:
                present[p.group_names.index((g.site, g.skill_set))] = g.agents[0]
        assert rows.complete
        assert (rows.short(present.astype(int)) is None) == (left >= limit.share - 1e-9), seed
        assert bool(not_carried(p, rows, present)) == (left < limit.share - 1e-9), seed
        seen.append((left >= limit.share - 1e-9, len(set(loss_rows.load_kinds(p)))))
    assert {True, False} == {kept for kept, _ in seen}
    assert {2, 4} <= {kinds for _, kinds in seen}


@pytest.mark.parametrize(("sites", "limit", "agents"), [
    (("north", "south"), {"share": 1.0}, 80),
    (("north", "south"), {"share": 0.9, "surge": 1.2}, 60),
    (("north",), {"share": 0.8, "relocatable": 0.25}, 128),
])  # fmt: skip
def test_a_loss_may_ask_for_more_agents_than_the_promise(sites, limit, agents):
    """Of 40 erlangs half may leave, so that about 20 agents keep the promise; what is left after a loss has to be carried.

    Each of two sites carries 40 with 40 agents, 0.9 x 40 / 1.2 = 30 with a surge; of one site a quarter carries 32: 128 agents.
    """
    scenario = cc.Scenario.model_validate({
        "schema_version": 1, "name": "loose", "periods": [{"name": "day", "hours_per_year": 2000}],
        "sites": [{"name": s, "kind": "inhouse", "wage_per_hour": 20} for s in sites],
        "contact_types": [{"name": "c", "talk_s": 300, "patience_s": 180, "targets": [{"max_abandonment": 0.5}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "demand": [{"region": "r", "contact_type": "c", "contacts_per_hour": 480}],
        "limits": [{"kind": "survive_site_loss", **limit}],
    })  # fmt: skip
    plan = cc.optimise(scenario, gap=1e-6, time_limit_s=10)
    assert plan.cost_per_year == pytest.approx(agents * 20 * 2000)
    assert plan.lower_bound == pytest.approx(plan.cost_per_year, rel=1e-5)
    assert not cc.feasibility(scenario, plan.design)


def test_agents_at_home_cannot_be_lost_though_they_are_fewer_than_erlangs():
    """Half may leave of 10 erlangs: about 5 agents at home keep the promise and risk nothing; two houses need 10 each."""
    scenario = cc.Scenario.model_validate({
        "schema_version": 1, "name": "safe", "periods": [{"name": "day", "hours_per_year": 2000}],
        "sites": [{"name": "house", "kind": "inhouse", "wage_per_hour": 19}, {"name": "home", "kind": "home", "wage_per_hour": 20}],
        "contact_types": [{"name": "c", "talk_s": 300, "patience_s": 180, "targets": [{"max_abandonment": 0.5}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "demand": [{"region": "r", "contact_type": "c", "contacts_per_hour": 120}],
        "limits": [{"kind": "survive_site_loss"}],
    })  # fmt: skip
    least = int(cc.required_agents(cc.ErlangA(contacts_per_hour=120, aht_s=300, patience_s=180), [cc.MaxAbandonment(0.5)]))
    plan = cc.optimise(scenario, gap=1e-6, time_limit_s=6)
    assert least < 10
    assert plan.lower_bound <= least * 20 * 2000 * (1 + 1e-9)
    assert plan.cost_per_year == pytest.approx(least * 20 * 2000)
    assert not cc.feasibility(scenario, plan.design)


def test_a_floor_of_quality_says_that_the_bound_leaves_it_out():
    plan = cc.optimise(scenario_of(1, limits=[{"kind": "quality_floor", "share": 0.95}]), gap=1e-4, time_limit_s=3)
    assert plan.provenance["bound_leaves_out"] == [
        "QualityFloor(share=0.95, contact_type=None): kept in every agent group, left out of the bound"
    ]
    assert all(row.service_level >= 0.95 for row in cc.evaluate(scenario_of(1), plan.design).contact_types)


def test_limits_do_not_change_once_they_are_given():
    given = [
        cc.MaxSites(2), cc.MinSites(1), cc.ForceOpen("a"), cc.ForceClosed("a"), cc.Budget(1e6), cc.MaxGroups(3), cc.MinGroupSize(2),
        cc.SurviveSiteLoss(), cc.MaxShareAtSite(0.5), cc.LabourPool("a", 9), cc.MinAgentsAtSite("a", 2), cc.MaxChange(1),
    ]  # fmt: skip
    for limit in given:
        for field in dataclasses.fields(limit):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(limit, field.name, getattr(limit, field.name))
        assert limit in set(given)
