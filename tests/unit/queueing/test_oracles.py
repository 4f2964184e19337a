"""Every model has a row in `ccopt/queueing/README.md` with two independent oracles that exist as tests, and says what it assumes."""

import inspect
import re
from pathlib import Path

import pytest

import ccopt.queueing
import ccopt.queueing.models
import ccopt.queueing.time_varying

TESTS = Path(__file__).parents[2]
README = Path(ccopt.queueing.__file__).parent / "README.md"
ROWS = dict(re.findall(r"^\| `(\w+)`[^|]*\|([^\n]*)$", README.read_text(encoding="utf-8"), re.MULTILINE))
MODELS = sorted(
    name
    for module in (ccopt.queueing, ccopt.queueing.models, ccopt.queueing.time_varying)
    for name in module.__all__
    if inspect.isclass(made := getattr(module, name)) and hasattr(made, "performance") and name not in ("QueueModel", "DayPerformance")
)


@pytest.mark.parametrize("name", MODELS)
def test_two_oracles_are_named_and_exist(name):
    assert name in ROWS, f"{name} has no row in {README}"
    oracles = re.findall(r"`([\w/.]+)::(\w+)`", ROWS[name])
    assert len(set(oracles)) >= 2
    for path, function in oracles:
        text = (TESTS / path).read_text(encoding="utf-8")
        assert f"def {function}(" in text
        assert re.search(rf"\b{name}\b", text) or path == "oracle/test_references.py" or "selling" in path


@pytest.mark.parametrize("name", MODELS)
def test_docstrings_say_what_is_assumed_from_where_and_show_it(name):
    made = next(getattr(m, name) for m in (ccopt.queueing, ccopt.queueing.models, ccopt.queueing.time_varying) if hasattr(m, name))
    text = inspect.getdoc(made) or ""
    methods = "".join(inspect.getdoc(f) or "" for _, f in inspect.getmembers(made, inspect.isfunction))
    assert "References" in text, "no source"
    assert ">>>" in text + methods, "no example"
    assert re.search(r"[Vv]alid|[Ee]xact|approximation|[Ee]rror", text), "no range of validity"
    assert re.search(r"Assum|exponential|Poisson|M/M|steady|interval", text), "no assumptions"


@pytest.mark.parametrize("name", MODELS)
def test_the_table_says_which_models_have_logarithms_of_their_tail(name):
    made = next(getattr(m, name) for m in (ccopt.queueing, ccopt.queueing.models, ccopt.queueing.time_varying) if hasattr(m, name))
    cell = ROWS[name].split("|")[1].strip()
    if hasattr(made, "log_wait_tail"):
        assert cell == "yes"
    else:
        assert re.fullmatch("none: .{10,}", cell)
        assert "logarithm of the tail" in (inspect.getdoc(made) or ""), "the docstring does not say why there is none"


def test_no_row_is_about_a_model_that_is_gone():
    assert set(ROWS) - {"group_performance"} == set(MODELS)
