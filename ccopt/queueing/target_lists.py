"""Lists of targets as given, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ccopt.errors import UnattainableError
from ccopt.kpis import MaxAbandonment, MaxAsa, MaxBlocking, MaxOccupancy, ServiceLevel, Target
from ccopt.queueing.checking import refuse


def check_targets(targets: Sequence[Target]) -> None:
    """Refuse what is no list of targets, and targets that no number of agents meets when there is any load.

    Raises
    ------
    ValueError
        Something else than targets.
    UnattainableError
        With the limit of the indicator.
    """
    for target in targets:
        if not isinstance(target, Target):
            msg = f"targets: {target!r} is not a target; use ServiceLevel(0.8, 20), MaxAsa(30), MaxAbandonment(0.05), ..."
            raise ValueError(msg)  # noqa: TRY004  (one kind of error for wrong arguments)
        if isinstance(target, ServiceLevel) and target.at_least >= 1.0:
            msg = (
                "service level = 1.0: some contacts always wait or leave, so no number of agents attains it; "
                "shares below 1 such as 0.99 can be met"
            )
            raise UnattainableError(msg, limit=1.0)
        if isinstance(target, MaxAsa) and target.at_most_s == 0.0:
            msg = "ASA = 0 s: some contacts always wait, so no number of agents attains it; small values above 0 can be met"
            raise UnattainableError(msg, limit=0.0)
        if isinstance(target, (MaxAbandonment, MaxBlocking, MaxOccupancy)) and target.at_most == 0.0:
            msg = f"{target}: no number of agents brings it to exactly 0; small positive values can be met"
            raise UnattainableError(msg, limit=0.0)


def target_list(targets: Sequence[Target] | Target, *, name: str = "targets", least: int = 0) -> list[Target]:
    """Targets as a list, checked; at least so many."""
    if isinstance(targets, Target):
        listed: list[Target] = [targets]
    elif isinstance(targets, (str, bytes, Mapping)) or not isinstance(targets, Iterable):
        refuse(name, targets, "must be a list of targets such as [ServiceLevel(0.8, 20)]")
    else:
        try:
            listed = list(targets)
        except TypeError:
            refuse(name, targets, "must be a list of targets such as [ServiceLevel(0.8, 20)]")
    if len(listed) < least:
        msg = f"{name}: at least one target is needed"
        raise ValueError(msg)
    check_targets(listed)
    return listed
