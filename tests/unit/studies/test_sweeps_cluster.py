"""A real scheduler with worker processes on the loopback interface."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("distributed")
from ccopt.studies.sweeps import Task, sweep
from ccopt.studies.sweeps.cluster import SchedulerLostError, connect
from ccopt.studies.sweeps.store import Store

pytestmark = [pytest.mark.cluster, pytest.mark.filterwarnings("default")]
HERE = Path(__file__).parent


def tasks(n):
    return [Task(scenario=json.dumps({"name": f"s{i}", "n": i})) for i in range(n)]


class Cluster:
    """`dask scheduler` and `dask worker` as separate processes that the test can kill, each the head of a group of its own."""

    def __init__(self, folder: Path) -> None:
        self.env = os.environ | {"PYTHONPATH": str(HERE), "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "warning",
                                 "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}  # fmt: skip
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.processes: list[subprocess.Popen] = []

    def scheduler(self):
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file))
        self.until(self._written_address)
        self.address = self._written_address()

    def _written_address(self):
        """The file appears empty and is written then: an address is there once the whole document is."""
        try:
            return json.loads(self.file.read_text(encoding="utf-8"))["address"]
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def _start(self, *words):
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            command = [sys.executable, "-m", "dask", *words]
            self.processes.append(subprocess.Popen(command, env=self.env, stdout=log, stderr=log, start_new_session=True))
        return self.processes[-1]

    def until(self, condition, seconds=120):
        """Wait; a loaded machine takes its time, but a process that ended by itself ends the wait too."""
        end = time.monotonic() + seconds
        while not condition():
            ended = [p.args[3] for p in self.processes if p.poll() is not None]
            assert not ended, (ended, self.said())
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def said(self):
        return {p.name: p.read_text(encoding="utf-8")[-3000:] for p in self.folder.glob("*.log")}

    def worker(self, *words, threads=1):
        return self._start("worker", self.address, "--nthreads", str(threads), "--no-dashboard", "--death-timeout", "60",
                           "--local-directory", str(self.folder), *(words or ("--no-nanny",)))  # fmt: skip

    def ready(self, client, workers):
        self.until(lambda: len(client.scheduler_info(n_workers=-1)["workers"]) == workers)

    def close(self):
        """End every process, and those that it started: a nanny that is killed leaves its worker."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=60)


def clients(client):
    return client.run_on_scheduler(lambda dask_scheduler: len([c for c in dask_scheduler.clients if c.startswith("Client")]))


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    made = Cluster(tmp_path)
    try:
        made.scheduler()
        yield made
    finally:
        made.close()


def test_a_killed_worker_loses_nothing_and_repeats_nothing(cluster, tmp_path):
    import sweep_functions

    victim, _ = cluster.worker(), cluster.worker()
    with connect(cluster.address) as client:
        cluster.ready(client, 2)
        seen = []

        def kill_after_ten(progress):
            seen.append(progress)
            if len(seen) == 10:
                victim.send_signal(signal.SIGKILL)

        rows = sweep(
            tasks(40), function=sweep_functions.slow, executor=client, store=tmp_path / "out", progress=kill_after_ten
        )
    assert victim.wait(timeout=10) == -signal.SIGKILL
    local = sweep(tasks(40), function=sweep_functions.square, executor=1)
    assert rows["key"].is_unique
    assert rows.to_csv() == local.to_csv()
    assert len(seen) == 40


def test_a_lost_scheduler_keeps_the_rows_and_says_how_to_go_on(cluster, tmp_path):
    import sweep_functions

    cluster.worker()
    client = connect(cluster.address)
    cluster.ready(client, 1)
    seen = []

    def lose_after_five(progress):
        seen.append(progress)
        if len(seen) == 5:
            cluster.processes[0].kill()

    with pytest.raises(SchedulerLostError, match="run again to resume"):
        sweep(tasks(60), function=sweep_functions.slow, executor=client, store=tmp_path / "out", progress=lose_after_five)
    with pytest.raises(SchedulerLostError, match="run again to resume"):  # lost before the first task
        sweep(tasks(60), function=sweep_functions.slow, executor=client, store=tmp_path / "out")
    client.close(timeout=1)
    assert 5 <= len(Store(tmp_path / "out").read()) < 60
    rows = sweep(tasks(60), function=sweep_functions.square, executor=2, store=tmp_path / "out")
    assert list(rows["square"]) == [i**2 for i in range(60)]


