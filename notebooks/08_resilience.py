# %% [markdown]
# # Resilience: what does it cost to survive the loss of a building?
#
# Six places could answer, one of them the agents' homes. After the loss of any one building the others must still carry
# all of the load, with one tenth more agents elsewhere and one tenth of the lost ones moved.

# %%
import matplotlib.pyplot as plt

import ccopt as cc

s = cc.load_instance("resilient-regions")
free = s.model_copy(update={"limits": ()})
safe, bare = cc.optimise(s, gap=0.02), cc.optimise(free, gap=0.02)

# %% tags=["varies"]
for name, plan in (("free", bare), ("survives a loss", safe)):
    print(f"{name:16} {plan.cost_per_year:12,.0f} a year (gap {plan.gap:.1%}):", ", ".join(plan.design.open_sites))
print(f"price of surviving: {safe.cost_per_year / bare.cost_per_year - 1:.1%}")

# %% [markdown]
# The gaps say how far to trust the price: a difference smaller than both gaps together would not be one.

# %%
print("the safe plan costs more than the bound of the free one:", safe.cost_per_year > bare.lower_bound)
print("more sites are open:", len(safe.design.open_sites) >= len(bare.design.open_sites))

# %% [markdown]
# ## How much survival does one buy?
#
# The share of the load that must survive is varied: each point has its bound, and what costs as much as a stricter
# point is not worth naming.

# %% tags=["varies"]
front = cc.frontier(free, vary="survive_site_loss", over=[0.0, 0.4, 0.7, 0.9], gap=0.02, time_limit_s=40)
print(front.frame()[["target", "cost_per_year", "gap", "status", "dominated", "sites"]].round(3).to_string(index=False))

# %%
figure, axis = plt.subplots(figsize=(7, 3.4), layout="constrained")
front.plot(axis)
axis.set_xlabel("share of the load that survives the loss of any one building")
plt.show()

# %% [markdown]
# > Surviving the loss of any one building is a question of how large your largest building may be; decide the share that
# > must survive before you decide the sites, because the last tenth of it is what you pay for.
