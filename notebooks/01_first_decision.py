# %% [markdown]
# # The first decision: how many sites should answer NHS 111?
#
# England's urgent care line took fourteen million calls in 2015-16. Fifteen operators answered them, each for its own areas.
# Call handlers take the call; about one in five callers needs a clinician. The promise: 95 % of answered calls within a
# minute, at most 5 % abandoned, clinicians within two minutes for 80 %, and nobody busier than 85 % of the time.
# What is real and what is assumed stands in `ccopt/scenario/instances/NOTES.md` and in the register of the scenario.

# %%
import matplotlib.pyplot as plt
import numpy as np

import ccopt as cc

plt.rcParams.update({"figure.dpi": 80})
nhs = cc.load_instance("nhs111")
nhs

# %% [markdown]
# ## Today
#
# The layout of today with the staff that just keeps the promises: what the same service would cost if nothing but the
# number of people were right.

# %%
base = cc.baseline(nhs)
today = cc.evaluate(nhs, base)
print(f"{len(base.open_sites)} sites, {sum(base.peaks().values())} agents at their peaks, {today.cost_per_year / 1e6:.2f} million GBP a year")
cc.plot_map(nhs, base).set_title("Today: contacts stay with the operator of their area");

# %% [markdown]
# ## Why merging helps: small groups wait
#
# An agent in a small group must be idle more often, or callers wait. Each point is one group in one period.

# %%
groups = today.to_frame("groups").query("agents > 0")
axes = plt.subplots(figsize=(7, 3), layout="constrained")[1]
for skill, rows in groups.groupby("skill_set"):
    axes.semilogx(rows["load"], 100 * rows["occupancy"], "o", ms=4, alpha=0.6, label=skill)
axes.axhline(85, color="grey", lw=0.8)
axes.set(xlabel="load of the group, erlangs", ylabel="busy, %")
axes.legend(frameon=False);

# %% [markdown]
# ## The plan
#
# One call: which of 21 candidate sites, which groups, who serves whom, how many people in each of ten periods. To answer
# within a coffee it stops as soon as no design whatsoever can be more than 6 % cheaper; `ccopt run nhs111` takes its time and
# ends within one or two per cent.

# %% tags=["varies"]
plan = cc.optimise(nhs, gap=0.06, time_limit_s=40)
plan

# %% tags=["varies"]
saving = today.cost_per_year - plan.cost_per_year
print(f"saves {saving / 1e6:.1f} million GBP a year, {saving / today.cost_per_year:.0%}; at most {plan.gap:.1%} more could be saved by any design")
cc.plot_bridge(today, plan);

# %% tags=["varies"]
cc.plot_map(nhs, plan.design).set_title("The plan");

# %% tags=["varies"]
cc.plot_staff(nhs, plan.design);

# %% [markdown]
# ## Two judges who did not make the plan
#
# The queueing models judge every group and period; a simulation that shares no formula with them plays the year contact by
# contact. Lines and bars should lie on each other, above their promises.

# %% tags=["varies"]
judged = cc.evaluate(nhs, plan.design)
simulated = cc.simulate(nhs, plan.design, replications=20, seed=1)
axes = cc.plot_service(judged)
cc.plot_service(simulated, axes)
both = judged.to_frame().merge(simulated.to_frame(), on=["name", "period"])
apart = (both["service_level_x"] - both["service_level_y"]).abs().max()
print(f"promises kept: {judged.meets_targets}; the judges differ by at most {100 * apart:.1f} points of service level")

# %% [markdown]
# ## What could go wrong
#
# Fewer sites are cheaper and more fragile. Here one site at a time is lost and the others take its contacts, without overtime.

# %% tags=["varies"]
losses = cc.stress(nhs, plan.design, volume=(), aht=())[1:]
axes = plt.subplots(figsize=(7, 3), layout="constrained")[1]
axes.barh([r.site for r in losses], [100 * r.abandonment for r in losses])
axes.set(xlabel="abandoned over the year, %", title="If this site is lost")
axes.invert_yaxis()

# %% [markdown]
# The packaged instance `nhs111-resilient` asks for the same network with the loss of any one site survived; its price is the
# difference between the two plans.
#
# ## What if the assumptions are wrong?
#
# The layout stays, the staff follows: cost of today's layout and of the plan when handle times differ from 410 and 685 s.

# %% tags=["varies"]
factors = np.array([0.8, 1.0, 1.2])
axes = plt.subplots(figsize=(7, 3), layout="constrained")[1]
for name, design in {"today": base, "plan": plan.design}.items():
    axes.plot(100 * (factors - 1), [cc.what_if(nhs, design, aht=f).cost_per_year / 1e6 for f in factors], "o-", label=name)
axes.set(xlabel="handle time, % against the assumption", ylabel="million GBP a year")
axes.legend(frameon=False);

# %% [markdown]
# > You can answer the same calls with the same promises from seven sites instead of fifteen and spend about a fifth less; no
# > other layout can save much more. Before you close a building, give every area a second site that knows its calls: with this
# > staff and no overtime, the loss of any one of the seven would make about one caller in twenty hang up.
