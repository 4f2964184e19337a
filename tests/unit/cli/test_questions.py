"""Commands of the studies: one JSON document, one line per fault, exit codes."""

import json

import pytest
from typer.testing import CliRunner

from ccopt.cli.app import app


def ccopt(*words):
    done = CliRunner().invoke(app, [str(w) for w in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    path = tmp_path_factory.mktemp("plans") / "plan.json"
    assert ccopt("optimise", "two-sites", "-o", path).exit_code == 0
    return path


CONTRACT = {"run", "instances", "schema", "template", "check", "staff", "optimise", "evaluate", "simulate", "compare",
            "frontier", "explain", "sweep", "replay", "alternatives", "sensitivity"}  # fmt: skip


@pytest.mark.parametrize("command", sorted(CONTRACT))
def test_every_command_of_the_contract_explains_itself_and_knows_json(command):
    done = ccopt(command, "--help")
    assert done.exit_code == 0
    assert "--json" in done.stdout


def test_a_scenario_goes_to_a_workbook_and_back(tmp_path):
    sheet, text = tmp_path / "s.xlsx", tmp_path / "s.json"
    assert json.loads(ccopt("convert", "two-sites", "-o", sheet, "--json").stdout) == {"written": str(sheet), "name": "two-sites"}
    assert ccopt("convert", sheet, "-o", text).exit_code == 0
    found = json.loads(ccopt("check", text, "--json").stdout)
    assert (found["ok"], found["name"]) == (True, "two-sites")
    made = json.loads(ccopt("template", tmp_path / "t.xlsx", "--instance", "two-sites", "--json").stdout)
    assert made == {"written": str(tmp_path / "t.xlsx"), "instance": "two-sites"}
    assert "two-sites" in {row["name"] for row in json.loads(ccopt("instances", "--json").stdout)}


def test_plans_of_one_name_are_told_apart_by_their_files(plan, tmp_path):
    other = tmp_path / plan.name
    other.write_bytes(plan.read_bytes())
    done = ccopt("compare", "two-sites", plan, other)
    assert done.exit_code == 0
    assert str(plan) in done.stdout
    assert str(other) in done.stdout


@pytest.mark.parametrize(("words", "said"), [
    (("staff", "--contacts-per-hour", 200, "--aht", 180, "--shrinkage", 1.0), "--shrinkage = 1.0: must be at least 0 and below 1"),
    (("template", "scenario.txt"), "must end in .xlsx"), (("template", "--sector", "moon"), "sector 'moon': have"),
])  # fmt: skip
def test_bad_options_are_refused_in_one_line(words, said):
    done = ccopt(*words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_grid_with_an_unknown_key_is_refused(tmp_path):
    (tmp_path / "grid.toml").write_text('scenarios = ["two-sites"]\nseed = [1]\n', encoding="utf-8")
    done = ccopt("sweep", tmp_path / "grid.toml", "-o", tmp_path / "rows")
    assert done.exit_code == 2
    assert "not ['seed']" in done.stderr


def test_frontier(tmp_path):
    done = ccopt("frontier", "two-sites", "--over", "0.9,0.7", "--budget", 600000, "-o", tmp_path, "--json")
    found = json.loads(done.stdout)
    assert [p["target"] for p in found["points"]] == [0.7, 0.9]
    assert (found["kept_within_budget"], found["proven_out_of_reach"]) == (0.7, 0.9)
    assert {p.name for p in tmp_path.iterdir()} == {"service_level-0.7.json", "service_level-0.9.json"}
    judged = ccopt("evaluate", "two-sites", tmp_path / "service_level-0.9.json", "--json")
    assert json.loads(judged.stdout)["meets_targets"] is True
    assert "proven out of reach" in ccopt("frontier", "two-sites", "--over", "0.9", "--budget", 1000).stdout


def test_alternatives(tmp_path):
    done = ccopt("alternatives", "two-sites", "--within", 0.1, "-k", 1, "-o", tmp_path, "--json")
    found = json.loads(done.stdout)
    assert [r["plan"] for r in found["rows"]] == ["best", "alternative 1"]
    assert {p.name for p in tmp_path.iterdir()} == {"best.json", "alternative-1.json"}


def test_explain(plan):
    done = ccopt("explain", "two-sites", plan, "--site", "west", "--depth", "split", "--json")
    found = json.loads(done.stdout)
    assert found["verdict"] == "proven"
    assert sum(found["split"].values()) == pytest.approx(found["split_total"], abs=1e-6)
    assert "west is closed because" in ccopt("explain", "two-sites", plan, "--site", "west", "--depth", "split").stdout


def test_sensitivity(plan):
    done = ccopt("sensitivity", "two-sites", plan, "--range", "wages=0.9:1.2", "--no-reoptimise", "--samples", 16, "--json")
    found = json.loads(done.stdout)
    assert {r["input"] for r in found["rows"]} >= {"wages", "volume"}
    assert found["sobol"]["evaluations"] == 16 * (len(found["sobol"]["names"]) + 2)


def test_path(tmp_path):
    plan = tmp_path / "plan.json"
    assert ccopt("optimise", "ten-small-centers", "-o", plan).exit_code == 0
    found = json.loads(ccopt("path", "ten-small-centers", plan, "--json").stdout)
    assert found["keeps_promises"] is True
    assert len(found["months"]) == 24
    assert found["payback_month"] == 16


def test_compare_with_both_judges(plan):
    [row] = json.loads(ccopt("compare", "two-sites", plan, "--replications", 4, "--json").stdout)
    assert row["contradictions"] == 0
    gap = abs(row["service_level enquiry"] - row["simulated service_level enquiry"])
    assert gap <= 3 * row["simulated half_width enquiry"]


def test_forced_sites_and_replay(tmp_path):
    done = ccopt("run", "ten-small-centers", "-o", tmp_path, "--force-open", "Cole", "--force-closed", "Ashby", "--json",
                 "--replications", 2, "--studies", "losses")  # fmt: skip
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found["studies"] == ["losses"]
    assert found["forced"] == {"force_open": ["Cole"], "force_closed": ["Ashby"]}
    opened = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["design"]["open_sites"]
    assert "Cole" in opened
    assert "Ashby" not in opened
    assert json.loads(ccopt("replay", tmp_path / "run.json", "--json").stdout)["same_bytes"] is True


def test_no_design_is_an_answer_with_a_page(tmp_path):
    done = ccopt("run", "two-sites", "-o", tmp_path, "--force-closed", "east", "--json")
    assert done.exit_code == 3
    found = json.loads(done.stdout)
    assert "7 agents" in found["conflict"][0]
    assert found["repair"]
    assert {p.name for p in tmp_path.iterdir()} == {"infeasible.html", "infeasible.json"}
    page = (tmp_path / "infeasible.html").read_text(encoding="utf-8")
    assert found["conflict"][0] in page
    assert "http" not in page.split("</style>")[1]


@pytest.mark.parametrize(("words", "fault"), [
    (("explain", "two-sites", "PLAN", "--site", "atlantis"), "site = 'atlantis': not declared; have ['east', 'west']"),
    (("explain", "two-sites", "PLAN", "--site", "west", "--depth", "deep"), "depth = 'deep': unknown; have ['split', 'flips', 'all']"),
    (("frontier", "two-sites", "--vary", "joy"), "vary = 'joy': have"),
    (("frontier", "two-sites", "--over", "high"), "--over = 'high': must be numbers"),
    (("frontier", "two-sites", "--vary", "service_level:nobody"), "contact_types = 'nobody': not declared; have ['enquiry']"),
    (("alternatives", "two-sites", "-k", "0"), "k = 0"),
    (("alternatives", "two-sites", "--force-open", "mars"), "--force-open = 'mars': not declared"),
    (("optimise", "two-sites", "-o", "x.json", "--force-closed", "mars"), "--force-closed = 'mars': not declared"),
    (("sensitivity", "two-sites", "PLAN", "--range", "volume"), "--range = 'volume': must look like"),
    (("sensitivity", "two-sites", "PLAN", "--range", "joy=0.9:1.1"), "ranges: 'joy' is unknown"),
    (("sensitivity", "two-sites", "missing.json"), "missing.json: cannot be read"),
    (("compare", "two-sites", "missing.json"), "missing.json: cannot be read"),
    (("replay", "PLAN"), "is no run.json"),
])  # fmt: skip
def test_a_bad_question_is_one_located_line_and_exit_2(words, fault, plan):
    done = ccopt(*(plan if w == "PLAN" else w for w in words))
    assert done.exit_code == 2
    [line] = done.stderr.strip().splitlines()
    assert fault in line
