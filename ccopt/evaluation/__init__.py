"""Judge a design from queueing models (and controlled simulation where no model is exact)."""

from ccopt.evaluation.gathered import GatheredRow, gathered
from ccopt.evaluation.indicators import SCORECARD, Indicator, scorecard
from ccopt.evaluation.judge import evaluate
from ccopt.evaluation.limits import feasibility, surviving_share
from ccopt.evaluation.regimes import RegimeRow, compare_regimes
from ccopt.evaluation.selling import best_threshold, selling_accounts
from ccopt.evaluation.stress_tests import AfterLoss, StressRow, stress
from ccopt.evaluation.thresholds import BestThreshold, best_thresholds
from ccopt.evaluation.transfer_thresholds import TransferThreshold, transfer_thresholds
from ccopt.evaluation.waiting_curves import WaitCurve, dissatisfaction
from ccopt.queueing.selling import SellingGroup, selling_chain

__all__ = [
    "SCORECARD",
    "AfterLoss",
    "BestThreshold",
    "GatheredRow",
    "Indicator",
    "RegimeRow",
    "SellingGroup",
    "StressRow",
    "TransferThreshold",
    "WaitCurve",
    "best_threshold",
    "best_thresholds",
    "compare_regimes",
    "dissatisfaction",
    "evaluate",
    "feasibility",
    "gathered",
    "scorecard",
    "selling_accounts",
    "selling_chain",
    "stress",
    "surviving_share",
    "transfer_thresholds",
]  # fmt: skip
