"""What every model of one pool offers."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Protocol, runtime_checkable

from numpy.typing import ArrayLike

from ccopt.kpis import Basis
from ccopt.queueing.checking import refuse
from ccopt.queueing.performance import Performance, Value


@runtime_checkable
class QueueModel(Protocol):
    r"""One pool of agents: demand and behaviour are fields, agents are the argument.

    A model is a frozen dataclass whose fields carry their unit (``contacts_per_hour``, ``aht_s``, ``patience_s``, ...). All fields
    and arguments that are numbers may be arrays; they are broadcast, and results are floats where everything is a
    number. Values out of range raise ``ValueError`` with place, value, rule and remedy; load without end raises
    ``UnstableError``. ``ccopt.queueing.conformance.findings`` checks all this for any model.

    Examples
    --------
    >>> from ccopt.queueing import ErlangC
    >>> isinstance(ErlangC(contacts_per_hour=200, aht_s=180), QueueModel)
    True
    """

    def performance(self, agents: ArrayLike, awt_s: ArrayLike = 20.0, *, basis: Basis = "offered") -> Performance:
        """Indicators with this many agents; shares are of offered contacts."""
        ...

    def wait_tail(self, agents: ArrayLike, wait_s: ArrayLike) -> Value:
        """Share of offered contacts whose *offered* wait (of a customer who never leaves) is longer than ``wait_s``.

        Blocked contacts have no wait. At 0 it is the delay probability; 1 - tail - blocking is the service level on the
        basis ``virtual``.
        """
        ...


def pool_of(model: object) -> None:
    """Refuse what is no model of one pool.

    Raises
    ------
    ValueError
        Naming what was given.
    """
    if not is_dataclass(model) or isinstance(model, type) or not isinstance(model, QueueModel):
        refuse("model", model, "must be a model of one pool such as ErlangC(contacts_per_hour=200, aht_s=180)")
