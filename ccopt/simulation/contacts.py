"""Records: one row per contact of a simulated day, before any indicator is computed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ccopt.simulation.arrivals import Bank, Banks
from ccopt.simulation.dedicated import run_dedicated, stands_apart
from ccopt.simulation.kernel import run_rich
from ccopt.simulation.network import Network
from ccopt.simulation.plain import run_plain
from ccopt.simulation.records import ABANDONED, ANSWERED, CUT, ELSEWHERE, Rows
from ccopt.simulation.state import new_state
from ccopt.simulation.tables import Tables, tables_of

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
STATUS = ("waiting", "answered", "abandoned", "blocked", "contained", "cut", "never answered", "elsewhere")
SALE = ("", "selling", "refused", "sold", "handed over", "to sell", "briefing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Contacts of one day (N,); those from outside first, then those that followed, in order of creation.

    Attributes
    ----------
    origins, courses, threads
        Rows as the kernel wrote them; threads are empty where no contact hangs together with another. The properties
        are their columns.
    """

    origins: Rows
    courses: Rows
    threads: Rows

    @property
    def source(self) -> NDArray[np.int32]:
        """Index of the source."""
        return self._column(self.origins, "source")

    @property
    def arrival_s(self) -> Floats:
        """Time of arrival."""
        return self._column(self.origins, "time_s")

    @property
    def queue(self) -> NDArray[np.int32]:
        """Index of the queue."""
        return self._column(self.courses, "queue")

    @property
    def entry_s(self) -> Floats:
        """Entry into the queue, later than the arrival after self-service."""
        return self._column(self.courses, "entry_s")

    @property
    def wait_s(self) -> Floats:
        """Time in queue until answered or gone."""
        return self._column(self.courses, "wait_s")

    @property
    def offered_s(self) -> Floats:
        """Wait of a patient customer in this place; inf where no agent came to it."""
        return self._column(self.courses, "offered_s")

    @property
    def status(self) -> NDArray[np.int8]:
        """Index into `STATUS`."""
        return self._column(self.courses, "status")

    @property
    def group(self) -> NDArray[np.int32]:
        """Index of the group that answered; without meaning elsewhere."""
        return self._column(self.courses, "group")

    @property
    def end_s(self) -> Floats:
        """End of service or of waiting."""
        return self._column(self.courses, "end_s")

    @property
    def root(self) -> NDArray[np.int64]:
        """First contact of the chain of redials, transfers and repeats."""
        return self._column(self.threads, "root") if self.threads.size else np.arange(self.origins.size)

    @property
    def sale(self) -> NDArray[np.int8]:
        """Index into `SALE`."""
        if self.threads.size:
            return self._column(self.threads, "sale")
        return np.zeros(self.origins.size, dtype=np.int8)

    @staticmethod
    def _column(rows: Rows, name: str) -> NDArray[Any]:
        column: NDArray[Any] = np.ascontiguousarray(rows[name])
        return column

    def frame(self, network: Network) -> pd.DataFrame:
        """The records with names, one row per contact; missing numbers where something did not happen."""
        import pandas as pd

        here = self.status != ELSEWHERE
        sources = np.array([s.name for s in network.sources], dtype=object)
        queues = np.array([q.name for q in network.queues], dtype=object)
        groups = np.array([*[g.name for g in network.groups], None], dtype=object)
        served = np.isin(self.status, (ANSWERED, CUT))
        waited = served | (self.status == ABANDONED)
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


def needs_rich(network: Network, t: Tables) -> bool:
    """Whether a network needs the kernel with timers."""
    return bool(
        network.trunks or network.self_services or t.changes.size or network.group_choice == "longest_idle"
        or (t.groups["levels"] > 1).any() or (t.sources["abandoned"] > 0).any() or (t.sources["blocked"] > 0).any()
        or (t.queues["endless"] > 0).any() or (t.offers["share"] > 0).any() or (t.ways["after_s"] > 0).any()
        or (t.ways["reserve"] > 0).any() or (t.ways["open_s"] > 0).any() or np.isfinite(t.ways["close_s"]).any()
        or (t.follows["delay_s"] > 0).any() or (t.follows["factor"] != 1).any()
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
        Force the kernel with timers, or with False that with departures only (None: as the features need).

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
        self._rich = needs_rich(network, self.tables) if rich is None else rich
        self._apart = rich is None and stands_apart(self.tables)

    def bank(self, number: int = 0) -> Bank:
        """Arrivals of a day."""
        return self._banks.day(self.tables, self.seed, number)

    def day(self, number: int = 0) -> Contacts:
        """One day (replication), from empty until the last contact has left."""
        bank = self.bank(number)
        state = new_state(self.tables, bank.origins, rich=self._rich)
        if self._rich:
            origins, courses, threads, used = run_rich(self.tables, state, bank.day)
        else:
            walk = run_dedicated if self._apart else run_plain
            origins, courses, threads, used = walk(self.tables, state)
        n = int(used["contacts"][0])
        keeps = self._rich or self.tables.follows.size > 0
        return Contacts(origins=origins[:n], courses=courses[:n], threads=threads[: n if keeps else 0])

    def days(self, count: int, *, threads: int = 1) -> Iterator[Contacts]:
        """Days 0 to ``count`` - 1 in this order; the days are the same whatever the number of threads."""
        if threads == 1:
            yield from (self.day(d) for d in range(count))
            return
        with ThreadPoolExecutor(threads) as pool:
            ahead = deque(pool.submit(self.day, d) for d in range(min(2 * threads, count)))
            for d in range(count):
                if d + len(ahead) < count:
                    ahead.append(pool.submit(self.day, d + len(ahead)))
                yield ahead.popleft().result()
