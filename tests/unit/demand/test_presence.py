import pandas as pd
import pytest

from ccopt.demand.presence import agents_present


def contacts(rows):
    frame = pd.DataFrame(rows, columns=["at", "wait_s", "handle_s", "agent"])
    arrived = pd.Timestamp("2024-03-01") + pd.to_timedelta(frame["at"], unit="s")
    return frame.assign(arrived=arrived, answered=frame["agent"].notna(), contact_type="x").drop(columns="at")


TEN = 36_000


def test_an_idle_agent_without_waiting_customers_is_present():
    # 10:00 to 10:10 and 10:20 to 10:30: present for the whole half-hour
    frame = contacts([(TEN, 0, 600, "A"), (TEN + 1200, 0, 600, "A")])
    assert agents_present(frame).loc["2024-03-01", 600] == pytest.approx(1.0)


def test_an_idle_agent_beside_a_waiting_customer_is_on_a_break():
    # a customer waits from 10:10 to 10:15 and leaves: five of thirty minutes away
    frame = contacts([(TEN, 0, 600, "A"), (TEN + 1200, 0, 600, "A"), (TEN + 600, 300, 0, None)])
    assert agents_present(frame).loc["2024-03-01", 600] == pytest.approx(25 / 30)
    assert agents_present(frame, ignore_while_waiting=False).loc["2024-03-01", 600] == pytest.approx(1.0)


def test_a_long_gap_ends_the_shift():
    frame = contacts([(TEN, 0, 600, "A"), (TEN + 1200, 0, 600, "A")])
    assert agents_present(frame, longest_gap_s=300).loc["2024-03-01", 600] == pytest.approx(20 / 30)


def test_nothing_is_assumed_before_the_first_service():
    frame = contacts([(TEN + 900, 0, 900, "A")])
    assert agents_present(frame).loc["2024-03-01"].sum() == pytest.approx(0.5)
