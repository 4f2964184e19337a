"""Instances whose service is known exactly or published."""

import pytest

import ccopt as cc
from ccopt.design import AgentGroup, Design, Offer, Route


def unlike(*groups):
    """Design of `unlike-calls` with the given skill sets and agents, each type at the first group that can serve it."""
    at = {"short": groups[0][0], "long": groups[-1][0]}
    return Design(
        open_sites=("desk",),
        groups=tuple(AgentGroup(site="desk", skill_set=k, agents=(n,)) for k, n in groups),
        routes=tuple(
            Route(region="callers", contact_type=c, site="desk", skill_set=k, share=(1.0,)) for c, k in at.items()
        ),
    )


class TestUnlikeCalls:
    """Two M/M/1 at load 5/6: waits h rho / (1 - rho) = 5 h; pooled M/H2/2 by simulation (formula bound beside)."""

    def test_apart_the_waits_are_exact_and_the_targets_just_hold(self):
        s = cc.load_instance("unlike-calls")
        found = cc.evaluate(s, cc.baseline(s))
        assert found.meets_targets
        assert [c.asa_s for c in found.cells] == pytest.approx([300.0, 3000.0], rel=1e-9)

    def test_pooled_the_mean_wait_is_longer_than_apart(self):
        """Apart (50 x 300 + 5 x 3000) / 55 = 545 s. Pooled about 745 s by (1 + cv2) / 2 times M/M/2 (cv2 = 5.05)."""
        s = cc.load_instance("unlike-calls")
        seen = cc.simulate(s, unlike(("both", 2)), replications=20, seed=3, contacts=400_000)
        apart = (50 * 300 + 5 * 3000) / 55
        for cell in seen.cells:
            assert cell.asa_s - 2 * cell.half_width["asa_s"] > apart
            assert cell.asa_s == pytest.approx(745, rel=0.08)

    def test_the_group_model_says_that_it_may_not_be_trusted_here(self):
        s = cc.load_instance("unlike-calls")
        assert any("simulate" in n for n in cc.evaluate(s, unlike(("both", 2))).notes)


@pytest.mark.parametrize(("threshold", "sales_per_min", "queue"), [
    (8, 1.404782, 0.307444), (10, 2.308471, 0.363314), (12, 3.009056, 0.496153), (14, 3.394756, 0.754781), (None, 4.0, 2.002285)
])
def test_cross_sell_chain_gives_the_exact_sales_and_queue(threshold, sales_per_min, queue):
    """Exact threshold chain of 12 agents, 8 calls a minute, half of the callers asked (independent computation, 6 digits)."""
    s = cc.load_instance("cross-sell-chain")
    offer = Offer(site="desk", skill_set="agents", contact_type="call", share=0.5, threshold=threshold)
    found = cc.evaluate(s, cc.baseline(s).model_copy(update={"offers": (offer,)}))
    assert found.revenue_per_year / 2000 / 60 == pytest.approx(sales_per_min, abs=2e-6)
    assert found.cells[0].mean_wait_s * 480 / 3600 == pytest.approx(queue, abs=2e-6)


def test_overflow_of_the_n_design_is_the_exact_chain():
    """Stationary chain of pools, queues and priorities (independent computation, 6 digits): case e5 of the list."""
    s = cc.load_instance("n-design")
    base = cc.baseline(s)
    help_ = Route(region="callers", contact_type="one", site="desk", skill_set="both", kind="overflow", rank=2, share=(1.0,))
    plan = base.model_copy(update={"regime": "overflow", "routes": (*base.routes, help_)})
    exact = {"one": (0.311338, 0.075370), "two": (0.571026, 0.172315)}
    for found in (cc.simulate(s, plan, contacts=40_000), cc.evaluate(s, plan)):
        for row in found.contact_types:
            wait, lost = exact[row.name]
            assert row.delay_probability == pytest.approx(wait, abs=1.5 * row.half_width["delay_probability"])
            assert row.abandonment == pytest.approx(lost, abs=1.5 * row.half_width["abandonment"])
        assert [g.occupancy for g in found.groups] == pytest.approx([0.740646, 0.804748], abs=0.01)
    apart = cc.evaluate(s, base)
    assert apart.contact_types[0].abandonment > 2 * exact["one"][1]
    assert apart.contact_types[1].abandonment < exact["two"][1]
