# %% [markdown]
# # What if the forecast is wrong?
#
# The layout is decided, the leases are signed. What does it cost when more people call, when calls take longer, when wages
# rise - and does the staff still fit into the building? The sliders restaff the layout in well under a second.

# %%
import matplotlib.pyplot as plt

import ccopt as cc

scenario = cc.load_instance("three-regions")
plan = cc.optimise(scenario, gap=0.01)
print(f"{plan.cost_per_year:,.0f} a year at {plan.design.open_sites}")

# %% [markdown]
# ## One question at a time

# %%
for name, change in {"as planned": {}, "10 % more contacts": {"volume": 1.1}, "10 % longer calls": {"aht": 1.1}, "10 % dearer": {"wages": 1.1}}.items():
    found = cc.what_if(scenario, plan.design, **change)
    print(f"{name:20s} {found.cost_per_year:12,.0f} EUR a year, {found.agents_peak} agents at peak, promises kept: {found.evaluation.meets_targets}")

# %% [markdown]
# ## All at once
#
# Move the sliders: bars are the cost of the plan and of the changed year; the title says how many agents it takes.

# %% tags=["varies"]
import ipywidgets as widgets


def show(volume=100, handle_time=100, wages=100):
    found = cc.what_if(scenario, plan.design, volume=volume / 100, aht=handle_time / 100, wages=wages / 100)
    axes = plt.subplots(figsize=(6, 2.2), layout="constrained")[1]
    axes.barh(["plan", "then"], [plan.cost_per_year / 1e6, found.cost_per_year / 1e6], color=["#8A8F98", "#0072B2"])
    axes.set(xlim=(0, 8), xlabel="million EUR a year", title=f"{found.agents_peak} agents at peak")
    plt.show()


bounds = {"min": 70, "max": 140, "step": 5, "value": 100, "continuous_update": False}
widgets.interact(show, **{name: widgets.IntSlider(description=name, **bounds) for name in ("volume", "handle_time", "wages")});

# %% [markdown]
# > Ten per cent more contacts cost you less than ten per cent more money, because a larger group needs less slack; ten per
# > cent on the hourly price cost you all of it. Negotiate the price first, the forecast second.
