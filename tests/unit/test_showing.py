"""Values look well in a console and in a notebook, and names in them are text."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import ccopt as cc
from ccopt.scenario.checks import validated
from ccopt.studies.changes import raw_of


@pytest.fixture(scope="module")
def made():
    scenario = cc.load_instance("two-sites")
    plan = cc.optimise(scenario)
    return scenario, plan, cc.evaluate(scenario, plan.design), cc.baseline(scenario)


def test_lines_say_what_matters(made):
    scenario, plan, judged, _ = made
    assert repr(scenario).startswith("Scenario(name='two-sites', periods=1, sites=2,")
    assert f"cost_per_year={plan.cost_per_year:,.2f}" in repr(plan)
    assert "gap=" in repr(plan)
    assert "meets_targets=True" in repr(judged)
    assert "open_sites=('" in repr(plan.design)
    assert all(len(repr(x)) < 700 and "\n" not in repr(x) for x in (scenario, plan, judged, plan.design))
    nhs = cc.load_instance("nhs111")
    assert len(repr(nhs)) < 500


def test_notebook_pictures_are_tables_with_escaped_names(made):
    scenario, plan, judged, _ = made
    for x in made:
        assert x._repr_html_().startswith("<div>")
        assert "<table>" in x._repr_html_()
    evil = validated(raw_of(scenario) | {"name": "<script>alert(1)</script>"})
    assert "<script" not in evil._repr_html_()
    assert "&lt;script&gt;" in evil._repr_html_()
    html = cc.report(scenario=scenario, plan=plan, evaluation=judged)._repr_html_()
    assert html.startswith("<iframe srcdoc=")


def test_tables_are_frames(made):
    scenario, plan, judged, _ = made
    frames = [scenario.to_frame("demand"), plan.to_frame(), plan.design.to_frame("routes"), judged.to_frame("groups")]
    assert all(isinstance(f, pd.DataFrame) and len(f) for f in frames)
    costs = plan.to_frame().drop(columns=["site", "agents_peak"]).to_numpy().sum()
    assert costs == pytest.approx(plan.cost_per_year)
    assert list(plan.design.to_frame().columns)[:3] == ["site", "skill_set", "agents_1"]
    for wrong in (lambda: judged.to_frame("x"), lambda: scenario.to_frame("name"), lambda: plan.design.to_frame("x")):
        with pytest.raises(ValueError, match="have"):
            wrong()


def test_figures_are_axes_that_can_be_changed(made):
    scenario, plan, judged, base = made
    axes = [cc.plot_bridge(cc.evaluate(scenario, base), plan), cc.plot_staff(scenario, plan.design), cc.plot_service(judged)]
    nhs = cc.load_instance("nhs111")
    axes.append(cc.plot_map(nhs, cc.baseline(nhs)))
    for a in axes:
        a.set_title("mine")
        a.figure.canvas.draw()
        assert a.get_title() == "mine"
    own = plt.subplots()[1]
    assert cc.plot_service(judged, own) is own
    plt.close("all")
    heights = [p.get_height() for p in axes[0].patches]
    assert sum(heights[:-1]) == pytest.approx(heights[-1])
    with pytest.raises(ValueError, match="latitude"):
        cc.plot_map(scenario, base)
