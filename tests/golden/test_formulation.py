"""One stored LP per equation of the formulation, on a micro scenario; an equation without one fails.

After a deliberate change: ``CCOPT_WRITE_GOLDEN=1 pytest tests/golden`` and read the difference.
"""

import inspect
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyomo.environ as pyo
import pytest

from ccopt.optimisation import (
    Budget,
    ForceClosed,
    LabourPool,
    MaxChange,
    MaxGroups,
    MaxShareAtSite,
    MaxSites,
    MinAgentsAtSite,
    MinGroupSize,
    MinSites,
    SurviveSiteLoss,
    formulation,
)
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.offer_rows import with_offers
from ccopt.optimisation.segment_rows import with_segments
from ccopt.optimisation.staffing_rows import cells_of, with_lines, with_ratios, with_steps
from ccopt.scenario import Scenario

HERE = Path(__file__).parent
EQUATIONS = {
    re.match(r"\((E\d+)\)", f.__doc__)[1]: f
    for _, f in inspect.getmembers(formulation, inspect.isfunction)
    if f.__doc__ and f.__doc__.startswith("(E")
}


@pytest.fixture(scope="module")
def problem():
    """Two sites (one with two contract forms), one contact type, one period: every family of rows occurs."""
    scenario = Scenario.model_validate({
        "schema_version": 1, "name": "micro", "periods": [{"name": "day", "hours_per_year": 1000}],
        "sites": [
            {"name": "a", "kind": "inhouse", "seats": 9, "wage_per_hour": 20, "fixed_cost_per_year": 1000,
             "overhead": [{"role": "supervisor", "span": 5, "salary_per_year": 40000}],
             "equipped_seats": [{"name": "room", "contact_types": ["c"], "seats": 7, "cost_per_year": 900}]},
            {"name": "b", "kind": "outsourced", "seats": 9, "tariffs": [
                {"name": "hour", "per": "agent_hour", "price": 30, "minimum": 5000},
                {"name": "contact", "per": "contact", "tiers": [{"up_to": 1000, "price": 3}, {"price": 2}]}]},
        ],
        "contact_types": [{"name": "c", "talk_s": 300, "targets": [{"service_level": 0.8, "awt_s": 20}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "demand": [{"region": "r", "contact_type": "c", "contacts_per_hour": 24}],
        "links": [{"region": "r", "site": "b", "cost_per_contact": 0.1}],
        "existing": {"open_sites": ["b"], "assignments": [{"region": "r", "contact_type": "c", "site": "b", "skill_set": "k"}]},
    })  # fmt: skip
    limits = [MaxSites(1), MaxGroups(2), MinGroupSize(2), SurviveSiteLoss(share=0.5, surge=1.2), MaxShareAtSite(0.9),
              Budget(1e6), LabourPool("a", 8), MinAgentsAtSite("a", 3), MaxChange(2), MinSites(1), ForceClosed("b")]  # fmt: skip
    return build_problem(scenario, limits)


def sold(problem):
    """The problem of a bound in which an offer of 60 s to the contact type earns 0.1 x (30 - 4) at site a, more at b."""
    found = Scenario.model_validate({
        "schema_version": 1, "name": "micro", "periods": [{"name": "day", "hours_per_year": 1000}],
        "sites": [{"name": "a", "kind": "inhouse", "pay_per_sale": 4}, {"name": "b", "kind": "inhouse"}],
        "contact_types": [{"name": "c", "talk_s": 300, "patience_s": 90,
                           "targets": [{"service_level": 0.8, "awt_s": 20}, {"max_occupancy": 0.9}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "demand": [{"region": "r", "contact_type": "c", "contacts_per_hour": 24}],
        "cross_selling": [{"contact_type": "c", "extra_s": 60, "success": 0.1, "revenue": 30, "briefing_s": 18}],
    })  # fmt: skip
    return with_offers(found, problem)


def in_order(text):
    """The programme with the terms of each row, its bounds and its kinds by name: writers of other versions order them otherwise."""
    rows, *lists = re.split(r"(?m)(?=^(?:bounds|general|binary)$)", text.removesuffix("end\n"))
    blocks = [*re.split(r"(?m)(?=^[^+-])", rows), *lists]
    return "".join(head + "".join(sorted(terms)) for head, *terms in (block.splitlines(keepends=True) for block in blocks if block))


def lp_of(function, problem, path):
    if function is formulation.offers_made:
        problem = sold(problem)
    model = pyo.ConcreteModel()
    formulation.variables(model, problem)
    if function is not formulation.objective:
        formulation.objective(model, problem)
    arguments = {"at_least_only": False} if function is formulation.demand else {}
    function(model, problem, **arguments)
    model.write(str(path), io_options={"symbolic_solver_labels": True})
    lines = path.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("\\")) + "\n"
    return re.sub(r"\d+\.\d{9,}(e[+-]\d+)?", lambda found: f"{float(found[0]):.9g}", text)  # last digits differ by compiler


@pytest.mark.parametrize("name", sorted(EQUATIONS))
def test_equation_is_as_stored(name, problem, tmp_path):
    found = lp_of(EQUATIONS[name], problem, tmp_path / "model.lp")
    stored = HERE / f"{name}.lp"
    if os.environ.get("CCOPT_WRITE_GOLDEN"):
        stored.write_text(found, encoding="utf-8")
    assert stored.exists(), f"equation {name} has no stored LP"
    assert in_order(found) == in_order(stored.read_text(encoding="utf-8"))


def test_a_loss_asks_for_nothing_where_only_agents_at_home_are_open(problem, tmp_path):
    """Site a as a home, and tables with more erlangs than agents: the rows wait for site b."""
    home = replace(problem, never_lost=frozenset({"a"}), outer=problem.outer * 4.0)
    found = lp_of(formulation.site_loss, home, tmp_path / "model.lp")
    stored = HERE / "E11-home.lp"
    if os.environ.get("CCOPT_WRITE_GOLDEN"):
        stored.write_text(found, encoding="utf-8")
    assert in_order(found) == in_order(stored.read_text(encoding="utf-8"))


def test_every_family_of_rows_stands_in_the_stored_lp_of_its_equation():
    for name, function in EQUATIONS.items():
        families = re.findall(r"m\.(\w+) = pyo\.Constraint", inspect.getsource(function))
        files = [HERE / f"{name}.lp", *sorted(HERE.glob(f"{name}-*.lp"))]
        stored = "\n".join(path.read_text(encoding="utf-8") for path in files)
        assert families or function in {formulation.objective, formulation.contracts}, name
        missing = [f for f in families if not re.search(rf"^c_[lure]_{f}[(_]", stored, re.MULTILINE)]
        assert not missing, f"{name}: rows {missing} occur in no stored LP"


def test_readme_and_code_number_the_same_equations():
    text = (Path(formulation.__file__).parent / "README.md").read_text(encoding="utf-8")
    numbered = set(re.findall(r"^- \((E\d+)\)", text, re.MULTILINE))
    assert numbered == set(EQUATIONS) | {"E4"}  # (E4) is the staffing relation, in staffing_rows.py


def staffing_forms(problem):
    """The forms of (E4): exact steps, lines of a design, ratios of a linear relaxation, segments of bound and design."""
    compiled = formulation.compile_model(formulation.build_model(problem), problem)
    cells = cells_of(problem, problem.inner)
    centre, radius = np.maximum(cells.most - 2, 1), np.full(len(cells.most), 2)
    forms = {
        "E4-steps-inner": with_steps(compiled, problem, cells, "inner"),
        "E4-steps-outer": with_steps(compiled, problem, cells, "outer"),
        "E4-lines": with_lines(compiled, cells, problem.inner, centre, radius),
        "E4-ratios": with_ratios(compiled, problem),
        "E4-segments-inner": with_segments(compiled, problem, cells, "inner", count=3),
        "E4-segments-outer": with_segments(compiled, problem, cells, "outer", count=3),
    }
    return compiled, forms


def text_of(compiled, arrays):
    """The columns and rows that a form adds, one line each; known columns by name, new ones by number."""
    base = compiled.arrays
    names = {}
    for letter, places in (("y", compiled.open_site), ("u", compiled.used), ("n", compiled.agents), ("q", compiled.capacity),
                           ("x", compiled.flow)):  # fmt: skip
        names |= {int(places[i]): letter + "_".join(map(str, i)) for i in np.ndindex(*places.shape) if places[i] >= 0}
    lines = [
        f"{low:.9g} <= {names.get(j, f'new{j - len(base.cost)}')} <= {high:.9g}{' whole' if whole else ''}"
        for j, (low, high, whole) in enumerate(zip(arrays.low, arrays.high, arrays.integer, strict=True))
        if j >= len(base.cost) or (low, high) != (base.low[j], base.high[j])
    ]
    matrix = arrays.matrix.tocsr()
    for r in range(base.matrix.shape[0], matrix.shape[0]):
        row = matrix[r].tocoo()
        order = np.argsort(row.col)
        terms = [f"{row.data[k]:+.6g} {names.get(int(row.col[k]), f'new{row.col[k] - len(base.cost)}')}" for k in order]
        lines.append(f"{arrays.row_low[r]:.9g} <= {' '.join(terms)} <= {arrays.row_high[r]:.9g}")
    return "\n".join(lines) + "\n"


def test_every_form_of_the_staffing_relation_is_as_stored(problem):
    compiled, forms = staffing_forms(problem)
    for name, arrays in forms.items():
        found, stored = text_of(compiled, arrays), HERE / f"{name}.lp"
        if os.environ.get("CCOPT_WRITE_GOLDEN"):
            stored.write_text(found, encoding="utf-8")
        assert stored.exists(), f"{name} has no stored rows"
        assert in_order(found) == in_order(stored.read_text(encoding="utf-8")), name
        assert "new" in found or name == "E4-ratios"
