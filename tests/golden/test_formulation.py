"""One stored LP per equation of the formulation, on a micro scenario; an equation without one fails.

After a deliberate change: ``CCOPT_WRITE_GOLDEN=1 pytest tests/golden`` and read the difference.
"""

import inspect
import os
import re
from pathlib import Path

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
             "overhead": [{"role": "supervisor", "span": 5, "salary_per_year": 40000}]},
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


def lp_of(function, problem, path):
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
    assert found == stored.read_text(encoding="utf-8")


def test_every_family_of_rows_stands_in_the_stored_lp_of_its_equation():
    for name, function in EQUATIONS.items():
        families = re.findall(r"m\.(\w+) = pyo\.Constraint", inspect.getsource(function))
        stored = (HERE / f"{name}.lp").read_text(encoding="utf-8")
        assert families or function in {formulation.objective, formulation.contracts}, name
        missing = [f for f in families if not re.search(rf"^c_[lure]_{f}[(_]", stored, re.MULTILINE)]
        assert not missing, f"{name}: rows {missing} occur in no stored LP"


def test_readme_and_code_number_the_same_equations():
    text = (Path(formulation.__file__).parent / "README.md").read_text(encoding="utf-8")
    numbered = set(re.findall(r"^- \((E\d+)\)", text, re.MULTILINE))
    assert numbered == set(EQUATIONS) | {"E4"}  # (E4) is the staffing relation, in staffing_rows.py
