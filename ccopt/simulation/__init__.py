"""Judge, by simulation: shares no formula with the queueing layer."""

from ccopt.simulation.contacts import Contacts, Simulator
from ccopt.simulation.contradictions import contradictions
from ccopt.simulation.judge import SimulationOptions, simulate
from ccopt.simulation.laws import Law
from ccopt.simulation.network import (
    Change,
    Follow,
    Group,
    Network,
    Offer,
    Queue,
    Redial,
    SelfService,
    Source,
    Way,
)

__all__ = [
    "Change", "Contacts", "Follow", "Group", "Law", "Network", "Offer", "Queue", "Redial", "SelfService",
    "SimulationOptions", "Simulator", "Source", "Way", "contradictions", "simulate",
]  # fmt: skip
