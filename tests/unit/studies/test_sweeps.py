import csv
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pandas as pd
import pytest

import ccopt.studies.sweeps.store as store_module
from ccopt.studies.sweeps import Task, sweep
from ccopt.studies.sweeps.engine import Chunker

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@pytest.fixture(autouse=True)
def functions(monkeypatch):
    """Workers are fresh processes: they find the test functions on the path that they inherit."""
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    import sweep_functions

    return sweep_functions


def tasks(n, **options):
    return [Task(scenario=json.dumps({"name": f"s{i}", "n": i}), options=options) for i in range(n)]


def test_same_rows_on_any_number_of_workers(functions):
    one, two, three = (sweep(tasks(60), function=functions.square, executor=w) for w in (1, 2, 3))
    assert one.to_csv() == two.to_csv() == three.to_csv()
    assert list(one["square"]) == [i**2 for i in range(60)]


def test_one_failing_scenario_does_not_stop_the_rest(functions):
    rows = sweep(tasks(30), function=functions.square_or_fail, executor=2)
    assert list(rows.loc[rows.status != "ok", "message"]) == ["ArithmeticError: seven"]
    assert (rows.status == "ok").sum() == 29


def test_the_task_that_kills_its_process_is_named_and_the_rest_is_kept(functions):
    rows = sweep(tasks(40), function=functions.poison, executor=2)
    assert list(rows.loc[rows.status == "lost", "scenario"]) == ["s13"]
    assert (rows.status == "ok").sum() == 39


def test_a_worker_killed_in_mid_run_loses_nothing(functions, tmp_path):
    todo = tasks(60, flag=str(tmp_path / "flag"))
    rows = sweep(todo, function=functions.die_once, executor=2)
    assert (tmp_path / "flag").exists()
    assert (rows.status == "ok").all()
    assert list(rows["square"]) == [i**2 for i in range(60)]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_stopped_sweep_resumes_and_retries_failures(functions, tmp_path, form):
    first = sweep(tasks(20), function=functions.square_or_fail, executor=1, store=tmp_path, form=form)
    assert (first.status == "ok").sum() == 19
    seen = []
    second = sweep(
        tasks(20), function=functions.square, executor=1, store=tmp_path, form=form, progress=seen.append
    )
    assert len(seen) == 1  # only the failed one ran again
    assert (second.status == "ok").all()
    assert seen[-1].left == 0
    assert list(second["square"]) == [i**2 for i in range(20)]


def test_a_killed_driver_resumes_without_loss_or_double_rows(functions, tmp_path, monkeypatch):
    script = textwrap.dedent(f"""
        import json, ccopt.studies.sweeps.store as store
        from ccopt.studies.sweeps import Task, sweep
        import sweep_functions
        store.FLUSH_ROWS = 2
        if __name__ == "__main__":
            todo = [Task(scenario=json.dumps({{"name": f"s{{i}}", "n": i}})) for i in range(30)]
            sweep(todo, function=sweep_functions.slow, executor=2, store={str(tmp_path / "out")!r})
    """)
    (tmp_path / "driver.py").write_text(script)
    driver = subprocess.Popen([sys.executable, str(tmp_path / "driver.py")], start_new_session=True)
    deadline = time.monotonic() + 60
    while len(list((tmp_path / "out").glob("part-*.csv"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.wait()
    before = store_module.Store(tmp_path / "out").read()
    assert 0 < len(before) < 30
    rows = sweep(tasks(30), function=functions.square, executor=2, store=tmp_path / "out")
    assert list(rows["square"]) == [i**2 for i in range(30)]
    assert rows["key"].is_unique


def test_a_full_disk_leaves_whole_parts(tmp_path, monkeypatch):
    store = store_module.Store(tmp_path)
    store.add({"key": "a", "status": "ok", "x": 1})
    store.flush()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    store.add({"key": "b", "status": "ok", "x": 2})
    with pytest.raises(OSError, match="No space"):
        store.flush()
    assert [p.name for p in tmp_path.iterdir()] == ["part-000001.csv"]
    assert list(store.read()["key"]) == ["a"]


def test_the_same_task_twice_is_refused(functions):
    with pytest.raises(ValueError, match=r"scenarios\[0\] occurs twice"):
        sweep(tasks(1) + tasks(1), function=functions.square, executor=1)


def test_no_workers_is_refused(functions):
    with pytest.raises(ValueError, match="at least 1"):
        sweep(tasks(1), function=functions.square, executor=0)


def test_a_store_reads_the_newest_row_of_a_key(tmp_path):
    for status in ("error", "ok"):
        store = store_module.Store(tmp_path)
        store.add({"key": "007", "status": status})
        store.flush()
    rows = store_module.Store(tmp_path).read()
    pd.testing.assert_frame_equal(rows, pd.DataFrame({"key": ["007"], "status": ["ok"]}), check_dtype=False)


ODD = ("NA", "null", "007", "1e3", "-2", "=1+1", "+cmd", "@SUM(A1)", "'quoted", "True", "nan", "a,b", 'say "x"')


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_odd_names_come_back_from_the_disk_and_are_no_formulas_there(functions, tmp_path, form):
    todo = [Task(scenario=json.dumps({"name": name, "n": 7 if name == "NA" else 1})) for name in ODD]
    kept = sweep(todo, function=functions.names_or_fail, executor=1, store=tmp_path, form=form)
    assert list(kept["scenario"]) == list(ODD)
    assert list(kept["open_sites"])[1:] == list(ODD)[1:]
    here = sweep(todo, function=functions.names_or_fail, executor=1)
    frames = [f.astype(object).where(f.notna(), None) for f in (kept, here)]  # pandas 2.2 reads what is missing as None
    pd.testing.assert_frame_equal(*frames, check_dtype=False)
    for path in tmp_path.glob("*.csv"):
        cells = [cell for row in csv.reader(path.read_text(encoding="utf-8").splitlines()) for cell in row]
        assert {c for c in cells if c.startswith(("=", "+", "@", "-"))} == {"-0.25"}  # a number


def test_chunks_grow_to_a_second_and_shrink_so_that_all_workers_end_together():
    chunks = Chunker(range(100), workers=2)
    assert len(chunks.next()) == 1  # nothing is known yet
    chunks.note(spent=0.1, tasks=10)  # a hundred would last a second
    sizes = []
    while len(chunks):
        sizes.append(len(chunks.next()))
    assert sum(sizes) == 99
    assert sizes[0] == 25  # half of what each of the two workers has left
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1


def test_the_benchmark_of_sweeps_runs_small():
    script = ROOT / "benchmarks" / "speed" / "sweeps.py"
    done = subprocess.run([sys.executable, str(script), "--smoke"], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    lines = done.stdout.splitlines()
    assert sum("overhead" in line for line in lines) == 4
    assert "300 empty scenarios, 2 workers" in lines[-1]
