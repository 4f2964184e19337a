"""Laws of handle times, patience and delays, of mean 1; whoever uses a law gives the mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ccopt.simulation import randomness as r

Kind = Literal["exponential", "deterministic", "lognormal", "gamma", "weibull", "uniform", "empirical"]
CODES: dict[str, int] = {
    "exponential": r.EXPONENTIAL, "deterministic": r.DETERMINISTIC, "lognormal": r.LOGNORMAL, "gamma": r.GAMMA,
    "weibull": r.WEIBULL, "uniform": r.UNIFORM, "empirical": r.EMPIRICAL,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A positive law of mean 1.

    Attributes
    ----------
    kind
        Name of the law.
    shape
        ``lognormal``: squared coefficient of variation; ``gamma``, ``weibull``: shape; ``uniform``: half-width, at
        most 1; else unused.
    values
        ``empirical``: observations, one of which is drawn; divided by their mean.
    zero_share
        Probability of 0 instead (patience: customers who leave at once when they must wait). The mean is that of the
        others.

    Examples
    --------
    >>> Law(kind="lognormal", shape=1.5).kind
    'lognormal'
    """

    kind: Kind = "exponential"
    shape: float = 1.0
    values: tuple[float, ...] = ()
    zero_share: float = 0.0

    def __post_init__(self) -> None:
        """Refuse shapes that have no law."""
        if self.kind not in CODES:
            msg = f"kind = {self.kind!r}: have {sorted(CODES)}"
            raise ValueError(msg)
        if not (math.isfinite(self.shape) and self.shape > 0.0) or (self.kind == "uniform" and self.shape > 1.0):
            msg = f"shape = {self.shape!r}: must be a positive number{', at most 1' if self.kind == 'uniform' else ''}"
            raise ValueError(msg)
        if not 0.0 <= self.zero_share <= 1.0:
            msg = f"zero_share = {self.zero_share!r}: must lie between 0 and 1"
            raise ValueError(msg)
        if self.kind == "empirical":
            seen = np.array(self.values, dtype=float)
            if not seen.size or not np.isfinite(seen).all() or (seen < 0).any() or seen.mean() <= 0:
                msg = "values of an empirical law: at least one, none negative, not all zero"
                raise ValueError(msg)

    def code(self) -> tuple[int, float]:
        """Kind and shape as the kernel reads them."""
        shape = math.sqrt(math.log1p(self.shape)) if self.kind == "lognormal" else self.shape
        return CODES[self.kind], shape


EXPONENTIAL = Law()
