"""A plain event list over the same network: every waiting contact is looked at, every leaving is an event.

Shares with the kernel only the random numbers of a contact. Slow, short, and written from the rules in words.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field

import numpy as np
from random_networks import random_network

from ccopt.simulation import randomness as r
from ccopt.simulation.contacts import SALE, STATUS, Simulator
from ccopt.simulation.network import Network
from ccopt.simulation.tables import tables_of

DEPARTURE, TIMER, ARRIVAL = range(3)
STAFF, OPENING, DELAYED, SELF_END, RETURN, LEAVE, AGAIN = range(7)


def plus(key, purpose):
    return r.U((int(key) + int(purpose)) % 2**64)


@dataclass
class Contact:
    number: int
    key: int
    source: str
    root: int
    arrival: float = math.nan
    entry: float = math.nan
    interval: int = 0
    status: str = "elsewhere"
    queue: str | None = None
    group: str | None = None
    wait: float = math.nan
    end: float = math.nan
    sale: str = ""
    factor: float = 1.0
    success: float = 0.0
    line: str | None = None


@dataclass
class Team:
    present: int
    levels: tuple
    serving: list = field(default_factory=list)  # contacts
    since: list = field(default_factory=list)  # idle since, longest first
    desks: list = field(default_factory=list)  # per chat agent: [(contact, remaining)]
    looked: float = 0.0


class Plain:
    def __init__(self, network: Network, bank):
        self.net, self.bank = network, bank
        tables_of(network)  # refuses faulty ones
        self.sources = {s.name: s for s in network.sources}
        self.queues = {q.name: q for q in network.queues}
        self.order = [q.name for q in network.queues]
        self.trunks = dict(network.trunks)
        self.in_use = dict.fromkeys(self.trunks, 0)
        self.selves = {v.name: v for v in network.self_services}
        self.ports = dict.fromkeys(self.selves, 0)
        self.made = dict.fromkeys(self.queues, 0)
        self.events, self.count, self.contacts, self.waiting = [], 0, [], []
        self.teams = {}
        for g in network.groups:
            n = g.agents[0] if isinstance(g.agents, tuple) else g.agents
            self.teams[g.name] = Team(n, g.level_factor, since=[0.0] * n)

    # numbers of a contact
    def draw(self, law, key, purpose):
        if law.zero_share > 0 and r.uniform(plus(key, r.BALK), purpose) < law.zero_share:
            return 0.0
        kind, shape = law.code()
        values = np.array(law.values) / np.mean(law.values) if law.values else np.zeros(0)
        return r.unit(kind, shape, values, r.U(key), purpose)

    def u(self, c, purpose):
        return r.uniform(r.U(c.key), purpose)

    def of_interval(self, value, c):
        return value[c.interval] if isinstance(value, tuple) else value

    def interval_at(self, now):
        return min(max(sum(e <= now for e in self.net.edges_s) - 1, 0), len(self.net.edges_s) - 2)

    def at(self, time, order, kind, item, what):
        self.count += 1
        heapq.heappush(self.events, (time, order, kind, item, self.count, what))

    def run(self):
        net = self.net
        for t, k, s, p in self.bank.origins.tolist():
            c = Contact(len(self.contacts), int(k), net.sources[s].name, len(self.contacts), arrival=t, interval=int(p))
            self.contacts.append(c)
            self.at(t, ARRIVAL, 0, c.number, ("arrive", c))
        changes = [(net.edges_s[k], g.name, n, False) for g in net.groups if isinstance(g.agents, tuple)
                   for k, n in enumerate(g.agents) if k and n != g.agents[k - 1]]  # fmt: skip
        changes += [(c.at_s, c.group, c.agents, c.cut) for c in net.changes]
        names = [g.name for g in net.groups]
        changes.sort(key=lambda x: (x[0], names.index(x[1])))
        for i, x in enumerate(changes):
            self.at(x[0], TIMER, STAFF, i, ("staff", x))
        number = 0
        for q in net.queues:
            for w in sorted(q.ways, key=lambda w: w.rank):
                if q.endless is not None or w.open_s > 0 or w.close_s <= net.edges_s[-1]:
                    self.at(w.open_s, TIMER, OPENING, number, ("look", w.group))
                number += 1
        while self.events:
            self.now, _, _, _, _, (name, *data) = heapq.heappop(self.events)
            getattr(self, "on_" + name)(*data)
        for c in self.waiting:
            c.status = "abandoned" if math.isfinite(c.leave) else "never answered"
            c.wait = c.leave - c.entry
        return self.contacts

    # state
    def free(self, g):
        t = self.teams[g]
        if len(t.levels) == 1:
            return t.present - len(t.serving)
        return sum(len(t.levels) - sum(d[2] == a for d in t.desks) for a in range(t.present))

    def open(self, q, w):
        close = min(w.close_s, self.net.edges_s[-1]) if q.endless is not None else w.close_s
        return w.open_s <= self.now < close

    def home(self, q):
        return min(self.queues[q].ways, key=lambda w: w.rank).group

    def state(self, g):
        return len(self.teams[g].serving) + sum(self.home(c.queue) == g for c in self.waiting)

    # chats: all desks of a team move on
    def advance(self, t):
        for d in t.desks:
            d[1] -= (self.now - t.looked) / t.levels[sum(e[2] == d[2] for e in t.desks) - 1]
        t.looked = self.now

    def next_chat(self, g):
        t = self.teams[g]
        t.version = getattr(t, "version", 0) + 1
        if t.desks:
            ends = [(self.now + max(d[1], 0.0) * t.levels[sum(e[2] == d[2] for e in t.desks) - 1], d[2], d) for d in t.desks]
            end, agent, d = min(ends, key=lambda x: (x[0], x[1]))
            self.at(end, DEPARTURE, 0, -agent, ("chat_end", g, d, t.version))

    # events
    def on_arrive(self, c):
        self.come(c, fresh=True)

    def on_return(self, c):
        c.interval = self.interval_at(self.now)
        self.come(c, fresh=True)

    def on_look(self, g):
        self.pull(g)

    def on_delayed(self, c, w):
        if c.status == "waiting" and self.free(w.group) > w.reserve:
            self.pull(w.group)

    def on_self_end(self, c):
        v = self.selves[self.sources[c.source].self_service]
        self.ports[v.ports_of or v.name] -= 1
        if self.u(c, r.CONTAINED) < v.contained:
            c.status, c.end = "contained", self.now
            self.hang_up(c)
        else:
            self.come(c, fresh=False)

    def on_leave(self, c):
        if c.status == "waiting":
            c.status, c.wait, c.end = "abandoned", c.leave - c.entry, self.now
            self.waiting.remove(c)
            self.come_again(c)

    def on_again(self, c):
        self.come_again(c)

    def on_staff(self, x):
        _, g, n, cut = x
        t = self.teams[g]
        if cut:
            for c in list(t.serving):
                c.status, c.end = "cut", self.now
                self.at(self.now, TIMER, AGAIN, c.number, ("again", c))
            t.serving, t.desks = [], []
            t.version = getattr(t, "version", 0) + 1
        t.present = n
        idle = max(n - len(t.serving), 0)
        t.since = t.since[len(t.since) - idle :] if len(t.since) > idle else t.since + [self.now] * (idle - len(t.since))
        self.pull(g)

    def on_chat_end(self, g, d, version):
        t = self.teams[g]
        if version != t.version:
            return
        self.advance(t)
        t.desks.remove(d)
        self.next_chat(g)
        self.on_end(d[0])

    def on_end(self, c):  # noqa: C901
        if c.status == "cut":
            return
        q, g = self.queues[c.queue], c.group
        offer = next(w.offer for w in q.ways if w.group == g)
        to, delay, factor, success = None, 0.0, 1.0, None
        if c.sale == "selling":
            c.sale = "sold" if self.u(c, r.SUCCESS) < offer.success else "refused"
        elif c.sale == "to sell":
            c.sale = "sold" if self.u(c, r.SUCCESS) < c.success else "refused"
        elif c.sale == "briefing":
            c.sale, to, success = "handed over", offer.to, offer.success
        elif offer is not None and offer.share > 0 and self.u(c, r.OFFER) < offer.share:
            seller = g if offer.to is None else self.home(self.sources[offer.to].queues[0][0])
            if offer.threshold is None or self.state(seller) <= offer.threshold:
                if offer.to is None or offer.extra_s > 0:
                    c.sale = "selling" if offer.to is None else "briefing"
                    extra = self.draw(offer.law, c.key, r.EXTRA) * offer.extra_s
                    self.at(self.now + extra, DEPARTURE, 0, c.number, ("end", c))
                    return
                c.sale, to, success = "handed over", offer.to, offer.success
        c.end = self.now
        t = self.teams[g]
        t.serving.remove(c)
        if len(t.levels) == 1 and t.present - len(t.serving) > 0:
            t.since.append(self.now)
        if to is None:
            u, total = self.u(c, r.FOLLOW), 0.0
            for f in q.follows:
                total += f.share
                if u < min(total, 1.0):
                    to, delay, factor = f.source, f.delay_s, f.handle_factor
                    break
        child = None
        if to is not None:
            child = self.new(r.mix(plus(c.key, r.CHILD)), to, c.root)
            child.factor = factor
            if success is not None:
                child.sale, child.success = "to sell", success
            if delay > 0:
                child.arrival = self.now + r.exponential(r.U(child.key), r.DELAY) * delay
                self.at(child.arrival, TIMER, RETURN, child.number, ("return", child))
                child = None
            else:
                child.arrival, child.interval = self.now, self.interval_at(self.now)
                if self.sources[to].trunk == c.line:
                    child.line, c.line = c.line, None
        self.hang_up(c)
        self.pull(g)
        if child is not None:
            self.come(child, fresh=False)

    # steps
    def new(self, key, source, root):
        c = Contact(len(self.contacts), int(key), source, root)
        self.contacts.append(c)
        return c

    def hang_up(self, c):
        if c.line is not None:
            self.in_use[c.line] -= 1
            c.line = None

    def come_again(self, c):
        self.hang_up(c)
        redial = self.sources[c.source].redial
        share = 0.0 if redial is None else redial.blocked if c.status == "blocked" else redial.abandoned
        if share > 0 and self.u(c, r.AGAIN) < share:
            child = self.new(r.mix(plus(c.key, r.CHILD)), c.source, c.root)
            child.factor = c.factor
            child.arrival = self.now + r.exponential(r.U(child.key), r.DELAY) * redial.delay_s
            self.at(child.arrival, TIMER, RETURN, child.number, ("return", child))

    def serve(self, c, w):
        q, t = self.queues[c.queue], self.teams[w.group]
        c.status, c.group, c.wait = "answered", w.group, self.now - c.entry
        length = self.draw(q.service_law, c.key, r.SERVICE) * self.of_interval(w.handle_s, c)
        length *= c.factor if c.sale != "to sell" else 1.0
        if len(t.levels) == 1:
            t.serving.append(c)
            t.since.pop(0)
            self.at(self.now + length, DEPARTURE, 0, c.number, ("end", c))
            return
        self.advance(t)
        load = [sum(d[2] == a for d in t.desks) for a in range(t.present)]
        agent = load.index(min(load))
        t.serving.append(c)
        t.desks.append([c, length, agent])
        self.next_chat(w.group)

    def pull(self, g):
        while self.free(g) > 0:
            best = None
            for i, name in enumerate(self.order):
                q = self.queues[name]
                for w in q.ways:
                    if w.group != g or not self.open(q, w) or self.free(g) <= w.reserve:
                        continue
                    mine = [c for c in self.waiting if c.queue == name and self.now - c.entry >= w.after_s - 1e-9]
                    entry = min((c.entry for c in mine), default=None)
                    if entry is None:
                        if q.endless is None or 0 <= q.endless <= self.made[name]:
                            continue
                        entry, c = self.now, None
                    else:
                        c = min(mine, key=lambda c: c.entry)
                    key = (q.priority, w.pull, entry, i)
                    if best is None or key < best[0]:
                        best = (key, name, w, c)
            if best is None:
                return
            _, name, w, c = best
            if c is None:
                source = next(s.name for s in self.net.sources if name in dict(s.queues))
                at = list(self.sources).index(source)
                c = self.new(r.contact_key(r.U(self.bank.day), at, self.made[name]), source, len(self.contacts))
                self.made[name] += 1
                c.queue, c.arrival, c.entry, c.interval = name, self.now, self.now, self.interval_at(self.now)
            else:
                self.waiting.remove(c)
            self.serve(c, w)

    def come(self, c, *, fresh):  # noqa: C901
        s = self.sources[c.source]
        c.entry = self.now
        if fresh:
            blocked = False
            if s.trunk is not None:
                blocked = self.in_use[s.trunk] >= self.trunks[s.trunk]
                if not blocked:
                    self.in_use[s.trunk] += 1
                    c.line = s.trunk
            if not blocked and s.self_service is not None:
                v = self.selves[s.self_service]
                bank = self.selves[v.ports_of or v.name]
                blocked = bank.ports is not None and self.ports[bank.name] >= bank.ports
                if not blocked:
                    self.ports[bank.name] += 1
                    end = self.now + self.draw(v.law, c.key, r.SELF) * v.mean_s
                    self.at(end, TIMER, SELF_END, c.number, ("self_end", c))
                    return
            if blocked:
                c.status, c.wait, c.end = "blocked", 0.0, self.now
                self.come_again(c)
                return
        u, total = self.u(c, r.ROUTE), 0.0
        for name, share in s.queues:
            total += share
            c.queue = name
            if u < total:
                break
        q = self.queues[c.queue]
        able = [w for w in sorted(q.ways, key=lambda w: w.rank)
                if w.after_s <= 0 and self.open(q, w) and self.free(w.group) > w.reserve]  # fmt: skip
        if able:
            able = [w for w in able if w.rank == able[0].rank]
            choose = self.net.group_choice
            if choose == "most_idle":
                w = max(able, key=lambda w: self.free(w.group))
            elif choose == "longest_idle":
                w = min(able, key=lambda w: self.teams[w.group].since[0])
            else:
                w = able[0]
            self.serve(c, w)
            return
        c.status = "waiting"
        c.leave = math.inf
        patience = self.of_interval(q.patience_s, c)
        if math.isfinite(patience):
            c.leave = self.now + self.draw(q.patience_law, c.key, r.PATIENCE) * patience
            self.at(c.leave, TIMER, LEAVE, c.number, ("leave", c))
        self.waiting.append(c)
        number = 0
        for other in self.net.queues:
            for w in sorted(other.ways, key=lambda w: w.rank):
                if other is q and w.after_s > 0:
                    self.at(self.now + w.after_s, TIMER, DELAYED, c.number * 10000 + number, ("delayed", c, w))
                number += 1


def differences(seed, *, rich):
    """What differs between the two simulators of a random network; empty when nothing does."""
    network = random_network(seed, rich=rich)
    simulator = Simulator(network, seed=seed, rich=rich)
    fast = simulator.day(0)
    slow = Plain(network, simulator.bank(0)).run()
    if fast.source.size != len(slow):
        return [f"{fast.source.size} contacts, not {len(slow)}"]
    groups, queues = [g.name for g in network.groups], [q.name for q in network.queues]
    found = []
    for i, c in enumerate(slow):
        status = STATUS[fast.status[i]]
        group = groups[fast.group[i]] if status in ("answered", "cut") else None
        queue = queues[fast.queue[i]] if status not in ("blocked", "contained", "elsewhere") else c.queue
        if (status, group, queue, int(fast.root[i])) != (c.status, c.group, c.queue, c.root):
            found.append((i, status, group, queue, c))
        elif rich and SALE[fast.sale[i]] != c.sale:
            found.append((i, SALE[fast.sale[i]], c))
        elif status in ("answered", "abandoned") and not np.isclose(fast.wait_s[i], c.wait, rtol=0, atol=1e-6):
            found.append((i, fast.wait_s[i], c))
        elif np.isfinite(c.end) and not np.isclose(fast.end_s[i], c.end, rtol=0, atol=1e-6):
            found.append((i, fast.end_s[i], c))
    return found
