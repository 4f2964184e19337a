# %% [markdown]
# # One pool: what does one agent buy?
#
# A sales line: 200 calls an hour, three minutes each, so a load of ten erlangs. The promise is 80 % within 20 seconds.

# %%
import matplotlib.pyplot as plt
import numpy as np

import ccopt as cc

plt.rcParams.update({"figure.figsize": (8.0, 3.2), "figure.dpi": 80, "axes.spines.top": False, "axes.spines.right": False})
patient = cc.ErlangC(contacts_per_hour=200, aht_s=180)
real = cc.ErlangA(contacts_per_hour=200, aht_s=180, patience_s=180)
promise = [cc.ServiceLevel(0.8, 20)]
print("agents if nobody hangs up:", cc.required_agents(patient, promise))
print("agents if callers wait three minutes on average:", cc.required_agents(real, promise))

# %% [markdown]
# ## Each further agent buys less
#
# The twelfth agent buys twenty-five points of service, the fifteenth five. The same agent who looks
# idle on the right of the picture is the one who keeps the promise when an unusually busy hour moves you to the left.

# %%
agents = np.arange(11, 19)
served = patient.performance(agents, awt_s=20)
left, right = plt.subplots(1, 2)[1]
left.plot(agents, 100 * served.service_level, "o-")
left.axhline(80, color="grey", lw=0.8)
left.set(xlabel="agents", ylabel="answered within 20 s, %", title="Service")
right.bar(agents[1:], 100 * np.diff(served.service_level))
right.set(xlabel="agents", ylabel="points", title="What the last agent bought")
plt.tight_layout()
for n, level, asa in zip(agents, served.service_level, served.asa_s, strict=True):
    print(f"{n} agents: {100 * level:5.1f} % within 20 s, mean wait {asa:6.1f} s")

# %% [markdown]
# ## Patience changes the picture
#
# Callers who hang up make room for those who stay. Without them the formula explodes near ten agents; with them it stays
# calm, and even fewer agents than erlangs give an answer. The price is the share that leaves.

# %%
agents = np.arange(7, 19)
lines = {"three minutes": 180, "ten minutes": 600, "an hour": 3600}
left, right = plt.subplots(1, 2)[1]
for name, patience in lines.items():
    found = cc.ErlangA(contacts_per_hour=200, aht_s=180, patience_s=patience).performance(agents, awt_s=20)
    left.plot(agents, 100 * found.service_level, label=name)
    right.plot(agents, 100 * found.abandonment, label=name)
left.set(xlabel="agents", ylabel="answered within 20 s, %")
right.set(xlabel="agents", ylabel="hang up, %")
right.legend(title="mean patience", frameon=False)
plt.tight_layout()

# %%
for load in (10, 50, 200, 500):
    never, soon = (cc.ErlangA(contacts_per_hour=20 * load, aht_s=180, patience_s=p) for p in (1e7, 180))
    print(f"{load:4d} erlangs: {cc.required_agents(never, promise)} agents if nobody leaves,",
          f"{cc.required_agents(soon, promise)} with a patience of three minutes")  # fmt: skip

# %% [markdown]
# ## 80/20 has five meanings
#
# The same hour, the same staff, five reports. A contract that says "80 % in 20 seconds" without saying which of them
# is meant leaves seven points and two agents to argue about.

# %%
busy = cc.ErlangA(contacts_per_hour=240, aht_s=180, patience_s=60)
meaning = {
    "offered": "answered in time / offered",
    "virtual": "a caller with endless patience would be answered in time",
    "offered_less_early_abandons": "answered in time / (offered - left within 20 s)",
    "early_abandons_credited": "(answered in time + left within 20 s) / offered",
    "answered": "answered in time / answered",
}
for basis, words in meaning.items():
    share = busy.performance(14, awt_s=20, basis=basis).service_level
    need = cc.required_agents(busy, [cc.ServiceLevel(0.8, 20, basis)])
    print(f"{100 * share:5.1f} %  {need} agents for 80 %  {words}")

# %% [markdown]
# ## Putting pools together
#
# Chance needs room, and room grows more slowly than the square root of the load: twenty seconds are easier to keep where
# every second another agent becomes free. Ten sites of ten erlangs need 140 agents; one pool of a hundred needs 107.

# %%
sizes = np.array([5, 10, 20, 40, 80, 160, 320, 640])
need = cc.required_agents(cc.ErlangC(contacts_per_hour=20 * sizes, aht_s=180), promise)
left, right = plt.subplots(1, 2)[1]
left.semilogx(sizes, need / sizes, "o-")
left.set(xlabel="erlangs in one pool", ylabel="agents per erlang", ylim=(1, 1.7))
right.plot(sizes, need - sizes, "o-", label="needed")
right.plot(sizes, np.sqrt(sizes), "--", color="grey", label="square root of the load")
right.set(xlabel="erlangs in one pool", ylabel="agents above the load")
right.legend(frameon=False)
plt.tight_layout()
site = cc.ErlangC(contacts_per_hour=200, aht_s=180)
print({k: 14 * k - cc.merge_gain([site] * k, promise) for k in (1, 2, 5, 10)}, "agents for 1, 2, 5, 10 sites in one pool")

# %% [markdown]
# ## ... and its limit
#
# Pooling shares chance, but it also mixes the work. Fifty one-minute calls and five ten-minute calls an hour, one agent
# each: behind one queue the short calls wait for the long ones, and the average gets worse, not better.

# %%
unlike = cc.pooling_of_unlike_calls([50, 5], [60, 600], agents=[1, 1])
print("apart, minutes:", (unlike.apart_s / 60).round(2), "mean", round(unlike.apart_mean_s / 60, 2))
print("pooled, minutes:", round(unlike.pooled_s / 60, 2), "- does pooling help?", unlike.pooling_helps)
alike = cc.pooling_of_unlike_calls([25, 25], [60, 60], agents=[1, 1])
print("two equal queues, seconds: apart", round(alike.apart_mean_s), "pooled", round(alike.pooled_s))

# %% [markdown]
# A forecast that misses costs agents as well: here a hundred erlangs, and the rate is known to within a few per cent.

# %%
line = cc.ErlangA(contacts_per_hour=2000, aht_s=180, patience_s=180)
for row in cc.value_of_forecast(line, promise):
    print(f"forecast error {100 * row.error:4.0f} %: {row.agents} agents")

# %% [markdown]
# > You asked whether one more agent pays: up to the fourteenth every agent buys at least nine points of service, above the
# > sixteenth less than two; and before you buy the fifteenth, write into the contract which of the five 80/20 you owe.
