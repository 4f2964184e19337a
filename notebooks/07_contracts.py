# %% [markdown]
# # Contracts: which form for which volume?
#
# Five forms are on offer for the same work: by the agent-hour, by the seat, by the licence (with a minimum), by the
# contact, and by the minute (with tiers and a minimum). Five markets differ in volume and profile.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import ccopt as cc

s = cc.load_instance("contracts")
plan = cc.optimise(s)
for d in s.demand:
    print(f"{d.region:7} {d.contacts_per_hour[0]:5.0f} contacts an hour at the peak, {d.contacts_per_hour[1]:5.0f} else:",
          plan.design.contracts[f"vendor {d.region}"])

# %% [markdown]
# Small volumes are paid by the contact, because nobody sits idle at your expense. Volumes that are steady are paid by the
# seat, because a seat that works all day is cheap by the hour.

# %% [markdown]
# ## The same markets, smaller and larger
#
# The choice is made anew at a quarter to four times the volume. Each answer is proven optimal.

# %%
factors = (0.25, 0.5, 1.0, 2.0, 4.0)
plans = {f: cc.optimise(cc.what_if(s, plan.design, volume=f).scenario, gap=0.001) for f in factors}
forms = pd.DataFrame({f: p.design.contracts for f, p in plans.items()})
print(forms.to_string())

# %%
cost = pd.Series({f: p.cost_per_year / f / 1e6 for f, p in plans.items()})
figure, axis = plt.subplots(figsize=(7, 3))
axis.plot(cost.index, cost, "o-", color="#0072B2")
axis.set(xscale="log", xlabel="volume, times today's", ylabel="millions a year per today's volume", xticks=factors)
axis.set_xticklabels([f"{f:g}" for f in factors])
axis.minorticks_off()
plt.show()
print(cost.round(3).to_string())

# %% [markdown]
# ## How near is the next form?
#
# Work costs less per contact the more there is of it: part of that is the contract, part is pooling. What wages would
# have to do before the hourly contract loses is a question for `cc.sensitivity`.

# %%
found = cc.sensitivity(s, plan, ranges={"wages": (0.8, 1.2), "volume": (0.9, 1.1)}, gap=0.001)
print(found.frame()[["input", "end", "value", "change_fixed", "regret"]].round(2).to_string(index=False))

# %% [markdown]
# > Do not ask for the best contract, ask for the best contract at your volume: by the contact while you are small, by the
# > seat once the work is steady, by the hour where it peaks; and write the change into the contract before you have grown.
