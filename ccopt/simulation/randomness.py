"""Random numbers that belong to a contact: a stateless hash of (seed, day, source, index, purpose).

A contact's numbers depend on nothing that happens in the run, so two designs see the same contacts with the same handle
times and patience. The hash is the finaliser of splitmix64 (Steele, Lea and Flood 2014) applied once per key part.
Laws have mean 1 and are scaled by whoever uses them.
"""

from __future__ import annotations

import math

import numpy as np

from ccopt.compilation import compiled

U = np.uint64
GOLDEN, FIRST, SECOND = U(0x9E3779B97F4A7C15), U(0xBF58476D1CE4E5B9), U(0x94D049BB133111EB)
S30, S27, S31, S11, ONE = U(30), U(27), U(31), U(11), U(1)
ULP = 2.0**-53
TWO_PI = 2.0 * math.pi

# purposes of a contact's numbers
SERVICE, PATIENCE, ROUTE, FOLLOW, OFFER, SUCCESS, EXTRA, AGAIN, DELAY, SELF, CONTAINED, CHILD, ARRIVAL, BALK = (
    U((k * 0xD1B54A32D192ED03) % 2**64) for k in range(1, 15)
)

# kinds of laws, mean 1
EXPONENTIAL, DETERMINISTIC, LOGNORMAL, GAMMA, WEIBULL, UNIFORM, EMPIRICAL = range(7)


@compiled
def mix(x: np.uint64) -> np.uint64:
    """Scramble 64 bits."""
    z = x + GOLDEN
    z = (z ^ (z >> S30)) * FIRST
    z = (z ^ (z >> S27)) * SECOND
    return z ^ (z >> S31)


@compiled
def day_key(seed: int, day: int) -> np.uint64:
    """Key of all numbers of one replication."""
    return mix(mix(U(seed)) + U(day))


@compiled
def source_key(day: np.uint64, source: int) -> np.uint64:
    """Key of a source's numbers."""
    return mix(day + U(source + 1))


@compiled
def contact_of(source: np.uint64, index: int) -> np.uint64:
    """Key of the ``index``-th contact of a source, from the key of the source."""
    return mix(source + U(index))


@compiled
def contact_key(day: np.uint64, source: int, index: int) -> np.uint64:
    """Key of the ``index``-th contact of a source."""
    return contact_of(source_key(day, source), index)


@compiled
def uniform(key: np.uint64, purpose: np.uint64) -> float:
    """A number strictly between 0 and 1."""
    return (np.float64(mix(key + purpose) >> S11) + 0.5) * ULP


@compiled
def exponential(key: np.uint64, purpose: np.uint64) -> float:
    """Mean 1."""
    return -math.log(uniform(key, purpose))


@compiled
def normal(key: np.uint64, purpose: np.uint64) -> float:
    """Mean 0, variance 1 (Box and Muller 1958)."""
    inner = mix(key + purpose)
    u = (np.float64(inner >> S11) + 0.5) * ULP
    v = (np.float64(mix(inner) >> S11) + 0.5) * ULP
    return math.sqrt(-2.0 * math.log(u)) * math.cos(TWO_PI * v)


@compiled
def gamma(key: np.uint64, purpose: np.uint64, shape: float) -> float:
    """Mean 1 (Marsaglia and Tsang 2000); a shape below 1 by the power of a uniform."""
    boost, a = 1.0, shape
    if a < 1.0:
        boost = math.pow(uniform(mix(key + ONE), purpose), 1.0 / a)
        a += 1.0
    d = a - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    k = mix(key + GOLDEN)
    while True:
        k = mix(k)
        x = normal(k, purpose)
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v = v * v * v
        u = uniform(mix(k + ONE), purpose)
        if math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
            return boost * d * v / shape


@compiled
def unit(kind: int, shape: float, values: np.ndarray, key: np.uint64, purpose: np.uint64) -> float:
    """A draw of mean 1 from a law; ``shape`` is sigma (lognormal), shape (gamma, Weibull) or half-width (uniform)."""
    drawn = 1.0  # deterministic
    if kind == EXPONENTIAL:
        drawn = -math.log(uniform(key, purpose))
    elif kind == LOGNORMAL:
        drawn = math.exp(shape * normal(key, purpose) - 0.5 * shape * shape)
    elif kind == GAMMA:
        drawn = gamma(key, purpose, shape)
    elif kind == WEIBULL:
        drawn = math.pow(-math.log(uniform(key, purpose)), 1.0 / shape) / math.gamma(1.0 + 1.0 / shape)
    elif kind == UNIFORM:
        drawn = 1.0 + shape * (2.0 * uniform(key, purpose) - 1.0)
    elif kind == EMPIRICAL:
        drawn = float(values[int(uniform(key, purpose) * values.size)])
    return drawn
