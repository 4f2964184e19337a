"""Redials and repeats planted among customers who also contact by chance."""

import numpy as np
import pandas as pd
import pytest

from ccopt.demand.returns import fit_journeys, fit_returns


@pytest.fixture(scope="module")
def contacts():
    """4,000 customers call by chance in 30 days; 40 % of those lost redial, 10 % of those answered by voice write later."""
    rng = np.random.default_rng(3)
    start = pd.Timestamp("2024-01-01")
    rows = []
    for _ in range(8000):
        customer, at, answered = f"c{rng.integers(4000)}", float(rng.uniform(0, 30 * 86400)), bool(rng.random() < 0.8)
        rows.append((customer, at, "voice", answered))
        if not answered and rng.random() < 0.4:
            rows.append((customer, at + rng.uniform(10, 500), "voice", True))
        if answered and rng.random() < 0.1:
            rows.append((customer, at + rng.uniform(600, 3000), "mail", True))
    frame = pd.DataFrame(rows, columns=["customer", "s", "contact_type", "answered"])
    return frame.assign(arrived=start + pd.to_timedelta(frame["s"].round(), unit="s"))


def test_redials_are_found_within_their_interval(contacts):
    fit = fit_returns(contacts, after="abandoned", window_s=600)
    assert fit.share == pytest.approx(0.4, abs=0.04)  # 1,600 lost contacts: standard error 0.013
    assert fit.interval[1] - fit.interval[0] < 0.08
    assert 150 < fit.median_delay_s < 350


def test_chance_is_taken_off(contacts):
    fit = fit_returns(contacts, after="answered", window_s=86_400)
    assert fit.by_chance > 0.05
    # 10 % of answered voice contacts write, which are 0.8 * 8000 of about 7,700 answered contacts
    assert fit.share == pytest.approx(0.1 * 6400 / (6400 + 640 + 640), abs=0.02)
    assert fit.raw > fit.share


def test_journeys_name_both_types(contacts):
    table = fit_journeys(contacts, window_s=3600)
    assert table.loc["voice", "mail"] == pytest.approx(0.1 * 6400 / 7040, abs=0.015)
    assert table.loc["mail", "voice"] < 0.02


def test_what_is_missing_is_named(contacts):
    with pytest.raises(ValueError, match="customer"):
        fit_returns(contacts.drop(columns="customer"), after="answered", window_s=1)
    with pytest.raises(ValueError, match="abandoned"):
        fit_returns(contacts, after="lost", window_s=1)
    with pytest.raises(ValueError, match="none was answered"):
        fit_returns(contacts, after="answered", window_s=30 * 86_400)
