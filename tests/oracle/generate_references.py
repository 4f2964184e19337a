"""Reference values of the queueing kernel, to 50 digits: `python tests/oracle/generate_references.py`.

Needs python-flint (ball arithmetic: each value comes with a proven error bound; points whose bound is not below 1e-45 are left
out and counted). Inputs are the floats that the functions receive, taken as exact numbers; so the references say nothing of
what rounding an input would change. The formulas are the definitions (upper incomplete gamma function, positive series,
derivative by a central difference at three times the digits), not the expansions of the product. A subset is computed again in
a second, independent way (`check`): birth-death sums, and rigorous quadrature of the density of the virtual wait.
"""

import csv
import gzip
import io
import math
import random
import sys
from pathlib import Path

from flint import acb, arb, ctx

DATA = Path(__file__).parent / "data"
DIGITS = 50
SEED = 20261124
COUNTS = {"probabilities": 7000, "erlang_c": 4500, "erlang_a": 8500, "finite": 1500}
COLUMNS = {
    "probabilities": ["agents", "load", "b", "c"],
    "erlang_c": ["contacts_per_hour", "aht_s", "agents", "wait_s", "wait", "tail", "asa"],
    "erlang_a": ["contacts_per_hour", "aht_s", "patience_s", "agents", "wait_s", "wait", "abandonment", "tail", "in_time", "asa"],
    "finite": ["contacts_per_hour", "aht_s", "patience_s", "agents", "lines", "wait_s",
               "wait", "blocking", "abandonment", "in_time", "asa", "tail"],
}  # fmt: skip
INPUTS = {"probabilities": 2, "erlang_c": 4, "erlang_a": 5, "finite": 6}


def series(s, x):
    """A(s, x) = sum x^k / ((s+1) ... (s+k)), with the rest of the series as the radius."""
    term, total, k = arb(1), arb(1), 1
    small = arb(10) ** -(ctx.dps + 5)
    while True:
        term = term * x / (s + k)
        total += term
        k += 1
        if k % 32 == 0 and term < total * small:
            ratio = x / (s + k)
            if ratio < 1:
                return total + term * ratio / (1 - ratio) * arb(0.5, 0.5)


def log_leading(s, x):
    return s * x.log() - x - (s + 1).lgamma()


def log_lower(s, x):
    """Log A(s, x): the series below s, else (1 - Q) / D."""
    if not x < s:
        return (1 - x.gamma_upper(s, 1)).log() - log_leading(s, x)
    fs, rho = float(s), float(x) / float(s)
    terms = min(math.sqrt(4.62 * ctx.dps * fs), 2.31 * ctx.dps / max(1 - rho, 1e-300))
    base = ctx.dps
    if terms > 3e4:
        leading = log_leading(s, x)
        try:
            for extra in (40, 400):
                ctx.dps = base + extra + int(max(0.0, -float(leading) / 2.3))
                if ctx.dps > 20000:
                    break
                rest = 1 - x.gamma_upper(s, 1)
                if rest > 0 and rest.rel_accuracy_bits() > base * 3.33:
                    return rest.log() - leading
        finally:
            ctx.dps = base
    return series(s, x).log()


def log_upper(s, x):
    """Log U(s, x)."""
    if x < s:
        leading = log_leading(s, x)
        return (1 - leading.exp() * log_lower(s, x).exp()).log() - leading
    return x.gamma_upper(s, 1).log() - log_leading(s, x)


def served_wait(rate, aht, patience, agents):
    """E[V exp(-V)] given V > 0 in units of the patience, by the derivative of G(s) = A(s, x) / s in s."""
    base = ctx.dps
    ctx.dps = 130
    try:
        s, x = arb(agents) * arb(patience) / arb(aht), arb(rate) * arb(patience) / 3600
        h = arb(10) ** -30 * (s + 1) / 8
        above, below = (log_lower(t, x) - t.log() for t in (s + 1 + h, s + 1 - h))
        same = (log_lower(s + 1, x) - (s + 1).log() - log_lower(s, x) + s.log()).exp()
        return -(above - below) / (2 * h) * same
    finally:
        ctx.dps = base


def number(rng, low, high):
    return 10 ** rng.uniform(math.log10(low), math.log10(high))


def agents_of(rng, i):
    if i % 10 == 0:
        return 1e6
    if i % 2:
        return float(rng.choice([rng.randint(1, 60), rng.randint(1, 3000), rng.randint(1, 10**6)]))
    return number(rng, 1e-3, 1e6) if i % 4 else number(rng, 0.5, 2000.0)


