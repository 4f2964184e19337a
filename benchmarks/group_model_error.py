"""Error of the group model where handle times differ: simulated pools against the model, with the stated envelope.

Run ``python benchmarks/group_model_error.py`` (about a minute); prints the cases and how many lie outside.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from ccopt.evaluation.model_error import stated_error
from ccopt.queueing import group_performance
from ccopt.queueing.controlled.companions import pool_waits

PAIRS = ((300, 420), (200, 400), (150, 450), (100, 600), (60, 600), (410, 685))
CALLS = 1_000_000


def load_at(target: float, agents: int, *, share: float, aht: tuple[int, int], patience: float) -> float:
    """Load at which the group model gives the target service level in 20 s."""
    mean = share * aht[0] + (1 - share) * aht[1]
    low, high = 0.1 * agents, (0.99 if np.isinf(patience) else 1.3) * agents
    for _ in range(40):
        load = (low + high) / 2
        rates = 3600 * load / mean * np.array([share, 1 - share])
        found = group_performance(rates, aht, patience_s=patience * mean, agents=agents, awt_s=20.0)
        low, high = (load, high) if found.answered_in_time[0] > target else (low, load)
    return low


def main() -> None:
    rng = np.random.default_rng(1)
    outside = cases = 0
    print("agents  handle times  share  patience  excess  error of level  stated  error of abandonment  stated")
    for agents, aht, share, patience in product((5, 10, 30, 100), PAIRS, (0.9, 0.5), (np.inf, 2.0, 0.5)):
        mean = share * aht[0] + (1 - share) * aht[1]
        load = load_at(0.8, agents, share=share, aht=aht, patience=patience)
        arrival = np.cumsum(rng.exponential(mean / load, CALLS))
        service = rng.exponential(1.0, CALLS) * np.where(rng.random(CALLS) < share, aht[0], aht[1])
        stay = rng.exponential(1.0, CALLS) * patience * mean if np.isfinite(patience) else np.full(CALLS, np.inf)
        wait = pool_waits(arrival, service, stay, agents)
        used = slice(CALLS // 20, None)
        rates = 3600 * load / mean * np.array([share, 1 - share])
        model = group_performance(rates, aht, patience_s=patience * mean, agents=agents, awt_s=20.0)
        in_time = ((wait <= 20) & (wait <= stay))[used]
        blocks = np.array([b.mean() for b in np.array_split(in_time, 50)])
        noise = 3 * blocks.std(ddof=1) / np.sqrt(50)
        level = float(model.answered_in_time[0] - in_time.mean())
        lost = float(model.abandonment[0] - (wait > stay)[used].mean())
        stated = stated_error(rates, np.array(aht, float), agents=agents, patience=bool(np.isfinite(patience)))
        cases += 1
        outside += abs(level) > stated["service_level"] + noise
        print(f"{agents:6d}  {aht[0]:4d}/{aht[1]:<4d}  {share:9.1f}  {patience:8.1f}  {level:+14.4f}  "
              f"{stated['service_level']:.4f} (noise {noise:.4f})  {lost:+10.4f}  "
              f"{stated['abandonment']:.4f}")  # fmt: skip
    print(f"{outside} of {cases} outside the stated error plus three standard errors")


if __name__ == "__main__":
    main()
