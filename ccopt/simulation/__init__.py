"""Judge, by simulation: shares no formula with the queueing layer."""

from ccopt.simulation.contradictions import contradictions
from ccopt.simulation.judge import simulate

__all__ = ["contradictions", "simulate"]
