"""From history to demand: interval counts and contact logs become rates, handle times, patience and forecasts."""

from ccopt.demand.contact_log import ContactLog, read_contact_log
from ccopt.demand.forecasting import Forecast, backtest_forecast, forecast
from ccopt.demand.from_forecast import scenario_of_forecast, with_forecast
from ccopt.demand.interval_report import IntervalReport, read_interval_report
from ccopt.demand.log_layout import ANONYMOUS_BANK, LogLayout
from ccopt.demand.patience import PatienceFit, fit_patience
from ccopt.demand.presence import agents_present
from ccopt.demand.profile import (
    fit_dispersion,
    fit_handle_time,
    fit_joint_dispersion,
    fit_profile,
    group_weekdays,
    interval_counts,
    missing_days,
)
from ccopt.demand.returns import ReturnFit, fit_journeys, fit_returns
from ccopt.demand.to_scenario import LogOptions, LogScenario, scenario_from_log, scenario_from_report

__all__ = [
    "ANONYMOUS_BANK",
    "ContactLog",
    "Forecast",
    "IntervalReport",
    "LogLayout",
    "LogOptions",
    "LogScenario",
    "PatienceFit",
    "ReturnFit",
    "agents_present",
    "backtest_forecast",
    "fit_dispersion",
    "fit_handle_time",
    "fit_joint_dispersion",
    "fit_journeys",
    "fit_patience",
    "fit_profile",
    "fit_returns",
    "forecast",
    "group_weekdays",
    "interval_counts",
    "missing_days",
    "read_contact_log",
    "read_interval_report",
    "scenario_from_log",
    "scenario_from_report",
    "scenario_of_forecast",
    "with_forecast",
]
