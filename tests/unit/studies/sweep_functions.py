"""Functions of one task for the sweep tests; a module of its own because workers import it."""

import json
import os
import signal
import time
from pathlib import Path


def number(task):
    return json.loads(task.scenario)["n"]


def square(task):
    return {"square": number(task) ** 2}


def square_or_fail(task):
    n = number(task)
    if n == 7:
        msg = "seven"
        raise ArithmeticError(msg)
    return {"square": n**2}


def names_or_fail(task):
    if number(task) == 7:
        msg = "seven"
        raise ArithmeticError(msg)
    return {"open_sites": json.loads(task.scenario)["name"], "share": -0.25}


def poison(task):
    n = number(task)
    if n == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"square": n**2}


def die_once(task):
    """Kill the own process at task 20, the first time only."""
    n = number(task)
    flag = Path(task.options["flag"])
    if n == 20 and not flag.exists():
        flag.write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    return {"square": n**2}


def slow(task):
    time.sleep(0.2)
    return {"square": number(task) ** 2}


def hog(task):
    """Task 13 takes memory without end until its process is ended."""
    n, taken = number(task), []
    while n == 13:
        taken.append(bytearray(20_000_000))
        time.sleep(0.02)
    return {"square": n**2}
