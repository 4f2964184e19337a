"""The service level alone: same numbers as `performance`, same refusals, any shapes."""

import sys
from pathlib import Path

import numpy as np
import pytest

import ccopt as cc
from ccopt.queueing.coefficients import ERFCX, GAMMA_STAR, TEMME

RNG = np.random.default_rng(3)
LOAD = RNG.uniform(0.01, 5000.0, 4000)
AGENTS = np.floor(LOAD + RNG.uniform(0.01, 6.0, 4000) * np.sqrt(LOAD)) + 1.0


@pytest.mark.parametrize("awt", [20.0, 0.0, RNG.uniform(0, 600, 4000)], ids=["20", "0", "many"])
@pytest.mark.parametrize("aht", [180.0, RNG.uniform(10, 2000, 4000)], ids=["one", "many"])
def test_it_is_the_service_level_of_performance(awt, aht):
    model = cc.ErlangC(contacts_per_hour=LOAD * 3600.0 / aht, aht_s=aht)
    assert np.abs(model.service_level(AGENTS, awt) - model.performance(AGENTS, awt).service_level).max() <= 1e-15


MANY = {"contacts_per_hour": [190.0, 150.0], "aht_s": [175.0, 120.0], "agents": [14.0, 18.0], "awt_s": [10.0, 30.0]}


@pytest.mark.parametrize("many", MANY)
def test_one_array_among_numbers_is_each_of_its_entries(many):
    """No entry needs a second look here, so that the loop over arrays answers alone."""
    one = {"contacts_per_hour": 200.0, "aht_s": 180.0, "agents": 15.0, "awt_s": 20.0}

    def level(contacts_per_hour, aht_s, agents, awt_s):
        return cc.ErlangC(contacts_per_hour=contacts_per_hour, aht_s=aht_s).service_level(agents, awt_s)

    singly = [level(**one | {many: value}) for value in MANY[many]]
    assert singly[0] != singly[1]
    assert level(**one | {many: np.array(MANY[many])}).tolist() == pytest.approx(singly, abs=1e-15)


def test_shapes_and_entries_that_need_a_second_look():
    assert isinstance(cc.ErlangC(contacts_per_hour=200, aht_s=180).service_level(14), float)
    found = cc.ErlangC(contacts_per_hour=[[100.0], [200.0]], aht_s=180).service_level([12, 14, 16])
    assert found.shape == (2, 3)
    assert cc.ErlangC(contacts_per_hour=[0.0, 200.0], aht_s=180).service_level(14)[0] == 1.0
    with pytest.raises(cc.UnstableError, match=r"agents\[1\] = 9"):
        cc.ErlangC(contacts_per_hour=200, aht_s=180).service_level([14, 9])
    with pytest.raises(ValueError, match=r"agents\[0\] = -1"):
        cc.ErlangC(contacts_per_hour=200, aht_s=180).service_level([-1, 14])
    with pytest.raises(ValueError, match=r"awt_s\[1\]"):
        cc.ErlangC(contacts_per_hour=200, aht_s=180).service_level(14, [20, np.nan])
    with pytest.raises(ValueError, match="shapes do not fit"):
        cc.ErlangC(contacts_per_hour=[200, 100], aht_s=180).service_level([14, 15, 16])


def test_stored_coefficients_are_what_their_definitions_give():
    """Exact fractions (DLMF 8.12, 5.11.3) and 60 digits, by the script in benchmarks."""
    sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
    try:
        import generate_coefficients as made
    finally:
        sys.path.pop(0)
    assert (made.temme(*TEMME.shape) == TEMME).all()
    assert np.array([float(x) for x in made.star(GAMMA_STAR.size)]).tolist() == GAMMA_STAR.tolist()
    assert np.abs(made.erfcx(ERFCX.size) - ERFCX).max() <= 1e-16
    source = (Path(made.__file__).parents[1] / "ccopt" / "queueing" / "near_sum.py").read_text(encoding="utf-8")
    assert made.near(TEMME) in source
