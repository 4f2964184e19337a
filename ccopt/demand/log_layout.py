"""Where a contact log keeps its facts, so that another vendor's log is a new layout, not new code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLayout:
    """Where a log keeps its facts (column names in lower case).

    Attributes
    ----------
    separator
        Of fields.
    date, date_format
        Column and format of the day of arrival.
    contact_type, outcome, agent
        Columns of the type, of the outcome, and of who served.
    arrived, queued, left_queue, served, ended
        Columns of clock times: entry (or start of the menu), start and end of the queue, start and end of service.
    answered, abandoned, ignored
        Words of the outcome column for each case; ignored rows (tests, phantoms) are counted and left out.
    nobody
        Words of the agent column that name no agent.
    never
        Clock time that stands where a stage did not happen.
    wait_s, service_s
        Columns that state the seconds of both stages once more, to check the clock times; None without them.
    customer, strangers
        Column of the customer and words in it that name nobody; None without it.
    header
        Names of the columns of files without a header line.
    """

    separator: str
    date: str
    date_format: str
    contact_type: str
    outcome: str
    agent: str
    arrived: str
    queued: str
    left_queue: str
    served: str
    ended: str
    answered: frozenset[str]
    abandoned: frozenset[str]
    ignored: frozenset[str] = frozenset()
    nobody: frozenset[str] = frozenset()
    never: str = "0:00:00"
    wait_s: str | None = None
    service_s: str | None = None
    customer: str | None = None
    strangers: frozenset[str] = frozenset()
    header: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the layout needs."""
        return (
            self.date, self.contact_type, self.outcome, self.agent, self.arrived, self.queued, self.left_queue,
            self.served, self.ended,
        )  # fmt: skip


ANONYMOUS_BANK = LogLayout(
    separator="\t",
    date="date",
    date_format="%y%m%d",
    contact_type="type",
    outcome="outcome",
    agent="server",
    arrived="vru_exit",
    queued="q_start",
    left_queue="q_exit",
    served="ser_start",
    ended="ser_exit",
    answered=frozenset({"AGENT"}),
    abandoned=frozenset({"HANG"}),
    ignored=frozenset({"PHANTOM"}),
    nobody=frozenset({"NO_SERVER"}),
    wait_s="q_time",
    service_s="ser_time",
    customer="customer_id",
    strangers=frozenset({"0", ""}),
    header=(
        "vru+line", "call_id", "customer_id", "priority", "type", "date", "vru_entry", "vru_exit", "vru_time", "q_start",
        "q_exit", "q_time", "outcome", "ser_start", "ser_exit", "ser_time", "server",
    ),
)  # fmt: skip
