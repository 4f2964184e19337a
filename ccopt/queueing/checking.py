"""Checks of arguments: place, value, rule, remedy."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def numbers(name: str, value: ArrayLike, *, above: float | None = None, infinite: bool = False) -> Floats:
    """An array of floats, not negative (or greater than ``above``), finite unless ``infinite``.

    Raises
    ------
    ValueError
        Naming the argument, the first offending value and its index.
    """
    raw = np.asarray(value)
    if raw.dtype == bool or raw.dtype.kind not in "fiu":
        msg = f"{name} = {value!r}: must be a number"
        raise ValueError(msg)
    array = raw.astype(float)
    bad = np.isnan(array) | (array < 0.0 if above is None else array <= above)
    if not infinite:
        bad |= np.isinf(array)
    if bad.any():
        index = np.argwhere(bad)[0]
        where = f"[{', '.join(str(i) for i in index)}]" if index.size else ""
        rule = "must not be negative" if above is None else f"must be greater than {above:g}"
        found = float(array[tuple(index)])
        rule = "must be a number, not NaN" if np.isnan(found) else "must be finite" if np.isinf(found) else rule
        msg = f"{name}{where} = {found!r}: {rule}"
        raise ValueError(msg)
    return array
