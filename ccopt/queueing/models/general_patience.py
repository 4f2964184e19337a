"""M/M/n+G: customers whose patience follows any law."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccopt.queueing.checking import refuse
from ccopt.queueing.models.common import RATE, TIME, Row, Rule, idle_row
from ccopt.queueing.models.conditional_waits import chance, conditional_waits, log_idle_weight, row_of, unserved_row
from ccopt.queueing.models.log_tails import LogTails, Queue
from ccopt.queueing.models.patience_laws import PatienceLaw

Floats = NDArray[np.float64]
DROP = 46.0  # the density is cut where it is e^-46 of its peak


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralPatience(LogTails):
    r"""M/M/n+G: Poisson arrivals, exponential handle times, patience of any law with distribution G.

    The offered wait V has for v > 0 the density

    .. math:: f(v) = \lambda \frac{e^{\lambda H(v) - n \mu v}}{\varepsilon + \lambda J}, \qquad
        H(v) = \int_0^v (1 - G(u)) du, \quad J = \int_0^\infty e^{\lambda H(v) - n \mu v} dv,

    and the atom :math:`\varepsilon / (\varepsilon + \lambda J)` at 0 with :math:`\varepsilon = (a / n) (1 / B(n, a) - 1)`,
    B Erlang B and a the load. Abandonment is E[G(V)], answered in time P(V <= T, patience > V), mean wait E[H(V)].

    Parameters
    ----------
    contacts_per_hour, aht_s
        Arrival rate and mean handle time; arrays are broadcast.
    patience
        A law such as `WeibullPatience`, `LognormalPatience`, `UniformPatience`, `DeterministicPatience` or
        `EmpiricalPatience`; its ``at_once`` share leaves when it would have to wait.

    Notes
    -----
    Exact for exponential handle times and real numbers of agents; adaptive Gauss-Legendre to about 1e-12.

    References
    ----------
    F. Baccelli, G. Hebuterne (1981), On queues with impatient customers, Performance '81, 159-179; S. Zeltyn,
    A. Mandelbaum (2005), Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue, Queueing
    Systems 51, 361-402.

    Examples
    --------
    Exponential patience is Erlang A; the case of Garnett, Mandelbaum and Reiman (2002), 3.1 % abandon:

    >>> from ccopt.queueing.models import WeibullPatience
    >>> m = GeneralPatience(contacts_per_hour=2880, aht_s=60, patience=WeibullPatience(mean_s=120))
    >>> round(m.performance(50).abandonment, 7)
    0.0309122
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike
    patience: PatienceLaw
    rules: ClassVar[Mapping[str, Rule]] = {"contacts_per_hour": RATE, "aht_s": TIME}

    def __post_init__(self) -> None:
        law_of(self.patience)

    def queue(self, agents: float, values: Mapping[str, float]) -> Queue:
        """Idle weight of Erlang's states."""
        rate, aht = values["contacts_per_hour"] / 3600.0, values["aht_s"]
        return Queue(rate=rate, drain=agents / aht, log_idle=log_idle_weight(agents, rate * aht) - math.log(rate), law=self.patience)

    def row(self, agents: float, awt_s: float, values: Mapping[str, float]) -> Row:
        """One pool."""
        return patience_row(values["contacts_per_hour"] / 3600.0, values["aht_s"], self.patience, agents=agents, awt_s=awt_s)


def law_of(patience: object) -> None:
    """Refuse what is no law of patience.

    Raises
    ------
    ValueError
        Naming what was given.
    """
    if isinstance(patience, type) or not isinstance(patience, PatienceLaw):
        refuse("patience", patience, "must be a law of patience such as WeibullPatience(mean_s=60)")


def patience_row(rate: float, aht_s: float, law: PatienceLaw, *, agents: float, awt_s: float) -> Row:
    """Row of M/M/n+G."""
    if rate <= 0.0:
        return idle_row()
    if agents <= 0.0:
        return unserved_row(rate, aht_s, law, awt_s)
    load = rate * aht_s
    waits, log_density = conditional_waits(rate, agents / aht_s, law, awt_s)
    return row_of(waits, chance(log_idle_weight(agents, load) - math.log(rate), log_density), rate=rate, load=load)
