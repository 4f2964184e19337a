"""The smallest change of rent, wage or volume that flips a decision on a site.

Let C(x) be the least cost with the site closed and O(x) with the site in use, where x is what changes.

- *Fixed cost*: O moves one for one with it and C not at all, so the flip is at the difference O - C: no re-solve.
- *Price* (wage, shrinkage unchanged, or contract price of the site times x): C is constant, O is concave in x. A plan
  found at x is a line above O; its crossing with C is the next x (Newton; a few re-solves).
- *Volume* (all contacts times x): both sides move; bisection on the difference.

A flip is *certified* when a re-solve below and one above prove opposite decisions; the range says how far apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ccopt.design import Plan
from ccopt.scenario.entities import Scenario
from ccopt.studies.changes import with_prices, with_volume
from ccopt.studies.re_solving import Range, ReSolver, Solved, difference, site_limits

LARGEST_PRICE = 10.0
VOLUMES = (0.5, 2.0)
NEWTON_STEPS = 6
BISECTIONS = 5
WIDEST = (0.002, 0.01, 0.03, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """Where a decision changes when one quantity moves alone.

    Attributes
    ----------
    quantity
        ``fixed cost``, ``price`` or ``volume``.
    now
        Money per year, per hour (wage) or 1 (factor) today.
    at, low, high
        Where it flips, and the ends between which the flip lies for certain; None where no flip was found.
    certified
        Opposite decisions are proven at both ends.
    sentence
        The finding in words.
    """

    quantity: str
    now: float
    at: float | None
    low: float | None
    high: float | None
    certified: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The site, its status in the plan, and the least agents with which it counts as in use."""

    scenario: Scenario
    site: str
    is_open: bool
    agents: int
    resolver: ReSolver
    seconds: float

    def solve(self, scenario: Scenario, *, in_use: bool, start: Plan | None = None) -> Solved:
        """The cheapest plan with the site in use or closed."""
        limits = site_limits(self.site, in_use=in_use, agents=self.agents)
        return self.resolver.solve(scenario, limits, seconds=self.seconds, start=start.design if start else None)


def fixed_cost_flip(q: Question, more_when_open: Range) -> Flip:
    """Fixed cost at which both decisions cost the same; ``more_when_open`` is open less closed."""
    now = next(s.fixed_cost_per_year for s in q.scenario.sites if s.name == q.site)
    at, low, high = (now - x for x in (more_when_open.found, more_when_open.high, more_when_open.low))
    kept = "open" if q.is_open else "closed"
    if high < 0.0:
        text = (f"no rent would open {q.site}: even without its fixed cost of {now:,.0f} a year it would have to be "
                f"subsidised by at least {-high:,.0f}")  # fmt: skip
        return Flip(quantity="fixed cost", now=now, at=None, low=None, high=None, certified=True, sentence=text)
    if at < 0.0:
        text = (f"no rent was found at which {q.site} opens: without its fixed cost of {now:,.0f} a year it would still lack "
                f"{-at:,.0f}, but the gaps leave 0 to {high:,.0f} open")  # fmt: skip
        return Flip(quantity="fixed cost", now=now, at=None, low=None, high=None, certified=False, sentence=text)
    low = max(low, 0.0)
    certified = more_when_open.decided and math.isfinite(low) and math.isfinite(high)
    text = f"{q.site} stays {kept} until its fixed cost of {now:,.0f} a year {'rises' if q.is_open else 'falls'} to {at:,.0f}"
    text += _between(low, high) if certified else f" by the plans found (not decided: the gaps leave {_span(low, high)} open)"
    return Flip(quantity="fixed cost", now=now, at=at, low=low, high=high, certified=certified, sentence=text)


def price_flip(q: Question, closed: Solved, opened: Solved) -> Flip:
    """Factor on the price of work at the site (wage or contract) at which the decision flips."""
    if closed.plan is None or opened.plan is None:
        return _none(q, "price", "one of the two decisions has no plan")
    x, used = 1.0, opened
    for _ in range(NEWTON_STEPS):
        paid = _paid_at(q.site, used.plan) / x if used.plan is not None and x > 0.0 else 0.0
        if paid <= 0.0 or used.plan is None:
            break
        step = min(max(x + (closed.cost - used.cost) / paid, 0.0), LARGEST_PRICE)
        if abs(step - x) <= 1e-6:
            break
        x = step
        used = q.solve(with_prices(q.scenario, x, q.site), in_use=True, start=used.plan)
        if used.plan is None:
            return _none(q, "price", "the time ended before the place of the flip was found")
        if x in (0.0, LARGEST_PRICE):
            break
    if x <= 0.0 and used.cost > closed.cost:
        text = f"no price of work would open {q.site}: even unpaid agents leave it dearer"
        sure = used.bound > closed.cost
        return Flip(quantity="price", now=_wage(q), at=None, low=None, high=None, certified=sure, sentence=text)
    if x >= LARGEST_PRICE:
        return _none(q, "price", f"not even {LARGEST_PRICE:g} times the price of work closes {q.site}")

    def compare(f: float) -> Range:
        return difference_or_none(q.solve(with_prices(q.scenario, f, q.site), in_use=True, start=used.plan), closed)

    low, high = _sure_ends(x, compare)
    return _told(q, "price", x, (low, high))