def load_factor(rng, i, n, spread=1.0):
    """Load over agents: moderate, close to 1 on the scale of the square root, or far away on either side."""
    kind = i % 5
    if kind == 0:
        return number(rng, 1e-3, 1e3)
    if kind == 1:
        return rng.uniform(0.3, 2.0)
    return max(1.0 + rng.gauss(0, 1) * rng.choice([0.3, 1.0, 5.0, 25.0]) / math.sqrt(n * spread), 1e-3)


def probabilities(rng, i):
    n = agents_of(rng, i)
    a = n * load_factor(rng, i // 2, n)
    N, L = arb(n), arb(a)
    u = log_upper(N, L)
    c = -(1 + (1 - L / N) * u.exp()).log() if a < n else arb(0)
    return [n, a], [(-(1 + u.exp()).log()).exp(), c.exp()]


def erlang_c(rng, i):
    n, h = agents_of(rng, i), rng.choice([180.0, rng.uniform(10, 2000)])
    rho = load_factor(rng, i // 2, n)
    rho = 1 / rho if rho > 1 else rho
    r = rho * n * 3600 / h
    if not arb(r) * arb(h) < arb(n) * 3600:
        return None
    t = rng.choice([0.0, abs(rng.gauss(0, 1)) * rng.choice([1, 10, 100]) * h / (n * max(1 - rho, 1e-9))])
    N, L = arb(n), arb(r) * arb(h) / 3600
    wait = (-(1 + (1 - L / N) * log_upper(N, L).exp()).log()).exp()
    return [r, h, n, t], [wait, wait * (-(N - L) * arb(t) / arb(h)).exp(), wait * arb(h) / (N - L)]


def erlang_a(rng, i):
    n, h = agents_of(rng, i), rng.choice([180.0, rng.uniform(10, 2000)])
    ratio = number(rng, 1e-4, 1e4) if i % 3 else rng.choice([1e-4, 0.1, 1.0, 2.0, 1e4])
    m = ratio * h
    rho = load_factor(rng, i // 2, n, max(ratio, 1e-4))
    r = rho * n * 3600 / h
    s, x = arb(n) * arb(m) / arb(h), arb(r) * arb(m) / 3600
    bulk = max(math.log(rho), 0.0)
    width = min(1 / math.sqrt(n * ratio), 1 / abs(n * ratio * (1 - rho))) if rho < 1 else 1 / math.sqrt(n * ratio)
    tau = bulk + rng.gauss(0, 1) * rng.choice([1, 3, 10, 30]) * width
    if tau < 0 or i % 7 == 0:
        tau = bulk * rng.random() + abs(rng.gauss(0, 1)) * width
    t = tau * m
    N, L = arb(n), arb(r) * arb(h) / 3600
    lower, upper, leading = log_lower(s, x), log_upper(N, L), log_leading(s, x)
    log_wait = -(1 + (upper - lower).exp()).log()
    wait, rho = log_wait.exp(), L / N
    abandonment = wait * (1 - (1 - (-lower).exp()) / rho)
    left = x * (-arb(t) / arb(m)).exp()
    tail = (log_wait + log_lower(s, left) + log_leading(s, left) - lower - leading).exp()
    late = (log_wait + log_lower(s + 1, left) + log_leading(s + 1, left) - lower - leading).exp() * s / x
    asa = wait * served_wait(r, h, m, n) * arb(m) / (1 - abandonment)
    return [r, h, m, n, t], [wait, abandonment, tail, 1 - abandonment - late, asa]


def finite(rng, i):
    n, h = rng.choice([rng.randint(1, 40), rng.randint(1, 500), rng.randint(1, 100000)]), 180.0
    places = rng.choice([0, 1, rng.randint(2, 30), rng.randint(2, 400)])
    r = load_factor(rng, i, n) * n * 3600 / h
    m = math.inf if i % 3 == 0 else number(rng, 1e-3, 1e3) * h
    t = abs(rng.gauss(0, 1)) * rng.choice([1, 5]) * h * max(places, 1) / n
    N, H, R, T = arb(n), arb(h), arb(r) / 3600, arb(t)
    drain, theta = N / H, arb(0) if math.isinf(m) else 1 / arb(m)
    total = log_upper(N, R * H).exp()
    weight, step = arb(1), (-(drain * T)).exp()
    go = 1 - (-(theta * T)).exp()
    beyond = beyond_next = waiting = lost = late = late_served = waited = stages = arb(0)
    for k in range(places):
        beyond += step
        stages += 1 / (drain + (k + 1) * theta)
        stay = drain / (drain + (k + 1) * theta)
        beyond_next += step if theta == 0 else step * (drain + k * theta) / drain * (-(theta * T)).exp()
        waiting += weight
        lost += weight * (1 - stay)
        late += weight * beyond
        late_served += weight * stay * beyond_next
        waited += weight * stay * stages
        weight = weight * R / (drain + (k + 1) * theta)
        step = step * drain * T / (k + 1) if theta == 0 else step * (drain / theta + k) / (k + 1) * go
    total += waiting + weight
    served = 1 - (weight + lost) / total
    values = [waiting, weight, lost, total - weight - lost - late_served, waited / served, late]
    return [r, h, m, n, n + places, t], [v / total for v in values]


def check(rows):
    """Worst relative difference to a second way of computing: birth-death sums and quadrature of the density."""
    worst, compared, open_bounds = arb(0), 0, 0
    for inputs, values in rows["probabilities"][::23]:
        n, a = inputs
        if n == int(n) and n <= 3000:
            term = total = arb(1)
            for k in range(int(n), 0, -1):
                term = term * k / arb(a)
                total += term
            worst, compared = max(worst, abs(1 / total / values[0] - 1), key=float), compared + 1
    for inputs, values in rows["erlang_a"][::29]:
        r, h, m, n, t = inputs
        s, x = n * m / h, r * m / 3600
        if not 0.05 < s < 3000 or abs(x / s - 1) * math.sqrt(s) > 8 or t / m > 30:
            continue
        S, X, tau = arb(n) * arb(m) / arb(h), arb(r) * arb(m) / 3600, arb(t) / arb(m)

        def mass(power, start, S=S, X=X):
            def density(v, _):
                gone = 1 - (-v).exp()
                weight = (acb(X) * gone - acb(S) * v).exp()
                return weight if power == 0 else weight * (-v).exp() if power == 1 else weight * v * (-v).exp()

            end = float(start) + math.log(1 + float(X / S)) + 40 / math.sqrt(float(S)) + 400 / float(S)
            return acb.integral(density, acb(start), acb(end), rel_tol=arb(10) ** -45).real

        whole = mass(0, arb(0))
        part = mass(0, tau) / whole
        mean = mass(2, arb(0)) / whole * values[0] * arb(m) / (1 - values[1])
        for gap in (abs(part * values[0] / values[2] - 1), abs(mean / values[4] - 1)):
            if gap.rad() < 1e-30:
                worst, compared = max(worst, gap, key=float), compared + 1
            else:  # the bound of the quadrature stays open: it says nothing
                open_bounds += 1
    return worst, compared, open_bounds


def write(name, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS[name])
    for inputs, values in rows:
        writer.writerow([*(repr(float(v)) for v in inputs), *(v.str(DIGITS, radius=False) for v in values)])
    with gzip.GzipFile(DATA / f"{name}.csv.gz", "wb", 9, mtime=0) as file:
        file.write(text.getvalue().encode())


def main():
    """Arguments: families to make (all without); ``--try SHARE`` makes few points and writes nothing."""
    ctx.dps = 70
    words = sys.argv[1:]
    share = float(words[words.index("--try") + 1]) if "--try" in words else 1.0
    made = {name: [] for name in COUNTS}
    makers = {"probabilities": probabilities, "erlang_c": erlang_c, "erlang_a": erlang_a, "finite": finite}
    for name in [w for w in words if w in COUNTS] or COUNTS:
        rng = random.Random(f"{SEED} {name}")
        i, dropped = 0, 0
        while len(made[name]) < COUNTS[name] * share:
            i += 1
            row = makers[name](rng, i)
            if row is None:
                continue
            if all(v.is_finite() and (v == 0 or v.rel_accuracy_bits() > 152) for v in row[1]):
                made[name].append(row)
            else:
                dropped += 1
        print(name, len(made[name]), "points,", dropped, "left out", flush=True)
        if share == 1.0:
            write(name, made[name])
    worst, compared, open_bounds = check(made)
    print("second way:", compared, "values, worst relative difference", worst.str(3), "-", open_bounds, "bounds stayed open")


if __name__ == "__main__":
    main()
