"""Coefficients of `ccopt/queueing/coefficients.py`, printed from their definitions: `python benchmarks/generate_coefficients.py`.

TEMME by exact fractions (DLMF 8.12.8 to 8.12.12), GAMMA_STAR by exact fractions (DLMF 5.11.3), ERFCX by Chebyshev interpolation
with 60 digits.
"""

from fractions import Fraction

import mpmath as mp
import numpy as np

ORDERS, POWERS, STAR, ERFC, CENTER = 10, 26, 12, 24, "3.75"
NEAR = (6, 6, 5, 4, 4, 3)  # pairs of powers of eta that each order needs for abs(eta) < 0.12, s >= 200


def star(count):
    """g_k of Gamma*(s) ~ sum g_k s^-k: exponential of the Stirling series."""
    log = [Fraction(0)] * (count + 1)
    for m in range(1, count // 2 + 2):
        if 2 * m - 1 <= count:
            log[2 * m - 1] = Fraction(*map(int, str(mp.bernfrac(2 * m))[1:-1].split(", "))) / (2 * m * (2 * m - 1))
    g = [Fraction(1)]
    for k in range(1, count):
        g.append(sum((j * log[j] * g[k - j] for j in range(1, k + 1)), Fraction(0)) / k)
    return g


def temme(orders, powers):
    """C_k(eta) as power series: c_0 = 1/mu - 1/eta, c_k = (c_{k-1}' / eta) + (-1)^k g_k / mu with mu - log(1 + mu) = eta^2 / 2."""
    length = powers + 2 * orders + 4
    m = [Fraction(0), Fraction(1)]  # mu, from eta (1 + mu) = mu mu'
    for k in range(2, length + 2):
        known = sum((m[i] * (k + 1 - i) * m[k + 1 - i] for i in range(2, k)), Fraction(0))
        m.append((m[k - 1] - known) / (k + 1))
    inverse = [Fraction(1)]  # of mu / eta
    for k in range(1, length):
        inverse.append(-sum((m[1 + i] * inverse[k - i] for i in range(1, k + 1)), Fraction(0)))
    g, rows = star(orders), [inverse[1:]]
    for k in range(1, orders):
        slope = [i * c for i, c in enumerate(rows[-1])][1:]  # its term of order -1 cancels with that of g_k / mu
        rows.append([a + (-1) ** k * g[k] * b for a, b in zip(slope[1:], inverse[1:], strict=False)])
    return np.array([[float(c) for c in row[:powers]] for row in rows])


def erfcx(count):
    """(1 + 2 y) erfcx(y) in powers of t = (y - c) / (y + c)."""
    mp.mp.dps, nodes, c = 60, 80, mp.mpf(CENTER)

    def f(t):
        y = c * (1 + t) / (1 - t)
        far = (1 - 1 / (2 * y**2) + 3 / (4 * y**4) - 15 / (8 * y**6)) / (y * mp.sqrt(mp.pi))
        return (1 + 2 * y) * (mp.exp(y * y) * mp.erfc(y) if y < 200 else far)

    angle = [mp.pi * (k + mp.mpf(1) / 2) / nodes for k in range(nodes)]
    value = [f(mp.cos(a)) for a in angle]
    weight = [2 / mp.mpf(nodes) * mp.fsum(v * mp.cos(j * a) for v, a in zip(value, angle, strict=True)) for j in range(count)]
    weight[0] /= 2
    last, this, total = [mp.mpf(1)], [mp.mpf(0), mp.mpf(1)], [mp.mpf(0)] * count
    for j in range(count):
        for i, x in enumerate(last):
            total[i] += weight[j] * x
        following = [mp.mpf(0), *(2 * x for x in this)]
        for i, x in enumerate(last):
            following[i] -= x
        last, this = this, following
    return np.array([float(x) for x in total])


def near(coefficients):
    """Source of the unrolled sum of `ccopt/queueing/near_sum.py`."""
    lines = []
    for k, count in enumerate(NEAR):
        even, odd = (coefficients[k, j : 2 * count : 2] for j in (0, 1))
        for name, row in (("a", even), ("b", odd)):
            lines.append(f"    {name} = {float(row[-1])!r}")
            lines += [f"    {name} = {name} * e2 + {float(x)!r}" for x in row[-2::-1]]
        lines.append(f"    c{k} = a + eta * b")
    return "\n".join(lines).replace("+ -", "- ")


if __name__ == "__main__":
    for name, found in (("TEMME", temme(ORDERS, POWERS)), ("GAMMA_STAR", np.array([float(x) for x in star(STAR)])), ("ERFCX", erfcx(ERFC))):
        print(name, "=", np.array2string(found, separator=", ", floatmode="unique", threshold=10_000, max_line_width=120))
    print(near(temme(ORDERS, POWERS)))
