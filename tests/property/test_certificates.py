"""No false certificate on random tiny networks solved by enumeration (1,000 in benchmarks/nightly)."""

import importlib.util
from pathlib import Path

import pytest

spec = importlib.util.spec_from_file_location("enumeration", Path(__file__).with_name("enumeration.py"))
enumeration = importlib.util.module_from_spec(spec)
spec.loader.exec_module(enumeration)


@pytest.mark.parametrize("block", range(10))
def test_bound_optimum_and_judge_agree(block):
    wrong = {seed: found for seed in range(8 * block, 8 * block + 8) if (found := enumeration.verdict(seed, time_limit_s=6)) is not None}
    assert not wrong


@pytest.mark.parametrize("path", ["segments", "prices"])
def test_every_way_of_the_optimiser_keeps_its_certificate(path):
    seeds = range(2000, 2003)
    wrong = {seed: found for seed in seeds if (found := enumeration.verdict(seed, path=path, time_limit_s=3)) is not None}
    tier = enumeration.verdict(1001, tiers=True, path=path, time_limit_s=3)
    assert not wrong
    assert tier is None


@pytest.mark.parametrize("block", range(2))
def test_two_tiers_are_kept_and_bounded(block):
    seeds = range(1000 + 10 * block, 1010 + 10 * block)
    wrong = {seed: found for seed in seeds if (found := enumeration.verdict(seed, tiers=True, time_limit_s=6)) is not None}
    assert not wrong


@pytest.mark.parametrize("block", range(4))
def test_bound_holds_for_offers_of_every_threshold(block):
    seeds = range(3000 + 4 * block, 3004 + 4 * block)
    wrong = {seed: found for seed in seeds if (found := enumeration.selling_verdict(seed, time_limit_s=2)) is not None}
    assert not wrong


@pytest.mark.parametrize("path", ["segments", "prices"])
def test_every_way_of_the_optimiser_bounds_offers(path):
    seeds = range(3100, 3102)
    wrong = {seed: found for seed in seeds if (found := enumeration.selling_verdict(seed, path=path, time_limit_s=2)) is not None}
    assert not wrong
