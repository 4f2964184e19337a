"""Mathematics of one pool: numbers in, numbers out; knows nothing of scenarios."""

from ccopt.queueing.envelopes import Envelope, envelope
from ccopt.queueing.erlang import ErlangB, ErlangC
from ccopt.queueing.erlang_a import ErlangA
from ccopt.queueing.group import GroupPerformance, group_performance
from ccopt.queueing.interface import QueueModel
from ccopt.queueing.performance import Performance
from ccopt.queueing.probabilities import erlang_b, erlang_c, log_erlang_b, log_erlang_c
from ccopt.queueing.solving import solve_for
from ccopt.queueing.staffing_rules import (
    Requirement,
    binding_target,
    largest_load,
    largest_loads,
    merge_gain,
    required_agents,
)
from ccopt.queueing.staircases import Staircases, mix_staircases, staircases

__all__ = [
    "Envelope",
    "ErlangA",
    "ErlangB",
    "ErlangC",
    "GroupPerformance",
    "Performance",
    "QueueModel",
    "Requirement",
    "Staircases",
    "binding_target",
    "envelope",
    "erlang_b",
    "erlang_c",
    "group_performance",
    "largest_load",
    "largest_loads",
    "log_erlang_b",
    "log_erlang_c",
    "merge_gain",
    "mix_staircases",
    "required_agents",
    "solve_for",
    "staircases",
]
