# %% [markdown]
# # Case: specialists, or agents who do everything?
#
# Two contact types of six erlangs. Agents who do both are pooled, but they are slower and dearer. How much slower may they be?

# %%
import matplotlib.pyplot as plt
import pandas as pd

import ccopt as cc

PROMISE = [{"service_level": 0.8, "awt_s": 20.0}]


def answer(slower):
    """The best plan when those who do both take so much longer, at 4 % more pay."""
    skills = [{"name": "orders only", "contact_types": ["orders"]}, {"name": "service only", "contact_types": ["service"]},
              {"name": "both", "contact_types": ["orders", "service"], "aht_factor": 1.0 + slower, "wage_factor": 1.04}]  # fmt: skip
    return cc.optimise(cc.Scenario.model_validate({**SHOP, "skill_sets": skills}), gap=0.001, time_limit_s=20)


SHOP = {
    "schema_version": 1, "name": "shop", "periods": [{"name": "day", "hours_per_year": 2500.0}],
    "sites": [{"name": "here", "kind": "inhouse", "wage_per_hour": 20.0, "shrinkage": 0.3}],
    "contact_types": [{"name": n, "talk_s": 240.0, "targets": PROMISE} for n in ("orders", "service")],
    "demand": [{"region": "all", "contact_type": n, "contacts_per_hour": 90.0} for n in ("orders", "service")],
}  # fmt: skip
plans = {slower: answer(slower) for slower in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)}
rows = pd.DataFrame({
    f"{x:.0%}": {"cost_per_year": p.cost_per_year, "agents": sum(g.agents[0] for g in p.design.groups),
                 "groups": " + ".join(f"{g.agents[0]} {g.skill_set}" for g in p.design.groups if g.agents[0])}
    for x, p in plans.items()
}).T  # fmt: skip
print(rows.to_string())

# %%
figure, axis = plt.subplots(figsize=(7, 3), layout="constrained")
axis.plot([100 * x for x in plans], [p.cost_per_year / 1000 for p in plans.values()], "o-", color="#0072B2")
axis.set(xlabel="% longer handle time of those who do both", ylabel="thousands a year")
plt.show()

# %% [markdown]
# ## What the same people could do apart
#
# The gain of one pool is known without any optimiser, and it is what slower work and higher pay eat up.

# %%
line = cc.ErlangC(contacts_per_hour=90, aht_s=240)
alone = cc.required_agents(line, [cc.ServiceLevel(0.8, 20)])
print(f"{alone} agents for each line alone; one pool of equal speed saves", cc.merge_gain([line] * 2, [cc.ServiceLevel(0.8, 20)]))

# %% [markdown]
# > Train agents for both lines while it slows them by a tenth at most; beyond that the pool costs you more than the waiting it saves.
