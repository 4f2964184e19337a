"""What the words of a report mean; every number on the page leads here."""

from __future__ import annotations

DEFINITIONS: dict[str, tuple[str, str]] = {
    "cost": ("Cost per year",
        "Sites, seats, paid hours (agents / (1 - shrinkage) x wage), overhead staff, telecom, contracts, and one-off "
        "costs spread over the horizon. Revenue stands apart."),
    "bound": ("Lower bound", "No design of this scenario with fixed routing shares costs less, under the group model below."),
    "gap": ("Gap", "(cost - lower bound) / cost: at most this much could still be saved by any design."),
    "saving": ("Saving", "Cost of today's layout, judged by the same models, less cost of the plan."),
    "agents": ("Agents", "People present at work, without shrinkage."),
    "peak": ("Agents at peak", "Largest number of agents present at a site in any period; the seats that it uses."),
    "scheduled": ("Scheduled agents", "Agents / (1 - shrinkage), rounded up for display."),
    "service_level": ("Service level",
        "Share of contacts answered within the acceptable wait, on the basis that the scenario names: of offered contacts "
        "unless said otherwise."),
    "awt": ("Acceptable wait", "The 20 in 80 % in 20 s."),
    "asa": ("ASA", "Mean wait of answered contacts."),
    "abandonment": ("Abandonment", "Share of offered contacts whose customers leave while waiting."),
    "occupancy": ("Occupancy", "Time that agents are busy over time that they are present."),
    "load": ("Load", "Contacts per hour x handle time / 3600, in erlangs."),
    "contacts": ("Contacts a year", "Offered: rate x hours of the period, summed; escalated contacts count at the group that gets them."),
    "analytic": ("Analytic value",
        "Judged by queueing models: first come, first served M/M/n+G per agent group with the mean handle time of the "
        "group and exponential patience."),
    "simulated": ("Simulated value",
        "Judged contact by contact by a simulation that shares no formula with the queueing models; half-width of its 95 "
        "% interval behind."),
    "promised": ("Promise", "The target of the scenario; it must hold in every agent group and period."),
    "broken": ("Promises broken", "Targets that do not hold in some agent group and period."),
    "recovery": ("Time to recover",
        "After the loss of a site: minutes until the contacts that arrived before the switch are worked off by the others "
        "(fluid estimate, switch after 15 minutes)."),
    "swing": ("Swing", "Cost of the plan's layout, restaffed so that every promise holds, when one figure changes and the rest stays."),
    "soft": ("Soft factors",
        "Scores of 0 to 10 per site from the scenario, weighted by agent-hours and by the weight of each factor; they "
        "stand beside the cost and are never added to it."),
    "change": ("Today, plan, change",
        "Cost per year of the layout of today and of the plan, judged by the same models; change is plan less today."),
    "seats": ("Seats", "Capacity of the site; a plan never has more agents present than that."),
    "sites": ("Sites", "Number of open sites."),
    "what_if": ("What-if cost",
        "Cost per year of the plan's layout with the staff that keeps every promise at the changed volume and handle "
        "time; the plan's own margin above the fewest agents is kept."),
    "margin": ("Margin",
        "How far a promise is kept in the worst agent group, in points of the promise; a remedy is judged by the same "
        "models."),
    "optimiser": ("Value of the optimiser", "Cost and bound under the group model, as the plan file holds them."),
    "decision": ("What the other decision costs",
        "The cheapest plan found with the site turned round, less the plan, split by cause; the parts sum to the cent."),
    "extra": ("More than the best", "Cost less revenue of the layout, less that of the plan."),
    "groups": ("Groups changed", "Agent groups that exist in one of two layouts only, or have other agents."),
    "varied": ("What is varied", "The promise or limit of the point; all else stays as in the scenario."),
    "limit": ("Limit that binds", "A limit of which the plan uses all there is."),
    "heads": ("Heads",
        "Persons on the payroll: paid hours of the layout over paid hours of a full-time agent, newcomers in training "
        "included; needed counts fully productive ones."),
    "starts": ("Start, let go",
        "Newcomers who begin to work in the month; persons who leave with severance (leavers of their own will apart)."),
    "path_money": ("Running, one-off, saving, added up",
        "Running is the month's cost of the layout with the pay of all heads; one-off is hiring, moving, severance, "
        "opening and closing; saving is today's month less both; added up from the first month."),
    "indicators": ("Further indicators",
        "Share that waits: not answered at once. Contacts per agent-hour: answered contacts over hours present. Cost per "
        "contact: cost over answered contacts. Mean wait of all offered: abandoned ones included."),
    "lines": ("Lines and ports", "Lines or ports of a bank, sized by Erlang B on the load of waits and talks; blocked is the share of "
        "contacts that find all of them busy."),
    "reserve": ("Agents kept free", "Background work starts only while more agents than this are idle."),
    "sobol": ("Shares of the variance", "Sobol' indices: what a figure explains alone, and with all its interactions, when all figures "
        "vary together; 95 % intervals of a bootstrap."),
    "periods": ("Periods and intervals",
        "A calendar is joined into few periods of like loads; intervals are the half-hours (or hours) behind them. Contacts in "
        "intervals with a promise broken arrive while the agents of their period do not suffice."),
    "inside": ("Inside the day",
        "Steady: as if every interval lasted for ever. Exact: the queue carried from interval to interval. Lagging load: agents "
        "for the load that unlimited agents would carry at that time. Shortfall: exact below what was promised, in points."),
    "paid": ("Hours paid",
        "Hours at work are agents x hours; hours paid are those of the cheapest shifts found that put the agents there; no "
        "shifts pay less than the proven bound. Full-time equivalents: hours paid with shrinkage over full-time hours."),
    "busyness": ("Busyness factor", "A random factor of mean 1 on the rates of a period; its variance is fitted or assumed."),
    "fcr": ("First-contact resolution", "Share of answered contacts that are not escalated."),
}  # fmt: skip
UNITS = {
    "service_level": "%", "abandonment": "%", "occupancy": "%", "delay_probability": "%", "first_contact_resolution": "%", "accuracy": "%",
    "dissatisfaction": "%", "asa_s": "s", "mean_wait_s": "s", "aht_s": "s", "cost_per_year": "money", "cost_per_contact": "money",
    "revenue_per_hour": "money",
}  # fmt: skip
NAMES = {
    "asa_s": "ASA", "aht_s": "handle time", "mean_wait_s": "mean wait of all offered", "delay_probability": "share that waits",
    "contacts_per_agent_hour": "contacts per agent-hour", "contacts_per_agent_shift": "contacts per agent and shift of 8 h",
}  # fmt: skip
