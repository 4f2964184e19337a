# %% [markdown]
# # Pooling and routing: should two sites answer for each other?
#
# Two sites serve two kinds of calls: 50 an hour of one minute, and 5 an hour of ten minutes (van Dijk and van der Sluis,
# 2008). One agent each, 83 % busy. Putting both into one queue sounds like an obvious win.

# %%
import matplotlib.pyplot as plt

import ccopt as cc

plt.rcParams.update({"figure.figsize": (8.0, 3.2), "figure.dpi": 80, "axes.spines.top": False, "axes.spines.right": False})
given = cc.load_instance("unlike-calls")
desk = given.sites[0]
given = given.model_copy(update={"sites": (desk, desk.model_copy(update={"name": "annex"}))})
home = {"short": "desk", "long": "annex"}


def route(contact_type, site, **more):
    return cc.Route(region="callers", contact_type=contact_type, site=site, skill_set="both", share=(1.0,), **more)


own = tuple(route(kind, site) for kind, site in home.items())
help_out = (route("short", "annex", kind="overflow", rank=2), route("long", "desk", kind="overflow", rank=2))
two = tuple(cc.AgentGroup(site=site, skill_set="both", agents=(1,)) for site in home.values())
layout = cc.Design(open_sites=("desk", "annex"), groups=two, routes=own + help_out)

# %% [markdown]
# ## Three ways to route the same two agents
#
# Apart; one common queue; or each agent takes the own calls first and helps the other only when the own queue is empty.
# Simulated with constant handle times, as in the article: 2.5 and 25 minutes apart, 6.15 in one queue, 3.66 and 8.58.

# %%
constant = cc.SimulationOptions(service_law=cc.Law(kind="deterministic"))
regimes = {}
for name, regime in (("apart", "split"), ("one queue", "virtual"), ("own calls first", "overflow")):
    plan = layout.model_copy(update={"regime": regime})
    found = cc.simulate(given, plan, replications=10, contacts=60_000, options=constant)
    row = {r.name: r.asa_s / 60 for r in found.contact_types if r.period is None}
    regimes[name] = [row["short"], row["long"], (50 * row["short"] + 5 * row["long"]) / 55]
    print(f"{name:16s} short {row['short']:5.2f} min, long {row['long']:5.2f} min, all {regimes[name][2]:5.2f} min")

# %%
axis = plt.subplots()[1]
for i, (name, row) in enumerate(regimes.items()):
    axis.bar([k + 0.27 * (i - 1) for k in range(3)], row, width=0.25, label=name)
axis.set_xticks(range(3), ["short calls", "long calls", "all calls"])
axis.set(ylabel="mean wait, minutes")
axis.legend(frameon=False)
plt.tight_layout()

# %% [markdown]
# One queue makes the *average* wait longer: short calls now stand behind long ones. Helping each other beats both. So
# pooling is no goal in itself; which calls share a queue, and who helps whom, is.

# %% [markdown]
# ## A network: what is linking the sites worth?
#
# Three regions, two sites, the staff fixed. The same agents under a fixed split, with overflow to every group that has the
# skill, and as one virtual queue.

# %%
scenario = cc.load_instance("three-regions")
staff = {("north", "sales-only"): (8, 5), ("north", "both"): (15, 9), ("south", "both"): (6, 3)}
shares = [("r1", "sales", "north", "sales-only", (0.5, 0.6)), ("r1", "sales", "north", "both", (0.2, 0.2)),
          ("r1", "sales", "south", "both", (0.3, 0.2)), ("r2", "support", "north", "both", (0.8, 0.9)),
          ("r2", "support", "south", "both", (0.2, 0.1))]  # fmt: skip
design = cc.Design(
    open_sites=("north", "south"),
    groups=tuple(cc.AgentGroup(site=s, skill_set=k, agents=n) for (s, k), n in staff.items()),
    routes=tuple(cc.Route(region=r, contact_type=c, site=s, skill_set=k, share=x) for r, c, s, k, x in shares),
)
rows = cc.compare_regimes(scenario, design, contact_value=5.0)
for r in rows:
    print(f"{r.regime:9s} {100 * r.service_level:5.1f} % in time, {100 * r.abandonment:4.1f} % lost, "
          f"{r.violations} promises broken, worth {r.worth_per_year:9,.0f} EUR a year")  # fmt: skip

# %%
left, right = plt.subplots(1, 2)[1]
names = [r.regime for r in rows]
left.bar(names, [100 * r.service_level for r in rows], color="tab:blue")
left.set(ylabel="answered in time, %", ylim=(0, 100))
right.bar(names, [100 * r.abandonment for r in rows], color="tab:orange")
right.set(ylabel="customers lost, %")
plt.tight_layout()

# %% [markdown]
# ## Does the referee agree?
#
# The values above come from simulation steered by Erlang A. The independent simulator shares no formula with it.

# %%
graph = cc.routing_graph(scenario, design)
seen = cc.simulate(scenario, design, replications=10)
for r, s in zip(cc.evaluate(scenario, design).contact_types, seen.contact_types, strict=True):
    print(f"{r.name:8s} {r.period or 'year':5s} models {100 * r.service_level:5.1f} %, "
          f"simulated {100 * s.service_level:5.1f} ± {100 * s.half_width['service_level']:.1f} %")  # fmt: skip
print([f"{f.check}: {f.place}" for f in cc.check_routing(graph)] or "no fault in the routing graph")

# %% [markdown]
# ## What if a site is lost?
#
# Each site in turn, the others working 10 % overtime.

# %%
for row in cc.stress(scenario, design, volume=(1.1,), aht=()):
    level = "-" if row.worst_service_level is None else f"{100 * row.worst_service_level:.0f} %"
    print(f"{row.case:16s} worst {level:5s} ({row.worst_contact_type}, {row.worst_period}), {100 * row.abandonment:4.1f} % lost")

# %% [markdown]
# ## What to tell the client
#
# > Let the sites help each other, each serving its own callers first: with the staff you already pay you then keep every
# > promise that you break today, but do not pour unlike calls into one queue, and do not count on the small site alone
# > when the large one fails.