def test_workers_with_two_threads_are_refused(cluster):
    import sweep_functions

    cluster.worker(threads=2)
    with connect(cluster.address) as client:
        cluster.ready(client, 1)
        with pytest.raises(ValueError, match="one thread each"):
            sweep(tasks(2), function=sweep_functions.square, executor=client)


@pytest.mark.parametrize(("name", "words"), [("poison", ()), ("hog", ("--memory-limit", "400MB"))])
def test_a_task_that_ends_its_processes_is_lost_and_the_rest_is_kept(cluster, name, words):
    """By a signal, or by taking more memory than a worker may have; workers are started again."""
    import sweep_functions

    cluster.worker("--nanny", *words)
    with connect(cluster.address) as client:
        cluster.ready(client, 1)
        rows = sweep(tasks(16), function=getattr(sweep_functions, name), executor=client)
    assert list(rows.index[rows["status"] == "lost"]) == [13]
    assert (rows["status"] == "ok").sum() == 15


def test_an_interrupted_sweep_keeps_its_rows_and_leaves_the_cluster_idle(cluster, tmp_path):
    import sweep_functions

    cluster.worker()
    with connect(cluster.address) as client:
        cluster.ready(client, 1)

        def interrupt(progress):
            if progress.done == 5:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            sweep(
                tasks(60), function=sweep_functions.slow, executor=cluster.address, store=tmp_path / "out", progress=interrupt
            )
        cluster.until(lambda: not any(client.processing().values()))
        cluster.until(lambda: clients(client) == 1)  # the one of the sweep is closed
        assert 5 <= len(Store(tmp_path / "out").read()) < 60
        rows = sweep(tasks(60), function=sweep_functions.square, executor=client, store=tmp_path / "out")
    assert list(rows["square"]) == [i**2 for i in range(60)]


def test_a_worker_that_hangs_for_a_while_changes_nothing(cluster):
    import sweep_functions

    frozen, _ = cluster.worker(), cluster.worker()
    with connect(cluster.address) as client:
        cluster.ready(client, 2)
        seen = []

        def freeze(progress):
            seen.append(progress)
            if len(seen) == 5:
                frozen.send_signal(signal.SIGSTOP)
                threading.Timer(3.0, frozen.send_signal, [signal.SIGCONT]).start()

        rows = sweep(tasks(40), function=sweep_functions.slow, executor=client, progress=freeze)
    assert list(rows["square"]) == [i**2 for i in range(40)]
    assert len(seen) == 40


def test_the_command_ends_with_4_when_its_scheduler_is_lost_and_goes_on_without_one(cluster, tmp_path):
    cluster.worker()
    grid, out = tmp_path / "grid.toml", tmp_path / "out"
    grid.write_text(f'scenarios = ["two-sites"]\nseeds = {list(range(24))}\noptions = [{{ gap = 0.01, time_limit_s = 20 }}]\n')
    code = "import sys; from ccopt.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "sweep", str(grid), "-o", str(out)]
    with connect(cluster.address) as client:
        cluster.ready(client, 1)
    with subprocess.Popen([*command, "--scheduler", cluster.address], stderr=subprocess.PIPE, text=True) as driver:
        first = next(line for line in driver.stderr if line.endswith("left\n"))
        cluster.processes[0].kill()
        rest = driver.stderr.read()
    assert first == "1 done, 0 failed, 23 left\n", rest
    assert "SchedulerLostError: the scheduler is gone" in rest
    assert "run again to resume" in rest
    assert driver.returncode == 4
    before = len(Store(out).read())
    assert 1 <= before < 24
    again = subprocess.run([*command, "--workers", "2", "--json"], capture_output=True, text=True, check=True)
    assert again.stderr.splitlines()[0] == f"{before + 1} done, 0 failed, {23 - before} left"
    rows = json.loads(again.stdout)
    assert [(row["seed"], row["status"]) for row in rows] == [(seed, "ok") for seed in range(24)]
