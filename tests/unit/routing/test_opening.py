"""Gaps between time zones, on the UTC clock."""

from __future__ import annotations

import pytest

from ccopt.design import AgentGroup, Design
from ccopt.routing import opening_gaps
from ccopt.scenario import load_instance
from ccopt.scenario.checks import validated as scenario_of
from ccopt.scenario.entities import Scenario


def _document(closes="18:00"):
    """A region in New York that calls from 8 to 18 local time, sites in Berlin and New York; a week without clock changes."""
    hours = tuple(60.0 if 8 <= h < 18 else 0.0 for h in range(24))
    return {
        "schema_version": 1, "name": "two zones",
        "sites": [{"name": "berlin", "kind": "inhouse"}, {"name": "york", "kind": "inhouse"}],
        "contact_types": [{"name": "calls", "talk_s": 300.0}],
        "skill_sets": [{"name": "all", "contact_types": ["calls"]}],
        "calendar": {
            "first_day": "2026-01-05", "last_day": "2026-01-09", "time_zone": "UTC", "interval_min": 60,
            "day_types": [{"name": "work", "weekdays": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]},
                          {"name": "rest", "weekdays": ["Saturday", "Sunday"]}],
            "region_zones": [{"name": "east", "time_zone": "America/New_York"}],
            "site_zones": [{"name": "berlin", "time_zone": "Europe/Berlin"}, {"name": "york", "time_zone": "America/New_York"}],
            "opening": [{"site": "berlin", "opens": "08:00", "closes": "18:00"},
                        {"site": "york", "opens": "08:00", "closes": closes}],
            "profiles": [{"region": "east", "contact_type": "calls", "contacts_per_hour": hours}]},
    }  # fmt: skip


def _only(site):
    return Design(open_sites=(site,), groups=(AgentGroup(site=site, skill_set="all", agents=(9,)),))


@pytest.fixture
def scenario():
    return scenario_of(_document())


def test_hours_that_fit_have_no_gap(scenario):
    assert opening_gaps(scenario) == []
    assert opening_gaps(scenario, _only("york")) == []


def test_gap_is_named_on_the_utc_clock(scenario):
    """New York 8 to 18 is 13 to 23 UTC in winter; Berlin works from 7 to 17 UTC: 17 to 23 UTC is a gap of six hours."""
    (found,) = opening_gaps(scenario, _only("berlin"))
    assert (found.check, found.severity) == ("time_zone_gap", "error")
    assert found.place == "calls of east, 17:00 to 23:00 UTC"
    assert "first on 2026-01-05" in found.message
    assert "berlin work up to 6 h longer" in found.cure
    # six of ten hours with contacts, each of 60, over a year of 365 days of 24 hours
    assert f"{60.0 * 6 * 365:,.0f} contacts a year" in found.message


def test_the_nearest_site_is_the_cure():
    """New York shuts two hours early; a third site that never closes may not serve the region."""
    document = _document(closes="16:00")
    document["sites"].append({"name": "always", "kind": "inhouse"})
    late = scenario_of(document | {"links": [{"region": "east", "site": "always", "allowed": False}]})
    (found,) = opening_gaps(late)
    assert found.place == "calls of east, 21:00 to 23:00 UTC"
    assert "york work up to 2 h longer" in found.cure


def test_a_ban_counts():
    banned = scenario_of(_document() | {"links": [{"region": "east", "site": "york", "allowed": False}]})
    (found,) = opening_gaps(banned)
    assert found.place == "calls of east, 17:00 to 23:00 UTC"


def test_without_a_calendar_nothing_is_found():
    scenario = load_instance("three-regions")
    assert isinstance(scenario, Scenario)
    assert opening_gaps(scenario) == []


def test_follow_the_sun_has_no_gap():
    assert opening_gaps(load_instance("follow-the-sun")) == []
