"""Judge a design from queueing models (and controlled simulation where no model is exact)."""

from ccopt.evaluation.limits import feasibility, surviving_share
from ccopt.evaluation.judge import evaluate

__all__ = ["evaluate", "feasibility", "surviving_share"]
