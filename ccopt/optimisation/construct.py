"""A first design without a solver: contacts spread over open sites, sites closed one by one while that pays.

At every open site a commodity goes to its cheapest group, in proportion to the seats of the sites; agents follow from the
inner tables, and agents are added until the others carry the load after the loss of any one site. Nothing is optimal here;
it is there within milliseconds, and integer programmes start from it.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from ccopt.optimisation.aggregation import Aggregate
from ccopt.optimisation.build import seats_or_enough
from ccopt.optimisation.lagrangian import sum_overhead
from ccopt.optimisation.loss_rows import LossRows, loss_rows
from ccopt.optimisation.pouring import least_agents, pour
from ccopt.optimisation.problem import Bools, Floats, Ints, Problem, Solution
from ccopt.optimisation.sizes import fill_sites, uneven

MOST_ROUNDS = 2000
MOST_SEATS = 4000
FITTINGS, FITTED = 5, 0.97  # tries to relieve sites without enough seats, down to this share of them
MOST_OPENED = 4  # sites that open only for agents who are missing after a loss


def constructed(aggregated: Aggregate) -> Solution | None:
    """The first design of a problem."""
    found = Construction(aggregated.problem).search()
    return None if found is None else aggregated.lift(found)


class Construction:
    """Designs of sets of sites."""

    def __init__(self, p: Problem, losses: LossRows | None = None) -> None:
        self.p = p
        self.seats = np.minimum(seats_or_enough(p), MOST_SEATS).astype(np.int64)
        used = np.arange(int(self.seats.max(initial=0)) + 1)
        self.seat_money = p.seat_cost[:, None] * used + sum_overhead(p, used)
        self.losses = loss_rows(p) if losses is None else losses
        rate = np.max(p.inner[:, 1:] / np.arange(1, p.inner.shape[1]), axis=1, initial=1e-9)
        price = p.arc_cost + p.agent_cost[p.arc_group] * (p.arc_work / np.maximum(rate, 1e-9)[p.arc_group])[:, None]
        self.arc_site = p.group_site[p.arc_group]
        self.site_of_group = _members(p.group_site, len(p.site_names))
        self.group_of_arc = _members(p.arc_group, len(p.group_names), p.arc_work)
        self.commodity_of_arc = _members(p.arc_commodity, len(p.commodity_names))
        self.pair, self.rank = _pairs(p)
        self.pair_of_arc = _members(self.pair, int(self.pair.max(initial=-1)) + 1)
        self.preferred = np.zeros_like(p.arc_cost)
        for c, s in {(int(c), int(s)) for c, s in zip(p.arc_commodity, self.arc_site, strict=True)}:
            mine = np.flatnonzero((p.arc_commodity == c) & (self.arc_site == s))
            usable = np.where(p.inner[p.arc_group[mine], -1][:, None] > 0.0, price[mine], math.inf)
            best = mine[np.argmin(usable, axis=0)]
            self.preferred[best, np.arange(len(p.hours))] = 1.0
        self.order: Ints = np.lexsort((price.mean(axis=1), p.arc_commodity)).astype(np.int64)
        count = np.bincount(p.arc_commodity, minlength=len(p.commodity_names))
        self.order_start: Ints = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
        self.by_load: Ints = np.argsort(-p.demand.sum(axis=1), kind="stable").astype(np.int64)

    def design(self, opened: Bools) -> Solution | None:
        """The cheaper of spreading over the sites and filling one after the other; None where neither fits."""
        ways = [self._spread(opened)]
        if self.p.site_loss is None:  # full sites do not survive the loss of one
            ways.append(self._poured(opened))
        tries = [self._kept(*found, opened) for found in ways if found is not None]
        return min((t for t in tries if t is not None), key=lambda t: t.cost, default=None)

    def completed(self, flow: Floats, opened: Bools) -> Solution | None:
        """The design of given flows: the agents that they and the limits need; None where seats do not suffice.

        Where no open site can take an agent who is missing after a loss, one more site opens for it.
        """
        flow = self._within_links(flow)
        agents = self.needed(flow)
        if (agents >= self.p.inner.shape[1]).any():
            return None
        found = self._kept(flow, agents.copy(), opened)
        for _ in range(MOST_OPENED):
            wider = None if found is not None else self._one_more(agents, opened)
            if wider is None:
                break
            opened = wider
            found = self._kept(flow, agents.copy(), opened)
        return found

    def crowded(self, flow: Floats, opened: Bools) -> Bools:
        """Open sites (S,) whose seats are all taken where agents are missing after a loss; none where a design fits."""
        agents = self.needed(flow)
        short = None if self._spare(agents, opened) else self.losses.short(agents)
        if short is None:
            return np.zeros(len(opened), dtype=bool)
        weight, t = short
        able = np.isin(np.arange(len(opened)), self.p.group_site[weight > 0.0])
        present = np.bincount(self.p.group_site, weights=agents[:, t], minlength=len(opened))
        return np.asarray(able & opened & (present >= self.seats))

    def _one_more(self, agents: Ints, opened: Bools) -> Bools | None:
        """Open sites and the cheapest one that may open for who is missing after a loss; None where nobody is or none may."""
        p, staffed = self.p, agents.copy()
        if p.site_loss is None or self._spare(staffed, opened):
            return None
        short = self.losses.short(staffed)
        names = {p.site_names[s] for s in np.flatnonzero(opened)}
        if short is None or p.max_change is not None or len(names) >= p.max_sites:
            return None
        weight, t = short
        price = np.full(len(opened), math.inf)
        np.minimum.at(price, p.group_site, np.where(weight > 0.0, p.agent_cost[:, t], math.inf))
        price = np.where(opened | p.must_close | ~p.available[:, t], math.inf, price + p.site_cost)
        for forms in p.exclusive:
            if opened[list(forms)].any():
                price[list(forms)] = math.inf
        if not np.isfinite(price).any():
            return None
        wider = opened.copy()
        wider[int(np.argmin(price))] = True
        return wider

    def spread(self, opened: Bools, part: Floats | None = None) -> Floats:
        """Contacts in proportion to the seats of the open sites, or to a ``part`` (S,) of them, whether or not these suffice."""
        p = self.p
        seats = self.seats if part is None else self.seats * part
        weight = np.where(opened[:, None] & p.available, seats[:, None] + 1e-9, 0.0)[self.arc_site] * self.preferred
        total = self.commodity_of_arc @ weight
        part = np.divide(weight, total[p.arc_commodity], out=np.zeros_like(weight), where=weight > 0.0)
        return np.asarray(part * p.demand[p.arc_commodity])

    def needed(self, flow: Floats) -> Ints:
        """Agents (G, T) of the tables for flows; K + 1 where no number of the table suffices."""
        agents = np.zeros((len(self.p.group_names), len(self.p.hours)), dtype=np.int64)
        least_agents(self.p.inner, (self.group_of_arc @ flow) * (1.0 - 1e-12), agents)
        return agents

    def _poured(self, opened: Bools) -> tuple[Floats, Ints] | None:
        """Sites filled one after the other, the cheapest first."""
        p = self.p
        flow, agents = np.zeros_like(p.arc_cost), np.zeros((len(p.group_names), len(p.hours)), dtype=np.int64)
        fits = pour(
            self.order_start, self.order, self.by_load, p.demand, p.arc_work, p.arc_group, p.arc_most, p.group_site,
            self.seats, opened[:, None] & p.available, p.inner, flow, agents,
        )  # fmt: skip
        return (flow, agents) if fits else None

    def _spread(self, opened: Bools) -> tuple[Floats, Ints] | None:
        """Contacts in proportion to the seats of the open sites, less where the agents would not fit."""
        p = self.p
        part = np.ones(len(opened))
        for _ in range(FITTINGS):
            flow = self.spread(opened, part)
            if (((self.commodity_of_arc @ flow) <= 0.0) & (p.demand > 0.0)).any():
                return None
            flow = self._within_links(flow)
            agents = self.needed(flow)
            if (agents >= p.inner.shape[1]).any():
                return None
            use = (self.site_of_group @ agents).max(axis=1, initial=0.0) / np.maximum(self.seats, 1)
            if (use <= 1.0).all():
                break
            part = part * FITTED / np.where(use > 1.0, use, FITTED)
        return flow, agents

    def _kept(self, flow: Floats, agents: Ints, opened: Bools) -> Solution | None:
        """The design with the least sizes and the spare agents that limits ask for, where the seats allow it."""
        p = self.p
        busiest = int(np.argmax(p.demand.sum(axis=0)))
        small = agents.any(axis=1) & (agents[:, busiest] < p.min_group_size)
        agents[small, busiest] = p.min_group_size[small]
        fill_sites(p, agents, busiest)
        if not self._spare(agents, opened) or not self._fits(agents) or uneven(p, agents):
            return None
        return Solution(open_sites=opened.copy(), agents=agents, flows=flow, cost=self._money(agents, flow, opened))

    def search(self) -> Solution | None:
        """Close sites one by one from all that may open, the best each time, down to what is allowed."""
        p, opened = self.p, self._widest()
        best, change = self.design(opened), np.full(len(opened), -math.inf)
        while opened.sum() > max(1, p.min_sites):
            found = self._one_fewer(opened, best, change)
            too_many = opened.sum() > p.max_sites
            if found is None or (not too_many and best is not None and found.cost >= best.cost):
                break
            best, opened = found, found.open_sites
        return best if best is not None and opened.sum() <= p.max_sites else None

    def _widest(self) -> Bools:
        """All sites that may be open together, of forms that exclude each other the one with the least agents and fixed cost."""
        p, opened = self.p, ~self.p.must_close
        if p.max_change is not None:
            opened &= np.isin(np.array(p.site_names), sorted(p.today)) | p.must_open
        for group in p.exclusive:
            options = [s for s in group if opened[s]]
            dear = sorted(options, key=lambda s: float(p.agent_cost[p.group_site == s].sum() + p.site_cost[s]))
            opened[dear[1:]] = False
        return opened

    def _one_fewer(self, opened: Bools, best: Solution | None, change: Floats) -> Solution | None:
        """The cheapest design with one site fewer, None where there is none.

        ``change`` (S,) is what closing a site cost when last looked at, -inf if never. The more sites close, the dearer the
        next: only sites that looked best are looked at again. A site that could not close before cannot later.
        """
        base = 0.0 if best is None else best.cost
        if best is None:
            change[:] = -math.inf
        seen: dict[int, Solution] = {}
        free = [s for s in np.flatnonzero(opened).tolist() if self._may_close(opened, s)]
        while free:
            s = min(free, key=lambda i: float(change[i]))
            if s in seen:
                return seen[s]
            found = self.design(opened & (np.arange(len(opened)) != s)) if change[s] < math.inf else None
            if found is None:
                change[s] = math.inf
                free.remove(s)
            else:
                change[s], seen[s] = found.cost - base, found
        return None

    def _may_close(self, opened: Bools, site: int) -> bool:
        """Whether the limits on sites let this one close."""
        p = self.p
        if p.site_names[site] in {p.site_names[s] for s in np.flatnonzero(p.must_open)}:
            return False
        if p.max_change is None:
            return True
        names = {p.site_names[s] for s in np.flatnonzero(opened) if s != site}
        return len(names ^ p.today) <= p.max_change

    def _within_links(self, flow: Floats) -> Floats:
        """Merged arcs take no more than their members: what is too much goes to the next arc of the group."""
        p = self.p
        if (flow <= p.arc_most * (1.0 + 1e-12)).all():
            return flow
        out = np.zeros_like(flow)
        left = self.pair_of_arc @ flow
        for rank in range(int(self.rank.max()) + 1):
            mine = np.flatnonzero(self.rank == rank)
            out[mine] = np.minimum(left[self.pair[mine]], p.arc_most[mine])
            left[self.pair[mine]] -= out[mine]
        return out

    def _spare(self, agents: Ints, opened: Bools) -> bool:
        """Add agents until every row on the loss of a site holds; False where no seat is left for them."""
        p, weights = self.p, self.losses.weight
        missing = self.losses.missing(agents)
        for _ in range(MOST_ROUNDS):
            if missing.max(initial=0.0) <= 0.0:
                return True
            r, t = np.unravel_index(int(missing.argmax()), missing.shape)
            weight = weights[r]
            present = np.bincount(p.group_site, weights=agents[:, t], minlength=len(self.seats))
            room = (opened & p.available[:, t])[p.group_site] & (present < self.seats)[p.group_site]
            able = np.flatnonzero((weight > 0.0) & room & (agents[:, t] < p.inner.shape[1] - 1))
            if not able.size:
                return False
            cheap = p.agent_cost[able, t] / weight[able]
            level = present[p.group_site[able]] / np.maximum(self.seats[p.group_site[able]], 1)
            g = able[np.lexsort((cheap, agents[able, t], level > 0.98))[0]]
            agents[g, t] += 1
            missing[:, t] -= weights[:, g]
        return False

    def _fits(self, agents: Ints) -> bool:
        present = self.site_of_group @ agents
        return bool((present <= self.seats[:, None]).all())

    def _money(self, agents: Ints, flow: Floats, opened: Bools) -> float:
        p = self.p
        present = (self.site_of_group @ agents).astype(np.int64)
        used = present.max(axis=1, initial=0)
        money = float((p.agent_cost * agents).sum() + (p.arc_cost * flow).sum() + p.site_cost[opened].sum())
        return money + float(self.seat_money[np.arange(len(used)), used].sum())


def _members(row: Ints, rows: int, weight: Floats | None = None) -> sparse.csr_array:
    """Matrix that sums columns, each of ``weight`` (1 where none is given), into the rows they belong to."""
    values = np.ones(row.size) if weight is None else weight
    return sparse.csr_array((values, (row, np.arange(row.size))), shape=(rows, row.size))


def _pairs(p: Problem) -> tuple[Ints, Ints]:
    """Number of the commodity and group of each arc, and its place among the arcs of these by cost."""
    pair: Ints = np.unique(np.stack((p.arc_commodity, p.arc_group)), axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)
    order = np.lexsort((p.arc_cost.sum(axis=1), pair))
    first = np.searchsorted(pair[order], pair[order])
    rank = np.empty_like(pair)
    rank[order] = np.arange(pair.size) - first
    return pair, rank
