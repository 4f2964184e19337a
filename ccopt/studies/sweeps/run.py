"""`sweep`: thousands of scenarios, options and seeds, on local processes or on a cluster."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from ccopt.scenario import Scenario
from ccopt.studies.sweeps.engine import Function, Outcome, run_locally
from ccopt.studies.sweeps.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One run: a scenario (as JSON text, so that it travels), the options of `optimise`, and a seed."""

    scenario: str
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0

    @property
    def key(self) -> str:
        """Hash of everything that the row depends on."""
        text = json.dumps([self.scenario, dict(self.options), self.seed], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepProgress:
    """Tasks done well, failed (error or lost) and left."""

    done: int
    failed: int
    left: int


def run_task(task: Task) -> dict[str, Any]:
    """Optimise and evaluate one scenario; the row of a sweep.

    The row holds nothing that depends on the clock, so that it is the same on any number of workers as long as runs end
    by their gap and not by their time limit.
    """
    from ccopt.evaluation import evaluate
    from ccopt.studies.selling_plans import optimise

    scenario = Scenario.model_validate_json(task.scenario)
    plan = optimise(scenario, seed=task.seed, **task.options)
    judged = evaluate(scenario, plan.design)
    return {
        "cost_per_year": plan.cost_per_year,
        "revenue_per_year": plan.revenue_per_year,
        "lower_bound": plan.lower_bound,
        "gap": plan.gap,
        "plan_status": plan.status,
        "sites": len(plan.design.open_sites),
        "open_sites": "|".join(plan.design.open_sites),
        "agents_peak": max(sum(g.agents[t] for g in plan.design.groups) for t in range(len(scenario.periods))),
        "meets_targets": judged.meets_targets,
    }


def grid(
    scenarios: Sequence[Scenario], *, options: Sequence[Mapping[str, Any]] = ({},), seeds: Sequence[int] = (0,)
) -> list[Task]:
    """All combinations of scenarios, options and seeds."""
    return [
        Task(scenario=s.model_dump_json(exclude_unset=True), options=dict(o), seed=k)
        for s, o, k in product(scenarios, options, seeds)
    ]


def sweep(
    scenarios: Sequence[Scenario] | Sequence[Task],
    *,
    executor: Any = None,
    store: str | Path | None = None,
    function: Function = run_task,
    form: str = "csv",
    progress: Callable[[SweepProgress], None] | None = None,
) -> pd.DataFrame:
    """Run every task, one row each, whatever happens to single ones.

    Parameters
    ----------
    scenarios
        Scenarios, or tasks from `grid`.
    executor
        None: one local process per processor; a number of local processes; the address of a scheduler
        (``tcp://...``); or a dask.distributed client.
    store
        Folder for the rows. They are written as they come, and a sweep that was stopped goes on where it ended: rows
        that are ``ok`` are not run again.
    function
        Importable function of one task that returns a flat row.
    form
        ``csv`` or ``parquet``.
    progress
        Called after each row.

    Returns
    -------
    pandas.DataFrame
        One row per task in the order given: ``key``, ``scenario``, ``seed``, ``status`` (ok, error, lost), ``message``,
        options, and what ``function`` returned. The same on any number of workers.

    Raises
    ------
    SchedulerLostError
        The cluster is gone; with a store nothing finished is lost.
    KeyboardInterrupt
        Passed on after the rows so far are in the store.
    """
    tasks = [s if isinstance(s, Task) else grid([s])[0] for s in scenarios]
    keys = [t.key for t in tasks]
    if len(set(keys)) != len(keys):
        first = Counter(keys).most_common(1)[0][0]
        msg = f"scenarios[{keys.index(first)}] occurs twice: same scenario, options and seed"
        raise ValueError(msg)
    kept = Store(store, form=form) if store is not None else None
    finished = kept.finished(keys) if kept else set()
    todo = [(k, t) for t, k in zip(tasks, keys, strict=True) if k not in finished]
    rows: list[dict[str, Any]] = []  # without a store only: a long sweep lives on disk
    ended = failed = 0
    try:
        with closing(_outcomes(function, [t for _, t in todo], executor)) as outcomes:
            for outcome in outcomes:
                row = _row(*todo[outcome.index], outcome)
                (kept.add if kept else rows.append)(row)
                ended += 1
                failed += outcome.status != "ok"
                if progress:
                    progress(SweepProgress(done=len(finished) + ended - failed, failed=failed, left=len(todo) - ended))
    finally:
        if kept:
            kept.flush()
    table = kept.read() if kept else pd.DataFrame(rows)
    return table.set_index("key").reindex(keys).reset_index()


def _outcomes(function: Function, tasks: list[Task], executor: Any) -> Generator[Outcome, None, None]:
    if not tasks:
        return
    if executor is None or isinstance(executor, int):
        workers = executor if isinstance(executor, int) else os.cpu_count() or 1
        yield from run_locally(function, tasks, workers=workers)
        return
    from ccopt.studies.sweeps.cluster import run_at_address, run_on_cluster

    if isinstance(executor, str):
        yield from run_at_address(function, tasks, address=executor)
    else:
        yield from run_on_cluster(function, tasks, client=executor)


def _row(key: str, task: Task, outcome: Outcome) -> dict[str, Any]:
    name = json.loads(task.scenario).get("name", "")
    options = {f"option_{k}": v if isinstance(v, (int, float, str)) else repr(v) for k, v in task.options.items()}
    head = {"key": key, "scenario": name, "seed": task.seed, "status": outcome.status, "message": outcome.message}
    return head | options | outcome.row
