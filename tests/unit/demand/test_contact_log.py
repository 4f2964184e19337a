import math

import pandas as pd
import pytest

from ccopt.demand.contact_log import read_contact_log
from ccopt.demand.to_scenario import LogOptions, scenario_from_log
from ccopt.errors import ScenarioError

GOOD = "AA01\t1\t0\t0\tPS\t990103\t9:59:55\t10:00:00\t5\t10:00:00\t10:00:30\t30\tAGENT\t10:00:30\t10:02:30\t120\tANNA"


def edited(**changes: str) -> str:
    names = ["line", "id", "customer", "priority", "type", "date", "vru_entry", "vru_exit", "vru", "q_start", "q_exit",
             "q", "outcome", "ser_start", "ser_exit", "ser", "server"]  # fmt: skip
    cells = dict(zip(names, GOOD.split("\t"), strict=True)) | changes
    return "\t".join(cells.values())


def test_a_good_row_is_read_with_its_times(write_log):
    log = read_contact_log(write_log([GOOD]))
    row = log.contacts.iloc[0]
    assert row.arrived == pd.Timestamp("1999-01-03 10:00:00")
    assert (row.wait_s, row.handle_s, row.agent, bool(row.answered)) == (30.0, 120.0, "ANNA", True)
    assert log.summary() == "1 rows: 1 contacts read"


def test_a_service_past_midnight_has_its_true_length(write_log):
    log = read_contact_log(write_log([edited(ser_start="23:59:00", ser_exit="0:01:00")]))
    assert log.contacts.handle_s[0] == 120.0


@pytest.mark.parametrize(
    ("row", "place", "rule"),
    [
        (GOOD.rsplit("\t", 1)[0], "line 2", "wrong field count"),
        (GOOD + "\textra", "line 2", "wrong field count"),
        (edited(outcome="LUNCH"), "line 2 outcome", "not a known outcome"),
        (edited(date="991345"), "line 2 date", "must be a date"),
        (edited(vru_exit="10 o'clock"), "line 2 vru_exit", "clock time"),
        (edited(vru_exit="10:61:00"), "line 2 vru_exit", "clock time"),
        (edited(q_exit="9:59:00"), "line 2 q_exit", "is before q_start"),
        (edited(ser_exit="10:00:00"), "line 2 ser_exit", "is before ser_start"),
        (edited(type=" "), "line 2 type", "must name a contact type"),
        (edited(vru_exit="99:00:00"), "line 2 vru_exit", "clock time"),
    ],
)
def test_a_faulty_row_is_reported_and_the_rest_is_read(write_log, row, place, rule):
    log = read_contact_log(write_log([row, GOOD]))
    assert len(log.contacts) == 1
    [fault] = log.faults
    assert place in fault.place
    assert rule in fault.rule


def test_ignored_and_odd_rows_are_counted(write_log):
    rows = [
        edited(outcome="PHANTOM"),
        edited(server="NO_SERVER"),
        edited(ser_start="0:00:00", ser_exit="0:00:00"),
    ]
    log = read_contact_log(write_log(rows))
    assert log.ignored == {"PHANTOM": 1}
    assert log.rows == 3
    assert len(log.contacts) == 2
    assert math.isnan(log.contacts.handle_s[1])
    assert sum(log.warnings.values()) == 2


def test_a_missing_column_names_what_is_there(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("date\ttype\n990101\tPS\n")
    with pytest.raises(ScenarioError, match="outcome: column is missing") as error:
        read_contact_log(path)
    assert len(error.value.problems) == 7


def test_an_older_encoding_a_missing_header_and_utf16_are_read_with_a_note(write_log, tmp_path):
    path = tmp_path / "old.txt"
    path.write_bytes(write_log([edited(server="Jos\u00e9")]).read_text(encoding="utf-8").encode("cp1252"))
    log = read_contact_log(path)
    assert list(log.contacts.agent) == ["Jos\u00e9"]
    assert any("Windows-1252" in w for w in log.warnings)
    path.write_text(GOOD + "\n" + edited(id="2"))
    log = read_contact_log(path)
    assert len(log.contacts) == 2
    assert any("no header line" in w for w in log.warnings)
    path.write_text(write_log([GOOD]).read_text(), encoding="utf-16")
    assert len(read_contact_log(path).contacts) == 1


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path):
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_contact_log(tmp_path / "none.txt")
    (tmp_path / "binary").write_bytes(b"\x00\x81")
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_contact_log(tmp_path / "binary")


@pytest.mark.parametrize(
    ("text", "day", "odd"),
    [("000103", "2000-01-03", 0), ("103", "2000-01-03", 1), ("10103", "2001-01-03", 1), ("20000229", "2000-02-29", 1), ("19990103", "1999-01-03", 1)],
)
def test_dates_of_the_year_2000_lose_their_zeros_and_are_read(write_log, text, day, odd):
    log = read_contact_log(write_log([edited(date=text)]))
    assert log.contacts["arrived"][0].normalize() == pd.Timestamp(day)
    assert sum(n for w, n in log.warnings.items() if "leading zeros" in w) == odd


def test_a_february_under_any_name_becomes_a_scenario(tmp_path, write_log):
    """29 days of the year 2000, dates without zeros, every tenth row damaged: nothing of January is built in."""
    rows = []
    for d in range(1, 30):
        for i in range(40):
            at = f"{8 + i // 10}:{i % 10 * 6:02d}:00"
            end = f"{8 + i // 10}:{i % 10 * 6:02d}:{10 + i:02d}"
            row = edited(id=str(i), date=f"2{d:02d}", vru_exit=at, q_start=at, q_exit=end, q=str(10 + i), ser_start=end,
                         ser_exit=f"{8 + i // 10}:{i % 10 * 6 + 4:02d}:{10 + i:02d}", ser="240", outcome="AGENT" if i % 4 else "HANG")  # fmt: skip
            rows.append(row if i != 7 else row.replace("\tPS\t", "\t"))
    path = write_log(rows).rename(tmp_path / "feb_2000.dat")
    log = read_contact_log(path)
    assert len(log.faults) == 29
    made = scenario_from_log(log, name="feb", options=LogOptions(wage_per_hour=20.0, time_zone="Asia/Jerusalem"))
    offered = sum(p.hours_per_year * x for d in made.scenario.demand for p, x in zip(made.scenario.periods, d.contacts_per_hour, strict=True))
    assert offered == pytest.approx(365 * 39, rel=1e-6)
    assert made.scenario.calendar.first_day == "2001-01-01"
    assert made.warnings["rows refused"] == 29
