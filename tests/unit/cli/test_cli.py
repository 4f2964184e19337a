"""Commands: exit codes, one line per fault, one JSON document on stdout."""

import json
import os
import subprocess
import sys

import pytest

import ccopt as cc
from ccopt.scenario import to_json

FIVE_FAULTS = {
    "schema_version": 1, "name": "x", "periods": [{"name": "p", "hours_per_year": 2000}],
    "sites": [{"name": "a", "kind": "inhous", "wage_per_hour": "12"}],
    "contact_types": [{"name": "c", "talk_s": 100, "targets": [{"service_level": 80, "awt_s": 20}]}],
    "skill_sets": [{"name": "k", "contact_types": ["c"]}],
    "demand": [{"region": "r", "contact_type": "chat", "contacts_per_hour": 3}], "linkz": [],
}  # fmt: skip


def ccopt(*words):
    return subprocess.run([sys.executable, "-m", "ccopt", *map(str, words)], capture_output=True, text=True, check=False)


def test_five_faults_are_five_lines_and_exit_2(tmp_path):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(FIVE_FAULTS), encoding="utf-8")
    for command in (("check", path), ("run", path, "-o", tmp_path / "out"), ("optimise", path, "-o", tmp_path / "p.json")):
        done = ccopt(*command)
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 5, done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_impossible_scenario_exits_3_with_the_reason(tmp_path):
    raw = json.loads(to_json(cc.load_instance("three-regions")))
    for site in raw["sites"]:
        site["seats"] = 3
    path = tmp_path / "x.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    done = ccopt("run", path, "-o", tmp_path / "out")
    assert done.returncode == 3
    assert "seats" in done.stderr
    assert "cheapest repair" in done.stderr


def test_run_leaves_four_files_and_the_plan_is_judged_from_files_only(tmp_path):
    done = ccopt("run", "three-regions", "-o", tmp_path, "--time-limit", 60, "--study-time", 3)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"report.html", "result.xlsx", "plan.json", "run.json"}
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    judged = ccopt("evaluate", "three-regions", tmp_path / "plan.json", "--json")
    assert judged.returncode == 0
    found = json.loads(judged.stdout)
    assert found["meets_targets"]
    assert found["cost_per_year"] == pytest.approx(plan["cost_per_year"], rel=1e-9)
    simulated = ccopt("simulate", "three-regions", tmp_path / "plan.json", "--replications", 4, "--seed", 5, "--json")
    assert simulated.returncode == 0
    assert "service_level" in json.loads(simulated.stdout)["contact_types"][0]["half_width"]
    again = ccopt("replay", tmp_path / "run.json")
    assert (again.returncode, again.stdout.strip()) == (0, "same bytes")
    assert not {"seconds", "time"} & set(plan)


def test_a_design_that_misses_its_targets_exits_1(tmp_path):
    design = cc.optimise(cc.load_instance("two-sites"), time_limit_s=20).design
    weak = design.model_copy(update={"groups": tuple(
        g.model_copy(update={"agents": tuple(max(n - 2, 0) for n in g.agents)}) for g in design.groups)})  # fmt: skip
    path = tmp_path / "weak.json"
    path.write_text(weak.model_dump_json(), encoding="utf-8")
    assert ccopt("evaluate", "two-sites", path).returncode == 1


def test_staff_is_one_json_document():
    done = ccopt("staff", "--contacts-per-hour", 200, "--aht", 180, "--service-level", 0.8, "--awt", 20, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["agents"] == 14  # R package ErlangC, README


@pytest.mark.parametrize("words", [
    ("staff", "--contacts-per-hour", "200", "--aht", "180", "--service-level", "80"), ("check", "no-such-instance"),
    ("evaluate", "two-sites", "none.json"), ("staff", "--contacts-per-hour", "-1", "--aht", "180"),
    ("check", "missing.json"), ("staff", "--contacts-per-hour", "nan", "--aht", "180"),
])  # fmt: skip
def test_bad_arguments_exit_2_without_a_traceback(words):
    done = ccopt(*words)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_instances_schema_and_template(tmp_path):
    assert "nhs111" in ccopt("instances").stdout
    assert json.loads(ccopt("schema").stdout)["title"] == "Scenario"
    assert ccopt("template", tmp_path / "t.xlsx").returncode == 0
    assert ccopt("check", tmp_path / "t.xlsx").returncode == 0


def test_compare_shows_plans_side_by_side(tmp_path):
    assert ccopt("optimise", "two-sites", "-o", tmp_path / "a.json").returncode == 0
    done = ccopt("compare", "two-sites", tmp_path / "a.json", "--json")
    assert json.loads(done.stdout)[0]["meets_targets"] is True


def test_template_of_a_sector_reads_back(tmp_path):
    from typer.testing import CliRunner

    import ccopt as cc
    from ccopt.cli.app import app
    from ccopt.scenario.sectors import SECTORS

    assert len(SECTORS) >= 8
    names = {i.name for i in cc.list_instances()}
    assert set(SECTORS.values()) <= names
    for sector in ("insurance", "taxi and food orders"):
        path = tmp_path / "t.xlsx"
        done = CliRunner().invoke(app, ["template", str(path), "--sector", sector])
        assert done.exit_code == 0, done.output
        assert cc.read_scenario(path) == cc.load_instance(SECTORS[sector])
        assert cc.read_scenario(path).assumptions
    assert CliRunner().invoke(app, ["template", str(tmp_path / "t.xlsx"), "--sector", "zoo"]).exit_code == 2


def test_a_reader_that_closes_early_is_no_fault():
    """`ccopt instances | head -1`: the pipe breaks while the list is printed."""
    with subprocess.Popen([sys.executable, "-m", "ccopt", "instances"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        command.stdout.close()
        assert command.stderr.read() == b""


def test_compile_is_done_once_and_parts_are_named():
    done = ccopt("compile", "--json")  # the kernels of this run of tests are compiled before it, with the same function
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["seconds"] > 0.0
    with pytest.raises(ValueError, match=r"parts = \['plan'\]: have \['judges', 'plans'\]"):
        cc.compile_kernels("plan")


def test_without_a_compiler_there_is_nothing_to_compile():
    code = "import ccopt; print(ccopt.compile_kernels())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "CCOPT_NUMBA": "0"})
    assert done.stdout.strip() == "0.0"
