"""Relations on random examples, and one optimum under every setting: goals G2 and G6 of the register of hazards.

``python benchmarks/nightly/relations.py [pools] [between] [networks] [settings] [--examples 1000] [--seed 1] [--models redials ring]``

pools     every relation of `ccopt.queueing.conformance` on random pools of each model, ``--examples`` of each
between   every relation between pools and models of `tests/property/pool_relations.py`, ``--examples`` of each
networks  random tiny networks, and three of the relations of `network_relations` for each: a bound above the cost of a
          problem with fewer options is false, and so are two optima that differ
settings  presolve, seeds, threads, names and order, currency on packaged and random networks: the same optimum
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

import ccopt as cc
from ccopt.optimisation.solve import _set as set_options
from ccopt.queueing.conformance import findings

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "property"))
sys.path.insert(0, str(Path(__file__).parent))
from enumeration import random_document
from network_relations import (
    CHECKS,
    GAP,
    LIMIT_S,
    RELATIONS,
    WITH_PLAN,
    WITHOUT_TIERS,
    Document,
    answer,
    changed,
    doubled,
    renamed,
)
from pool_relations import RELATIONS as POOL_RELATIONS
from pool_relations import random_pool

ASKED = 3  # relations of each network
MODELS: dict[str, Callable[..., Any]] = {
    "Erlang B": lambda rate, aht, _patience, _n: cc.ErlangB(contacts_per_hour=rate, aht_s=aht),
    "Erlang C": lambda rate, aht, _patience, _n: cc.ErlangC(contacts_per_hour=rate, aht_s=aht),
    "Erlang A": lambda rate, aht, patience, _n: cc.ErlangA(contacts_per_hour=rate, aht_s=aht, patience_s=patience),
    "lines": lambda rate, aht, _patience, n: cc.ErlangA(contacts_per_hour=rate, aht_s=aht, patience_s=math.inf, lines=2 * n),
    "lines, patience": lambda rate, aht, patience, n: cc.ErlangA(contacts_per_hour=rate, aht_s=aht, patience_s=patience, lines=2 * n),
    "redials": lambda rate, aht, patience, _n: cc.ErlangA(contacts_per_hour=rate, aht_s=aht, patience_s=patience, redial=0.4),
    "ring": lambda rate, aht, patience, _n: cc.ErlangA(contacts_per_hour=rate, aht_s=aht, patience_s=patience, ring_s=aht / 30),
}


def pool(make: Callable[..., Any], rate: float, aht: float, patience: float, most: int, r: float, t: float) -> Any:
    """The model with its rates and its times multiplied."""
    return make(rate * r, aht * t, patience * t, most)


def excepted(name: str, aht: float, patience: float) -> dict[str, str]:
    """Rules that do not follow for a model."""
    if name == "lines, patience" and patience < aht:
        return {"more agents": "who leaves frees a line sooner than who is served, so that more agents may block more"}
    return {}


def pools(examples: int, seed: int, models: Sequence[str] = tuple(MODELS)) -> int:
    """One line per model; the first findings are printed."""
    wrong = 0
    for name in models:
        make = MODELS[name]
        rng, broken, began = np.random.default_rng(seed), Counter[str](), time.process_time()
        for _ in range(examples):
            load, aht, patience = float(10 ** rng.uniform(-1, 3)), float(rng.uniform(20, 1200)), float(10 ** rng.uniform(0.5, 4.5))
            least = math.floor(load) + 1 if name == "Erlang C" else max(1, math.floor(load * rng.uniform(0.5, 1.1)))
            agents = sorted({least, least + int(rng.integers(1, 6)), math.ceil(1.5 * least) + 6})
            scaled = functools.partial(pool, make, 3600 * load / aht, aht, patience, agents[-1])
            found = findings(scaled, agents=agents, awt_s=float(rng.uniform(0, 120)), except_for=excepted(name, aht, patience))
            for finding in found:
                if not broken[finding.rule]:
                    print(f"  {name}, load {load:.4g}, aht {aht:.4g}, patience {patience:.4g}: {finding}", flush=True)
                broken[finding.rule] += 1
        wrong += sum(broken.values())
        print(f"{name}: {examples} pools, broken {dict(broken)}, {time.process_time() - began:.0f} s of processor", flush=True)
    return wrong


def between(examples: int, seed: int) -> int:
    """One line; the first finding of each relation is printed."""
    rng, broken, began = np.random.default_rng(seed), Counter[str](), time.process_time()
    for _ in range(examples):
        example = random_pool(rng)
        for name, relation in POOL_RELATIONS.items():
            found = list(relation(example))
            if found and not broken[name]:
                print(f"  {name}, {example}: {found[0]}", flush=True)
            broken[name] += bool(found)
    print(f"{len(POOL_RELATIONS)} relations between pools, {examples} examples of each, broken {dict(+broken)}, "
          f"{time.process_time() - began:.0f} s of processor", flush=True)  # fmt: skip
    return broken.total()


def networks(examples: int, seed: int) -> int:
    """Random tiny networks and what must follow from their optima."""
    asked, broken, unsolved, began = Counter[str](), Counter[str](), Counter[str](), time.monotonic()
    for case in range(seed * 100_000, seed * 100_000 + examples):
        rng = np.random.default_rng(case)
        document = random_document(rng, tiers=case % 2 == 1)
        for name, kept in follows(document, rng):
            asked[name] += kept is not None
            broken[name] += kept is False
            unsolved[name] += kept is None
            if kept is False:
                print(f"  network {case}: {name} broken", flush=True)
        if case % 50 == 49:
            print(f"  {case}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(f"{examples} networks from {seed * 100_000}: {asked.total()} examples {dict(asked)}, broken {dict(+broken)}, "
          f"not solved in {LIMIT_S:g} s {dict(+unsolved)}, {time.monotonic() - began:.0f} s", flush=True)  # fmt: skip
    return broken.total()


def follows(document: Document, rng: np.random.Generator) -> Iterator[tuple[str, bool | None]]:
    """Some relations of a network by chance, and whether each is kept; None where time ended first."""
    base = answer(document)
    left_out = WITH_PLAN if base is not None and base.plan is None else set()
    if "escalations" in document:
        left_out = left_out | WITHOUT_TIERS
    names = [name for name in (*RELATIONS, *CHECKS) if name not in left_out]
    chosen = [str(name) for name in rng.choice(names, size=ASKED, replace=False)]
    for name in chosen:
        if base is None:
            yield name, None
        elif name in CHECKS:
            yield name, CHECKS[name](document, base)
        else:
            other = answer(changed(document, RELATIONS[name].change, base.plan))
            yield name, None if other is None else not RELATIONS[name].broken(document, base, other)


def optimum(case: tuple[Document, dict[str, Any], int]) -> tuple[float, float] | None:
    """In a process of its own: the options of the solver are forced on every programme."""
    document, forced, seed = case
    with mock.patch("ccopt.optimisation.solve._set", lambda h, options: set_options(h, options | forced)):
        found = answer(document, seed=seed)
    return None if found is None else found[:2]


def settings(examples: int, seed: int) -> int:
    """Largest relative difference between the optima of one network under all settings."""
    packaged = [json.loads(cc.load_instance(n).model_dump_json(exclude_unset=True)) for n in ("two-sites", "three-regions", "tiny-tiers")]
    documents = [*packaged, *(random_document(np.random.default_rng(seed + k)) for k in range(min(examples, 20)))]
    one = (documents, {}, 0)
    ways: dict[str, tuple[list[Document], dict[str, Any], int]] = {"as it is": one} | {
        f"seed {k}": (documents, {}, k) for k in (1, 2, 3, 4)} | {
        "no presolve": (documents, {"presolve": "off"}, 0), "1 thread": (documents, {"threads": 1}, 0),
        "2 threads": (documents, {"threads": 2}, 0), "renamed": ([changed(d, renamed) for d in documents], {}, 0),
        "other currency": ([changed(d, functools.partial(doubled, factor=7.3)) if d not in packaged else d for d in documents], {}, 0),
    }  # fmt: skip
    answers = {}
    for name, (given, forced, k) in ways.items():
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:  # the number of threads is fixed once in a process
            answers[name] = list(pool.map(optimum, [(d, forced, k) for d in given]))
        print(f"  {name}: {[None if a is None else round(a[0], 2) for a in answers[name]]}", file=sys.stderr, flush=True)
    wrong, worst, unsolved = 0, 0.0, 0
    for place, document in enumerate(documents):
        for name in ways:
            factor = 7.3 if name == "other currency" and document not in packaged else 1.0
            base, other = answers["as it is"][place], answers[name][place]
            if base is None or other is None or not base[1] >= base[0] * (1 - 2 * GAP):
                unsolved += 1
                continue
            apart = 0.0 if base[0] == other[0] else abs(other[0] / factor / base[0] - 1)
            worst = max(worst, apart)
            if not apart <= 2 * GAP:
                wrong += 1
                print(f"  {document['name']} {place}, {name}: {base} and {other}", flush=True)
    print(f"{len(documents)} networks x {len(ways)} settings: optima differ by at most {worst:.1e}, {wrong} beyond {2 * GAP:g}, "
          f"{unsolved} not solved to {GAP:g}", flush=True)  # fmt: skip
    return wrong


def main() -> None:
    parts: dict[str, Callable[[int, int], int]] = {f.__name__: f for f in (pools, between, networks, settings)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=list(parts), choices=parts, metavar="part")
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", nargs="*", default=list(MODELS), choices=MODELS, metavar="model", help="of pools")
    asked = parser.parse_args()
    parts["pools"] = functools.partial(pools, models=asked.models)
    sys.exit(1 if sum(parts[name](asked.examples, asked.seed) for name in asked.parts) else 0)


if __name__ == "__main__":
    main()
