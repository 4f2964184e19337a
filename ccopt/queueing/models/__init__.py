"""Models of one pool beyond Erlang B, C and A, all with the interface of `ccopt.queueing.QueueModel`."""

from ccopt.queueing.models.blended import BlendedPool
from ccopt.queueing.models.chat import ChatPool
from ccopt.queueing.models.cross_selling import CrossSellingPool
from ccopt.queueing.models.general_patience import GeneralPatience
from ccopt.queueing.models.general_pool import GeneralPool
from ccopt.queueing.models.over_dispersed import OverDispersed
from ccopt.queueing.models.patience_laws import (
    DeterministicPatience,
    EmpiricalPatience,
    LognormalPatience,
    PatienceLaw,
    UniformPatience,
    WeibullPatience,
)
from ccopt.queueing.models.priority import CustomerClass, PriorityPool
from ccopt.queueing.models.retries import ExtendedErlangB
from ccopt.queueing.models.virtual_hold import VirtualHold

__all__ = [
    "BlendedPool", "ChatPool", "CrossSellingPool", "CustomerClass", "DeterministicPatience", "EmpiricalPatience",
    "ExtendedErlangB", "GeneralPatience", "GeneralPool", "LognormalPatience", "OverDispersed", "PatienceLaw",
    "PriorityPool", "UniformPatience", "VirtualHold", "WeibullPatience",
]  # fmt: skip
