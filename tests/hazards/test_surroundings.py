"""Rows 8, 9, 26 to 28, 38, 43, 45, 46: what surrounds the program: other libraries, locales, missing packages, loaded code."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ccopt as cc
from ccopt.scenario import read_scenario, to_json
from ccopt.studies.sweeps import grid, sweep

PACKAGE = Path(cc.__file__).parent


def calls():
    """(file, dotted name) of every call in the package."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path.relative_to(PACKAGE), ast.unparse(node.func)


def test_nothing_is_unpickled_evaluated_or_run_in_a_shell():
    never = {"eval", "exec", "pickle.load", "pickle.loads", "yaml.load", "os.system", "marshal.loads", "joblib.load", "pd.read_pickle",
             "np.load", "subprocess.Popen", "subprocess.run", "shelve.open"}  # fmt: skip
    found = [(str(path), name) for path, name in calls() if name in never]
    allowed = {("queueing/coefficients.py", "np.load")}  # arrays of the package itself, without pickles
    assert set(found) <= allowed


def test_whole_numbers_of_the_solver_are_rounded_not_cut():
    from types import SimpleNamespace

    from ccopt.optimisation.designs import read_solution

    places = SimpleNamespace(agents=np.array([[0, 1]]), open_site=np.array([2]), flow=np.array([[3, -1]]))
    point = np.array([2.9999999997, 4.0000000003, 0.9999999, 7.5])
    found = read_solution(None, places, point, 0.0)
    assert found.agents.tolist() == [[3, 4]]
    assert found.open_sites.tolist() == [True]
    assert found.flows.tolist() == [[7.5, 0.0]]


def test_flow_through_a_closed_site_is_found_by_the_judge():
    scenario = cc.load_instance("two-sites")
    design = cc.optimise(scenario, gap=0.01, time_limit_s=20).design
    closed = design.model_copy(update={"open_sites": ()})
    for judge in (cc.evaluate, cc.simulate, cc.feasibility):
        with pytest.raises(cc.ScenarioError, match="stands at a closed site"):
            judge(scenario, closed)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, '{"name": ' + '"x' * 1], ids=["brackets", "objects", "cut"])
def test_bottomless_nesting_is_refused_at_once(tmp_path, text):
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(cc.ScenarioError):
        read_scenario(tmp_path / "x.json")


def test_yaml_is_no_format(tmp_path):
    (tmp_path / "x.yaml").write_text("name: NO", encoding="utf-8")
    with pytest.raises(cc.ScenarioError, match=r"must end in \.json, \.toml or \.xlsx"):
        read_scenario(tmp_path / "x.yaml")


def blocked(packages, code):
    """Run code in a process where some packages cannot be imported."""
    head = f"import sys\nfor name in {packages!r}:\n    sys.modules[name] = None\n"
    return subprocess.run([sys.executable, "-c", head + code], capture_output=True, text=True, check=False, timeout=200)


@pytest.mark.parametrize(("packages", "code", "words"), [
    (["python_calamine"], "import ccopt; from ccopt.scenario import write_template\n"
     "import tempfile, pathlib\np = pathlib.Path(tempfile.mkdtemp()) / 'x.xlsx'\nwrite_template(p)\nccopt.read_scenario(p)", "ccopt[excel]"),
    (["statsmodels"], "import ccopt, numpy as np, pandas as pd\n"
     "ccopt.forecast(pd.Series(np.arange(300.0), index=pd.date_range('2026-01-05', periods=300, freq='D')), horizon=7)", "ccopt[forecast]"),
    (["distributed", "dask"], "import ccopt\nccopt.sweep([ccopt.load_instance('two-sites')], executor='tcp://127.0.0.1:9')",
     "ccopt[distributed]"),
    (["pyarrow"], "import ccopt, tempfile\nfrom ccopt.studies.sweeps import sweep\n"
     "sweep([ccopt.load_instance('two-sites')], store=tempfile.mkdtemp(), form='parquet')", "ccopt[distributed]"),
])  # fmt: skip
def test_a_missing_extra_is_named(packages, code, words):
    done = blocked(packages, code)
    assert done.returncode == 1
    assert words in done.stderr.splitlines()[-1]


def test_the_core_works_without_any_extra():
    extras = ["python_calamine", "openpyxl", "defusedxml", "statsmodels", "distributed", "dask", "pyarrow", "plotly", "ipywidgets", "itables"]
    code = (
        "import ccopt as cc\ns = cc.load_instance('two-sites')\np = cc.optimise(s, gap=0.01, time_limit_s=20)\n"
        "print(cc.evaluate(s, p.design).meets_targets, cc.simulate(s, p.design, replications=2, seed=1).meets_targets is not None)"
    )
    done = blocked(extras, code)
    assert done.stdout.split() == ["True", "True"], done.stderr[-2000:]


@pytest.mark.parametrize("first", ["highspy", "numba", "pandas", "matplotlib", "pyarrow", "scipy.optimize", "networkx"])
def test_any_order_of_imports_works(first):
    code = f"import {first}\nimport ccopt as cc\nprint(cc.required_agents(cc.ErlangC(contacts_per_hour=200, aht_s=180), [cc.ServiceLevel(0.8, 20)]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=100)
    assert done.stdout.strip() == "14", done.stderr[-1000:]  # Chen (2024), R package ErlangC


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "de_DE.UTF-8"])
def test_the_locale_changes_nothing(tmp_path, locale):
    raw = json.loads(to_json(cc.load_instance("two-sites")))
    text = json.dumps(raw, ensure_ascii=False).replace(f'"{raw["sites"][0]["name"]}"', '"Zürich – 東京"')
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    code = "import sys; from ccopt.cli import main; main(sys.argv[1:])"
    environment = {**os.environ, "LC_ALL": locale, "LANG": locale, "PYTHONUTF8": "0", "PYTHONIOENCODING": "utf-8", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", code, "evaluate", str(tmp_path / "x.json"), "none.json"], capture_output=True,
                          env=environment, check=False, timeout=100)  # fmt: skip
    assert done.returncode == 2
    check = subprocess.run([sys.executable, "-c", code, "check", str(tmp_path / "x.json"), "--json"], capture_output=True,
                           env=environment, check=False, timeout=100)  # fmt: skip
    assert check.returncode == 0, check.stderr
    assert json.loads(check.stdout)["ok"] is True


def test_real_tasks_give_the_same_rows_on_one_and_two_workers():
    tasks = grid([cc.load_instance("two-sites"), cc.load_instance("tiny-tiers")], options=[{"gap": 0.01, "time_limit_s": 60}])
    one, two = sweep(tasks, executor=1), sweep(tasks, executor=2)
    assert one.to_csv() == two.to_csv()
    assert (one.status == "ok").all()
    assert np.isfinite(one.cost_per_year).all()
