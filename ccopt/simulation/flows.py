"""Simulated contacts per hour by region, contact type and group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ccopt.design import Design
from ccopt.kpis import FlowRow
from ccopt.simulation.judge import PeriodCounts
from ccopt.simulation.network import steady
from ccopt.simulation.translate import NO_AGENT, SALE

Floats = NDArray[np.float64]
NAMES = ("offered", "answered", "sold", "waited_s", "displeasure")


def flows_of(design: Design, counts: Sequence[PeriodCounts]) -> list[FlowRow]:
    """Flows: answered where they were answered, lost where their queue stood.

    What comes from outside is scaled to the demand, so that chance is left in the shares only. ``wait_s`` and
    ``displeasure`` are per offered contact of the region and type in the period.
    """
    periods = len(counts)
    cells: dict[tuple[str, str, int], dict[str, Floats]] = defaultdict(lambda: {n: np.zeros(periods) for n in NAMES})
    totals: dict[tuple[str, str], dict[str, Floats]] = defaultdict(lambda: {n: np.zeros(periods) for n in NAMES})
    for t, count in enumerate(counts):
        for s, (region, contact_type, kind) in enumerate(count.parts.source_of):
            if kind == NO_AGENT:
                continue
            scale = _scale(count, s)
            sale = kind.startswith(SALE)
            for g in range(len(design.groups)):
                answered, lost, sold = (float(x[s, g]) * scale for x in (count.answered, count.lost, count.sold))
                if sold > 0.0:
                    cells[region, contact_type, g]["sold"][t] += sold
                if not sale and answered + lost > 0.0:
                    cells[region, contact_type, g]["offered"][t] += answered + lost
                    cells[region, contact_type, g]["answered"][t] += answered
            if not sale:
                row = totals[region, contact_type]
                row["offered"][t] += scale * float(count.answered[s].sum() + count.lost[s].sum())
                row["waited_s"][t] += scale * float(count.waited_s[s].sum())
                row["displeasure"][t] += scale * float(count.displeasure[s].sum())
    rows = []
    for (region, contact_type, g), cell in sorted(cells.items()):
        total = totals[region, contact_type]
        share = np.divide(1.0, total["offered"], out=np.zeros(periods), where=total["offered"] > 0)
        rows.append(
            FlowRow(
                region=region, contact_type=contact_type, site=design.groups[g].site, skill_set=design.groups[g].skill_set,
                offered=tuple(cell["offered"].tolist()), answered=tuple(cell["answered"].tolist()),
                sales=tuple(cell["sold"].tolist()) if cell["sold"].any() else (),
                wait_s=tuple((total["waited_s"] * share).tolist()),
                displeasure=tuple((total["displeasure"] * share).tolist()) if total["displeasure"].any() else (),
            )
        )  # fmt: skip
    return rows


def _scale(count: PeriodCounts, source: int) -> float:
    """Demand over simulated contacts of a source from outside; 1 for those that follow others."""
    rate = steady(count.parts.network.sources[source].contacts_per_hour)
    seen = float(count.answered[source].sum() + count.lost[source].sum() + count.contained[source].sum())
    return rate / seen if rate > 0.0 and seen > 0.0 else 1.0
