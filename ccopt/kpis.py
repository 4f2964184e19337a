"""Indicators: targets, their names and units, and the rows that every judge returns.

The vocabulary is fixed in ``ccopt/README.md``. Nothing here knows a queueing formula: evaluation and simulation fill
the same records, each in its own way, and `service_level_of` turns counted shares into the service level of a basis.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ccopt.showing import as_table, in_a_line, percent

if TYPE_CHECKING:
    import pandas as pd

Basis = Literal["offered", "answered", "offered_less_early_abandons", "early_abandons_credited", "virtual"]
BASES: tuple[Basis, ...] = ("offered", "answered", "offered_less_early_abandons", "early_abandons_credited", "virtual")


def _share(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or (isinstance(value, float) and math.isnan(value)):
        msg = f"{name} = {value!r}: must be a number"
        raise ValueError(msg)
    if not 0 <= value <= 1:
        hint = f"; did you mean {value / 100:g}?" if 1 < value <= 100 else ""
        msg = f"{name} = {value!r}: must be a share between 0 and 1{hint}"
        raise ValueError(msg)


def _not_negative(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or (isinstance(value, float) and math.isnan(value)):
        msg = f"{name} = {value!r}: must be a number"
        raise ValueError(msg)
    if value < 0:
        msg = f"{name} = {value!r}: must not be negative"
        raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """At least this share answered within ``awt_s`` seconds, counted on the named ``basis``."""

    at_least: float
    awt_s: float
    basis: Basis = "offered"

    def __post_init__(self) -> None:
        _share("at_least", self.at_least)
        _not_negative("awt_s", self.awt_s)
        if self.basis not in BASES:
            msg = f"basis = {self.basis!r}: have {list(BASES)}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class MaxAsa:
    """Mean wait of answered contacts at most ``at_most_s`` seconds."""

    at_most_s: float

    def __post_init__(self) -> None:
        _not_negative("at_most_s", self.at_most_s)


@dataclass(frozen=True, slots=True)
class MaxAbandonment:
    """At most this share of offered contacts abandons."""

    at_most: float

    def __post_init__(self) -> None:
        _share("at_most", self.at_most)


@dataclass(frozen=True, slots=True)
class MaxOccupancy:
    """Carried load over agents at most this share."""

    at_most: float

    def __post_init__(self) -> None:
        _share("at_most", self.at_most)


@dataclass(frozen=True, slots=True)
class MaxBlocking:
    """At most this share of offered contacts finds all lines busy."""

    at_most: float

    def __post_init__(self) -> None:
        _share("at_most", self.at_most)


@dataclass(frozen=True, slots=True)
class MaxResponse:
    """At least ``share`` of deferrable contacts is done within ``max_response_h`` hours."""

    max_response_h: float
    share: float = 1.0

    def __post_init__(self) -> None:
        _not_negative("max_response_h", self.max_response_h)
        _share("share", self.share)


Target = ServiceLevel | MaxAsa | MaxAbandonment | MaxOccupancy | MaxBlocking | MaxResponse


def service_level_of(
    basis: Basis, *, answered_in_time: float, answered: float, abandoned_early: float, virtual: float
) -> float | None:
    """Service level of a basis from shares of *offered* contacts.

    Parameters
    ----------
    basis
        One of `BASES`.
    answered_in_time, answered, abandoned_early
        Shares of offered contacts: answered within the acceptable wait; answered at all; gone before it.
    virtual
        Share of arrivals whose offered wait (of a patient customer) is within the acceptable wait.

    Returns
    -------
    float or None
        None where the basis has an empty denominator (nobody answered).

    Examples
    --------
    >>> service_level_of("answered", answered_in_time=0.8, answered=0.9, abandoned_early=0.05, virtual=0.85)
    0.888888888888889
    """
    if basis == "offered":
        return answered_in_time
    if basis == "virtual":
        return virtual
    if basis == "early_abandons_credited":
        return answered_in_time + abandoned_early
    denominator = answered if basis == "answered" else 1.0 - abandoned_early
    return answered_in_time / denominator if denominator > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A promise that a design does not keep, and by how much."""

    place: str
    limit: str
    required: float
    actual: float | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """Service of one contact type in one agent group and period, or averaged over the network.

    ``site`` and ``skill_set`` are None on network rows, ``period`` is None over the year. ``service_level`` belongs to
    the first service-level target of the contact type (``awt_s``, ``basis``), 20 s and ``offered`` without one.
    """

    name: str
    site: str | None = None
    skill_set: str | None = None
    period: str | None = None
    contacts_per_hour: float
    service_level: float | None
    awt_s: float
    basis: Basis = "offered"
    abandonment: float
    asa_s: float | None
    mean_wait_s: float | None
    delay_probability: float | None = None
    blocking: float = 0.0
    half_width: dict[str, float] = field(default_factory=dict)
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One agent group in one period."""

    site: str
    skill_set: str
    period: str
    agents: int
    scheduled_agents: int
    contacts_per_hour: float
    load: float
    carried_load: float
    occupancy: float
    half_width: dict[str, float] = field(default_factory=dict)
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRow:
    """Contacts of a region and type that reach a group, with one entry per period.

    ``offered`` and ``answered`` are per hour; ``sales`` are successful cross-selling offers per hour; ``wait_s`` is the
    mean wait of an offered contact, ``displeasure`` what its wait costs by the curve of its type.
    """

    region: str
    contact_type: str
    site: str
    skill_set: str
    offered: tuple[float, ...]
    answered: tuple[float, ...]
    sales: tuple[float, ...] = ()
    wait_s: tuple[float, ...] = ()
    displeasure: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """One open site over the year."""

    site: str
    agents_peak: int
    seats_used: int
    contacts_per_year: float
    paid_hours_per_year: float
    cost_per_year: float


FRAMES = ("contact_types", "cells", "groups", "sites", "violations")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Evaluation:
    """What a judge says of a design: per contact type, group, site and as a whole.

    ``cells`` are contact types within groups and periods (targets hold there); ``contact_types`` are contact-weighted
    network rows per period, for information.
    """

    meets_targets: bool
    violations: tuple[Violation, ...]
    cost_per_year: float
    revenue_per_year: float
    costs: dict[str, Any]
    contact_types: tuple[ServiceRow, ...]
    cells: tuple[ServiceRow, ...]
    groups: tuple[GroupRow, ...]
    sites: tuple[SiteRow, ...]
    method: str
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain dictionary for JSON."""
        return asdict(self)

    def to_frame(self, rows: Literal["contact_types", "cells", "groups", "sites", "violations"] = "contact_types") -> pd.DataFrame:
        """Rows as a pandas frame.

        Raises
        ------
        ValueError
            There are no such rows.
        """
        import pandas as pd

        if rows not in FRAMES:
            msg = f"rows = {rows!r}: have {list(FRAMES)}"
            raise ValueError(msg)
        return pd.DataFrame([asdict(r) for r in getattr(self, rows)])

    def __repr__(self) -> str:
        return in_a_line("Evaluation", self._facts())

    def _facts(self) -> list[tuple[str, object]]:
        year = [r for r in self.contact_types if r.period is None]
        levels = tuple(f"{r.name} {percent(r.service_level)}" for r in year)
        return [
            ("meets_targets", self.meets_targets), ("violations", len(self.violations)), ("cost_per_year", self.cost_per_year),
            *([("revenue_per_year", self.revenue_per_year)] if self.revenue_per_year else []), ("service_level", levels),
            ("method", self.method),
        ]  # fmt: skip

    def _repr_html_(self) -> str:
        rows = [
            (r.name, r.period or "year", percent(r.service_level), f"{r.awt_s:g} s", percent(r.abandonment), r.asa_s)
            for r in self.contact_types
        ]
        head = ("contact type", "period", "service level", "in", "abandoned", "ASA, s")
        return as_table("Evaluation", self._facts(), head, rows)
