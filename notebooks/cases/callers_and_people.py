# %% [markdown]
# # Case: ring back, serve first, work from home?
#
# Four questions that hotlines ask, each on a packaged instance: what an offer to ring back saves, what it costs to treat everybody
# like the best customers, what two-hour shifts at home are worth, and which workforce is cheapest at which volume.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import ccopt as cc

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

# %% [markdown]
# ## Ring back
#
# 120 calls an hour of four minutes, 90 s of patience. Who accepts the call-back keeps the place and never gives up, so that the same
# limit of 4 % is kept by fewer agents.

# %%
agents = range(9, 15)
share = {a: [float(cc.VirtualHold(contacts_per_hour=120, aht_s=240, patience_s=90, accept=a, dial_s=20).performance(n).abandonment)
             for n in agents] for a in (0.0, 0.25, 0.5, 0.75)}  # fmt: skip
figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
for (accept, row), colour in zip(share.items(), ("#5B6672", GREEN, BLUE, ORANGE), strict=True):
    axis.plot(list(agents), [100 * x for x in row], "o-", color=colour, label=f"{accept:.0%} accept")
axis.axhline(4, color="black", linewidth=0.8, linestyle=":")
axis.set(xlabel="agents", ylabel="% who give up")
axis.legend(frameon=False)
plt.show()

# %%
hotline = cc.load_instance("call-back-hotline")
plan = cc.optimise(hotline, gap=0.001, time_limit_s=20)
print(f"{plan.cost_per_year:,.0f} a year:", {g.skill_set: g.agents[0] for g in plan.design.groups})
print("video rooms:", f"{plan.costs['sites']['house']['equipment']:,.0f} a year")

# %% [markdown]
# ## Serve the contract customers first
#
# A sixth of the customers was promised ten seconds on average, the others seventy. One desk serves both.

# %%
classes = [cc.CustomerClass(name="contract", contacts_per_hour=30), cc.CustomerClass(name="other", contacts_per_hour=150)]
desk = cc.PriorityPool(classes=classes, aht_s=240)
rows = pd.DataFrame({n: [*desk.by_class(n).mean_wait_s, float(cc.ErlangC(contacts_per_hour=180, aht_s=240).performance(n, 20).mean_wait_s)]
                     for n in range(13, 18)}, index=["contract", "other", "all alike"]).T  # fmt: skip
print(rows.round(1).to_string())

# %% [markdown]
# Fourteen agents keep both promises with ranks; treating everybody alike needs seventeen for the ten seconds.
#
# ## Two peaks a day
#
# Four agents all day and ten in two peaks. In the office a shift has eight hours, at home two.

# %%
peaks = cc.load_instance("home-peaks")
where = {p: cc.optimise(peaks, gap=0.001, time_limit_s=10, limits=[cc.ForceClosed(o)])
         for p, o in (("office", "at home"), ("at home", "office"))}  # fmt: skip
paid = {p: cc.paid_hours(peaks, x.design).groups.iloc[0] for p, x in where.items()}
wage = {s.name: s.wage_per_hour / (1 - s.shrinkage) for s in peaks.sites}
days = pd.DataFrame({p: {"hours needed a day": r.needed_h / 365, "hours paid a day": r.paid_h / 365, "pay a day": r.paid_h / 365 * wage[p]}
                     for p, r in paid.items()}).T  # fmt: skip
print(days.round(0).to_string())

# %% [markdown]
# ## Which workforce at which volume
#
# Six peak weeks of a mail-order house: seats of its own, a rented hall, or a vendor paid by the contact.

# %%
season = cc.load_instance("seasonal-retail")
names, volumes = ["house", "rented hall", "call vendor"], [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5]
forms = cc.workforce_forms(season, names, volumes, periods=["peak weeks"])
figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
for name, colour in zip(names, (BLUE, ORANGE, GREEN), strict=True):
    axis.plot([r.contacts_per_year / 1000 for r in forms], [r.amounts[name] / 1000 for r in forms], color=colour, label=name)
changes = cc.workforce_break_evens(season, names, volumes, periods=["peak weeks"])
for change in changes:
    axis.axvline(change.contacts_per_year / 1000, color="black", linewidth=0.8, linestyle=":")
axis.set(xlabel="thousand contacts in the peak weeks", ylabel="thousands a year")
axis.legend(frameon=False)
plt.show()

# %%
for change in changes:
    print(f"from {change.contacts_per_year:,.0f} contacts on: {change.above} instead of {change.below}")

# %% [markdown]
# > You save an agent by ringing back, three by serving contract customers first, and more than half of the paid hours by shifts that are
# > as short as your peaks; which workforce is cheapest depends on the volume, and the lines above say where it changes.
