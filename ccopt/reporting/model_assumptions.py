"""The register of what ccopt itself assumes beside the assumptions of a scenario: each with value, range and source."""

from __future__ import annotations

from ccopt.scenario.entities import Scenario

Row = tuple[str, str, str, str]
MODEL = "model of ccopt, checked by simulation in the table of three values"
DEFAULT = "default of ccopt: the scenario says nothing"


def standing_assumptions(s: Scenario) -> tuple[Row, ...]:
    """Rows that hold for every scenario, and one for each figure that a scenario leaves to its default."""
    rows = [
        ("arrivals", "independent, at a steady rate within a period", "busier or calmer days stand in the what-if answers", MODEL),
        ("handle times", "spread around their mean as an exponential law; one mean per agent group", "", MODEL),
        ("one-off costs", f"spread over {s.horizon.years:g} years", "3 to 10 years", "horizon of the scenario, 5 years by default"),
        ("loss of a site", "contacts are switched after 15 minutes; nobody works overtime or moves", "5 to 60 minutes", DEFAULT),
    ]  # fmt: skip
    if any(c.patience_s is not None for c in s.contact_types):
        rows.append(("patience", "exponential around its mean", "half to double of the mean, in the tornado", MODEL))
    patient = [c.name for c in s.contact_types if c.patience_s is None]
    if patient:
        rows.append(("customers who never leave", ", ".join(patient[:6]) + (" and more" if len(patient) > 6 else ""),
                     "with patience fewer agents would do", DEFAULT))  # fmt: skip
    whole = [x.name for x in s.sites if x.wage_per_hour > 0.0 and x.shrinkage == 0.0]
    if whole:
        rows.append(("shrinkage", f"0 % at {len(whole)} site{'s' if len(whole) != 1 else ''}",
                     "25 to 35 % of paid hours are usual", DEFAULT))  # fmt: skip
    return tuple(rows)
