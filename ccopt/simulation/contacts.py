"""Records: one row per contact of a simulated day, before any indicator is computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccopt.simulation import kernel
from ccopt.simulation.arrivals import Bank, Banks
from ccopt.simulation.network import Network
from ccopt.simulation.tables import Tables, tables_of

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
STATUS = ("waiting", "answered", "abandoned", "blocked", "contained", "cut", "never answered", "elsewhere")
SALE = ("", "selling", "refused", "sold", "handed over", "to sell")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Contacts of one day as columns (N,); those from outside first, then those that followed, in order of creation.

    Attributes
    ----------
    source, queue, group
        Indices; ``group`` is -1 where nobody answered.
    arrival_s, entry_s, end_s
        Arrival, entry into the queue (later than the arrival after self-service), end of service or of waiting.
    wait_s
        Time in queue until answered or gone; ``offered_s`` is the wait of a patient customer in this place (inf where
        no agent came to it).
    status, sale
        Indices into `STATUS` and `SALE`.
    root
        First contact of the chain of redials, transfers and repeats.
    """

    source: NDArray[np.int32]
    queue: NDArray[np.int32]
    arrival_s: Floats
    entry_s: Floats
    wait_s: Floats
    offered_s: Floats
    status: NDArray[np.int8]
    group: NDArray[np.int32]
    end_s: Floats
    root: NDArray[np.int64]
    sale: NDArray[np.int8]

    def frame(self, network: Network) -> pd.DataFrame:
        """The records with names, one row per contact; missing numbers where something did not happen."""
        import pandas as pd

        here = self.status != kernel.ELSEWHERE
        sources = np.array([s.name for s in network.sources], dtype=object)
        queues = np.array([q.name for q in network.queues], dtype=object)
        groups = np.array([*[g.name for g in network.groups], None], dtype=object)
        served = np.isin(self.status, (kernel.ANSWERED, kernel.CUT))
        waited = served | (self.status == kernel.ABANDONED)
        table = pd.DataFrame({
            "contact": np.arange(self.source.size), "first_contact": self.root, "source": sources[self.source],
            "queue": queues[self.queue], "group": groups[np.where(served, self.group, -1)],
            "arrival_s": self.arrival_s, "entry_s": self.entry_s,
            "wait_s": np.where(waited, self.wait_s, np.nan),
            "patient_wait_s": np.where(np.isfinite(self.offered_s), self.offered_s, np.nan),
            "end_s": np.where(np.isfinite(self.end_s), self.end_s, np.nan),
            "status": np.array(STATUS, dtype=object)[self.status], "sale": np.array(SALE, dtype=object)[self.sale],
        })  # fmt: skip
        rows: pd.DataFrame = table[here].reset_index(drop=True)
        return rows


def needs_rich(network: Network, tables: Tables) -> bool:
    """Whether a network needs the kernel with timers."""
    return bool(
        network.changes or network.trunks or network.self_services or tables.c_time.size
        or network.group_choice == "longest_idle" or (tables.g_levels > 1).any() or (tables.s_again[:, :2] > 0).any()
        or (tables.q_endless > 0).any() or (tables.x_share > 0).any() or (tables.w_after_s > 0).any()
        or (tables.w_reserve > 0).any() or (tables.w_open_s > 0).any() or np.isfinite(tables.w_close_s).any()
        or (tables.f_delay_s > 0).any() or (tables.f_factor != 1).any()
    )  # fmt: skip


class Simulator:
    """A network ready to run; days of equal number and seed meet the same contacts.

    Parameters
    ----------
    network
        Checked here.
    seed
        Of all random numbers.
    banks
        Cache of arrivals to share between networks with the same demand.
    rich
        Force the kernel with timers (None: only where a feature needs it).

    Raises
    ------
    ValueError
        Every fault of the network.

    Examples
    --------
    >>> from ccopt.simulation import Group, Network, Queue, Source, Way
    >>> pool = Network(
    ...     edges_s=(0.0, 28800.0),
    ...     sources=(Source(name="calls", queues=(("calls", 1.0),), contacts_per_hour=100.0),),
    ...     queues=(Queue(name="calls", ways=(Way(group="pool", handle_s=180.0),), patience_s=120.0),),
    ...     groups=(Group(name="pool", agents=6),),
    ... )
    >>> day = Simulator(pool, seed=1).day(0)
    >>> bool((day.wait_s >= 0).all())
    True
    """

    def __init__(
        self, network: Network, *, seed: int = 7, banks: Banks | None = None, rich: bool | None = None
    ) -> None:
        self.network, self.seed = network, seed
        self.tables = tables_of(network)
        self._banks = banks or Banks()
        rich = needs_rich(network, self.tables) if rich is None else rich
        self._run = kernel.run_rich if rich else kernel.run_core

    def bank(self, number: int = 0) -> Bank:
        """Arrivals of a day."""
        return self._banks.day(self.tables, self.seed, number)

    def day(self, number: int = 0) -> Contacts:
        """One day (replication), from empty until the last contact has left."""
        bank = self.bank(number)
        names = ("source", "queue", "arrival_s", "entry_s", "wait_s", "offered_s", "status", "group", "end_s", "root", "sale")
        return Contacts(**dict(zip(names, self._run(self.tables, *bank), strict=True)))

    def days(self, count: int) -> Iterator[Contacts]:
        """Days 0 to ``count`` - 1."""
        return (self.day(d) for d in range(count))
