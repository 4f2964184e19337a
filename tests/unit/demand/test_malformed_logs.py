"""Other months of a log have damaged rows: each is accounted for, and the good rows are not hurt by them."""

import re

import numpy as np
import pytest
from bank_rows import HEAD, call
from hypothesis import given, settings
from hypothesis import strategies as st
from malformed import FAULTS, HARMLESS, IGNORED, WARNED, at, damaged_log

from ccopt.demand.contact_log import read_contact_log
from ccopt.demand.to_scenario import LogOptions, scenario_from_log

ROW = call(at=36_000, wait=30, service=120)


def read_one(write_log, change):
    return read_contact_log(write_log(["\t".join(change(ROW.split("\t"))), call(at=40_000)]))


@pytest.mark.parametrize("name", FAULTS)
def test_each_damage_is_a_fault_with_its_line(write_log, name):
    log = read_one(write_log, FAULTS[name])
    [fault] = log.faults
    assert re.search(r"log\.txt line 2\b", fault.place)
    assert fault.rule
    assert (len(log.contacts), log.rows) == (1, 2)


@pytest.mark.parametrize("name", WARNED)
def test_each_oddity_is_read_with_a_warning(write_log, name):
    log = read_one(write_log, WARNED[name])
    assert not log.faults
    assert len(log.contacts) == 2
    assert sum(log.warnings.values()) == 1


@pytest.mark.parametrize("name", [*IGNORED, *HARMLESS])
def test_the_rest_needs_no_warning(write_log, name):
    log = read_one(write_log, (IGNORED | HARMLESS)[name])
    assert not log.faults
    assert not log.warnings
    assert sum(log.ignored.values()) == (name in IGNORED)
    assert len(log.contacts) == 2 - (name in IGNORED)


@pytest.mark.parametrize("seed", range(5))
def test_every_row_of_a_damaged_month_is_accounted_for(write_log, seed):
    made = damaged_log(np.random.default_rng(seed))
    log = read_contact_log(write_log(made.rows))
    lines = [int(re.search(r"line (\d+)", f.place)[1]) for f in log.faults]
    assert lines == made.faulty_lines
    assert log.rows == len(made.rows) == len(log.contacts) + len(log.faults) + sum(log.ignored.values())
    assert len(log.contacts) == made.read
    assert sum(log.warnings.values()) == made.warned
    assert f"{len(lines)} refused" in log.summary()


def test_a_row_that_stands_twice_counts_once(write_log):
    log = read_contact_log(write_log([ROW, call(at=40_000), ROW]))
    assert len(log.contacts) == 2
    assert "repeats an earlier row" in log.faults[0].rule
    assert "line 4" in log.faults[0].place


def test_an_open_quote_swallows_no_rows(write_log):
    cells = ROW.split("\t")
    cells[at("customer_id")] = '"'
    assert len(read_contact_log(write_log(["\t".join(cells), ROW, call(at=40_000)])).contacts) == 3


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=60), max_size=6))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_reader(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("fuzz") / "log.txt"
    head = "\t".join(HEAD.split())
    path.write_text("\n".join([head, ROW, *lines, call(at=40_000)]), encoding="utf-8")
    log = read_contact_log(path)
    assert log.rows == len(log.contacts) + len(log.faults) + sum(log.ignored.values())
    assert len(log.contacts) >= 2 - sum("repeats" in f.rule for f in log.faults)


def test_damage_leaves_the_scenario_of_the_good_rows_alone(steady_month):
    clean = read_contact_log(steady_month)
    text = steady_month.read_text(encoding="utf-8").splitlines()
    rng = np.random.default_rng(5)
    names = list(FAULTS)
    bad = ["\t".join(FAULTS[names[rng.integers(len(names))]](line.split("\t"))) for line in text[1:400] if "AGENT" in line]
    steady_month.write_text("\n".join([*text, *bad]) + "\n", encoding="utf-8")
    hurt = read_contact_log(steady_month)
    assert len(hurt.faults) == len(bad)
    options = LogOptions(wage_per_hour=20.0)
    a, b = (scenario_from_log(x, name="x", options=options) for x in (clean, hurt))
    assert a.scenario == b.scenario
    assert b.warnings["rows refused"] == len(bad)