def volume_flip(q: Question, more_when_open: Range) -> Flip:
    """Factor on all contacts at which the decision flips, the nearest on either side within 0.5 and 2."""
    known: dict[float, Range] = {1.0: more_when_open}

    def compare(f: float) -> Range:
        if f not in known:
            s = with_volume(q.scenario, f)
            known[f] = difference_or_none(q.solve(s, in_use=True), q.solve(s, in_use=False))
        return known[f]

    here = more_when_open.found > 0.0
    sides = [f for f in VOLUMES if not math.isnan(compare(f).found) and (compare(f).found > 0.0) != here]
    if not sides:
        tried = [f"{f:g}" for f in VOLUMES if not math.isnan(known[f].found)]
        text = f"at {' and '.join(tried)} times the volume the decision on {q.site} is the same"
        if not tried:
            text = "no plans at half and at twice the volume were found in the time given"
        sure = all(known[f].decided for f in VOLUMES)
        return Flip(quantity="volume", now=1.0, at=None, low=None, high=None, certified=sure, sentence=text)
    best: Flip | None = None
    for side in sides:
        near, far = 1.0, side
        for _ in range(BISECTIONS):
            middle = math.sqrt(near * far)
            if math.isnan(compare(middle).found):
                break
            if (compare(middle).found > 0.0) == here:
                near = middle
            else:
                far = middle
        x = math.sqrt(near * far)
        same = [f for f, r in known.items() if r.decided and (r.found > 0.0) == here and _between_ends(f, 1.0, x)]
        flipped = [f for f, r in known.items() if r.decided and (r.found > 0.0) != here and (f > 1.0) == (side > 1.0)]
        ends = (max(same, key=lambda f: abs(math.log(f)), default=None), min(flipped, key=lambda f: abs(math.log(f)), default=None))
        found = _told(q, "volume", x, ends if side > 1.0 else ends[::-1])
        if best is None or abs(math.log(x)) < abs(math.log(best.at or 1.0)):
            best = found
    assert best is not None
    return best


def difference_or_none(opened: Solved, closed: Solved) -> Range:
    """Open less closed; infinite where one of them is proven impossible, NaN where one was not found."""
    unknown = any(s.plan is None and not s.infeasible for s in (opened, closed))
    if unknown or (opened.plan is None and closed.plan is None):
        return Range(found=math.nan, low=-math.inf, high=math.inf)
    return difference(opened, closed)


def _between_ends(f: float, a: float, b: float) -> bool:
    return min(a, b) - 1e-12 <= f <= max(a, b) + 1e-12


def _sure_ends(x: float, compare: Callable[[float], Range]) -> tuple[float | None, float | None]:
    """The nearest factor below where open is proven cheaper, and above where closed is."""
    low = high = None
    for width in WIDEST:
        if low is None and compare(x * (1.0 - width)).high < 0.0:
            low = x * (1.0 - width)
        if high is None and compare(x * (1.0 + width)).low > 0.0:
            high = x * (1.0 + width)
        if low is not None and high is not None:
            break
    return low, high


def _paid_at(site: str, plan: Plan) -> float:
    tree: dict[str, float] = plan.costs["sites"].get(site, {})
    return float(tree.get("labour", 0.0) + tree.get("contract", 0.0))


def _wage(q: Question) -> float:
    site = next(s for s in q.scenario.sites if s.name == q.site)
    return site.wage_per_hour or 1.0


def _told(q: Question, quantity: str, x: float, ends: tuple[float | None, float | None]) -> Flip:
    now = _wage(q) if quantity == "price" else 1.0
    low, high = ends
    certified = low is not None and high is not None
    change = f"{abs(x - 1.0):.{1 if abs(x - 1.0) >= 0.001 else 3}%} {'more' if x > 1.0 else 'less'}"
    what = "the price of work there" if quantity == "price" else "the volume"
    text = f"{q.site} would be {'closed' if q.is_open else 'opened'} if {what} were {change}"
    if quantity == "price" and now != 1.0:
        text += f" ({now:,.2f} an hour now, {now * x:,.2f} then)"
    if certified and low is not None and high is not None:
        text += f"; proven outside of {min(low, high):.4g} to {max(low, high):.4g} times"
    else:
        text += "; the gaps leave the exact place open"
    return Flip(quantity=quantity, now=now, at=now * x, low=None if low is None else now * low,
                high=None if high is None else now * high, certified=certified, sentence=text)  # fmt: skip


def _none(q: Question, quantity: str, text: str) -> Flip:
    now = _wage(q) if quantity == "price" else 1.0
    return Flip(quantity=quantity, now=now, at=None, low=None, high=None, certified=False, sentence=text)


def _between(low: float, high: float) -> str:
    return "" if high - low <= 1.0 else f" (between {low:,.0f} and {high:,.0f})"


def _span(low: float, high: float) -> str:
    return f"{low:,.0f} to {high:,.0f}" if math.isfinite(high) else "any amount" if low <= 0.0 else f"everything from {low:,.0f} on"
