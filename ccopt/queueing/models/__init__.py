"""Models of one pool beyond Erlang B, C and A, all with the interface of `ccopt.queueing.QueueModel`."""

from ccopt.queueing.models.blended import BlendedPool
from ccopt.queueing.models.chat import ChatPool
from ccopt.queueing.models.general_patience import GeneralPatience
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

__all__ = [
    "BlendedPool", "ChatPool", "CustomerClass", "DeterministicPatience", "EmpiricalPatience", "ExtendedErlangB",
    "GeneralPatience", "LognormalPatience", "OverDispersed", "PatienceLaw", "PriorityPool", "UniformPatience",
    "WeibullPatience",
]  # fmt: skip
