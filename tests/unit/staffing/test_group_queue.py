"""Tables of groups with background work and chats: the compiled search agrees with the queue, both sides of the bound."""

import math
from dataclasses import replace

import numpy as np
import pytest

from ccopt.kpis import MaxAbandonment, MaxAsa, MaxOccupancy, MaxResponse, ServiceLevel
from ccopt.queueing import group_performance
from ccopt.queueing.mix_proof import excess
from ccopt.queueing.regions import Cell, kinds_of, proved
from ccopt.scenario.contacts import ContactType
from ccopt.staffing.blend_cells import blend_bounds, prism
from ccopt.staffing.group_queue import _blended, keeps, largest_reserve
from ccopt.staffing.group_types import TypeInGroup, type_in_group
from ccopt.staffing.tables import BANDS, staffing_table

CALL = TypeInGroup(name="call", aht_s=260.0, patience_s=150.0, targets=(ServiceLevel(0.8, 20.0),))
SHORT = TypeInGroup(name="short", aht_s=195.0, patience_s=150.0, targets=(ServiceLevel(0.8, 20.0), MaxAsa(15.0)))
PATIENT = TypeInGroup(name="patient", aht_s=260.0, patience_s=math.inf, targets=(ServiceLevel(0.9, 30.0),))
MAIL = TypeInGroup(name="mail", aht_s=300.0, patience_s=math.inf, targets=(MaxResponse(4.0, 0.95),), background=True)
CHAT = TypeInGroup(name="chat", aht_s=520 / 3, patience_s=240.0, targets=(ServiceLevel(0.8, 60.0),), levels_s=(320.0, 400.0, 520.0))


def test_a_skill_set_that_is_slower_is_slower_in_all_it_does():
    levels = ({"chats": 1, "handle_s": 300}, {"chats": 2, "handle_s": 400})
    kinds = (ContactType(name="call", talk_s=180, wrap_s=60, patience_s=120), ContactType(name="chat", channel="chat", chat_levels=levels))
    call, chat = (type_in_group(k, 1.25) for k in kinds)
    assert (call.aht_s, call.patience_s, call.levels_s) == (300.0, 120.0, ())
    assert (chat.levels_s, chat.patience_s) == ((375.0, 500.0), math.inf)


@pytest.mark.parametrize(("calls", "mails"), [(60.0, 30.0), (60.0, 12.0), (100.0, 12.0)])
def test_the_reserve_is_the_most_that_leaves_background_work_in_time(calls, mails):
    # one by one here; `largest_reserve` halves
    rates = np.array([calls, mails])
    in_time = [_blended([CALL, MAIL], rates, 12, np.full(2, 20.0), group_performance, r).stable for r in range(13)]
    reserve = sum(in_time) - 1
    assert 1 <= reserve <= 10
    assert in_time == [r <= reserve for r in range(13)]
    assert largest_reserve([CALL, MAIL], rates, 12) == reserve
    assert largest_reserve([CALL], rates[:1], 12) == largest_reserve([], rates[:0], 12) == 0


def test_two_types_are_tabled_in_bands_of_equal_width():
    table = staffing_table([CALL, SHORT], 6)
    bands = sorted((m.low, m.high) for m in table.modes if len(m.types) == 2)
    assert np.array(bands) == pytest.approx(np.array([(k / BANDS, (k + 1) / BANDS) for k in range(BANDS)]))


def test_a_mode_of_three_types_holds_for_all_their_shares():
    table = staffing_table([CALL, SHORT, replace(CALL, name="long", aht_s=500.0)], 4)
    assert [(m.low, m.high) for m in table.modes if len(m.types) == 3] == [(0.0, 1.0)]


def test_excess_over_a_mean_wait_falls_by_the_rate_of_its_side():
    # (v - bound) exp(-leaving rate v): who is still there at v, by the rate that is unfavourable on either side of the bound
    above, below = (excess(1, 20.0, 0.0, 0, 0.02, 0.05, v) for v in (30.0, 10.0))
    assert (above, below) == pytest.approx((10.0 * math.exp(-0.6), -10.0 * math.exp(-0.5)))


