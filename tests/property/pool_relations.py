"""Relations between models of one pool, and between pools: each a sentence with its reason or source.

Beside the rules that one model must keep (`ccopt.queueing.conformance`). A relation gets a random pool and yields what it breaks.
"Coupling" below: states of birth-death chains with the same births are ordered by their deaths, those with fewer deaths have more
contacts in every quantile (ratios of neighbouring probabilities are ordered).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.stats import poisson

import ccopt as cc
from ccopt.queueing import group_performance
from ccopt.queueing.models import (
    ChatPool,
    CustomerClass,
    ExtendedErlangB,
    GeneralPatience,
    OverDispersed,
    PriorityPool,
    WeibullPatience,
)
from ccopt.queueing.overflow import lost_overflow, overflow_moments

NEAR = 1e-9  # relative to the larger side, and as a difference of shares


@dataclass(frozen=True, slots=True)
class Pool:
    """One random example: load in erlangs, times in seconds, and the numbers that single relations need."""

    load: float
    aht_s: float
    patience_s: float
    agents: int
    awt_s: float
    factor: float  # above 1: how much longer, more, later
    share: float  # of the contacts that are of one kind
    places: int  # in the queue

    @property
    def rate(self) -> float:
        return 3600.0 * self.load / self.aht_s

    @property
    def steady(self) -> int:
        """At least as many agents as make the queue of patient customers settle."""
        return max(self.agents, math.floor(self.load) + 1)

    def a(self, **change: Any) -> cc.ErlangA:
        return cc.ErlangA(**{"contacts_per_hour": self.rate, "aht_s": self.aht_s, "patience_s": self.patience_s} | change)

    def c(self, **change: Any) -> cc.ErlangC:
        return cc.ErlangC(**{"contacts_per_hour": self.rate, "aht_s": self.aht_s} | change)


Relation = Callable[[Pool], Iterator[str]]


def above(name: str, high: Any, low: Any, scale: float = 0.0) -> Iterator[str]:
    """What is told where the first is below the second."""
    if not high - low >= -NEAR * max(abs(high), abs(low), scale):
        yield f"{name}: {high!r} is below {low!r}"


def same(name: str, one: Any, other: Any, near: float = NEAR, least: float = 1e-12) -> Iterator[str]:
    if not abs(one - other) <= near * max(abs(one), abs(other)) + least:
        yield f"{name}: {one!r} is not {other!r}"


# Erlang B and C as functions ---------------------------------------------------------------------------------------------


def one_agent_more_by_the_last(p: Pool) -> Iterator[str]:
    """B(n + 1) = a B(n) / (n + 1 + a B(n)), for real n too (Jagerman 1974, BSTJ 53)."""
    n = p.agents + p.share
    b = cc.erlang_b(n, p.load)
    yield from same("B", cc.erlang_b(n + 1.0, p.load), p.load * b / (n + 1.0 + p.load * b), least=1e-300)


def one_agent_alone(p: Pool) -> Iterator[str]:
    """M/M/1: a share a / (1 + a) is lost, a share a waits, the mean wait is h a / (1 - a) (geometric states)."""
    a = p.share
    yield from same("B", cc.erlang_b(1, a), a / (1.0 + a))
    yield from same("C", cc.erlang_c(1, a), a)
    wait = cc.ErlangC(contacts_per_hour=3600.0 * a / p.aht_s, aht_s=p.aht_s).performance(1).asa_s
    yield from same("mean wait", wait, p.aht_s * a / (1.0 - a))


def waiting_is_never_likelier_than_being_busy(p: Pool) -> Iterator[str]:
    """C <= a / n, with equality at one agent (the share falls with the size at equal load per agent, Smith and Whitt 1981)."""
    yield from above("a / n and C", p.load / p.steady, cc.erlang_c(p.steady, p.load))


def lost_at_least_what_is_above_the_agents(p: Pool) -> Iterator[str]:
    """B >= 1 - n / a: no more than n agents are busy."""
    yield from above("B and 1 - n / a", cc.erlang_b(p.agents, p.load), 1.0 - p.agents / p.load)


def blocking_is_convex_in_agents(p: Pool) -> Iterator[str]:
    """E. J. Messerli (1972), Proof of a convexity property of the Erlang B formula, BSTJ 51, 951-953."""
    yield from _convex("B", [cc.erlang_b(p.agents + k, p.load) for k in range(3)])


def queue_is_convex_in_agents(p: Pool) -> Iterator[str]:
    """M. E. Dyer, L. G. Proll (1977), On the validity of marginal analysis for allocating servers, Management Science 23."""
    yield from _convex("queue", [p.c().performance(p.steady + k).queue_length for k in range(3)])


def loss_is_convex_in_load(p: Pool) -> Iterator[str]:
    """K. R. Krishnan (1990), The convexity of loss rate in an Erlang loss system, IEEE Transactions on Communications 38."""
    loads = np.linspace(p.load / p.factor, p.load, 3)
    yield from _convex("lost load", [a * cc.erlang_b(p.agents, a) for a in loads], scale=p.load)


def queue_is_convex_in_load(p: Pool) -> Iterator[str]:
    """W. Grassmann (1983), The convexity of the mean queue size of the M/M/c queue, Journal of Applied Probability 20."""
    rates = np.linspace(p.rate / p.factor, p.rate, 3)
    yield from _convex("queue", [p.c(contacts_per_hour=r).performance(p.steady).queue_length for r in rates])


def _convex(name: str, v: list[float], scale: float = 0.0) -> Iterator[str]:
    yield from above(f"{name}, mean of the outer two and the middle", (v[0] + v[2]) / 2.0, v[1], scale)


# Two pools and one -------------------------------------------------------------------------------------------------------


def one_pool_loses_no_more_than_two(p: Pool) -> Iterator[str]:
    """D. R. Smith, W. Whitt (1981), Resource sharing for efficiency in traffic systems, BSTJ 60: loss groups of one handle time."""
    one, two, a, b = *_parts(p), p.load, p.load * p.factor
    apart = a * cc.erlang_b(one, a) + b * cc.erlang_b(two, b)
    yield from above("lost apart and together", apart, (a + b) * cc.erlang_b(one + two, a + b), a + b)


def one_pool_queues_no_more_than_two(p: Pool) -> Iterator[str]:
    """Smith and Whitt (1981), the same for queues of patient customers with one mean handle time."""
    one, two = (max(n, math.floor(a) + 1) for n, a in zip(_parts(p), (p.load, p.load * p.factor), strict=True))
    rates = (p.rate, p.rate * p.factor)
    apart = sum(p.c(contacts_per_hour=r).performance(n).queue_length for n, r in zip((one, two), rates, strict=True))
    yield from above("queue apart and together", apart, p.c(contacts_per_hour=sum(rates)).performance(one + two).queue_length)


def _parts(p: Pool) -> tuple[int, int]:
    return p.agents, max(1, round(p.agents * p.factor))


def size_helps_at_equal_load_per_agent(p: Pool) -> Iterator[str]:
    """B(k n, k a) and C(k n, k a) fall in k, so that k n agents keep any wait for k merged pools (Smith and Whitt 1981)."""
    for k in (2, 3):
        yield from above("B", cc.erlang_b(p.agents, p.load), cc.erlang_b(k * p.agents, k * p.load))
        yield from above("C", cc.erlang_c(p.steady, p.load), cc.erlang_c(k * p.steady, k * p.load))
        merged = p.c(contacts_per_hour=k * p.rate).wait_tail(k * p.steady, p.awt_s)
        yield from above("late", p.c().wait_tail(p.steady, p.awt_s), merged)


def merged_pools_need_no_more_agents(p: Pool) -> Iterator[str]:
    """Follows from the last for equal pools and a promise on waits."""
    target = [cc.ServiceLevel(p.share, p.awt_s)]
    for k in (2, 3):
        apart = k * int(cc.required_agents(p.c(), target))
        yield from above("agents apart and together", apart, int(cc.required_agents(p.c(contacts_per_hour=k * p.rate), target)))


def streams_of_one_kind_are_one_stream(p: Pool) -> Iterator[str]:
    """Poisson streams add up, and who arrives sees the pool as it is (PASTA): each of them gets what the sum gets."""
    rates = [p.share * p.rate, (1.0 - p.share) * p.rate]
    group = group_performance(rates, p.aht_s, patience_s=p.patience_s, agents=p.agents, awt_s=p.awt_s)
    whole = p.a().performance(p.agents, p.awt_s)
    for i in range(2):
        yield from same("in time", group.answered_in_time[i], whole.service_level)
        yield from same("abandonment", group.abandonment[i], whole.abandonment)
        yield from same("answered wait", group.asa_s[i], whole.asa_s, least=1e-9)
    yield from same("occupancy", group.occupancy, whole.occupancy)


def the_less_patient_leave_more(p: Pool) -> Iterator[str]:
    """One queue gives all types the same offered wait; who leaves sooner leaves more and waits less."""
    patience = np.array([p.patience_s, p.patience_s * p.factor])
    rates = [p.share * p.rate, (1.0 - p.share) * p.rate]
    group = group_performance(rates, p.aht_s, patience_s=patience, agents=p.agents, awt_s=p.awt_s)
    yield from same("virtual", *group.virtual)
    yield from above("abandonment", group.abandonment[0], group.abandonment[1])
    yield from above("mean wait", group.mean_wait_s[1], group.mean_wait_s[0])
    yield from above("in time", group.answered_in_time[1], group.answered_in_time[0], 1.0)


# Erlang A between B and C ------------------------------------------------------------------------------------------------


def waiting_lies_between_b_and_c(p: Pool) -> Iterator[str]:
    """B <= P(wait) of Erlang A <= C: coupling of chains whose deaths beyond n agents are endless, as they are, and none."""
    wait = p.a().performance(p.agents).delay_probability
    yield from above("P(wait) and B", wait, cc.erlang_b(p.agents, p.load))
    yield from above("C and P(wait)", cc.erlang_c(p.agents, p.load), wait)


def endless_patience_is_erlang_c(p: Pool) -> Iterator[str]:
    """C - P(wait) <= e r / (1 - r)^3, e = h / (n x patience), r = a / n.

    Weights of k waiting are r^k times factors 1 / (1 + i e), i <= k, which are at least 1 - e k (k + 1) / 2; sum over k.
    """
    n, patience = p.steady, 1e6 * p.patience_s
    r, e = p.load / n, p.aht_s / (n * patience)
    apart = cc.erlang_c(n, p.load) - p.a(patience_s=patience).performance(n).delay_probability
    if not -NEAR <= apart <= e * r / (1.0 - r) ** 3 + NEAR:
        yield f"C is {apart!r} above P(wait) with a patience of {patience!r} s"


def no_patience_is_erlang_b(p: Pool) -> Iterator[str]:
    """P(wait) - B <= a / (n + d - a), d = h / patience: weights of k waiting are at most (a / (n + d))^k."""
    d = 1e6 * max(1.0, p.load)
    apart = p.a(patience_s=p.aht_s / d).performance(p.agents).delay_probability - cc.erlang_b(p.agents, p.load)
    if not -NEAR <= apart <= p.load / (p.agents + d - p.load) + NEAR:
        yield f"P(wait) is {apart!r} above B with patience h / {d!r}"


def patience_of_a_handle_time_is_poisson(p: Pool) -> Iterator[str]:
    """Contacts leave the system at one rate whether served or not: their number is Poisson (M/M/infinity)."""
    found = p.a(patience_s=p.aht_s).performance(p.agents)
    yield from same("P(wait)", found.delay_probability, poisson.sf(p.agents - 1, p.load), least=1e-11)
    queue = p.load * poisson.sf(p.agents - 2, p.load) - p.agents * poisson.sf(p.agents - 1, p.load)
    yield from same("queue", found.queue_length, queue, least=1e-9 * max(1.0, p.load))


def longer_patience_fills_the_pool(p: Pool) -> Iterator[str]:
    """Waiting, queue and carried load rise with patience (coupling), and so does every tail of the offered wait.

    Its density exp(rate x integral of those who stay - drain) is ordered by likelihood ratio (Baccelli and Hebuterne 1981).
    """
    short, long = p.a(), p.a(patience_s=p.factor * p.patience_s)
    less, more = (m.performance(p.agents) for m in (short, long))
    yield from above("P(wait)", more.delay_probability, less.delay_probability)
    yield from above("queue", more.queue_length, less.queue_length, p.load)
    yield from above("occupancy", more.occupancy, less.occupancy)
    yield from above("abandonment", less.abandonment, more.abandonment, 1.0)
    for t in (p.awt_s, p.factor * p.awt_s):
        yield from above("tail", long.wait_tail(p.agents, t), short.wait_tail(p.agents, t), 1.0)


def a_longer_law_of_patience_fills_the_pool(p: Pool) -> Iterator[str]:
    """The same for any law: patience that is longer in every quantile (a Weibull law stretched)."""
    short, long = (
        GeneralPatience(contacts_per_hour=p.rate, aht_s=p.aht_s, patience=WeibullPatience(mean_s=m, shape=0.5 + p.share))
        for m in (p.patience_s, p.factor * p.patience_s)
    )
    yield from above("P(wait)", long.performance(p.agents).delay_probability, short.performance(p.agents).delay_probability)
    yield from above("tail", long.wait_tail(p.agents, p.awt_s), short.wait_tail(p.agents, p.awt_s), 1.0)


# Waits -------------------------------------------------------------------------------------------------------------------


def waits_of_the_patient_forget(p: Pool) -> Iterator[str]:
    """Who waits in Erlang C waits an exponential time: P(W > s + t | W > s) is the same for all s."""
    logs = [p.c().log_wait_tail(p.steady, t) for t in (0.0, p.awt_s, p.factor * p.awt_s, (1.0 + p.factor) * p.awt_s)]
    yield from same("log tail", logs[1] + logs[2], logs[0] + logs[3], least=1e-9)


def log_tail_of_erlang_a_is_concave(p: Pool) -> Iterator[str]:
    """The density of the offered wait is log-concave, so its tail is (M. Y. An 1998, Journal of Economic Theory 80)."""
    logs = [p.a().log_wait_tail(p.agents, k * p.awt_s) for k in range(3)]
    yield from above("log tail, the middle and the mean", logs[1], (logs[0] + logs[2]) / 2.0, 1.0)


def mean_wait_is_the_integral_of_the_tail(p: Pool) -> Iterator[str]:
    """A contact waits min(offered wait, patience): E W = integral of P(V > t) e^(-t / patience)."""
    n, model = p.agents, p.a()
    end = 50.0 * p.patience_s
    knots = sorted({min(end, x) for x in np.geomspace(1e-4, 50.0, 12) * p.patience_s})
    f = lambda t: model.wait_tail(n, t) * math.exp(-t / p.patience_s)  # noqa: E731
    total = sum(quad(f, x, y, epsabs=0.0, epsrel=1e-9, limit=200)[0] for x, y in pairwise([0.0, *knots]))
    yield from same("mean wait", model.performance(n).mean_wait_s, total, near=1e-7, least=1e-9 * p.patience_s)


def who_is_neither_answered_nor_gone_waits(p: Pool) -> Iterator[str]:
    """Answered in time or gone before = 1 - P(V > awt) e^(-awt / patience), as offered wait and patience are independent."""
    found = p.a().performance(p.agents, p.awt_s, basis="early_abandons_credited").service_level
    yield from same("credited", found, 1.0 - p.a().wait_tail(p.agents, p.awt_s) * math.exp(-p.awt_s / p.patience_s), least=1e-9)


def bases_are_one_count(p: Pool) -> Iterator[str]:
    """Service levels differ by what they count in: of answered contacts, and of those who did not leave early."""
    level = {b: p.a().performance(p.agents, p.awt_s, basis=b).service_level for b in (
        "offered", "answered", "offered_less_early_abandons", "early_abandons_credited", "virtual")}  # fmt: skip
    lost = p.a().performance(p.agents).abandonment
    early = level["early_abandons_credited"] - level["offered"]
    yield from same("answered", level["answered"] * (1.0 - lost), level["offered"])
    yield from same("less early", level["offered_less_early_abandons"] * (1.0 - early), level["offered"])
    yield from above("credited and virtual", level["early_abandons_credited"], level["virtual"], 1.0)


# Lines and redials -------------------------------------------------------------------------------------------------------


def as_many_lines_as_agents_is_erlang_b(p: Pool) -> Iterator[str]:
    """Nobody waits where there is no place to wait."""
    found = p.a(lines=p.agents).performance(p.agents, p.awt_s)
    yield from same("blocking", found.blocking, cc.erlang_b(p.agents, p.load))
    yield from same("waiting and leaving", found.delay_probability + found.abandonment, 0.0)


def more_lines_block_less_and_wait_more(p: Pool) -> Iterator[str]:
    """The number in the system grows in every quantile, and partial sums of log-concave weights are log-concave."""
    lines = [p.agents + p.places, p.agents + p.places + 1, p.agents + 2 * p.places + 2]
    found = [p.a(lines=k).performance(p.agents) for k in lines] + [p.a().performance(p.agents)]
    for few, more in pairwise(found):
        yield from above("blocking", few.blocking, more.blocking)
        yield from above("P(wait)", more.delay_probability, few.delay_probability)
        yield from above("queue", more.queue_length, few.queue_length, p.load)
        yield from above("occupancy", more.occupancy, few.occupancy)


def redials_are_a_pool_at_the_rate_of_all_attempts(p: Pool) -> Iterator[str]:
    """All attempts are first ones and the share of the unserved that calls again; the pool sees nothing else."""
    found = p.a(redial=p.share).performance(p.agents, p.awt_s)
    yield from same("first attempts", found.load * (1.0 - p.share * found.abandonment), p.load)
    plain = p.a(contacts_per_hour=3600.0 * found.load / p.aht_s).performance(p.agents, p.awt_s)
    for name in ("service_level", "abandonment", "occupancy", "queue_length"):
        yield from same(name, getattr(found, name), getattr(plain, name), near=1e-8)


def more_redials_never_help(p: Pool) -> Iterator[str]:
    """The rate of all attempts is the least fixed point of a map that rises with the share that calls again."""
    none, some, more = (p.a(redial=r).performance(p.agents, p.awt_s) for r in (0.0, p.share / 2.0, p.share))
    for less, most in ((none, some), (some, more)):
        yield from above("load", most.load, less.load)
        yield from above("abandonment", most.abandonment, less.abandonment, 1.0)
        yield from above("in time", less.service_level, most.service_level, 1.0)


def ring_time_is_handle_time(p: Pool) -> Iterator[str]:
    """An agent whose telephone rings is busy, and the contact waits no longer."""
    ring = p.share * p.aht_s
    rung, plain = p.a(ring_s=ring), p.a(aht_s=p.aht_s + ring)
    for name in ("service_level", "abandonment", "occupancy", "mean_wait_s", "load"):
        one, other = (getattr(m.performance(p.agents, p.awt_s), name) for m in (rung, plain))
        yield from same(name, one, other)


def retries_without_waiting_are_redials(p: Pool) -> Iterator[str]:
    """Wilkinson's retries are the redials of a pool without a queue."""
    retried = ExtendedErlangB(contacts_per_hour=p.rate, aht_s=p.aht_s, retry=p.share).performance(p.agents)
    redialled = p.a(lines=p.agents, redial=p.share).performance(p.agents)
    yield from same("load", retried.load, redialled.load, near=1e-8)
    yield from same("blocking", retried.blocking, redialled.blocking, near=1e-8)


