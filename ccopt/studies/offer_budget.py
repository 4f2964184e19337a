"""How long offers are searched for: a budget of work, so that runs repeat, within the real clock of the run."""

from __future__ import annotations

import math
import time

from ccopt.design import AgentGroup, Design

JUDGED_S = 1.1e-3  # nominal seconds of a judgement of a group alone,
AGENT_S, BLOCK_S = 4e-5, 3e-8  # and of its chain in each period, per agent and per agent cubed
GROUP_S = 1e-4  # of a judgement of a whole design, per group and period


class OfferBudget:
    """Work for the search of offers, in nominal seconds: so much at most, and no more once the real clock is over.

    ``ends`` is the work at which the clock ended the run that is repeated.
    """

    def __init__(self, seconds: float, *, deadline: float = math.inf, ends: float | None = None) -> None:
        self.seconds, self.deadline, self.ends = seconds, deadline, ends
        self.spent = 0.0
        self.halted: float | None = None

    def over(self) -> bool:
        """Whether nothing more may be judged."""
        if self.halted is None and self._clock_is_over():
            self.halted = self.spent
        return self.halted is not None or self.spent >= self.seconds

    def left(self) -> float:
        """Nominal seconds of work left."""
        return self.seconds - self.spent

    def ends_within(self, seconds: float) -> bool:
        """Whether the real clock of the run will be over in so many seconds; nothing more is then judged."""
        soon = time.monotonic() + seconds >= self.deadline if self.ends is None else self.spent >= self.ends
        if soon and self.halted is None:
            self.halted = self.spent
        return soon

    def _clock_is_over(self) -> bool:
        return time.monotonic() >= self.deadline if self.ends is None else self.spent >= self.ends

    def pays(self, group: AgentGroup) -> bool:
        """Whether one more judgement of the group is within the budget; it is then paid."""
        return self.takes(JUDGED_S + sum(AGENT_S * n + BLOCK_S * n**3 for n in group.agents))

    def pays_whole(self, design: Design) -> bool:
        """Whether a judgement of a whole design is within the budget, most of its chains being known; it is then paid."""
        return self.takes(JUDGED_S + GROUP_S * sum(len(g.agents) for g in design.groups))

    def takes(self, seconds: float) -> bool:
        """Whether work of so many nominal seconds is within the budget; it is then paid."""
        if self.over():
            return False
        self.spent += seconds
        return self.spent < self.seconds
