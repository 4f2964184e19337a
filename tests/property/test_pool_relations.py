"""Relations between models of one pool and between pools, on examples that look for the corners."""

import importlib
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
relations = importlib.import_module("pool_relations")
FEW = {"ranks_share_one_queue": 15, "mean_wait_is_the_integral_of_the_tail": 40}  # examples of what takes long; 1,000 in benchmarks/nightly


@st.composite
def pools(draw):
    load = draw(st.one_of(st.floats(0.1, 3.0), st.floats(0.1, 300.0), st.integers(1, 100).map(float)))
    return relations.Pool(
        load=load, agents=max(1, math.floor(load * draw(st.floats(0.5, 1.1))) + draw(st.integers(0, 6))),
        aht_s=draw(st.floats(20.0, 1200.0)), patience_s=draw(st.floats(3.0, 30_000.0)), awt_s=draw(st.floats(0.0, 120.0)),
        factor=draw(st.floats(1.05, 3.0)), share=draw(st.floats(0.05, 0.95)), places=draw(st.integers(0, 40)),
    )  # fmt: skip


@pytest.mark.parametrize("name", relations.RELATIONS)
def test_relation(name):
    @settings(max_examples=FEW.get(name, 100), deadline=None, derandomize=True)
    @given(pools())
    def holds(pool):
        assert list(relations.RELATIONS[name](pool)) == []

    holds()


@pytest.mark.parametrize("name", relations.RELATIONS)
def test_every_relation_can_be_broken(name, monkeypatch):
    """With its sides exchanged, a side one in a thousand larger, or less than no tolerance, some pool breaks it."""
    plain_above, plain_same = relations.above, relations.same
    monkeypatch.setattr(relations, "above", lambda name, high, low, scale=0.0: plain_above(name, low, high, 0.0 * scale))
    monkeypatch.setattr(relations, "same", lambda name, one, other, **how: plain_same(name, 1.001 * one + 1e-6, other, **how))
    inline = name in {"endless_patience_is_erlang_c", "no_patience_is_erlang_b"}
    monkeypatch.setattr(relations, "NEAR", -1e-3 if inline else 1e-12)
    rng = np.random.default_rng(7)
    assert any(list(relations.RELATIONS[name](relations.random_pool(rng, 2.0))) for _ in range(30))
