"""Rates that are not known: Erlang A averaged over a gamma-distributed rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainccinv, gammaincinv, gammaln

from ccopt.queueing.erlang_a import ErlangA
from ccopt.queueing.models.common import RATE, TIME, Row, Rule, idle_row
from ccopt.queueing.models.log_tails import LogTails

Floats = NDArray[np.float64]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
PANELS = 8
CUT = 1e-16


@dataclass(frozen=True, slots=True, kw_only=True)
class OverDispersed(LogTails):
    r"""Gamma-mixed Poisson arrivals: the rate of a period is gamma distributed, and within it the pool is Erlang A.

    With rate R of mean ``contacts_per_hour`` and squared coefficient of variation ``rate_scv``, an indicator that is a
    share of contacts is E[R share(R)] / E[R], occupancy and queue length are plain means. Counts of a period of length t
    are negative binomial with variance over mean :math:`1 + E[R]\, t\, scv`.

    Parameters
    ----------
    contacts_per_hour, aht_s, patience_s
        Mean rate, handle time and (finite) mean patience.
    rate_scv
        Squared coefficient of variation of the rate between periods of the same kind; 0.01 is a forecast error of 10 %.

    Notes
    -----
    Each rate is taken to last long enough for its steady state (periods of several handle times). Patience is finite,
    as some rates exceed the staff. Gauss-Legendre over the gamma law, relative error below 1e-8.

    References
    ----------
    G. Jongbloed, G. Koole (2001), Managing uncertainty in call centres using Poisson mixtures, Applied Stochastic Models
    in Business and Industry 17, 307-318.

    Examples
    --------
    A forecast error of 10 % on 100 erlangs costs nine points of service:

    >>> sure = OverDispersed(contacts_per_hour=2000, aht_s=180, patience_s=180, rate_scv=0.0).performance(100)
    >>> not_sure = OverDispersed(contacts_per_hour=2000, aht_s=180, patience_s=180, rate_scv=0.01).performance(100)
    >>> round(sure.service_level - not_sure.service_level, 3)
    0.089
    """

    contacts_per_hour: ArrayLike
    aht_s: ArrayLike
    patience_s: ArrayLike
    rate_scv: ArrayLike
    rules: ClassVar[Mapping[str, Rule]] = {
        "contacts_per_hour": RATE, "aht_s": TIME, "patience_s": TIME, "rate_scv": RATE,
    }  # fmt: skip

    def row(self, agents: float, awt_s: float, values: Mapping[str, float]) -> Row:
        """One pool."""
        mean, scv = values["contacts_per_hour"], values["rate_scv"]
        if mean <= 0.0:
            return idle_row()
        rates, weights = gamma_rule(scv)
        model = ErlangA(contacts_per_hour=mean * rates, aht_s=values["aht_s"], patience_s=values["patience_s"])
        p = model.performance(agents, awt_s)
        credited = model.performance(agents, awt_s, basis="early_abandons_credited").service_level
        virtual = model.performance(agents, awt_s, basis="virtual").service_level
        contacts = weights * rates

        def share(value: object) -> float:
            return float(contacts @ np.asarray(value))

        answered = 1.0 - np.asarray(p.abandonment)
        in_time = share(p.service_level)
        return Row(
            wait=share(p.delay_probability), in_time=in_time, abandonment=share(p.abandonment),
            early=max(share(credited) - in_time, 0.0),
            virtual=share(virtual), served_wait_s=share(np.asarray(p.asa_s) * answered),
            mean_wait_s=share(p.mean_wait_s), blocking=0.0, load=mean * values["aht_s"] / 3600.0,
            busy=float(weights @ np.asarray(p.occupancy)) * agents, queue_length=float(weights @ np.asarray(p.queue_length)),
        )  # fmt: skip

    def log_tail_of(self, agents: float, wait_s: float, values: Mapping[str, float]) -> float:
        """Mean of the tails of Erlang A over the contacts of all rates, summed by logarithms."""
        rates, weights = gamma_rule(values["rate_scv"])
        rate = values["contacts_per_hour"] * rates
        tails = ErlangA(contacts_per_hour=rate, aht_s=values["aht_s"], patience_s=values["patience_s"]).log_wait_tail(agents, wait_s)
        logs = np.asarray(tails) + np.log(np.maximum(weights * rates, 1e-320))
        return float(np.logaddexp.reduce(np.atleast_1d(logs)))


def gamma_rule(scv: float) -> tuple[Floats, Floats]:
    """Nodes and weights (sum 1) for the gamma law with mean 1, exact mean included."""
    if scv == 0.0:
        return np.ones(1), np.ones(1)
    shape = 1.0 / scv
    low, high = gammaincinv(shape, CUT) / shape, gammainccinv(shape, CUT) / shape
    edges = np.linspace(np.sqrt(low), np.sqrt(high), PANELS + 1)  # in the root, where the law is close to normal
    half, middle = 0.5 * np.diff(edges)[:, None], 0.5 * (edges[1:] + edges[:-1])[:, None]
    root = (middle + half * NODES).ravel()
    x = root**2
    logs = shape * np.log(shape) + (shape - 1.0) * np.log(x) - shape * x - gammaln(shape)
    weights = (half * WEIGHTS).ravel() * 2.0 * root * np.exp(logs)
    return x, weights / weights.sum()
