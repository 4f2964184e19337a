"""Wait of the answered in units of the patience against quadrature of its definition, on every branch of the function."""

import mpmath
import pytest

from ccopt.queueing.waits import served_wait


def by_quadrature(s, x):
    """E[V exp(-V)] where the density of V is proportional to exp(x (1 - exp(-v)) - s v) (Palm 1957)."""
    with mpmath.workdps(30):
        peak = mpmath.log(x / s) if x > s else mpmath.mpf(0)
        top = x * (1 - mpmath.exp(-peak)) - s * peak

        def weight(v):
            return mpmath.exp(x * (1 - mpmath.exp(-v)) - s * v - top)

        ends = [0, *([peak] if peak else []), peak + 1 / mpmath.sqrt(s), peak + 5, mpmath.inf]
        return mpmath.quad(lambda v: v * mpmath.exp(-v) * weight(v), ends) / mpmath.quad(weight, ends)


@pytest.mark.parametrize(("s", "x"), [
    (5.0, 0.0), (0.4, 0.0), (5.0, 1e-9), (5.0, 3.0), (0.3, 0.2), (5.0, 20.0), (5.0, 60.0), (40.0, 90.0), (200.0, 150.0),
    (200.0, 201.0), (200.0, 260.0), (3000.0, 2950.0), (3000.0, 3100.0),
])  # fmt: skip
def test_wait_of_the_answered(s, x):
    assert served_wait(s, x, (x - s) / s) == pytest.approx(float(by_quadrature(s, x)), rel=1e-11)
