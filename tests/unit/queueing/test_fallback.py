"""Without the compiler the same numbers come out, to 1e-13 and two last places of the exponent, down to probabilities of 1e-290."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]
CODE = """
import json, sys
import numpy as np
import ccopt as cc
rng = np.random.default_rng(4)
n = np.concatenate([rng.integers(1, 2000, 800), 10 ** rng.uniform(-2, 6, 800)]).astype(float)
a = n * np.concatenate([rng.uniform(0.2, 1.5, 800), 1 + rng.normal(0, 2, 800) / np.sqrt(n[800:])]).clip(1e-3)
c = np.minimum(a, 0.999 * n)
model = cc.ErlangC(contacts_per_hour=c * 20, aht_s=180)
p = model.performance(n, 20)
q = cc.ErlangA(contacts_per_hour=a[::16] * 20, aht_s=180, patience_s=10 ** rng.uniform(0, 5, 100)).performance(n[::16], 30)
out = [cc.erlang_b(n, a), cc.erlang_c(n, a), cc.log_erlang_b(n, a), cc.log_erlang_c(n, a), p.delay_probability, p.service_level, p.asa_s,
       model.log_wait_tail(n, 20), q.delay_probability, q.service_level, q.abandonment, q.asa_s, model.service_level(n, 20)]
print(json.dumps([np.asarray(x).tolist() for x in out] + ["numba" in sys.modules]))
"""


def numbers(switch):
    environment = {**os.environ, "CCOPT_NUMBA": switch, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout)


@pytest.mark.skipif(find_spec("numba") is None, reason="compares with and without numba")
def test_same_numbers_without_the_compiler():
    *with_it, loaded = numbers("1")
    *without, absent = numbers("0")
    assert (loaded, absent) == (True, False)
    pairs = zip(map(np.array, with_it), map(np.array, without), strict=True)
    for i, (x, y) in enumerate(pairs):
        shares_in_time = i in (5, 9, 12)  # 1 less something: absolute
        error = np.abs(x - y) / (1.0 if shares_in_time else np.maximum(np.abs(x), 1e-300))
        error[x == y] = 0.0
        size = np.abs(x)
        last_places = 0.0 if shares_in_time else 2 * np.finfo(float).eps * np.abs(np.log(np.maximum(size, 1e-300)))  # numpy 1.26 and 2 differ
        assert (error - last_places)[size > 1e-290].max() <= 2e-13, i  # 1.0e-13 with numpy 1.26


def test_numba_is_imported_with_the_first_call_only():
    code = "import sys; from ccopt.queueing import ErlangA; ErlangA(contacts_per_hour=1, aht_s=1, patience_s=1); print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_peers_are_compared_on_one_grid():
    if find_spec("pyworkforce") is None and find_spec("call_center_tools") is None:
        pytest.skip("no peer is installed (extra bench)")
    script = ROOT / "benchmarks" / "speed" / "queueing.py"
    done = subprocess.run([sys.executable, str(script), "--points", "300", "--peer-points", "12"], capture_output=True, text=True,
                          check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith(("ccopt", "pyworkforce", "call-center-tools"))]
    rows = [r for r in rows if len(r) == 4]
    assert len(rows) >= 4
    assert all(float(r[2]) < 1e-9 for r in rows)
