"""The chain of a group that sells against a sparse solution of all its states and the exponential of the tagged customer's moves."""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.sparse import dok_array
from scipy.sparse.linalg import spsolve

from ccopt.queueing.selling import SellingGroup, selling_chain, stationary
from ccopt.queueing.selling_waits import selling_waits

ROOT = Path(__file__).parents[3]
GROUPS = {
    "endless": SellingGroup(contacts_per_hour=60.0, aht_s=300.0, agents=7, extra_s=60.0, share=0.5),
    "patient": SellingGroup(contacts_per_hour=100.0, aht_s=300.0, agents=8, extra_s=500.0, share=1.0, patience_s=400.0),
    "hurried": SellingGroup(contacts_per_hour=150.0, aht_s=200.0, agents=6, extra_s=90.0, share=0.3, patience_s=40.0),
}
CODE = """
import json
from ccopt.queueing.selling import SellingGroup, selling_chain
from ccopt.queueing.selling_waits import selling_waits
out = []
for patience in (float("inf"), 200.0):
    for threshold in (-1, 4, 9, None):
        group = SellingGroup(contacts_per_hour=60.0, aht_s=300.0, agents=8, extra_s=90.0, share=0.4, patience_s=patience)
        chain, waits = selling_chain(group, threshold=threshold), selling_waits(group, threshold=threshold, awt_s=20.0)
        out += [chain.offers_per_hour, chain.queue_length, chain.delay_probability, waits.answered_in_time, waits.virtual,
                waits.abandoned_early, waits.asa_s]
print(json.dumps(out))
"""


def moves(group, threshold, i, j):
    """Rates out of i contacts served or waiting and j agents selling, as the rule of the module says them."""
    mu, nu, theta = 3600 / group.aht_s, 3600 / group.extra_s, 3600 / group.patience_s
    served = min(i, group.agents - j) * mu
    sold = served * group.share if threshold is None or i + j <= threshold else 0.0
    return {
        (i + 1, j): group.contacts_per_hour, (i - 1, j + 1): sold, (i, j - 1): j * nu,
        (i - 1, j): served - sold + max(i + j - group.agents, 0) * theta,
    }  # fmt: skip


def by_all_states(group, threshold, longest=400):
    """Probabilities of (i, j) from one sparse system of all states."""
    n = group.agents
    at = {x: k for k, x in enumerate(itertools.product(range(longest), range(n + 1)))}
    matrix = dok_array((len(at), len(at)))
    for (i, j), k in at.items():
        for end, rate in moves(group, threshold, i, j).items():
            if rate > 0 and end in at:
                matrix[at[end], k] += rate
                matrix[k, k] -= rate
    full = matrix.tocsr()
    reduced = full[1:, 1:].tocsc()
    p = np.concatenate([[1.0], spsolve(reduced, -full[1:, [0]].toarray().ravel())])
    return (p / p.sum()).reshape(longest, n + 1)


@pytest.mark.parametrize("threshold", [-1, 3, 7, 11, None])
@pytest.mark.parametrize("name", GROUPS)
def test_probabilities_by_all_states(name, threshold):
    group, n = GROUPS[name], GROUPS[name].agents
    p = by_all_states(group, threshold)
    i, j = np.indices(p.shape)
    serving, queue = np.minimum(i, n - j), np.maximum(i + j - n, 0)
    asked = np.ones_like(p) if threshold is None else i + j <= threshold
    found = selling_chain(group, threshold=threshold)
    assert found.offers_per_hour == pytest.approx((p * serving * asked).sum() * 3600 / group.aht_s * group.share, rel=1e-9, abs=1e-12)
    assert found.queue_length == pytest.approx((p * queue).sum(), rel=1e-9)
    assert found.delay_probability == pytest.approx(p[i + j >= n].sum(), rel=1e-9)
    assert found.occupancy == pytest.approx((p * (serving + j)).sum() / n, rel=1e-9)
    assert found.selling_load == pytest.approx((p * j).sum(), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("threshold", [3, 8, None])
@pytest.mark.parametrize("name", ["patient", "hurried"])
def test_waits_by_the_exponential_of_all_moves(name, threshold):
    # one customer: (ahead, selling) and two ends, answered and gone; the levels of the chain say where she starts
    group, n, awt_s = GROUPS[name], GROUPS[name].agents, 45.0
    start = stationary(group, threshold)[n:]
    ahead, width = start.shape
    assert 0 < start[-1].sum() < 1e-12
    theta = 3600 / group.patience_s
    at = {x: k for k, x in enumerate(itertools.product(range(ahead), range(width)))}
    matrix = np.zeros((len(at) + 2, len(at) + 2))
    for (a, j), k in at.items():
        rates = moves(group, threshold, a + 1 + n - j, j)  # she is in the system as well
        mine = {(a - 1, j - 1): rates[a + 1 + n - j, j - 1], (a, j + 1): rates[a + n - j, j + 1], (a - 1, j): rates[a + n - j, j] - theta}
        for end, rate in mine.items():
            if rate > 0:
                matrix[k, at.get(end, len(at))] += rate
                matrix[k, k] -= rate
        matrix[k, -1] += theta
        matrix[k, k] -= theta
    ends = np.concatenate([start.ravel(), [0.0, 0.0]]) @ expm(matrix * awt_s / 3600)
    found = selling_waits(group, threshold=threshold, awt_s=awt_s)
    at_once = 1.0 - start.sum()
    assert found.answered_in_time - at_once == pytest.approx(ends[-2], rel=1e-9)
    assert found.abandoned_early == pytest.approx(ends[-1], rel=1e-9)


@pytest.mark.parametrize("agents", [1, 2, 25, 90])
def test_small_probabilities_keep_their_digits(agents):
    # offers started x their time = mean number who sell, however small
    for threshold, patience_s in itertools.product((1, agents // 2, agents + 3, None), (math.inf, 300.0)):
        group = SellingGroup(
            contacts_per_hour=10.0 * agents, aht_s=300.0, agents=agents, extra_s=60.0, share=0.5, patience_s=patience_s
        )
        found = selling_chain(group, threshold=threshold)
        assert found.selling_load == pytest.approx(found.offers_per_hour / 60.0, rel=1e-10)
        assert found.occupancy * agents == pytest.approx(
            10.0 * agents / 12.0 * (1.0 - found.abandonment) + found.selling_load, rel=1e-12
        )


@pytest.mark.skipif(find_spec("numba") is None, reason="compares with and without numba")
def test_same_numbers_without_the_compiler():
    found = [
        np.array(json.loads(subprocess.run(
            [sys.executable, "-c", CODE], capture_output=True, text=True, check=True,
            env={**os.environ, "CCOPT_NUMBA": switch, "PYTHONPATH": str(ROOT)},
        ).stdout))
        for switch in ("1", "0")
    ]  # fmt: skip
    assert found[0] == pytest.approx(found[1], rel=1e-12)
