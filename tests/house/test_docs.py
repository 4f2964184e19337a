"""The reference builds from the docstrings without a warning, and the examples in them run."""

import doctest
import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ccopt

ROOT = Path(__file__).parents[2]
MODULES = [m.name for m in pkgutil.walk_packages(ccopt.__path__, "ccopt.") if ".instances.build" not in m.name]


def test_reference_builds_without_a_warning(tmp_path):
    source = tmp_path / "source"
    subprocess.run([sys.executable, str(ROOT / "docs" / "generate.py"), str(source)], cwd=ROOT, check=True)
    shutil.copy(ROOT / "docs" / "conf.py", source)
    words = ["-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", str(source), str(tmp_path / "html")]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    pages = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "html").glob("*.html"))
    missing = [n for n in ccopt.__all__ if n != "__version__" and f'id="ccopt.{n}"' not in pages]
    assert not missing


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings_run(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert result.failed == 0


def test_paths_named_for_contributors_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:ccopt|tests|docs|benchmarks)/[\w/.-]+)`", text)
    assert len(named) > 20
    assert [p for p in named if not (ROOT / p).exists()] == []
