import datetime as dt

import pandas as pd
import pytest
import xlsxwriter

from ccopt.demand.cells import parse_duration_s, parse_number
from ccopt.demand.interval_report import read_interval_report
from ccopt.errors import ScenarioError


def written(tmp_path, text, name="report.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("cell", "scale", "seconds"),
    [
        ("0:06:50", 1.0, 410.0),
        ("6:50", 1.0, 410.0),
        ("410", 1.0, 410.0),
        ("6,5", 60.0, 390.0),
        (410, 1.0, 410.0),
        (dt.time(0, 6, 50), 1.0, 410.0),
        (dt.timedelta(seconds=410), 1.0, 410.0),
        ("1:00:00", 1.0, 3600.0),
        ("90:00", 1.0, 5400.0),
    ],
)
def test_durations_in_their_disguises(cell, scale, seconds):
    assert parse_duration_s(cell, scale=scale) == seconds


@pytest.mark.parametrize("cell", ["-5", "6:61", "1:75:00", "soon", None, True, "nan", dt.datetime(2024, 1, 1), 1e9])
def test_no_duration(cell):
    with pytest.raises(ValueError, match=r"must|is "):
        parse_duration_s(cell)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,234.5", 1234.5), ("1.234,5", 1234.5), ("3,5", 3.5), ("0.250", 0.25), (" 12 ", 12.0), ("1e3", 1000.0)],
)
def test_numbers(cell, number):
    assert parse_number(cell) == number


@pytest.mark.parametrize("cell", ["1,234", "1.234", "12a", "", "inf", float("nan")])
def test_a_number_is_never_guessed(cell):
    with pytest.raises(ValueError, match=r"must|thousand"):
        parse_number(cell)


@pytest.mark.parametrize(
    "text",
    [
        "Date,Interval Time,Split/Skill,Calls Offered,ACD Calls,Aban Calls,AHT (sec)\n2024-03-01,08:00,sales,20,18,2,300\n",
        "row_date;time;queue;angebotene anrufe;angenommen;verloren;Bearbeitungszeit [min]\n01.03.2024;08:00 - 08:30;sales;20;18;2;5,0\n",
        "Timestamp\tSkill\tOffered\tHandled\tAbandoned\tAHT\n2024-03-01 08:00\tsales\t20\t18\t2\t0:05:00\n",
    ],
)
def test_three_dialects_of_one_row(tmp_path, text):
    report = read_interval_report(written(tmp_path, text))
    row = report.intervals.iloc[0]
    assert not report.faults
    assert row.start == pd.Timestamp("2024-03-01 08:00")
    assert (row.contact_type, row.offered, row.answered, row.abandoned, row.aht_s) == ("sales", 20, 18, 2, 300)


def test_faulty_rows_are_reported_with_their_line(tmp_path):
    text = (
        "start,queue,offered,answered,abandoned,aht,agent name\n"
        "2024-03-01 08:00,a,10,9,1,300,x\n"
        "2024-03-01 08:30,a,ten,9,1,300,x\n"
        "2024-03-01 09:00,a,10,9,5,300,x\n"
        "2024-03-01 25:00,a,10,9,1,300,x\n"
        "2024-03-01 10:00,a,-1,0,0,300,x\n"
        "2024-03-01 10:30,a\n"
        "2024-03-01 11:00,a,0,0,0,,x\n"
    )
    report = read_interval_report(written(tmp_path, text))
    assert [f.place for f in report.faults] == [f"report.csv line {n}" for n in (3, 4, 5, 6, 7)]
    assert "offered = 'ten'" in str(report.faults[0])
    assert len(report.intervals) == 2
    assert report.unused == ("agent name",)


def test_a_date_with_two_readings_is_refused_until_told(tmp_path):
    path = written(tmp_path, "date,time,offered\n03/04/2024,08:00,5\n")
    assert "two dates" in read_interval_report(path).faults[0].rule
    told = read_interval_report(path, date_format="%d/%m/%Y")
    assert told.intervals.start[0] == pd.Timestamp("2024-04-03 08:00")


def test_excel_with_true_times(tmp_path):
    path = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Interval start", "Queue", "Offered", "AHT"])
        sheet.write_datetime(1, 0, dt.datetime(2024, 3, 1, 8, 30), book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        sheet.write_row(1, 1, ["sales", 12])
        sheet.write_datetime(1, 3, dt.time(0, 5, 0), book.add_format({"num_format": "[h]:mm:ss"}))
    report = read_interval_report(path)
    assert not report.faults
    assert report.intervals.aht_s[0] == 300.0
    assert report.intervals.start[0] == pd.Timestamp("2024-03-01 08:30")


def test_a_file_without_the_needed_columns_says_so(tmp_path):
    with pytest.raises(ScenarioError, match="no column for it") as error:
        read_interval_report(written(tmp_path, "a,b\n1,2\n"))
    assert len(error.value.problems) == 2


def test_titles_above_the_header_an_interval_column_beside_the_date_and_older_encodings(tmp_path):
    path = tmp_path / "r.csv"
    text = (
        "Split/Skill Interval Report;;;;\nGru\u00dfe aus K\u00f6ln;;;;\n\n"
        "Datum;Intervall;Warteschlange;Angebotene Anrufe;Angenommen;Verloren;Bearbeitungszeit [s]\n"
        "01.03.2024;08:00-08:30;B\u00fcro;1.234;1.200;34;300,5\n"
    ).replace("Intervall", "Interval")
    path.write_bytes(text.encode("cp1252"))
    report = read_interval_report(path)
    row = report.intervals.iloc[0]
    assert not report.faults
    assert (row.contact_type, row.offered, row.aht_s) == ("B\u00fcro", 1234, 300.5)  # 300,5 proves the decimal comma
    assert row.start == pd.Timestamp("2024-03-01 08:00")
    assert any("Windows-1252" in w for w in report.warnings)


def test_a_thousand_mark_is_refused_where_nothing_proves_it_and_read_when_told(tmp_path):
    path = written(tmp_path, 'start,offered\n2024-03-01 08:00,"1,234"\n')
    assert "thousand or a decimal" in read_interval_report(path).faults[0].rule
    assert read_interval_report(path, decimal=".").intervals.offered[0] == 1234


def test_times_with_an_offset_need_a_zone(tmp_path):
    path = written(tmp_path, "timestamp,offered\n2024-07-01T08:00:00Z,5\n")
    assert "pass time_zone" in read_interval_report(path).faults[0].rule
    told = read_interval_report(path, time_zone="Europe/Berlin")
    assert told.intervals.start[0] == pd.Timestamp("2024-07-01 10:00")


def test_excel_serial_numbers_snap_to_the_second(tmp_path):
    path = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Interval start", "Offered", "Talk time (min)", "ACW"])
        sheet.write_row(1, 0, [45352.3541666, 12, 4.5, 30])  # 2024-03-01 08:30
    row = read_interval_report(path).intervals.iloc[0]
    assert row.start == pd.Timestamp("2024-03-01 08:30")
    assert (row.talk_s, row.wrap_s) == (270.0, 30.0)


def test_intervals_that_stand_twice_are_counted(tmp_path):
    text = "start,queue,offered\n2024-10-27 02:00,a,5\n2024-10-27 02:00,a,4\n2024-10-27 02:30,a,4\n"
    report = read_interval_report(written(tmp_path, text))
    assert sum(report.warnings.values()) == 1
    assert len(report.intervals) == 3