@pytest.mark.parametrize(("kinds", "share"), [
    ([CALL, MAIL], [0.6, 0.4]), ([CALL, MAIL], [0.95, 0.05]), ([PATIENT, MAIL], [0.3, 0.7]),
    ([CALL, SHORT, MAIL], [0.5, 0.2, 0.3]), ([CALL, PATIENT, MAIL], [0.4, 0.4, 0.2]),
])  # fmt: skip
@pytest.mark.parametrize("agents", [3, 9, 20])
def test_compiled_search_finds_the_edge_of_the_queue(kinds, share, agents):
    point = Cell(corners=np.array([share]), fast=np.zeros(len(share)), slow=np.zeros(len(share)))
    [[below], [most], [above]] = blend_bounds(kinds, np.array([float(agents)]))(point)
    assert below == pytest.approx(most, rel=2e-6)
    assert above == pytest.approx(most, rel=2e-6)
    rates = np.array(share) / np.array([k.aht_s for k in kinds]) * 3600.0
    assert keeps(kinds, rates * most * (1 - 1e-6), agents)
    assert not keeps(kinds, rates * most * (1 + 1e-5), agents)


def test_tables_hold_on_both_sides_for_mixes_between_grid_points():
    """Designs: any load within ``inner`` of the mode keeps its promises; bounds: none above ``outer`` does."""
    table = staffing_table([CALL, MAIL], 12)
    rng = np.random.default_rng(5)
    for _ in range(150):
        share, n = rng.uniform(0.01, 0.99), int(rng.integers(2, 13))
        [mode] = [m for m in table.modes if len(m.types) == 2 and m.low <= 1 - share < m.high]
        rates = np.array([share, 1 - share]) / np.array([CALL.aht_s, MAIL.aht_s]) * 3600.0
        if mode.inner[n] > 0:
            assert keeps([CALL, MAIL], rates * mode.inner[n], n)
        assert not keeps([CALL, MAIL], rates * mode.outer[n] * (1 + 1e-9), n)


def test_three_types_with_mail_hold_as_well():
    table = staffing_table([CALL, SHORT, MAIL], 8)
    rng = np.random.default_rng(6)
    for _ in range(100):
        share, n = rng.dirichlet([2.0, 2.0, 2.0]), int(rng.integers(2, 9))
        [mode] = [m for m in table.modes if len(m.types) == 3 and m.low <= share[2] < m.high]
        rates = share / np.array([k.aht_s for k in (CALL, SHORT, MAIL)]) * 3600.0
        if mode.inner[n] > 0:
            assert keeps([CALL, SHORT, MAIL], rates * mode.inner[n], n)
        assert not keeps([CALL, SHORT, MAIL], rates * mode.outer[n] * (1 + 1e-9), n)


def test_several_chats_at_once_need_fewer_agents_than_one_at_a_time():
    """25 chats an hour per agent at three in hand; the table of the chain carries more than Erlang A with h_c / c."""
    alone = TypeInGroup(name="chat", aht_s=520 / 3, patience_s=240.0, targets=CHAT.targets)
    chain, plain = staffing_table([CHAT], 12), staffing_table([alone], 12)
    assert (chain.inner[1:] > plain.inner[1:]).all()
    assert (chain.inner <= chain.outer).all()
    assert (chain.outer - chain.inner)[1:] == pytest.approx(0, abs=1e-4)


LAX = TypeInGroup(name="lax", aht_s=300.0, patience_s=90.0, targets=(MaxAbandonment(0.3), MaxOccupancy(0.93)))
LOOSE = TypeInGroup(name="loose", aht_s=240.0, patience_s=300.0, targets=(ServiceLevel(0.6, 60.0, "answered"), MaxAbandonment(0.25)))
POST = TypeInGroup(name="post", aht_s=900.0, patience_s=math.inf, targets=(MaxResponse(24.0, 0.9), MaxOccupancy(0.95)), background=True)


@pytest.mark.parametrize("kinds", [[LAX, MAIL], [LOOSE, MAIL], [CALL, POST], [CALL, MAIL, POST], [LAX, LOOSE, POST]])
def test_proved_cells_hold_for_every_mix_inside(kinds):
    """Any load below the first row keeps its promises, none above the last does: random mixes of random cells, small and large."""
    rng, agents = np.random.default_rng(11), np.array([2.0, 7.0, 15.0])
    order = sorted(kinds, key=lambda k: not k.background)
    bounds = blend_bounds(order, agents)
    for _ in range(12):
        low = rng.uniform(0.0, 0.95)
        for cell in prism(low, low + rng.choice([0.002, 0.05]), len(order)):
            least, middle, most = bounds(cell)
            assert (least <= middle).all()
            assert (middle <= most).all()
            share = np.maximum(rng.dirichlet(np.ones(len(cell.corners))) @ cell.corners, 1e-9)
            rates = share / share.sum() / np.array([k.aht_s for k in order]) * 3600.0
            for k, n in enumerate(agents):
                assert keeps(order, rates * least[k] * (1 - 1e-9), int(n))
                assert not keeps(order, rates * most[k] * (1 + 1e-9), int(n))


