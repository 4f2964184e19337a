"""Lines below contracts: against `tiered_price` itself, and a site whose contract falls with the quantity."""

import numpy as np
import pytest

from ccopt.costs import tiered_price
from ccopt.optimisation.build import build_problem
from ccopt.optimisation.contract_floor import contract_lines
from ccopt.optimisation.headcount_rows import headcount_rows
from ccopt.optimisation.lagrangian import SiteProgrammes
from ccopt.optimisation.limits import limits_of
from ccopt.scenario.entities import Scenario, Tariff, Tier

HOURS = (1000.0, 3000.0)


def problem(tariff: Tariff, hours=HOURS):
    """One vendor under a contract."""
    named = tariff.model_copy(update={"name": "form"})
    s = Scenario.model_validate({
        "schema_version": 1, "name": "vendor",
        "periods": [{"name": f"p{i}", "hours_per_year": h} for i, h in enumerate(hours)],
        "sites": [{"name": "v", "kind": "outsourced", "seats": 30, "skill_sets": ["k"],
                   "tariffs": [named.model_dump(exclude_none=True)]}],
        "contact_types": [{"name": "c", "talk_s": 300.0, "targets": [{"service_level": 0.8, "awt_s": 20.0}]}],
        "skill_sets": [{"name": "k", "contact_types": ["c"]}],
        "demand": [{"region": "r", "contact_type": "c", "contacts_per_hour": [60.0 / (i + 1) for i in range(len(hours))]}],
        "links": [{"region": "r", "site": "v"}],
    })  # fmt: skip
    return build_problem(s, limits_of(s, ()))


def tariffs():
    rng = np.random.default_rng(3)
    for i in range(40):
        prices = rng.uniform(5, 40, 3)
        if i % 2:
            prices = np.sort(prices)[::-1]
        ends = np.sort(rng.uniform(1000, 60_000, 2))
        tiers = [*(Tier(up_to=float(e), price=float(x)) for e, x in zip(ends, prices, strict=False)), Tier(price=float(prices[2]))]
        yield Tariff(per="agent_hour", tiers=tuple(tiers), minimum=float(rng.choice([0.0, 250_000.0])))


@pytest.mark.parametrize("tariff", list(tariffs()))
def test_no_contract_is_cheaper_than_its_best_line(tariff):
    p = problem(tariff)
    used = np.arange(31)
    lines = contract_lines(p, 0, used)
    prices = [t.price for t in tariff.tiers]
    lowest = min(prices)
    rng = np.random.default_rng(1)
    for n in (0, 1, 7, 30):
        for hours in rng.uniform(n * min(HOURS), n * sum(HOURS), 50):
            amount = tiered_price(tariff, float(hours))
            least = min((lowest + x.per_hour) * hours + x.per_year[n] for x in lines)
            assert least <= amount * (1 + 1e-12) + 1e-6
            if prices == sorted(prices, reverse=True) and tariff.minimum == 0.0:
                assert least == pytest.approx(amount)


@pytest.mark.parametrize("per", ["seat", "licence"])
def test_contracts_per_seat_are_known_exactly(per):
    tariff = Tariff(per=per, tiers=(Tier(up_to=10.0, price=900.0), Tier(price=1500.0)), minimum=5000.0)
    [line] = contract_lines(problem(tariff), 0, np.arange(31))
    assert [900.0 * n + line.per_year[n] for n in (0, 5, 10, 20)] == [5000.0, 5000.0, 9000.0, 24_000.0]


def test_contracts_per_contact_keep_their_lowest_price():
    tariff = Tariff(per="contact", tiers=(Tier(up_to=1000.0, price=2.0), Tier(price=1.0)))
    [line] = contract_lines(problem(tariff), 0, np.arange(31))
    assert (line.per_hour, line.per_year.max()) == (0.0, 0.0)


def test_a_site_pays_the_tiers_of_what_it_works():
    """One period: with all contacts at a high price the site has n agents and pays for n hours of each."""
    tariff = Tariff(per="agent_hour", tiers=(Tier(up_to=8000.0, price=30.0), Tier(price=20.0)), minimum=10_000.0)
    p = problem(tariff, hours=(1000.0,))
    rows = headcount_rows(p)
    programmes = SiteProgrammes(p, rows)
    price = 1e6
    programmes.run(np.full(p.demand.shape, price), np.zeros(rows.agents.shape))
    n = int(programmes.agents[0, 0])
    assert p.outer[0, n - 1] < float(p.arc_work[0] * p.demand[0, 0]) <= p.outer[0, n]
    income = (price - p.arc_cost[0, 0]) * p.demand[0, 0]
    assert programmes.values[0] == pytest.approx(tiered_price(tariff, n * 1000.0) - income, rel=1e-9)
    programmes.run(np.zeros(p.demand.shape), np.zeros(rows.agents.shape))
    assert programmes.values[0] <= 10_000.0  # nobody works: at most the minimum
