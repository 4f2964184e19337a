# %% [markdown]
# # Case: own staff, an outsourcer, on demand, or agents at home?
#
# One line of 120 calls an hour in office hours and 40 in the evening. Six offers: a center of one's own, an outsourcer by the
# hour, by the seat or by the contact, a provider on demand without fixed cost, and agents at home.

# %%
import pandas as pd

import ccopt as cc

PROMISE = [{"service_level": 0.8, "awt_s": 20.0}, {"max_occupancy": 0.88}]
sites = [
    {"name": "own center", "kind": "inhouse", "wage_per_hour": 21.0, "shrinkage": 0.3, "fixed_cost_per_year": 180000.0,
     "seat_cost_per_year": 4000.0},
    {"name": "outsourcer", "kind": "outsourced", "tariffs": [
        {"name": "by hour", "per": "agent_hour", "price": 33.0}, {"name": "by seat", "per": "seat", "price": 95000.0},
        {"name": "by contact", "per": "contact", "price": 3.4, "minimum": 150000.0}]},
    {"name": "on demand", "kind": "on_demand", "tariff": {"per": "minute", "price": 0.95}},
    {"name": "at home", "kind": "home", "wage_per_hour": 20.0, "shrinkage": 0.28, "fixed_cost_per_year": 60000.0,
     "seat_cost_per_year": 1500.0, "seats": 14},
]  # fmt: skip
s = cc.Scenario.model_validate({
    "schema_version": 1, "name": "forms", "sites": sites,
    "periods": [{"name": "office hours", "hours_per_year": 2200.0}, {"name": "evening", "hours_per_year": 1300.0}],
    "contact_types": [{"name": "call", "talk_s": 210.0, "wrap_s": 30.0, "patience_s": 240.0, "targets": PROMISE}],
    "skill_sets": [{"name": "agents", "contact_types": ["call"]}],
    "demand": [{"region": "here", "contact_type": "call", "contacts_per_hour": [120.0, 40.0]}],
})  # fmt: skip
cc.check(s)

# %% [markdown]
# ## Each form alone

# %% tags=["varies"]
names = [x["name"] for x in sites]


def alone(name):
    others = [cc.ForceClosed(n) for n in names if n != name]
    return cc.optimise(s, limits=others, gap=0.001, time_limit_s=8)


plans = {n: alone(n) for n in names}
table = pd.DataFrame({n: {"cost_per_year": p.cost_per_year, "gap": p.gap, "contract": p.design.contracts.get(n, "-")}
                      for n, p in plans.items() if p}).T  # fmt: skip
print(table.sort_values("cost_per_year").to_string())

# %% [markdown]
# ## And all of them together

# %% tags=["varies"]
other = cc.alternatives(s, k=3, within=0.1, time_limit_s=30)
best = other.best
print(f"{best.cost_per_year:,.0f} a year (gap {best.gap:.1%}):", ", ".join(best.design.open_sites))
print(other.sentence())
print(other.frame()[["plan", "open_sites", "extra_share"]].round(3).to_string(index=False))

# %% [markdown]
# ## Where does it tip?

# %% tags=["varies"]
why = cc.explain(s, best, site=next(n for n in names if n not in best.design.open_sites), depth="flips", time_limit_s=40)
for line in why.lines():
    print(line)

# %% [markdown]
# > Keep the agents at home as your base and buy the rest by the contact: a center of your own would have to pay a quarter less
# > for its work before it joined them, and no landlord can give you that.
