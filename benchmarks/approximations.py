"""Leaderboard: ways to judge a routed network, error per contact type and milliseconds of processor time, on 14 designs x 12 settings.

``python benchmarks/approximations.py [--smoke] [--truth CONTACTS]`` writes ``approximations.csv`` beside this file and
prints two tables. Truth is a long run of the judge itself (seed apart); errors are points of service level (share of
offered contacts answered within 20 s), mean and worst over contact types. A new approximation is admitted to the
package only if it beats the controlled simulation at equal time.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from routed_designs import documents, layouts, settings

from ccopt.design import Design
from ccopt.evaluation.brackets import Component, independent_groups, network_components, one_pool
from ccopt.evaluation.judge import evaluate_routed
from ccopt.evaluation.routed import run_network
from ccopt.queueing import group_performance
from ccopt.queueing.controlled.bank import Bank
from ccopt.queueing.controlled.effort import RunOptions
from ccopt.routing.flows import Network, network_arrays
from ccopt.scenario.entities import Scenario

Method = Callable[[Scenario, Design, Network], np.ndarray]


def parts_of(scenario: Scenario, design: Design, network: Network) -> list[Component]:
    can = np.zeros((len(network.contact_types), len(network.groups)), dtype=bool)
    for r in design.routes:
        can[network.contact_types.index(r.contact_type), network.groups.index((r.site, r.skill_set))] = True
    agents = np.array([g.agents[0] for g in design.groups])
    return network_components(can, network.demand[:, :, 0].sum(axis=0), agents)


def by_component(solve: Callable[..., tuple[np.ndarray, np.ndarray]]) -> Method:
    def levels(scenario: Scenario, design: Design, network: Network) -> np.ndarray:
        out = np.ones(len(network.contact_types))
        for part in parts_of(scenario, design, network):
            out[part.types] = solve(scenario, network, part, group_performance)[0]
        return out

    return levels


def poisson_overflow(scenario: Scenario, design: Design, network: Network) -> np.ndarray:
    """Fixed point: a group's overflow is Poisson, groups are full independently, who finds all full joins one pool."""
    at = {name: g for g, name in enumerate(network.groups)}
    ranks: list[list[int]] = [[] for _ in network.contact_types]
    for r in sorted(design.routes, key=lambda r: r.rank):
        ranks[network.contact_types.index(r.contact_type)].append(at[r.site, r.skill_set])
    rates = network.demand[:, :, 0].sum(axis=0)
    aht = np.array([c.aht_s for c in scenario.contact_types])
    full = np.full(len(network.groups), 0.5)
    for _ in range(60):
        inflow = np.zeros((len(network.groups), len(rates)))
        for c, row in enumerate(ranks):
            left = rates[c]
            for g in row:
                inflow[g, c] += left
                left *= full[g]
        new = []
        for g, group in enumerate(design.groups):
            load = float(inflow[g] @ aht) / 3600.0
            b = 1.0
            for k in range(1, group.agents[0] + 1):
                b = load * b / (k + load * b)
            new.append(b)
        full = 0.5 * full + 0.5 * np.array(new)
    out = np.ones(len(rates))
    for part in parts_of(scenario, design, network):
        patience = np.array([scenario.contact_types[c].patience_s for c in part.types])
        pool = group_performance(part.rates, aht[part.types], patience_s=patience, agents=int(part.agents.sum()),
                                 awt_s=20.0)  # fmt: skip
        late = (1.0 - pool.answered_in_time) / max(pool.delay_probability, 1e-12)
        for k, c in enumerate(part.types):
            out[c] = 1.0 - np.prod(full[ranks[c]]) * min(1.0, late[k])
    return out


def simulated(contacts: int, *, controlled: bool, seed: int = 3) -> Method:
    def levels(scenario: Scenario, design: Design, network: Network) -> np.ndarray:
        model = group_performance if controlled else None
        options = RunOptions(contacts=contacts, seed=seed)
        if controlled:
            rows = evaluate_routed(scenario, design, options=options, model=model).contact_types
            return np.array([r.service_level for r in rows if r.period is not None])
        result = run_network(scenario, design, network, options=options, bank=Bank(), model=None)[0]
        assert result is not None
        return np.array([
            result.level(np.flatnonzero(result.lines.contact_type == c), 0, "offered").value
            for c in range(len(network.contact_types))
        ])  # fmt: skip

    return levels


METHODS: dict[str, Method] = {
    "independent groups": by_component(independent_groups),
    "one pool per component": by_component(one_pool),
    "Poisson overflow": poisson_overflow,
    "simulation 10k": simulated(10_000, controlled=False),
    "simulation 50k": simulated(50_000, controlled=False),
    "controlled 10k": simulated(10_000, controlled=True),
    "controlled 50k": simulated(50_000, controlled=True),
    "controlled 200k": simulated(200_000, controlled=True),
}


def bench(truth_contacts: int, *, smoke: bool) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    chosen = layouts()[1:5] if smoke else layouts()
    for layout in chosen:
        for setting in list(settings())[:2] if smoke else settings():
            scenario, design = documents(layout, setting)
            network = network_arrays(scenario, design)
            truth = simulated(truth_contacts, controlled=True, seed=1001)(scenario, design, network)
            for name, method in METHODS.items():
                start = time.process_time()
                found = method(scenario, design, network)
                spent = 1e3 * (time.process_time() - start)
                error = 100 * np.abs(found - truth)
                rows.append({
                    "design": layout.name, "load": setting.load, "patience": setting.patience, "size": setting.size,
                    "method": name, "mean_error": float(error.mean()), "worst_error": float(error.max()),
                    "milliseconds": spent,
                })  # fmt: skip
    return rows


def table(rows: list[dict[str, object]]) -> str:
    names = list(dict.fromkeys(str(r["method"]) for r in rows))
    out = [f"{'method':24s} {'mean':>6s} {'p90 worst':>10s} {'all <= 2':>9s} {'ms':>8s}"]
    for name in names:
        mine = [r for r in rows if r["method"] == name]
        mean, worst, spent = (
            np.array([float(str(r[k])) for r in mine]) for k in ("mean_error", "worst_error", "milliseconds")
        )
        out.append(f"{name:24s} {mean.mean():6.2f} {np.quantile(worst, 0.9):10.2f} {100 * (worst <= 2).mean():8.0f}% "
                   f"{np.median(spent):8.1f}")  # fmt: skip
    out += ["", f"{'mean error by design':24s} " + " ".join(f"{n[:14]:>14s}" for n in names)]
    for design in dict.fromkeys(str(r["design"]) for r in rows):
        cells = [np.mean([float(str(r["mean_error"])) for r in rows if (r["design"], r["method"]) == (design, n)])
                 for n in names]  # fmt: skip
        out.append(f"{design:24s} " + " ".join(f"{x:14.2f}" for x in cells))
    return "\n".join(out)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--smoke", action="store_true", help="four designs in two settings")
    parser.add_argument("--truth", type=int, default=1_500_000, help="contacts of the run that counts as truth")
    options = parser.parse_args()
    bench(20_000, smoke=True)  # compile
    rows = bench(200_000 if options.smoke else options.truth, smoke=options.smoke)
    if not options.smoke:
        path = Path(__file__).with_suffix(".csv")
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in r.items()} for r in rows)
    print(table(rows))


if __name__ == "__main__":
    main()
