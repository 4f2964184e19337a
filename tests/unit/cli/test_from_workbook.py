"""From a workbook to an answer: forced sites, soft factors, and clashes in the planner's words."""

import json
import re
from html import unescape

import pytest
from typer.testing import CliRunner

import ccopt as cc
from ccopt.cli.app import app
from ccopt.scenario import write_workbook

PROMISE = [{"service_level": 0.8, "awt_s": 20.0}]


def document(**changes):
    """Three towns, one line of calls; about eleven agents are needed at the busy time."""
    base = {
        "schema_version": 1, "name": "three-towns", "title": "Three towns",
        "periods": [{"name": "busy time", "hours_per_year": 1000.0}, {"name": "quiet time", "hours_per_year": 1000.0}],
        "sites": [
            {"name": n, "kind": "inhouse", "wage_per_hour": w, "seats": 20, "fixed_cost_per_year": 10000.0}
            for n, w in (("Aarhus", 20.0), ("Bergen", 22.0), ("Cork", 24.0))
        ],
        "contact_types": [{"name": "calls", "talk_s": 300.0, "targets": PROMISE}],
        "skill_sets": [{"name": "all", "contact_types": ["calls"]}],
        "demand": [{"region": "everywhere", "contact_type": "calls", "contacts_per_hour": [90.0, 20.0]}],
    }  # fmt: skip
    return base | changes


def run(raw, folder, *options):
    """`ccopt run` on the workbook of a document; (exit code, folder of the answer)."""
    book = write_workbook(cc.Scenario.model_validate(raw), folder / "client.xlsx")
    words = ["run", str(book), "-o", str(folder / "out"), "--time-limit", "10", "--replications", "2", "--studies", "none", *options]
    return CliRunner().invoke(app, words), folder / "out"


def plan_of(out):
    return json.loads((out / "plan.json").read_text(encoding="utf-8"))


def test_sites_forced_in_the_workbook_are_obeyed(tmp_path):
    done, out = run(document(limits=[{"kind": "force_closed", "site": "Aarhus"}, {"kind": "force_open", "site": "Cork"}]), tmp_path)
    assert done.exit_code in (0, 1)
    plan = plan_of(out)
    assert "Aarhus" not in plan["design"]["open_sites"]
    assert "Cork" in plan["design"]["open_sites"]
    free, elsewhere = run(document(), tmp_path / "free")
    assert free.exit_code in (0, 1)
    assert plan_of(elsewhere)["design"]["open_sites"] == ["Aarhus"]
    assert plan_of(elsewhere)["cost_per_year"] < plan["cost_per_year"]


def test_soft_factors_of_the_workbook_stand_beside_the_cost_and_never_in_it(tmp_path):
    scores = [{"site": n, "score": v} for n, v in (("Aarhus", 3.0), ("Bergen", 9.0), ("Cork", 6.0))]
    done, out = run(document(soft_factors=[{"name": "reputation", "scores": scores}]), tmp_path, "--studies", "alternatives")
    bare, elsewhere = run(document(), tmp_path / "bare")
    assert done.exit_code == bare.exit_code
    assert plan_of(out)["cost_per_year"] == plan_of(elsewhere)["cost_per_year"]
    page = (out / "report.html").read_text(encoding="utf-8")
    body = re.search(r'<section id="alternatives"(.*?)</section>', page, re.DOTALL)[1]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", r, re.DOTALL) for r in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)]
    assert next(r[1] for r in rows if r) == "Aarhus"
    assert next(r[-1] for r in rows if r) == "3.0"  # the score of the one open site
    assert "soft factors" in unescape(body)


CLASHES = {
    "budget": (document(limits=[{"kind": "budget", "value": 100000.0}]), "budget of 100,000 a year", r"Raise the budget to [\d,]+"),
    "seats": (document(sites=[{**s, "seats": 2} for s in document()["sites"]]),
              r"Busy time: at least \d+ agents are needed, all sites together have 6 seats", r"Add seats: \d+ more at \w+"),
    "closed": (document(limits=[{"kind": "force_closed", "site": n} for n in ("Aarhus", "Bergen", "Cork")]),
               "calls contacts of everywhere in busy time: the sites that may serve them are forced closed: Aarhus, Bergen, Cork",
               "Allow Aarhus"),
    "open": (document(limits=[{"kind": "force_open", "site": "Aarhus"}, {"kind": "force_open", "site": "Cork"},
                              {"kind": "max_sites", "value": 1}]),
             r"2 sites forced open \(Aarhus, Cork\), at most 1 may be", "Allow 2 sites"),
    "loss": (document(sites=document()["sites"][:1], limits=[{"kind": "survive_site_loss", "share": 1.0}]),
             "urviving the loss of any one site: only Aarhus can serve calls contacts", "at one more site"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CLASHES))
def test_a_clash_in_a_workbook_is_told_with_amounts_and_a_repair(name, tmp_path):
    raw, conflict, repair = CLASHES[name]
    done, out = run(raw, tmp_path)
    assert done.exit_code == 3
    page = unescape((out / "infeasible.html").read_text(encoding="utf-8"))
    told = json.loads((out / "infeasible.json").read_text(encoding="utf-8"))
    assert re.search(conflict, page, re.IGNORECASE), page
    assert re.search(repair, page), page
    assert "Three towns" in page
    assert str(tmp_path) not in page
    assert told["conflict"]
    assert told["repair"]
    assert not (out / "plan.json").exists()
