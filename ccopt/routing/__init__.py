"""Who may serve whom: design checks, traffic equations and the routing graph."""

from ccopt.routing.checks import check_design
from ccopt.routing.export import graph_as_dot, graph_as_graphml, graph_as_json, graph_as_mermaid
from ccopt.routing.finding import Finding
from ccopt.routing.findings import check_routing
from ccopt.routing.flows import propagate
from ccopt.routing.graph import routing_graph
from ccopt.routing.opening import opening_gaps
from ccopt.routing.picture import draw_routing

__all__ = [
    "Finding", "check_design", "check_routing", "draw_routing", "graph_as_dot", "graph_as_graphml", "graph_as_json",
    "graph_as_mermaid", "opening_gaps", "propagate", "routing_graph",
]  # fmt: skip
