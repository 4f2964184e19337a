"""Rows 40 to 42: eight threads that optimise at once neither hang nor lose what other threads print."""

import subprocess
import sys
import textwrap
import threading

import ccopt as cc


def costs_of_threads(threads, runs):
    """What each run costs when ``threads`` threads make ``runs`` runs each; fails when one of them hangs."""
    scenario, costs = cc.load_instance("two-sites"), []

    def solve():
        for _ in range(runs):
            costs.append(cc.optimise(scenario, gap=0.0, time_limit_s=60).cost_per_year)

    started = [threading.Thread(target=solve, daemon=True) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join(timeout=20 * runs)
    assert not any(t.is_alive() for t in started)
    return costs


def test_eight_threads_solve_at_once_and_agree():
    alone = cc.optimise(cc.load_instance("two-sites"), gap=0.0, time_limit_s=60)
    assert costs_of_threads(8, 3) == [alone.cost_per_year] * 24


def test_lines_of_other_threads_appear_while_one_solves():
    code = textwrap.dedent("""
        import threading, ccopt as cc
        stop = threading.Event()
        def talk():
            n = 0
            while not stop.wait(0.005):
                print("line", n, flush=True)
                n += 1
            print("lines", n, flush=True)
        talker = threading.Thread(target=talk)
        talker.start()
        cc.optimise(cc.load_instance("two-sites"), gap=0.0, time_limit_s=30)
        stop.set()
        talker.join()
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)
    lines = done.stdout.splitlines()
    count = int(lines[-1].split()[1])
    assert count > 0
    assert lines[:-1] == [f"line {n}" for n in range(count)]  # nothing lost, nothing of the solver in between
