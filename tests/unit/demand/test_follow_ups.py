"""Redials, repeats and journeys planted in a log: the scenario carries them, and agents get the contacts of the log."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ccopt.demand import ContactLog, LogOptions, group_weekdays, read_contact_log, scenario_from_log
from ccopt.scenario.core import core_of

REAL = Path(__file__).parents[4] / "shared" / "data" / "anonymous_bank" / "january.txt"
WEEK = group_weekdays({"day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")})
REDIAL, REPEAT, WRITES, LOST = 0.4, 0.15, 0.1, 0.2


def planted(named=True):
    """28 days, 7 to 12 h: first calls; 20 % are lost, of which 40 % redial; 15 % of answered call again, 10 % write."""
    rng = np.random.default_rng(4)
    rows = []

    def call(customer, at, kind="voice"):
        answered = kind == "mail" or rng.random() >= LOST
        rows.append({"arrived": at, "contact_type": kind, "answered": answered, "wait_s": 5.0 if answered else 40.0,
                     "handle_s": 200.0 if answered else np.nan, "agent": "a" if answered else None,
                     "customer": customer if named else None})  # fmt: skip
        after = at + pd.Timedelta(seconds=float(rng.uniform(60, 900)))
        if not answered and rng.random() < REDIAL:
            call(customer, after)
        elif answered and kind == "voice":
            later = at + pd.Timedelta(seconds=float(rng.uniform(3600, 7200)))
            what = rng.random()
            if what < REPEAT:
                call(customer, later)
            elif what < REPEAT + WRITES:
                call(customer, later, "mail")

    for day in pd.date_range("2024-01-01", periods=28):
        for n, s in enumerate(rng.uniform(7 * 3600, 12 * 3600, 400)):
            call(f"{day:%d}-{n}", day + pd.Timedelta(seconds=float(s)))
    frame = pd.DataFrame(rows).sort_values("arrived", ignore_index=True)
    return ContactLog(
        contacts=frame.assign(arrived=frame["arrived"].dt.floor("s")), rows=len(frame), ignored={}, faults=()
    )


@pytest.fixture(scope="module")
def log():
    return planted()


def per_year(scenario, kind):
    hours = [p.hours_per_year for p in scenario.periods]
    rows = [d.contacts_per_hour for d in scenario.demand if d.contact_type == kind]
    return sum(h * r for row in rows for h, r in zip(hours, row, strict=True))


def test_what_was_planted_stands_in_the_scenario(log):
    made = scenario_from_log(log, name="x", options=LogOptions(wage_per_hour=20.0, day_types=WEEK)).scenario
    [voice] = made.quality
    # 11,200 first calls and their followers: standard errors below 0.01 (redials: 0.011)
    assert voice.contact_type == "voice"
    assert voice.redial == pytest.approx(REDIAL, abs=0.03)
    assert 1 - voice.first_contact_resolution == pytest.approx(REPEAT, abs=0.015)
    assert voice.lost == pytest.approx(LOST, abs=0.015)
    [mail] = made.journeys
    assert (mail.from_type, mail.to_type) == ("voice", "mail")
    assert mail.share == pytest.approx(WRITES, abs=0.015)
    names = {a.name: a for a in made.assumptions}
    for name in ("redials of voice", "repeat contacts of voice", "journeys from voice to mail"):
        assert "to" in names[name].range
        assert "chance taken off" in names[name].source
    # demand holds first calls only: 400 a day
    assert per_year(made, "voice") == pytest.approx(400 * 365.25, rel=0.03)
    assert per_year(made, "mail") < 0.1 * per_year(made, "voice") * WRITES


def test_agents_get_the_contacts_of_the_log(log):
    made = scenario_from_log(log, name="x", options=LogOptions(wage_per_hour=20.0, day_types=WEEK)).scenario
    core = core_of(made)
    measured = log.contacts["contact_type"].value_counts() * 365.25 / 28
    assert per_year(core, "voice") == pytest.approx(measured["voice"], rel=1e-9)
    [step] = core.escalations
    answered = float(log.contacts.loc[log.contacts["contact_type"] == "voice", "answered"].mean())
    mails = per_year(core, "mail") + step.share * answered * per_year(core, "voice")
    assert mails == pytest.approx(measured["mail"], rel=0.02)


def test_settling_more_matters_takes_work_away(log):
    """The block is no decoration: half as many repeats are so many contacts fewer for agents."""
    made = scenario_from_log(log, name="x", options=LogOptions(wage_per_hour=20.0, day_types=WEEK)).scenario
    [q] = made.quality
    better = made.model_copy(
        update={"quality": (q.model_copy(update={"first_contact_resolution": (1 + q.first_contact_resolution) / 2}),)}
    )
    ratio = per_year(core_of(better), "voice") / per_year(core_of(made), "voice")
    repeats, redials = (1 - q.first_contact_resolution) * (1 - q.lost), q.redial * q.lost
    assert ratio == pytest.approx((1 - repeats - redials) / (1 - repeats / 2 - redials), rel=1e-9)


def test_without_names_nothing_is_claimed():
    made = scenario_from_log(planted(named=False), name="x", options=LogOptions(wage_per_hour=20.0, day_types=WEEK))
    assert (made.scenario.quality, made.scenario.journeys) == ((), ())
    assert any("customers are not named" in w for w in made.warnings)


@pytest.mark.skipif(not REAL.is_file(), reason="the real log is not on this machine")
def test_the_real_log_carries_its_redials():
    """January 1999: 42 % of calls name a customer; `fit_returns` by type, measured alone, gives 22 and 28 % redials."""
    contacts = read_contact_log(REAL)
    made = scenario_from_log(contacts, name="bank", options=LogOptions(wage_per_hour=20.0)).scenario
    rows = {q.contact_type: q for q in made.quality}
    assert rows["PS"].redial == pytest.approx(0.221, abs=0.02)
    assert 1 - rows["PS"].first_contact_resolution == pytest.approx(0.181, abs=0.02)
    assert rows["NE"].first_contact_resolution < rows["PS"].first_contact_resolution
    assert {"redials of PS", "repeat contacts of PS"} <= {a.name for a in made.assumptions}
    total = len(contacts.contacts) * 365.25 / 29
    core = core_of(made)
    offered = sum(per_year(core, c.name) for c in core.contact_types)
    brought = sum(
        e.share * per_year(core, e.from_type) * (1 - (rows[e.from_type].lost or 0.13)) for e in core.escalations
    )
    assert offered + brought == pytest.approx(total, rel=0.01)
