"""Notebooks: script and notebook agree, a fresh run prints what is stored, and the house rules for guides hold."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ccopt

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
SCRIPTS = [*sorted(FOLDER.glob("[0-9][0-9]_*.py")), *sorted((FOLDER / "cases").glob("*.py"))]
LONGEST = 10
BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.With, ast.Try, ast.Lambda)

each = pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)


def stored(script):
    return json.loads(script.with_suffix(".ipynb").read_text(encoding="utf-8"))


def text(value):
    return "".join(value) if isinstance(value, list) else value


def printed(cell):
    """Text that a cell prints or shows; pictures and addresses of objects do not count."""
    parts = [text(o["text"]) for o in cell.get("outputs", []) if o["output_type"] == "stream" and o["name"] == "stdout"]
    shown = [o["data"] for o in cell.get("outputs", []) if o["output_type"] == "execute_result"]
    parts += [text(d.get("text/plain", "")) for d in shown if "image/png" not in d and "image/svg+xml" not in d]
    return re.sub(r"0x[0-9a-f]+", "0x", "".join(parts))


def code(script):
    return [text(c["source"]) for c in stored(script)["cells"] if c["cell_type"] == "code"]


def test_every_notebook_has_its_script_and_is_listed():
    for folder in (FOLDER, FOLDER / "cases"):
        mine = [p.stem for p in SCRIPTS if p.parent == folder]
        assert mine == sorted(p.stem for p in folder.glob("*.ipynb"))
        readme = (folder / "README.md").read_text(encoding="utf-8")
        assert not [name for name in mine if f"| {name} |" not in readme]


@pytest.fixture(scope="module")
def scripted():
    """Cells of every script; jupytext is imported in a process of its own, because its import warns on some Python versions."""
    command = ("import json, sys, jupytext; "
               "print(json.dumps([[[c.cell_type, c.source] for c in jupytext.read(f).cells] for f in sys.argv[1:]]))")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", command, *map(str, SCRIPTS)], capture_output=True, text=True, check=True)
    return dict(zip(SCRIPTS, json.loads(done.stdout), strict=True))


@each
def test_script_and_notebook_agree(script, scripted):
    cells = [[c["cell_type"], text(c["source"])] for c in stored(script)["cells"]]
    assert scripted[script] == cells, f"rebuild it: python notebooks/build.py notebooks/{script.name}"


@each
def test_a_fresh_run_prints_what_is_stored(script, tmp_path):
    copy = tmp_path / script.with_suffix(".ipynb").name
    copy.write_text(script.with_suffix(".ipynb").read_text(encoding="utf-8"), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, str(FOLDER / "build.py"), str(copy)], capture_output=True, text=True,
                          check=False, env=environment, cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    fresh = json.loads(copy.read_text(encoding="utf-8"))["cells"]
    for old, new in zip(stored(script)["cells"], fresh, strict=True):
        if old["cell_type"] == "code" and "varies" not in old["metadata"].get("tags", []):
            assert printed(old) == printed(new), text(old["source"])


@each
def test_no_stale_or_broken_output(script):
    cells = [c for c in stored(script)["cells"] if c["cell_type"] == "code"]
    assert [c["execution_count"] for c in cells] == list(range(1, len(cells) + 1))
    faults = [o for c in cells for o in c["outputs"] if o["output_type"] == "error" or o.get("name") == "stderr"]
    assert not faults
    assert script.with_suffix(".ipynb").stat().st_size < 1_500_000


@each
def test_only_public_names(script):
    for source in code(script):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] != "ccopt", f"use import ccopt as cc: {ast.unparse(node)}"
            if isinstance(node, ast.Import):
                inner = [a.name for a in node.names if a.name.startswith("ccopt.")]
                assert not inner
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "cc":
                assert node.attr in ccopt.__all__, f"cc.{node.attr} is not public"


@each
def test_no_block_is_longer_than_ten_lines(script):
    for source in code(script):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, BLOCKS):
                assert node.end_lineno - node.lineno + 1 <= LONGEST, ast.unparse(node)[:200]


@each
def test_it_ends_with_the_sentence_for_the_client(script):
    last = stored(script)["cells"][-1]
    assert last["cell_type"] == "markdown"
    assert re.search(r"^> \S.*\.", text(last["source"]), re.MULTILINE), "end with a quoted sentence: > You ..."