# Special cases of wider models -------------------------------------------------------------------------------------------


def exponential_patience_is_erlang_a(p: Pool) -> Iterator[str]:
    """A Weibull law of shape 1 is exponential."""
    law = WeibullPatience(mean_s=p.patience_s, shape=1.0)
    yield from _erlang_a(p, GeneralPatience(contacts_per_hour=p.rate, aht_s=p.aht_s, patience=law))


def a_known_rate_is_erlang_a(p: Pool) -> Iterator[str]:
    """A gamma law of the rate without spread is a rate."""
    yield from _erlang_a(p, OverDispersed(contacts_per_hour=p.rate, aht_s=p.aht_s, patience_s=p.patience_s, rate_scv=0.0))


def one_chat_at_a_time_is_erlang_a(p: Pool) -> Iterator[str]:
    """A hand for one chat is an agent for one call."""
    yield from _erlang_a(p, ChatPool(contacts_per_hour=p.rate, levels=(p.aht_s,), patience_s=p.patience_s))


def ranks_share_one_queue(p: Pool) -> Iterator[str]:
    """Rank moves waits between classes and keeps their mean: the number in the system is that of Erlang A (conservation law)."""
    classes = [
        CustomerClass(name=name, contacts_per_hour=share * p.rate)
        for name, share in (("first", p.share), ("second", 1.0 - p.share))
    ]
    pool = PriorityPool(classes=classes, aht_s=p.aht_s, patience_s=p.patience_s)
    whole, all_of = p.a().performance(p.agents), pool.performance(p.agents)
    for name in ("delay_probability", "abandonment", "mean_wait_s", "queue_length"):
        yield from same(name, getattr(all_of, name), getattr(whole, name), near=1e-7, least=1e-9 * p.patience_s)
    first, second = pool.by_class(p.agents).mean_wait_s
    yield from above("mean wait of the second and the first", second, first, p.patience_s)


