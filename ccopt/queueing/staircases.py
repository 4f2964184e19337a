"""The staircase of a pool, load against whole agents, for ranges of handle times and patience and for mixes of types."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ccopt.kpis import MaxResponse, Target
from ccopt.queueing.checking import Floats, number, numbers, refuse, whole
from ccopt.queueing.regions import Cell, Region, kinds_of, proved
from ccopt.queueing.target_lists import target_list

MOST_CELLS = 400
MOST_AGENTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Staircases:
    """A[k], the load that k agents carry with all targets met, for k = 0..K: proved bounds over a range.

    Attributes
    ----------
    least
        Every pool of the range carries this load. n(load) = first k with least[k] >= load is enough for all of them.
    most
        No pool of the range carries more. n(load) = first k with most[k] >= load is needed by all of them.
    slack
        Distance at most between each bound and what some pool of the range really carries, in erlangs.
    """

    least: Floats
    most: Floats
    slack: Floats


def staircases(
    most_agents: int, *, aht_s: ArrayLike, targets: Sequence[Target], patience_s: ArrayLike | None = None,
    tolerance: float = 0.02,
) -> Staircases:  # fmt: skip
    """Load against agents for every handle time and every patience of a range, proved between the ends.

    Parameters
    ----------
    most_agents
        Length of the staircase.
    aht_s, patience_s
        A number, or several: the range from the smallest to the largest, all values between included. Patience may be
        infinite; None: nobody leaves.
    targets
        All must hold.
    tolerance
        Slack aimed at, as a share of one agent's load times the root of the agents; what was reached is in ``slack``.

    Notes
    -----
    A pool with a handle time between two others is, in the model, a mix of the two, and `mix_proof` covers all mixes; patience
    is covered by bounds for intervals. The proofs are first-order in the width of an interval of patience, second-order in
    handle times; intervals are halved until the tolerance is reached, or 400 cells are in use.

    Raises
    ------
    ValueError
        Values out of range.

    Examples
    --------
    14 agents carry 10.725 erlangs at 240 s and 10.868 at 180 s; proved for all handle times between:

    >>> from ccopt.kpis import ServiceLevel
    >>> steps = staircases(14, aht_s=[180, 240], targets=[ServiceLevel(0.8, 20)])
    >>> round(float(steps.least[-1]), 2), round(float(steps.most[-1]), 2)
    (10.71, 10.88)
    """
    n = _agents(most_agents, tolerance)
    aht = np.unique(numbers("aht_s", aht_s, above=0.0))
    stays = np.unique(numbers("patience_s", math.inf if patience_s is None else patience_s, above=0.0, infinite=True))
    listed = target_list(targets)
    ends = aht[[0, -1]] if aht.size > 1 else aht
    if ends.size > 1 and any(isinstance(t, MaxResponse) for t in listed):
        refuse("targets", "MaxResponse", "must be given for one handle time: the wait that it allows depends on it")
    # the targets are those of the whole pool: count them once, for the first of the two handle times
    kinds = kinds_of(ends, [listed, *([] for _ in ends[1:])])
    rates = 1.0 / stays[[0, -1]]
    cell = Cell(corners=np.eye(ends.size), fast=np.full(ends.size, rates[0]), slow=np.full(ends.size, rates[1]))
    return _with_zero(proved(n, kinds, [cell], tolerance=tolerance * np.sqrt(n), most_cells=MOST_CELLS))


def mix_staircases(
    most_agents: int, *, aht_s: ArrayLike, patience_s: ArrayLike, targets: Sequence[Sequence[Target]],
    least_share: ArrayLike = 0.0, tolerance: float = 0.05,
) -> Staircases:  # fmt: skip
    """Load against agents of a group for every mix of its contact types, proved for all mixes.

    Parameters
    ----------
    most_agents
        Length of the staircases.
    aht_s, patience_s
        One entry per contact type (seconds; patience may be infinite).
    targets
        A list of targets per contact type; all must hold whatever the mix. (A type without any contacts still counts: its
        targets are then those of a customer who would come.)
    least_share
        Least share of each type in the load, one number or one per type; they sum to less than 1.
    tolerance
        As in `staircases`.

    Notes
    -----
    The group model (`group_performance`): one queue, mean handle time, mixed patience. See `ccopt.queueing.mix_proof`.

    Raises
    ------
    ValueError
        Values out of range or lists of different lengths.

    Examples
    --------
    Calls of 300 s and 420 s, 80/20 for both, in any mix:

    >>> from ccopt.kpis import ServiceLevel
    >>> own = [ServiceLevel(0.8, 20)]
    >>> steps = mix_staircases(20, aht_s=[300, 420], patience_s=[120, 300], targets=[own, own])
    >>> bool(steps.least[-1] < steps.most[-1] < steps.least[-1] + 2), bool(steps.slack.max() < 0.3)
    (True, True)
    """
    n = _agents(most_agents, tolerance)
    aht = np.atleast_1d(numbers("aht_s", aht_s, above=0.0))
    stays = np.atleast_1d(numbers("patience_s", patience_s, above=0.0, infinite=True))
    if isinstance(targets, (str, bytes)) or not isinstance(targets, Sequence):
        refuse("targets", targets, "must be a list with a list of targets per contact type")
    if aht.ndim != 1 or stays.shape != aht.shape or len(targets) != aht.size:
        msg = f"aht_s {aht.shape}, patience_s {stays.shape}, targets ({len(targets)},): must have one entry per contact type"
        raise ValueError(msg)
    given = numbers("least_share", least_share)
    if given.shape not in ((), aht.shape):
        refuse("least_share", least_share, "must be one number, or one per contact type")
    least = np.broadcast_to(given, aht.shape)
    if least.sum() > 1.0 or (aht.size > 1 and least.sum() == 1.0):
        refuse("least_share", least.tolist(), "must sum to less than 1")
    corners = least + (1.0 - least.sum()) * np.eye(aht.size)
    own = [target_list(t, name=f"targets[{i}]") for i, t in enumerate(targets)]
    cell = Cell(corners=corners, fast=1.0 / stays, slow=1.0 / stays)
    return _with_zero(proved(n, kinds_of(aht, own), [cell], tolerance=tolerance * np.sqrt(n), most_cells=MOST_CELLS))


def _agents(most_agents: int, tolerance: float) -> Floats:
    number("most_agents", most_agents)
    most = int(whole("most_agents", most_agents, least=1))
    if most > MOST_AGENTS:
        refuse("most_agents", most, f"must be at most {MOST_AGENTS}")
    number("tolerance", tolerance, above=0.0)
    return np.arange(1, most + 1, dtype=float)


def _with_zero(found: Region) -> Staircases:
    """With entry 0, and not falling with more agents."""
    rising = [np.maximum.accumulate(np.concatenate(([0.0], x))) for x in (found.least, found.most)]
    return Staircases(least=rising[0], most=rising[1], slack=np.concatenate(([0.0], found.slack)))
