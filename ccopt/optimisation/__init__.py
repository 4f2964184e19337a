"""Choose: sites, groups, routes and agents at least cost, with a bound below every design."""

from ccopt.optimisation.limits import (
    Budget,
    ForceClosed,
    ForceOpen,
    LabourPool,
    MaxChange,
    MaxGroups,
    MaxShareAtSite,
    MaxSites,
    MinAgentsAtSite,
    MinGroupSize,
    MinSites,
    QualityFloor,
    SurviveSiteLoss,
)
from ccopt.optimisation.options import Options, Progress
from ccopt.optimisation.pipeline import Found, find_layouts, find_plan
from ccopt.optimisation.today import baseline

__all__ = [
    "Budget",
    "ForceClosed",
    "ForceOpen",
    "Found",
    "LabourPool",
    "MaxChange",
    "MaxGroups",
    "MaxShareAtSite",
    "MaxSites",
    "MinAgentsAtSite",
    "MinGroupSize",
    "MinSites",
    "Options",
    "Progress",
    "QualityFloor",
    "SurviveSiteLoss",
    "baseline",
    "find_layouts",
    "find_plan",
]