def _erlang_a(p: Pool, model: Any) -> Iterator[str]:
    one, other = model.performance(p.agents, p.awt_s), p.a().performance(p.agents, p.awt_s)
    for name in ("delay_probability", "service_level", "abandonment", "occupancy"):
        yield from same(name, getattr(one, name), getattr(other, name), near=1e-8, least=1e-9)


# Overflow and the way back -----------------------------------------------------------------------------------------------


def groups_in_a_row_are_one_group(p: Pool) -> Iterator[str]:
    """What a group overflows and the next loses is what one group of both sizes loses, as all agents work at one rate."""
    behind = 1 + p.places
    if p.load * cc.erlang_b(p.agents, p.load) > 1e-6:
        lost = lost_overflow([(p.agents, p.load)], behind)
        yield from same("lost", lost, p.load * cc.erlang_b(p.agents + behind, p.load), near=1e-5, least=1e-9)


def overflow_comes_in_bunches(p: Pool) -> Iterator[str]:
    """Variance over mean of overflow is at least 1 (Kosten 1937: the stream behind is Poisson while the group is full)."""
    yield from above("peakedness", overflow_moments(p.agents, p.load).peakedness, 1.0)


def required_agents_are_the_fewest(p: Pool) -> Iterator[str]:
    """They keep the promise, one agent less does not, and they grow with load and promise and fall with the wait allowed."""
    target = cc.ServiceLevel(p.share, p.awt_s)
    n = int(cc.required_agents(p.a(), [target]))
    yield from above("service level", p.a().performance(n, p.awt_s).service_level, p.share)
    if n > 0 and p.a().performance(n - 1, p.awt_s).service_level > p.share + NEAR:
        yield f"{n - 1} agents keep the promise too"
    for name, model, other in (
        ("load", p.a(contacts_per_hour=p.factor * p.rate), target),
        ("promise", p.a(), cc.ServiceLevel(0.5 + 0.5 * p.share, p.awt_s)),
    ):
        yield from above(f"agents for more {name} and for this", int(cc.required_agents(model, [other])), n)
    patient = int(cc.required_agents(p.a(), [cc.ServiceLevel(p.share, p.factor * p.awt_s)]))
    yield from above("agents for this and for a longer wait", n, patient)


