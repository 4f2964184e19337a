"""Plans, judged and studied once for all tests of the reports."""

import pytest

import ccopt as cc
from ccopt.evaluation import stress
from ccopt.simulation import contradictions
from ccopt.studies.layout_answers import answers_for


class Case:
    """A scenario with everything that `ccopt run` computes."""

    def __init__(self, name):
        self.scenario = s = cc.load_instance(name)
        self.plan = cc.optimise(s, time_limit_s=20)
        self.judged = cc.evaluate(s, self.plan.design)
        self.simulated = cc.simulate(s, self.plan.design, replications=3)
        self.base = cc.baseline(s) if s.existing else None
        self.today = cc.evaluate(s, self.base) if self.base else None
        self.report = cc.report(
            scenario=s, plan=self.plan, evaluation=self.judged, simulation=self.simulated, today=self.today, today_design=self.base,
            contradictions=contradictions(s, self.simulated, replications=3),
            studies=[answers_for(s, self.plan.design, today=self.base), stress(s, self.plan.design, volume=(), aht=())],
        )  # fmt: skip


@pytest.fixture(scope="session", params=["two-sites", "tiny-tiers", "ivr-and-lines"])
def case(request):
    return Case(request.param)


@pytest.fixture(scope="session")
def books(case, tmp_path_factory):
    """Result workbook and page of a case."""
    folder = tmp_path_factory.mktemp("report")
    return case.report.to_workbook(folder / "result.xlsx"), case.report.to_html(folder / "report.html")
