"""Whether the lines and ports of a design keep their promise on blocking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ccopt.design import Design
from ccopt.kpis import FlowRow, Violation
from ccopt.queueing import erlang_b
from ccopt.scenario.entities import Scenario
from ccopt.staffing.trunks import trunk_load


def blocking(scenario: Scenario, design: Design, flows: Sequence[FlowRow]) -> dict[str, list[float]]:
    """Share of attempts that find every line busy, by bank and period (Erlang B)."""
    return {
        t.name: [
            float(erlang_b(design.trunks.get(t.name, 0), x)) if x > 0.0 else 0.0 for x in trunk_load(scenario, t, flows)
        ]
        for t in scenario.trunks
    }


def broken_trunks(scenario: Scenario, design: Design, flows: Sequence[FlowRow]) -> Iterable[Violation]:
    """Banks of lines that block more than promised; agents are judged as if nobody were blocked (the safe side)."""
    limit = {t.name: t.max_blocking for t in scenario.trunks}
    for name, shares in blocking(scenario, design, flows).items():
        for period, share in zip(scenario.periods, shares, strict=True):
            if share > limit[name] + 1e-9:
                lines = design.trunks.get(name, 0)
                yield Violation(
                    place=f"{name}, period {period.name!r}", limit="max_blocking", required=limit[name], actual=share,
                    message=f"{name}, period {period.name!r}: {share:.2%} blocked with {lines} lines, promised at most "
                    f"{limit[name]:.2%}",
                )  # fmt: skip
