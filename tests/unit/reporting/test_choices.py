"""Results of studies get a place on the page, and their numbers are printed as they are."""

import re
import zipfile
from html import unescape

import pytest
from python_calamine import CalamineWorkbook

import ccopt as cc
from ccopt.reporting.choices import MAKERS, study_sections
from ccopt.reporting.study_sheets import SHEETS


@pytest.fixture(scope="module")
def told():
    scenario = cc.load_instance("two-sites")
    plan = cc.optimise(scenario)
    closed = next(s.name for s in scenario.sites if s.name not in plan.design.open_sites)
    studies = [
        cc.frontier(scenario, vary="service_level", over=[0.7, 0.8, 0.9], time_limit_s=10),
        cc.sensitivity(scenario, plan, reoptimise=False), cc.alternatives(scenario, k=2, within=0.5, time_limit_s=10),
        cc.explain(scenario, plan, site=closed, depth="split", time_limit_s=10),
    ]  # fmt: skip
    report = cc.report(scenario=scenario, plan=plan, evaluation=cc.evaluate(scenario, plan.design), studies=studies)
    return scenario, plan, studies, report


def test_every_result_has_its_section(told):
    _, _, studies, report = told
    keys = [s.key for s in study_sections(report.facts)]
    assert keys[:3] == ["frontier", "tornado", "alternatives"]
    assert keys[3].startswith("why-")
    page = unescape(re.sub(r"<[^>]+>", " ", report.html()))
    assert studies[3].sentence() in page
    assert f"{studies[3].split.difference:,.2f}".replace("-", "\u2212") in page
    for a in studies[2].found:
        assert f"{a.plan.cost_per_year:,.2f}" in page
    for p in studies[0].points:
        assert f"{p.plan.cost_per_year:,.2f}" in page
    assert page.count("Cost against quality") >= 1


def test_a_split_of_the_page_adds_up(told):
    _, _, studies, report = told
    section = study_sections(report.facts)[3]
    amounts = [float(r[1].replace(",", "").replace("\u2212", "-")) for r in section.tables[0].rows]
    assert round(sum(amounts[:-1]), 2) == pytest.approx(amounts[-1], abs=1e-6)
    assert amounts[-1] == pytest.approx(studies[3].split.difference, abs=0.005)


def test_unknown_results_are_refused(told):
    scenario, plan, _, _ = told
    with pytest.raises(TypeError, match="no section for dict"):
        cc.report(scenario=scenario, plan=plan, evaluation=cc.evaluate(scenario, plan.design), studies=[{}]).html()


def test_the_path_from_today_has_its_section(told):
    _, plan, _, _ = told
    scenario = cc.load_instance("two-sites")
    path = cc.transition_path(scenario, plan)
    report = cc.report(scenario=scenario, plan=plan, evaluation=cc.evaluate(scenario, plan.design), studies=[path])
    section = next(s for s in study_sections(report.facts) if s.key == "path")
    assert section.text[0] == path.sentence()
    assert len(section.tables[0].rows) == len(path.months)
    assert section.tables[0].rows[-1][-1].replace("\u2212", "-") == f"{path.months[-1].cumulative:,.2f}"
    assert "What happens to each site" in report.html()


def test_the_workbook_holds_the_numbers_of_every_study(told, tmp_path):
    scenario, plan, studies, _ = told
    path = cc.transition_path(scenario, plan)
    report = cc.report(scenario=scenario, plan=plan, evaluation=cc.evaluate(scenario, plan.design), studies=[*studies, path])
    book = CalamineWorkbook.from_path(report.to_workbook(tmp_path / "result.xlsx"))
    for result, name in zip([*studies, path], ("Frontier", "Sensitivity", "Alternatives", "Why", "Path"), strict=True):
        head, *rows = book.get_sheet_by_name(name).to_python()
        frame = result.frame()
        assert len(rows) >= len(frame)
        for column in frame.select_dtypes("float").columns:
            j = head.index(str(column).replace("_", " "))
            shown = [r[j] for r in rows[: len(frame)]]
            expected = [pytest.approx(v, rel=1e-12) if v == v else "" for v in frame[column]]
            assert shown == expected, (name, column)
    with zipfile.ZipFile(tmp_path / "result.xlsx") as archive:
        charts = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/charts/chart")]
    assert sum("Frontier" in c for c in charts) == 1
    assert sum("'Path'" in c or "Path!" in c for c in charts) == 1


def test_every_section_of_a_study_has_a_sheet():
    assert set(SHEETS) == set(MAKERS)
