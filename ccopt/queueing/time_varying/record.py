"""The record of a day: indicators per interval of arrival, and their averages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ccopt.kpis import Basis
from ccopt.queueing.performance import Performance
from ccopt.queueing.shares import service_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPerformance:
    """Indicators per interval; arrays of shape (T,). A contact counts in the interval of its arrival.

    Attributes
    ----------
    offered
        Expected contacts of the interval.
    delay_probability, answered_in_time, abandonment, abandoned_early, virtual, blocking
        Shares of them: wait; answered within the acceptable wait; leave, whenever that is; leave before the acceptable
        wait; would be reached within it if they stayed; find no waiting place.
    mean_wait_s, asa_s
        Mean wait of offered, and of answered contacts.
    occupancy
        Time average of busy agents present over agents present; agents who finish after a reduction do not count.
    agents
        Agents present.
    overtime_s
        Agent seconds of work by agents who finish a contact after staff was reduced.
    queue_length, in_system
        Time average of waiting contacts; mean number of contacts present at the end of the interval.
    load
        Rate x handle time of the interval in erlangs.
    """

    offered: Floats
    delay_probability: Floats
    answered_in_time: Floats
    abandonment: Floats
    abandoned_early: Floats
    virtual: Floats
    blocking: Floats
    mean_wait_s: Floats
    asa_s: Floats
    occupancy: Floats
    agents: Floats
    overtime_s: Floats
    queue_length: Floats
    in_system: Floats
    load: Floats

    def service_level(self, basis: Basis = "offered") -> Floats:
        """Service level per interval on the basis asked for."""
        return service_of(basis, self.answered_in_time, self.abandonment, self.abandoned_early, self.virtual)

    def performance(self, basis: Basis = "offered") -> Performance:
        """The intervals as one `Performance` of arrays."""
        return Performance(
            delay_probability=self.delay_probability, service_level=self.service_level(basis), asa_s=self.asa_s,
            mean_wait_s=self.mean_wait_s, abandonment=self.abandonment, blocking=self.blocking,
            occupancy=self.occupancy, queue_length=self.queue_length, load=self.load,
        )  # fmt: skip

    def day(self, basis: Basis = "offered") -> Performance:
        """Averages over the day: by contacts, ASA by answered contacts, occupancy by carried load over agents."""
        weight = self.offered / self.offered.sum() if self.offered.sum() > 0.0 else np.zeros_like(self.offered)
        share = {
            name: float(weight @ getattr(self, name))
            for name in (
                "delay_probability", "answered_in_time", "abandonment", "abandoned_early", "virtual", "blocking", "mean_wait_s",
            )
        }  # fmt: skip
        answered = self.offered * (1.0 - self.abandonment - self.blocking)
        four = [np.array(share[n]) for n in ("answered_in_time", "abandonment", "abandoned_early", "virtual")]
        used = answered > 0.0
        asa = float(answered[used] @ self.asa_s[used] / answered.sum()) if used.any() else 0.0
        return Performance(
            delay_probability=share["delay_probability"], service_level=float(service_of(basis, *four)), asa_s=asa,
            mean_wait_s=share["mean_wait_s"], abandonment=share["abandonment"], blocking=share["blocking"],
            occupancy=float(self.occupancy @ self.agents / self.agents.sum()) if self.agents.sum() > 0.0 else 0.0,
            queue_length=float(self.queue_length.mean()), load=float(self.load.mean()),
        )  # fmt: skip
