# %% [markdown]
# # From history to a scenario: what may we promise?
#
# A client hands over eight weeks of a contact log: one row per call, 17 fields, a few rows damaged. The log below is made up
# here (a queue with known agents, patience and handle times), so that everything found in it can be compared with the truth.

# %%
import heapq
import logging
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import ccopt as cc

HEAD = "vru+line call_id customer_id priority type date vru_entry vru_exit vru_time q_start q_exit q_time outcome ser_start ser_exit ser_time server"
rng = np.random.default_rng(7)


def clock(second):
    return f"{int(second) // 3600}:{int(second) // 60 % 60:02d}:{int(second) % 60:02d}"


def row(number, day, at, wait, left, service, agent):
    queue = [clock(at), clock(at + wait), wait] if wait else ["0:00:00", "0:00:00", 0]
    served = ["HANG", "0:00:00", "0:00:00", 0, "NO_SERVER"]
    if not left:
        served = ["AGENT", clock(at + wait), clock(at + wait + service), service, f"A{agent}"]
    return "\t".join(map(str, ["L1", number, 0, 0, "PS", f"{day:%y%m%d}", clock(at - 5), clock(at), 5, *queue, *served]))


# %% [markdown]
# One day: calls arrive at random at a rate that is busier in the morning and on Mondays, and that nobody knows exactly
# (a factor per day with 15 % deviation); five agents; callers wait four minutes on average; calls take three minutes.

# %%
def day_of_calls(day, agents=5):
    expected = 460 * (1.2 if day.day_name() == "Monday" else 0.95) * rng.gamma(44, 1 / 44)
    free, rows = [(8 * 3600.0, a) for a in range(agents)], []
    for at in np.sort(8 * 3600 + 4 * 3600 * rng.beta(1.3, 1.6, rng.poisson(expected))).round():
        patience, service, wait = rng.exponential(240), round(rng.exponential(180)) + 1, max(0, round(free[0][0] - at))
        left = wait > patience
        rows.append(row(len(rows), day, at, round(patience) if left else wait, left, service, free[0][1]))
        if not left:
            heapq.heapreplace(free, (at + wait + service, free[0][1]))
    return rows


days = pd.bdate_range("2024-03-04", periods=40)
rows = [line for day in days for line in day_of_calls(day)]
rows[100], rows[2000] = rows[100].replace("AGENT", "LUNCH").replace("HANG", "LUNCH"), "cut off\tin the middle"
file = Path(tempfile.mkdtemp()) / "log.txt"
file.write_text("\n".join(["\t".join(HEAD.split()), *rows]))
log = cc.read_contact_log(file)
print(log.summary())
print(*(str(fault)[:120] for fault in log.faults), sep="\n")

# %% [markdown]
# ## Patience is not the wait of those who left
#
# Callers who were answered would have waited longer; leaving that out makes customers look far less patient than they are.

# %%
calls = log.contacts
fit = cc.fit_patience(calls["wait_s"], ~calls["answered"])
print(f"mean wait of those who left: {calls.loc[~calls['answered'], 'wait_s'].mean():.0f} s")
print(f"patience: {fit.mean_s:.0f} s, 95 % interval {fit.mean_interval_s[0]:.0f} to {fit.mean_interval_s[1]:.0f} s (truth: 240)")

# %% [markdown]
# ## The scenario, and a register of everything that was assumed

# %%
made = cc.scenario_from_log(log, name="client", options=cc.LogOptions(wage_per_hour=24, time_zone="Europe/Dublin", minutes=30))
scenario = made.scenario
print(pd.DataFrame([a.model_dump() for a in scenario.assumptions])[["name", "value", "range", "source"]].to_string(index=False))
for text, count in made.warnings.items():
    print(f"warning: {text}: {count}")

# %% [markdown]
# ## Is the model right? Predicted against observed
#
# Each day is predicted with handle times and patience of the other days and the agents that the log shows. The scatter between
# days alone explains the part called noise. The error of the model that a plan uses then travels in the scenario.

# %%
tested = cc.backtest(log, from_minute=480)
print(tested.summary[["predicted", "observed", "bias", "error", "noise"]].round(3).to_string())
scenario = cc.with_model_error(scenario, tested, source="eight weeks of the client's log")

# %% [markdown]
# ## The next weeks: better than repeating last week?
#
# The interval of a count is asked to hold nine times in ten: errors of the day and scatter within it, on top of chance.

# %%
start = calls["arrived"].dt.floor("30min")
counts = calls.groupby(start).size().astype(float)
table = cc.backtest_forecast(counts, holdout=5, origins=2)
print((100 * table).round(1).to_string())

# %% [markdown]
# ## The plan, and what safety costs

# %%
logging.disable(logging.WARNING)
plan = cc.optimise(scenario, gap=0.01, time_limit_s=20)
safe = cc.plan_under_uncertainty(scenario, hold="expected", gap=0.01, time_limit_s=20)
judged = cc.evaluate(scenario, plan.design)
print(judged.notes[-1])
print(f"plan: {plan.cost_per_year:,.0f} a year, all promises kept: {judged.meets_targets}, "
      f"{max(plan.design.groups[0].agents)} agents at the busiest half-hour")
print(safe.summary())

# %% [markdown]
# > You can keep 80 % within 20 seconds for 290 thousand a year, with eleven agents in the busiest half-hour; on your own history
# > the model is off by 1.2 points of lost calls and 2.9 points of service, so nobody should promise anything finer than that, and
# > keeping the promise on average over busy and quiet days costs 1.2 % more.
