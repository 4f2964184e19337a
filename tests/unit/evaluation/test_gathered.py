"""Rows gathered by part of the network, against sums by hand."""

from __future__ import annotations

import pytest

from ccopt.evaluation import evaluate, gathered
from ccopt.evaluation.gathered import tier_of
from ccopt.kpis import Evaluation, ServiceRow


def _cell(name, site, period, rate, level, asa, width):
    return ServiceRow(name=name, site=site, skill_set="k", period=period, contacts_per_hour=rate, service_level=level,
                      awt_s=20.0, abandonment=0.1, asa_s=asa, mean_wait_s=asa, delay_probability=0.5, method="m",
                      half_width={"service_level": width})  # fmt: skip


@pytest.fixture
def judged():
    cells = (_cell("sales", "north", "peak", 100.0, 0.9, 10.0, 0.01), _cell("sales", "south", "peak", 50.0, 0.6, 40.0, 0.04),
             _cell("support", "north", "rest", 10.0, 0.8, 20.0, 0.02))  # fmt: skip
    return Evaluation(meets_targets=True, violations=(), cost_per_year=1.0, revenue_per_year=0.0, costs={}, contact_types=(),
                      cells=cells, groups=(), sites=(), method="m")  # fmt: skip


def test_by_hand(three_regions, judged):
    """Peak has 2,000 hours, rest 6,760: north has 200,000 contacts of sales and 67,600 of support."""
    north, south = gathered(three_regions, judged, by="site")
    assert (north.name, south.name) == ("north", "south")
    assert north.contacts_per_year == pytest.approx(267_600.0)
    assert north.service_level == pytest.approx((200_000 * 0.9 + 67_600 * 0.8) / 267_600)
    assert north.half_width["service_level"] == pytest.approx((200_000 * 0.01 + 67_600 * 0.02) / 267_600)
    assert south.asa_s == pytest.approx(40.0)
    assert north.method == "m"


@pytest.mark.parametrize(("by", "names"), [
    ("network", ["network"]), ("group", ["north / k", "south / k"]), ("period", ["peak", "rest"]),
    ("contact_type", ["sales", "support"]), ("tier", ["tier 1"]),
])  # fmt: skip
def test_parts(three_regions, judged, by, names):
    rows = gathered(three_regions, judged, by=by)
    assert [r.name for r in rows] == names
    assert sum(r.contacts_per_year for r in rows) == pytest.approx(367_600.0)


def test_unknown_part(three_regions, judged):
    with pytest.raises(ValueError, match="'street'"):
        gathered(three_regions, judged, by="street")


def test_tiers_follow_the_escalations(tiers):
    assert tier_of(tiers) == {"first": 1, "second": 2}


def test_whole_network_equals_the_rows_of_the_judge(three_regions, one_group):
    found = evaluate(three_regions, one_group)
    by_type = {r.name: r for r in gathered(three_regions, found, by="contact_type")}
    for row in found.contact_types:
        if row.period is None:
            assert by_type[row.name].service_level == pytest.approx(row.service_level, rel=1e-9)
            assert by_type[row.name].abandonment == pytest.approx(row.abandonment, rel=1e-9)
