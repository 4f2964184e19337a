"""Who may serve whom: design checks, traffic equations and the routing graph."""

from ccopt.routing.checks import check_design
from ccopt.routing.flows import propagate

__all__ = ["check_design", "propagate"]
