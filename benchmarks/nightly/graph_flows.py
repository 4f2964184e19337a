"""Do the flows of the routing graph equal the simulated ones? Every packaged instance with a design found in some seconds.

``python benchmarks/nightly/graph_flows.py`` compares contacts per hour into every group and period: the graph with the
abandonment of `ccopt.evaluate`, the simulation with its own (ten runs of 40,000 contacts). The error of the model is part of
the difference; standard errors are those of Poisson counts.
"""

from __future__ import annotations

import argparse

import numpy as np

import ccopt as cc

RUNS, CONTACTS = 10, 40_000


def rates(graph: object) -> dict[tuple[str, str, str], float]:
    """Contacts per hour into each group and period."""
    periods = graph.graph["periods"]
    found: dict[tuple[str, str, str], float] = {}
    for _, node, data in graph.edges(data=True):
        to = graph.nodes[node]
        if to["kind"] == "group" and data["flow"]:
            for period, flow in zip(periods, data["flow"], strict=True):
                key = (to["site"], to["skill_set"], period)
                found[key] = found.get(key, 0.0) + flow
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each design")
    parser.add_argument("--skip", nargs="*", default=["nhs111", "nhs111-resilient"])
    options = parser.parse_args()
    print("| instance | groups x periods | with escalation | largest difference | mean difference | largest in se |")
    print("|---|---|---|---|---|---|")
    for instance in cc.list_instances():
        if instance.name in options.skip:
            continue
        s = cc.load_instance(instance.name)
        try:
            design = cc.baseline(s) if s.existing else cc.optimise(s, time_limit_s=options.seconds).design
        except cc.CcoptError as error:
            print(f"| {instance.name} | no design: {type(error).__name__} | | | | |", flush=True)
            continue
        known = rates(cc.routing_graph(s, design, evaluation=cc.evaluate(s, design)))
        graph = cc.routing_graph(s, design)
        total = dict.fromkeys(graph.graph["periods"], 0.0)
        for _, data in graph.nodes(data=True):
            for p, x in zip(total, data.get("contacts_per_hour", ()) if data["kind"] == "origin" else (), strict=False):
                total[p] += x
        judged = cc.simulate(s, design, replications=RUNS, contacts=CONTACTS)
        seen = {(g.site, g.skill_set, g.period): g.contacts_per_hour for g in judged.groups}
        gaps = {k: abs(seen[k] - v) / v for k, v in known.items() if v > 0}
        errors = [gap * (known[k] / total[k[2]] * RUNS * CONTACTS) ** 0.5 for k, gap in gaps.items()]
        onward = "yes" if s.escalations or s.journeys else "no"
        words = f"{max(gaps.values()):.2%} | {np.mean(list(gaps.values())):.2%} | {max(errors):.1f}"
        print(f"| {instance.name} | {len(gaps)} | {onward} | {words} |", flush=True)


if __name__ == "__main__":
    main()
