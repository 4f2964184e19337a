"""Wait of the answered in units of the patience against quadrature of its definition, on every branch of the function."""

import mpmath
import pytest

from ccopt.queueing import group_performance
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


@pytest.mark.parametrize(("agents", "load"), [(3, 2.0), (20, 19.0), (20, 30.0), (150, 145.0), (150, 240.0)])
def test_two_patiences_in_one_queue(agents, load):
    # density of the virtual wait: exp(sum of rate (1 - exp(-v / patience)) patience - n v / h), and idle states (a^k / k!)
    aht, patience, share, awt = 200.0, (60.0, 900.0), (0.6, 0.4), (20.0, 45.0)
    with mpmath.workdps(40):
        rates = [mpmath.mpf(load) * s / aht for s in share]
        leave = [1 / mpmath.mpf(p) for p in patience]

        def exponent(v):
            return sum(r * (1 - mpmath.exp(-a * v)) / a for r, a in zip(rates, leave, strict=True)) - agents * v / aht

        mode = mpmath.findroot(lambda v: sum(r * mpmath.exp(-a * v) for r, a in zip(rates, leave, strict=True)) - agents / aht, 50.0) \
            if load > agents else mpmath.mpf(0)  # fmt: skip
        top, wide = exponent(mode), mpmath.mpf(40)
        ends = sorted({mpmath.mpf(0), *(mode + k * wide for k in range(-8, 25) if mode + k * wide > 0), *map(mpmath.mpf, awt), mpmath.inf})

        def over(value, cuts):
            return mpmath.quad(lambda v: value(v) * mpmath.exp(exponent(v) - top), cuts)

        first = sum(rates) * mpmath.mpf(load) ** (agents - 1) / mpmath.factorial(agents - 1) * mpmath.exp(top)
        idle = sum(mpmath.mpf(load) ** k / mpmath.factorial(k) for k in range(agents))
        whole = idle + first * over(lambda _: 1, ends)
        lost = [first * over(lambda v, a=a: 1 - mpmath.exp(-a * v), ends) / whole for a in leave]
        late = [first * over(lambda v, a=a: mpmath.exp(-a * v), [e for e in ends if e >= t]) / whole for a, t in zip(leave, awt, strict=True)]
    found = group_performance([float(3600 * r) for r in rates], [aht, aht], patience_s=list(patience), agents=agents, awt_s=list(awt))
    assert found.abandonment == pytest.approx([float(x) for x in lost], rel=1e-9)
    assert found.answered_in_time == pytest.approx([float(1 - x - y) for x, y in zip(lost, late, strict=True)], rel=1e-9)