def largest_load_is_the_way_back(p: Pool) -> Iterator[str]:
    """At the largest load the promise is kept, and with a millionth more it is not; k pools in one carry at least k times as much."""
    target = [cc.ServiceLevel(p.share, p.awt_s)]
    most = float(cc.largest_load(p.steady, p.aht_s, targets=target))
    if most > 0.0:
        at, beyond = (p.c(contacts_per_hour=3600.0 * f * most / p.aht_s) for f in (1.0, 1.0 + 1e-6))
        yield from above("service level", at.performance(p.steady, p.awt_s).service_level, p.share)
        if most * (1.0 + 1e-6) < p.steady and beyond.performance(p.steady, p.awt_s).service_level > p.share:
            yield f"more than {most!r} erlangs keep the promise"
    yield from above("twice as large", float(cc.largest_load(2 * p.steady, p.aht_s, targets=target)), 2.0 * most)


RELATIONS: dict[str, Relation] = {f.__name__: f for f in (
    one_agent_more_by_the_last, one_agent_alone, waiting_is_never_likelier_than_being_busy, lost_at_least_what_is_above_the_agents,
    blocking_is_convex_in_agents, queue_is_convex_in_agents, loss_is_convex_in_load, queue_is_convex_in_load,
    one_pool_loses_no_more_than_two, one_pool_queues_no_more_than_two, size_helps_at_equal_load_per_agent,
    merged_pools_need_no_more_agents, streams_of_one_kind_are_one_stream, the_less_patient_leave_more, waiting_lies_between_b_and_c,
    endless_patience_is_erlang_c, no_patience_is_erlang_b, patience_of_a_handle_time_is_poisson, longer_patience_fills_the_pool,
    a_longer_law_of_patience_fills_the_pool, waits_of_the_patient_forget, log_tail_of_erlang_a_is_concave,
    mean_wait_is_the_integral_of_the_tail, who_is_neither_answered_nor_gone_waits, bases_are_one_count,
    as_many_lines_as_agents_is_erlang_b, more_lines_block_less_and_wait_more, redials_are_a_pool_at_the_rate_of_all_attempts,
    more_redials_never_help, ring_time_is_handle_time, retries_without_waiting_are_redials, exponential_patience_is_erlang_a,
    a_known_rate_is_erlang_a, one_chat_at_a_time_is_erlang_a, ranks_share_one_queue, groups_in_a_row_are_one_group,
    overflow_comes_in_bunches, required_agents_are_the_fewest, largest_load_is_the_way_back,
)}  # fmt: skip


def random_pool(rng: np.random.Generator, most: float = 3.0) -> Pool:
    """A pool of 0.1 to 10^most erlangs, with agents from half of the load to more than enough."""
    load = float(10 ** rng.uniform(-1.0, most))
    agents = max(1, math.floor(load * rng.uniform(0.5, 1.1)) + int(rng.integers(0, 6)))
    return Pool(
        load=load, aht_s=float(rng.uniform(20.0, 1200.0)), patience_s=float(10 ** rng.uniform(0.5, 4.5)), agents=agents,
        awt_s=float(rng.uniform(0.0, 120.0)), factor=float(rng.uniform(1.05, 3.0)), share=float(rng.uniform(0.05, 0.95)),
        places=int(rng.integers(0, 40)),
    )  # fmt: skip

