"""Powers of a generator weighted by Poisson probabilities: the exact transient state of a Markov chain.

With a rate L that no state leaves faster, exp(M t) x = sum over k of P(N = k) (I + M / L)^k x and the integral of it
over 0..t is the sum over k of P(N > k) / L (I + M / L)^k x, where N is Poisson with mean L t. All terms keep their sign,
so nothing cancels.

Source: A. Jensen (1953), Skandinavisk Aktuarietidskrift 36, 87-91.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array
from scipy.special import gammaln

from ccopt.queueing.compiler import HAVE_NUMBA, compiled

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
BLOCK = 128


def poisson_weights(means: Floats) -> tuple[Floats, Floats]:
    """P(N = k) and P(N > k) for each mean (rows) and k = 0..K (columns), K past every mean by more than ten spreads."""
    top = float(means.max(initial=0.0))
    k = np.arange(int(top + 10.0 * np.sqrt(top) + 30.0) + 1)
    x = means[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = k * np.log(x) - x - gammaln(k + 1.0)
        exact = np.where(x > 0.0, np.exp(logs), (k == 0).astype(float))
    beyond = np.cumsum(exact[:, ::-1], axis=1)[:, ::-1] - exact
    return exact, beyond


def steps_of(matrix: Any, fastest: float) -> Any:
    """I + M / L."""
    return csr_array(eye_array(matrix.shape[0], format="csr") + matrix / fastest)


@compiled
def power_rows(indptr: Indices, indices: Indices, data: Floats, x: Floats, block: Floats) -> Floats:
    """Rows of ``block`` become x, S x, S^2 x, ...; returns the next power."""
    for i in range(block.shape[0]):
        block[i] = x
        y = np.empty_like(x)
        for row in range(x.size):
            total = 0.0
            for j in range(indptr[row], indptr[row + 1]):
                total += data[j] * block[i, indices[j]]
            y[row] = total
        x = y
    return x


def _fill(step: Any, x: Floats, block: Floats) -> Floats:
    if HAVE_NUMBA:
        return power_rows(step.indptr, step.indices, step.data, x, block)
    for i in range(block.shape[0]):
        block[i] = x
        x = step @ x
    return x


def transient(matrix: Any, start: Floats, times: Floats, *, fastest: float) -> tuple[Floats, Floats]:
    """State exp(M t) x at each time (rows), and its integral from 0 to each time (rows).

    Parameters
    ----------
    matrix
        Sparse generator M acting on columns.
    start
        Vector x.
    times
        Times in seconds.
    fastest
        Rate L, at least every -M[i, i], greater than 0.
    """
    step = steps_of(matrix, fastest)
    exact, beyond = poisson_weights(fastest * times)
    state, integral = np.zeros((times.size, start.size)), np.zeros((times.size, start.size))
    block, x = np.empty((BLOCK, start.size)), start
    for first in range(0, exact.shape[1], BLOCK):
        size = min(BLOCK, exact.shape[1] - first)
        x = _fill(step, x, block[:size])
        state += exact[:, first : first + size] @ block[:size]
        integral += beyond[:, first : first + size] @ block[:size]
    return state, integral / fastest


def columns_after(matrix: Any, columns: Floats, durations: Floats, *, fastest: float) -> Floats:
    """Column j of the result is exp(M d_j) applied to column j."""
    step = steps_of(matrix, fastest)
    exact, _ = poisson_weights(fastest * durations)
    out, x = np.zeros_like(columns), columns
    for k in range(exact.shape[1]):
        out += exact[:, k] * x
        x = step @ x
    return out
