"""Rows 34 to 37 and 39: odd and hostile names go through the whole chain as they are, and never run, calculate or write elsewhere."""

import json
import re
import subprocess
import sys
import unicodedata
import zipfile

import numpy as np
import pytest

import ccopt as cc
from ccopt.scenario import read_scenario, to_json
from ccopt.scenario.checks import validated

COMMAND = "import sys; from ccopt.cli import main; main(sys.argv[1:])"
ODD = [
    "=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</script><b>",
    "../../etc/passwd", "a/b\\c", "CON", "NUL", "NA", "null", "true", "007", "1e3", "Ärger, \"GmbH\"; & Söhne", "东京 – 呼叫中心", "مركز",
    "😀😀", "naïve'; DROP TABLE sites;--", "{{ 7*7 }}", "${HOME}", "%s%n", "x" * 200, "\u202egnp.exe", "[brackets]:*?/", "c d e",
]  # fmt: skip


def named(names):
    """The two-site network with every name replaced."""
    raw = json.loads(to_json(cc.load_instance("two-sites")))
    text = json.dumps(raw)
    old = sorted({*(s["name"] for s in raw["sites"]), *(c["name"] for c in raw["contact_types"]),
                  *(k["name"] for k in raw["skill_sets"]), *(d["region"] for d in raw["demand"])})  # fmt: skip
    for i, name in enumerate(old):
        text = text.replace(json.dumps(name), f'"@@{i}@@"')
    for i in range(len(old)):
        text = text.replace(f'"@@{i}@@"', json.dumps(names[i]))
    return json.loads(text), names[: len(old)]


def chunks():
    used = named(ODD)[1]
    return [ODD[i : i + len(used)] for i in range(0, len(ODD) - len(used) + 1, len(used))]


@pytest.mark.parametrize("names", chunks(), ids=lambda n: ascii(n[0])[:20])
def test_names_stay_what_they_are_through_the_whole_chain(tmp_path, names):
    raw, used = named(names)
    path = tmp_path / "in" / "x.json"
    path.parent.mkdir()
    path.write_text(json.dumps(raw), encoding="utf-8")
    out = tmp_path / "out"
    words = ["run", str(path), "-o", str(out), "--replications", "3", "--time-limit", "20", "--study-time", "3"]
    done = subprocess.run([sys.executable, "-c", COMMAND, *words], capture_output=True, text=True, check=False, timeout=200)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1), done.stderr
    assert {p.name for p in out.iterdir()} == {"report.html", "result.xlsx", "plan.json", "run.json"}
    assert {p.name for p in tmp_path.iterdir()} == {"in", "out"}
    plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    said = set(plan["design"]["open_sites"]) | {g["skill_set"] for g in plan["design"]["groups"]}
    assert said <= set(used)
    html = (out / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in html
    assert not re.search(r"<img[^>]*onerror", html)
    assert "</script><b>" not in html
    with zipfile.ZipFile(out / "result.xlsx") as book:
        cells = b"".join(book.read(n) for n in book.namelist() if n.startswith("xl/worksheets/"))
        formulas = re.findall(rb"<f>(.*?)</f>", cells)
        assert not [f for f in formulas if b"1+1" in f or b"cmd" in f]
        sheets = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
        assert len({s.casefold() for s in sheets}) == len(sheets)
        assert all(0 < len(s) <= 31 for s in sheets)


@pytest.mark.parametrize("name", ODD, ids=lambda n: ascii(n)[:20])
def test_every_odd_name_survives_json_toml_and_workbook(tmp_path, name):
    from ccopt.scenario import write_workbook

    raw = json.loads(to_json(cc.load_instance("two-sites")))
    text = json.dumps(raw).replace(json.dumps(raw["sites"][0]["name"]), json.dumps(name))
    scenario = validated(json.loads(text))
    (tmp_path / "x.json").write_text(to_json(scenario), encoding="utf-8")
    write_workbook(scenario, tmp_path / "x.xlsx")
    assert read_scenario(tmp_path / "x.json") == scenario
    assert read_scenario(tmp_path / "x.xlsx") == scenario


def any_script(rng, count):
    """Names of letters, digits, marks of punctuation and symbols from the whole of Unicode, with blanks inside."""
    usable = [c for c in map(chr, range(0x21, 0x30000)) if unicodedata.category(c)[0] in "LNPS" and unicodedata.normalize("NFKC", c) == c]
    return [" ".join("".join(rng.choice(usable, 6)) for _ in range(3)) for _ in range(count)]


def test_a_hundred_names_of_any_script_come_back_as_they_were(tmp_path):
    from ccopt.scenario import write_workbook

    names = any_script(np.random.default_rng(39), 100)
    each = len(named(ODD)[1])
    for i in range(0, len(names) - each + 1, each):
        raw, _ = named(names[i : i + each])
        scenario = validated(raw)
        (tmp_path / "x.json").write_text(to_json(scenario), encoding="utf-8")
        write_workbook(scenario, tmp_path / "x.xlsx")
        assert read_scenario(tmp_path / "x.json") == read_scenario(tmp_path / "x.xlsx") == scenario
        assert {s.name for s in scenario.sites} <= set(names)


def test_two_names_that_look_alike_are_refused():
    raw = json.loads(to_json(cc.load_instance("two-sites")))
    raw["sites"][0]["name"], raw["sites"][1]["name"] = "caf\u00e9", "cafe\u0301"
    with pytest.raises(cc.ScenarioError, match="looks like"):
        validated(raw)
