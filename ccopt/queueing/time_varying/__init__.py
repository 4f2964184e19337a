"""One pool through a day: loads that lag behind the rates, exact transient indicators, and quick approximations."""

from ccopt.queueing.time_varying.approximations import ApproximateDay
from ccopt.queueing.time_varying.offered_load import SineLoad, modified_offered_load, sine_offered_load
from ccopt.queueing.time_varying.record import DayPerformance
from ccopt.queueing.time_varying.transient import TimeVaryingPool

__all__ = ["ApproximateDay", "DayPerformance", "SineLoad", "TimeVaryingPool", "modified_offered_load", "sine_offered_load"]
