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
from ccopt.optimisation.pipeline import optimise
from ccopt.optimisation.run import Progress
from ccopt.optimisation.today import baseline

__all__ = [
    "Budget",
    "ForceClosed",
    "ForceOpen",
    "LabourPool",
    "MaxChange",
    "MaxGroups",
    "MaxShareAtSite",
    "MaxSites",
    "MinAgentsAtSite",
    "MinGroupSize",
    "MinSites",
    "Progress",
    "QualityFloor",
    "SurviveSiteLoss",
    "baseline",
    "optimise",
]
