"""Architecture, types, style and promises as tests."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ccopt

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ccopt"


def command(*words):
    return subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def test_imports_go_one_way():
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(tool)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_types_are_strict():
    done = command("mypy")
    assert done.returncode == 0, done.stdout[-3000:]


def test_style():
    done = command("ruff", "check", "ccopt", "tests", "benchmarks")
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("name", [n for n in ccopt.__all__ if n != "__version__"])
def test_every_public_name_resolves(name):
    value = getattr(ccopt, name)
    assert value.__doc__, f"{name} has no docstring"


def test_import_is_light():
    code = "import sys, ccopt; print([m for m in ('numba','pandas','pyomo','highspy','scipy','networkx','pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_function_is_named_like_a_module():
    modules = {p.stem for p in PACKAGE.rglob("*.py")} | {p.name for p in PACKAGE.rglob("*") if p.is_dir()}
    for name in ccopt.__all__:
        value = getattr(ccopt, name)
        if callable(value) and not isinstance(value, type):
            assert name not in modules, f"function {name} is named like a module"


def test_readme_example_runs():
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        expected = [line.split("# ", 1)[1] for line in block.splitlines() if line.startswith("print(")]
        done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == expected


def test_ci_runs_the_command_of_the_readme():
    line = next(x for x in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if "pytest" in x)
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith(line)


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\n")
    return [ROOT / f for f in listed if f] or [p for p in PACKAGE.rglob("*") if p.is_file()]


def test_no_machine_paths_or_registry_hosts():
    words = ["/wo" + "rk/", "/ro" + "ot/", "py" + "pi.org", "python" + "hosted", "registry." + "npm", "deb." + "debian"]
    for path in tracked():
        if not path.exists() or path.stat().st_size > 3_000_000 or path.suffix in (".npz", ".png", ".xlsx", ".gz"):
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        assert not [w for w in words if w in text], path


def test_modules_import_alone():
    for name in ("ccopt.kpis", "ccopt.errors", "ccopt.costs", "ccopt.design"):
        importlib.import_module(name)


def test_instances_load_and_state_their_question():
    for instance in ccopt.list_instances():
        scenario = ccopt.load_instance(instance.name)
        assert scenario.name == instance.name
        json.loads(scenario.model_dump_json())
