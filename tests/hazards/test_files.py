"""Rows 17, 21 and 22: a limit of memory, a disk that takes no more, a kill in mid-write: words, and whole files only."""

import json
import os
import resource
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

COMMAND = "import sys; from ccopt.cli import main; main(sys.argv[1:])"


def test_a_disk_that_takes_no_more_is_said_and_leaves_nothing_half(tmp_path):
    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))

    target = tmp_path / "plan.json"
    done = subprocess.run(
        [sys.executable, "-B", "-c", COMMAND, "optimise", "two-sites", "-o", str(target)],
        capture_output=True, text=True, check=False, preexec_fn=small_files, timeout=200,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_stays_when_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    from ccopt.scenario.writing import write_whole

    path = tmp_path / "plan.json"
    write_whole(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


SAVING = """
import json, sys
from pathlib import Path
from ccopt.scenario.writing import write_whole
n = 0
print("ready", flush=True)
while True:
    n += 1
    write_whole(Path(sys.argv[1]), json.dumps({"n": n, "filler": [n] * 200_000}).encode())
"""


def killed_while_saving(path, runs, rng):
    """Kill a process that saves without end, ``runs`` times; the number of times that a file was there, whole each time."""
    seen = 0
    for _ in range(runs):
        process = subprocess.Popen([sys.executable, "-c", SAVING, str(path)], stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        time.sleep(float(rng.uniform(0.02, 0.25)))
        process.kill()
        process.wait()
        process.stdout.close()
        if path.exists():
            whole = json.loads(path.read_text(encoding="utf-8"))
            assert whole["filler"] == [whole["n"]] * 200_000
            seen += 1
    return seen


def test_a_kill_while_saving_leaves_an_old_or_a_new_file(tmp_path):
    assert killed_while_saving(tmp_path / "plan.json", 12, np.random.default_rng(22)) >= 6


def test_too_little_memory_is_said_without_a_traceback(tmp_path):
    code = textwrap.dedent("""
        import resource, sys
        from ccopt.cli import main
        import ccopt, numpy
        scenario = ccopt.load_instance("two-sites")
        import ccopt.optimisation
        def no_memory(*_, **__):
            limit = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (2**31, limit[1]))
            numpy.ones(2**33)
        ccopt.optimise = no_memory
        main(sys.argv[1:])
    """)
    done = subprocess.run([sys.executable, "-c", code, "optimise", "two-sites", "-o", str(tmp_path / "p.json")],
                          capture_output=True, text=True, check=False, timeout=100)  # fmt: skip
    assert done.returncode == 3
    assert "memory" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
