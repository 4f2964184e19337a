# %% [markdown]
# # Merging sites: what do ten small centers save as one, and how does one get there?
#
# Ten towns keep a center of ten erlangs each. The board wants to know what merging saves, whether another layout would
# do as well, and what the two years until then look like.

# %%
import matplotlib.pyplot as plt

import ccopt as cc

s = cc.load_instance("ten-small-centers")
plan = cc.optimise(s)
today = cc.baseline(s)
table = cc.compare({"today": cc.evaluate(s, today), "merged": cc.evaluate(s, plan.design)})
print(table[["cost_per_year", "sites", "agents_peak", "meets_targets"]].round(0).to_string())

# %% [markdown]
# Why so much? Ten erlangs alone need 14 agents; ten times as much work needs 107, not 140. The gain is in the hours that
# agents wait for contacts, and nowhere else.

# %%
town = cc.ErlangC(contacts_per_hour=200, aht_s=180)
print("agents saved by one pool of ten:", cc.merge_gain([town] * 10, [cc.ServiceLevel(0.8, 20)]))

# %% [markdown]
# ## Is it this town, or would another do?
#
# All sets of towns are searched; a list that is proven complete would say so. Here the towns are nearly alike, so the
# choice among them is open to other reasons than money.

# %%
other = cc.alternatives(s, k=2, within=0.02, time_limit_s=60)
print(other.sentence())
print(other.frame()[["plan", "open_sites", "extra_cost"]].round(0).to_string(index=False))

# %% [markdown]
# ## Why is Birch closed?
#
# The decision is turned round: Birch must work, with at least one agent in twenty. The difference by cause adds up to the
# cent, and the rent at which Birch would stay open is exact.

# %%
why = cc.explain(s, plan, site="Birch", depth="split")
for line in why.lines()[:6]:
    print(line)

# %% [markdown]
# ## The two years until then
#
# One town closes a month, with a month of handing over. Whoever leaves is replaced in time to be trained; every month is
# judged like the plan itself.

# %%
path = cc.transition_path(s, plan)
print(path.sentence())
left, right = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")[1]
path.gantt(left)
path.headcount(right)
plt.show()

# %%
figure, axis = plt.subplots(figsize=(8, 3))
months = path.frame()
axis.bar(months["month"], months["saving"] / 1000, color="#56B4E9", label="of the month")
axis.plot(months["month"], months["cumulative"] / 1000, color="#333333", label="so far")
axis.axhline(0, color="grey", lw=0.8)
axis.set(xlabel="month", ylabel="saving, thousands")
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What if?
#
# The layout stays, the staff follows: sliders for volume, handle time and wages, answered in milliseconds.

# %% tags=["varies"]
from ipywidgets import FloatSlider, interact


def ask(volume=1.0, aht=1.0, wages=1.0):
    found = cc.what_if(s, plan.design, volume=volume, aht=aht, wages=wages)
    print({k: round(v, 3) for k, v in found.row().items()})


factor = {"min": 0.7, "max": 1.3, "step": 0.05, "value": 1.0, "continuous_update": False}
_ = interact(ask, volume=FloatSlider(**factor), aht=FloatSlider(**factor), wages=FloatSlider(**factor))

# %%
for volume in (0.9, 1.0, 1.1):
    row = cc.what_if(s, plan.design, volume=volume).row()
    print(f"{volume:.0%} of the volume: {row['agents_peak']} agents, {row['cost_per_year']:,.0f} a year")

# %% [markdown]
# > A quarter of your agents is there only because ten places wait for contacts on their own; one center does the same work with
# > 107 instead of 140, the path there costs about two million and has paid for itself in month 16, and which of the ten towns it is you may choose by other reasons than money.
