# %% [markdown]
# # Cross-selling: up to which queue should agents make an offer?
#
# A desk of 8 erlangs. After each call an agent may make an offer: it takes half a minute more and earns one euro each
# time. An offer costs no money by itself; it costs the next caller's time. The rule is a threshold: offer while at most so
# many callers are in the system.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import ccopt as cc

s = cc.load_instance("cross-sell-chain")
desk = cc.AgentGroup(site="desk", skill_set="agents", agents=(11,))
way = cc.Route(region="callers", contact_type="call", site="desk", skill_set="agents", share=(1.0,))
plain = cc.Design(open_sites=("desk",), groups=(desk,), routes=(way,))


def offered(threshold):
    rule = cc.Offer(site="desk", skill_set="agents", contact_type="call", threshold=threshold)
    judged = cc.evaluate(s, plain.model_copy(update={"offers": (rule,)}))
    year = next(r for r in judged.contact_types if r.period is None)
    return {"threshold": threshold, "revenue": judged.revenue_per_year, "service_level": year.service_level,
            "asa_s": year.asa_s, "met": judged.meets_targets}  # fmt: skip


curve = pd.DataFrame([offered(k) for k in range(3, 19)])
without = cc.evaluate(s, plain)
print(f"without offers: {without.contact_types[-1].service_level:.1%} within 20 s, cost {without.cost_per_year:,.0f}")
print(curve.round({"revenue": 0, "service_level": 3, "asa_s": 2}).to_string(index=False))

# %% [markdown]
# ## The last euros are the dear ones
#
# Revenue rises with the threshold, and the wait rises faster. Where the curve turns up, a few more sales cost many seconds.

# %%
figure, axis = plt.subplots(figsize=(7, 3.4), layout="constrained")
axis.plot(curve["asa_s"], curve["revenue"] / 1000, color="#999999", lw=1)
axis.plot("asa_s", "revenue_k", "o", data=curve[curve.met].assign(revenue_k=curve.revenue / 1000), label="keeps 80 % in 20 s")
axis.plot("asa_s", "revenue_k", "x", data=curve[~curve.met].assign(revenue_k=curve.revenue / 1000), label="breaks it")
for row in curve[curve.threshold % 4 == 0].itertuples():
    axis.annotate(f"up to {row.threshold}", (row.asa_s, row.revenue / 1000), xytext=(6, -10), textcoords="offset points")
axis.set(xlabel="mean wait, s", ylabel="revenue, thousands a year")
axis.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What may the promise cost?
#
# The best threshold that keeps the promise, and what one agent more would earn beside the wage.

# %%
best = curve[curve.met].iloc[-1]
print(f"offer while at most {best.threshold} callers are there: {best.revenue:,.0f} a year, {best.asa_s:.1f} s of mean wait")
most = 480 * 2000
print(f"that is {best.revenue / most:.0%} of what every call would earn")

# %% [markdown]
# > Let your agents offer while the desk is calm and stop while it is not: one number on the wall decides, and the sales
# > beyond it are those that your waiting callers pay for.
