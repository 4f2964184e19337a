"""Judge a design from queueing models (and controlled simulation where no model is exact)."""

from ccopt.evaluation.judge import evaluate
from ccopt.evaluation.limits import feasibility, surviving_share
from ccopt.evaluation.stress_tests import StressRow, stress

__all__ = ["StressRow", "evaluate", "feasibility", "stress", "surviving_share"]