def test_impatient_callers_beside_mail_bring_more_load_than_there_are_agents():
    """Where many may leave the offered load passes the agents: the table does not stop at them."""
    table = staffing_table([LOOSE, MAIL], 30)
    share = np.array([0.9, 0.1])
    rates = share / np.array([LOOSE.aht_s, MAIL.aht_s]) * 3600.0
    [mode] = [m for m in table.modes if len(m.types) == 2 and m.low <= 0.1 < m.high]
    assert keeps([LOOSE, MAIL], rates * 31.0, 30)
    assert mode.outer[30] > 31.0


def test_chats_alike_in_levels_but_not_in_promises_are_tabled_by_their_chain():
    """Two kinds of chats, three in hand: the table of the pair lies between what the queue keeps and what it does not."""
    other = TypeInGroup(name="slow", aht_s=520 / 3, patience_s=120.0, targets=(ServiceLevel(0.7, 90.0),), levels_s=CHAT.levels_s)
    table = staffing_table([CHAT, other], 6)
    rng = np.random.default_rng(8)
    for _ in range(20):
        share, n = rng.uniform(0.02, 0.98), int(rng.integers(2, 7))
        [mode] = [m for m in table.modes if len(m.types) == 2 and m.low <= share < m.high]
        rates = np.array([share, 1 - share]) / CHAT.aht_s * 3600.0
        assert keeps([CHAT, other], rates * mode.inner[n], n)
        assert not keeps([CHAT, other], rates * mode.outer[n] * (1 + 1e-9), n)


@pytest.mark.parametrize("patience", [math.inf, 180.0])
def test_ranks_without_promises_are_tabled_by_their_work(patience):
    """Who comes first changes nothing about what is promised: as for one type, the load must not pass the agents."""
    first = TypeInGroup(name="first", aht_s=240.0, patience_s=patience, targets=(), priority=1)
    second = TypeInGroup(name="second", aht_s=240.0, patience_s=patience, targets=(), priority=2)
    table, alone = staffing_table([first, second], 6), staffing_table([first], 6)
    assert table.inner == pytest.approx(np.arange(7.0), rel=1e-8)
    assert table.outer == pytest.approx(np.arange(7.0), rel=1e-8)
    assert table.inner == pytest.approx(alone.inner, rel=1e-9)
    rates = np.array([0.3, 0.7]) / 240.0 * 3600.0
    for k in range(1, 7):
        assert keeps([first, second], rates * table.inner[k] * (1 - 1e-6), k)


@pytest.mark.parametrize("agents", [2, 9, 30])
@pytest.mark.parametrize("share", [[0.98, 0.02], [0.7, 0.3], [0.2, 0.8]])
@pytest.mark.parametrize("targets", [(ServiceLevel(0.8, 20.0),), (MaxAsa(15.0),), (MaxAbandonment(0.05),)])
def test_the_proof_at_one_mix_is_the_largest_load_that_keeps_the_promises(targets, share, agents):
    one = replace(CALL, patience_s=90.0, targets=targets)
    kinds = [one, replace(one, name="other", patience_s=400.0)]  # one handle time: the mixture is exact
    per_erlang = 3600.0 * np.array(share) / CALL.aht_s
    leave = np.array([1.0 / k.patience_s for k in kinds])
    found = proved(
        np.array([float(agents)]), kinds_of(np.array([k.aht_s for k in kinds]), [k.targets for k in kinds]),
        [Cell(corners=np.array([share]), fast=leave, slow=leave)], tolerance=np.array([1e-4]), most_cells=1,
    )  # fmt: skip
    low, high = 0.0, 2.0 * agents
    while high - low > 1e-6:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if keeps(kinds, per_erlang * middle, agents) else (low, middle)
    assert found.least[0] <= low + 1e-5
    assert found.most[0] >= low - 1e-5
    assert found.most[0] - found.least[0] < 1e-3
