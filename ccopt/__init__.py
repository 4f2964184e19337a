"""ccopt: design of contact centers.

Public names are resolved on first use, so that ``import ccopt`` stays fast; ``ccopt/README.md`` shows the flow.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    # documents
    "Scenario": "scenario", "read_scenario": "scenario", "load_instance": "scenario", "list_instances": "scenario",
    "check": "scenario", "Design": "design", "AgentGroup": "design", "Route": "design", "Offer": "design",
    "Plan": "design",
    # targets and records
    "ServiceLevel": "kpis", "MaxAsa": "kpis", "MaxAbandonment": "kpis", "MaxOccupancy": "kpis", "MaxBlocking": "kpis",
    "MaxResponse": "kpis", "Evaluation": "kpis",
    # errors
    "CcoptError": "errors", "ScenarioError": "errors", "UnstableError": "errors", "UnattainableError": "errors",
    "InfeasibleError": "errors", "SolverError": "errors",
    # one pool
    "ErlangB": "queueing", "ErlangC": "queueing", "ErlangA": "queueing", "Performance": "queueing",
    "erlang_b": "queueing", "erlang_c": "queueing", "log_erlang_b": "queueing", "log_erlang_c": "queueing",
    "required_agents": "queueing", "largest_load": "queueing", "solve_for": "queueing",
    "merge_gain": "queueing",
    "TimeVaryingPool": "queueing.time_varying", "ApproximateDay": "queueing.time_varying",
    "DayPerformance": "queueing.time_varying",
    "modified_offered_load": "queueing.time_varying", "sine_offered_load": "queueing.time_varying",
    "ExtendedErlangB": "queueing.models", "GeneralPatience": "queueing.models", "OverDispersed": "queueing.models",
    "PriorityPool": "queueing.models", "CustomerClass": "queueing.models", "ChatPool": "queueing.models",
    "BlendedPool": "queueing.models", "WeibullPatience": "queueing.models", "LognormalPatience": "queueing.models",
    "UniformPatience": "queueing.models", "DeterministicPatience": "queueing.models",
    "EmpiricalPatience": "queueing.models", "CrossSellingPool": "queueing.models", "GeneralPool": "queueing.models",
    "VirtualHold": "queueing.models", "deferrable_backlog": "queueing.deferrable",
    "deferrable_agents": "queueing.deferrable", "derivative": "queueing.derivatives",
    "overflow_moments": "queueing.overflow", "lost_overflow": "queueing.overflow", "dimension": "queueing.square_root",
    "square_root_agents": "queueing.square_root", "agents_by_sites": "queueing.structure",
    "price_of_dedication": "queueing.structure", "pooling_of_unlike_calls": "queueing.structure",
    "square_root_error": "queueing.structure", "value_of_forecast": "queueing.structure",
    # from history
    "forecast": "demand", "fit_patience": "demand", "backtest": "studies.backtesting",
    "read_contact_log": "demand", "read_interval_report": "demand", "LogOptions": "demand", "scenario_from_log": "demand",
    "scenario_from_report": "demand", "backtest_forecast": "demand",
    "with_forecast": "demand", "with_model_error": "studies.stated_errors",
    # time
    "calendar_error": "studies.calendar_errors", "paid_hours": "studies.paying_shifts",
    "plan_with_shifts": "studies.shift_plans", "DayPool": "studies.inside_day",
    "staff_day": "studies.inside_day", "compare_rules": "studies.inside_day", "fill_valleys": "studies.inside_day",
    "error_inside_day": "studies.inside_plan", "busiest_day": "studies.inside_plan", "plan_under_uncertainty": "studies.uncertain_demand",
    "two_stage": "studies.recourse",
    # a network
    "staffing_curves": "staffing", "optimise": "studies.selling_plans", "plan_offers": "studies.selling_plans",
    "repeat_plan": "studies.selling_plans",
    "baseline": "optimisation", "evaluate": "evaluation",
    "simulate": "simulation", "compare": "studies", "routing_graph": "routing", "check_routing": "routing",
    "report": "reporting", "plot_bridge": "reporting", "plot_map": "reporting", "plot_staff": "reporting",
    "plot_service": "reporting", "sweep": "studies.sweeps", "compile_kernels": "studies.kernels",
    "contract_forms": "studies.forms", "exclusivity_prices": "studies.exclusivity", "break_evens": "studies.forms",
    "workforce_forms": "studies.workforces", "workforce_break_evens": "studies.workforces",
    "refine": "studies.refinement", "feasibility": "evaluation", "compare_regimes": "evaluation",
    "scorecard": "evaluation", "stress": "evaluation", "best_thresholds": "evaluation",
    "SimulationOptions": "simulation", "Law": "simulation",
    # choices
    "frontier": "studies.frontiers", "alternatives": "studies.choices",
    "explain": "studies.explanations", "sensitivity": "studies.sensitivities",
    "sobol_sensitivity": "studies.sensitivities", "what_if": "studies.fixed_layouts",
    "transition_path": "studies.transitions", "soft_scores": "studies.soft_factors", "board_studies": "studies.board",
    # limits
    "MaxSites": "optimisation", "MinSites": "optimisation", "ForceOpen": "optimisation",
    "ForceClosed": "optimisation", "Budget": "optimisation", "MaxGroups": "optimisation",
    "MinGroupSize": "optimisation", "SurviveSiteLoss": "optimisation", "MaxShareAtSite": "optimisation",
    "LabourPool": "optimisation", "MaxChange": "optimisation", "QualityFloor": "optimisation",
    "MinAgentsAtSite": "optimisation",
}  # fmt: skip

__all__ = ["__version__", *sorted(_HOME)]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Resolve a public name on first use."""
    if name not in _HOME:
        msg = f"module 'ccopt' has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"ccopt.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Public names."""
    return sorted(__all__)
