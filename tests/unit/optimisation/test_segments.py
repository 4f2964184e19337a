"""Segments over staffing tables: on the stated side, with the stated error, cut where a table bends."""

from itertools import pairwise

import numpy as np
import pytest

from ccopt.optimisation.segment_rows import line, segments_of


def erlang_table():
    """About what 0..40 agents carry, by the square-root rule."""
    k = np.arange(41.0)
    return np.maximum(k - 1.2 * np.sqrt(k), 0.0)


def bent(at, top=400, before=0.9, after=0.4):
    """Two straight pieces that meet at ``at`` agents."""
    k = np.arange(top + 1.0)
    return np.where(k <= at, before * k, before * at + after * (k - at))


@pytest.mark.parametrize("upper", [True, False])
def test_every_segment_lies_on_its_side_with_its_error(upper):
    table = erlang_table()
    found = segments_of(table, 40, upper=upper, count=6)
    assert [s.low for s in found] == [1, *(s.high + 1 for s in found[:-1])]
    assert found[-1].high == 40
    for s in found:
        k = np.arange(s.low, s.high + 1)
        off = (s.slope * k + s.constant - table[k]) * (1 if upper else -1)
        assert off.min() >= 0.0
        assert off.max() == pytest.approx(s.error, abs=1e-9)
    assert max(s.error for s in found) < 0.1 * line(table, 1, 40, upper=upper).error  # six against one


@pytest.mark.parametrize("at", [3, 37, 137, 251, 398])
@pytest.mark.parametrize("after", [0.4, 1.6])
def test_two_segments_are_enough_for_one_bend_wherever_it_is(at, after):
    found = segments_of(bent(at, after=after), 400, upper=True, count=2)
    assert len(found) == 2
    assert max(s.error for s in found) < 1e-9
    assert found[0].high in (at - 1, at, at + 1)


def test_segments_end_where_they_are_told_to():
    found = segments_of(erlang_table(), 40, upper=True, count=6, ends=(7, 23))
    assert {7, 23} <= {s.high for s in found}
    assert all(a.high + 1 == b.low for a, b in pairwise(found))


def test_a_straight_table_is_one_segment():
    assert len(segments_of(np.arange(31) * 0.7, 30, upper=False)) == 1
