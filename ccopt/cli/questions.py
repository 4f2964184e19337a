"""``frontier``, ``alternatives``, ``explain``, ``sensitivity``, ``path``: the choices beside the plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ccopt.cli.common import MISSED, dumps, emit, exit_codes, load_plan, load_scenario, records, say, write_text
from ccopt.cli.runs import Json, Seed, planner_limits

Time = Annotated[float, typer.Option("--time-limit", help="Seconds for the whole study.")]
Gap = Annotated[float, typer.Option(help="Stop every re-solve at this gap.")]
Save = Annotated[Path | None, typer.Option("-o", "--output", help="Folder for the plans, one file each.")]
SitesOption = Annotated[list[str] | None, typer.Option(help="Site that must be open (or closed); repeat for more.")]
MaxSitesOption = Annotated[int | None, typer.Option(help="Most open sites.")]


def frontier(
    scenario: str,
    vary: Annotated[str, typer.Option(help="Promise or limit; service_level:sales for one contact type.")] = "service_level",
    over: Annotated[str, typer.Option(help="Values, with commas between them.")] = "0.7,0.8,0.9",
    budget: Annotated[float | None, typer.Option(help="Also say which target this money buys.")] = None,
    gap: Gap = 0.005, time_limit: Time = 300.0, seed: Seed = 0, force_open: SitesOption = None,
    force_closed: SitesOption = None, max_sites: MaxSitesOption = None, output: Save = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Cost against quality: a certified point for each value of a promise or a limit."""
    with exit_codes():
        import ccopt

        found = load_scenario(scenario)
        names = vary.split(":")
        result = ccopt.frontier(
            found, vary=names, over=_numbers(over), gap=gap, time_limit_s=time_limit, seed=seed,
            limits=planner_limits(found, force_open, force_closed, max_sites),
            progress=lambda p: say(f"{names[0]} {p.target:g}: {_money(p.objective)} ({p.status or 'solved'})"),
        )  # fmt: skip
        bought = None if budget is None else result.best_for(budget)
        _save(output, [(f"{result.vary}-{p.target:g}", p.plan) for p in result.points])
        if as_json:
            emit({"vary": result.vary, "points": records(result.frame()), "seconds": result.seconds,
                  "budget": budget, "kept_within_budget": bought and bought[0], "proven_out_of_reach": bought and bought[1],
                  "plans": [p.plan for p in result.points]})  # fmt: skip
            return
        typer.echo(result.frame().drop(columns=["vary", "revenue_per_year", "reason"]).to_string(index=False))
        if bought is not None:
            kept, beyond = (("none" if v is None else f"{v:g}") for v in bought)
            typer.echo(f"for {budget:,.0f} a year: {result.vary} {kept} is kept, {beyond} is proven out of reach")


def alternatives(
    scenario: str,
    k: Annotated[int, typer.Option("-k", help="How many, beside the best plan.")] = 5,
    within: Annotated[float, typer.Option(help="Share of the best cost, such as 0.02.")] = 0.02,
    gap: Gap = 0.002, time_limit: Time = 120.0, seed: Seed = 0, force_open: SitesOption = None,
    force_closed: SitesOption = None, max_sites: MaxSitesOption = None, output: Save = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Plans of another structure within a few percent of the best."""
    with exit_codes():
        import ccopt

        found = load_scenario(scenario)
        result = ccopt.alternatives(
            found, k=k, within=within, gap=gap, time_limit_s=time_limit, seed=seed,
            limits=planner_limits(found, force_open, force_closed, max_sites),
            progress=lambda a: say(f"{', '.join(a.plan.design.open_sites)}: {a.extra_share:+.2%}"),
        )  # fmt: skip
        plans = [result.best, *(a.plan for a in result.found)]
        _save(output, [("best" if i == 0 else f"alternative-{i}", p) for i, p in enumerate(plans)])
        soft = _soft_rows(found, plans)
        if as_json:
            emit({"plans": plans, "rows": records(result.frame()), "complete": result.complete, "within": within,
                  "next_bound": result.next_bound, "sentence": result.sentence(), "soft_factors": soft})  # fmt: skip
            return
        typer.echo(result.frame().drop(columns=["revenue_per_year"]).to_string(index=False))
        for row in soft:
            typer.echo(f"soft factors, plan {row['plan']}: {row['score']:.2f} (beside the money, never in it)")
        typer.echo(result.sentence())


def _soft_rows(scenario: Any, plans: list[Any]) -> list[dict[str, Any]]:
    from ccopt.studies.soft_factors import soft_scores

    if not scenario.soft_factors:
        return []
    return records(soft_scores(scenario, {str(i): p.design for i, p in enumerate(plans)}).reset_index())


def explain(
    scenario: str, file: Path,
    site: Annotated[str, typer.Option(help="Site whose decision is turned round.")],
    depth: Annotated[str, typer.Option(help="split, flips or all.")] = "all",
    gap: Gap = 0.002, time_limit: Time = 120.0, seed: Seed = 0, force_open: SitesOption = None,
    force_closed: SitesOption = None, max_sites: MaxSitesOption = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Why a site is open or closed, what the other decision costs by cause, what would flip it."""
    with exit_codes():
        import ccopt

        found = load_scenario(scenario)
        why = ccopt.explain(
            found, load_plan(file), site=site, depth=depth, gap=gap, time_limit_s=time_limit, seed=seed,
            limits=planner_limits(found, force_open, force_closed, max_sites),
        )  # fmt: skip
        if as_json:
            emit(why.as_dict())
            return
        for line in why.lines():
            typer.echo(line)


def sensitivity(
    scenario: str, file: Path,
    ranges: Annotated[list[str] | None, typer.Option("--range", help="Own range, such as volume=0.8:1.3; repeat for more.")] = None,
    reoptimise: Annotated[bool, typer.Option(help="Also choose the layout anew at both ends.")] = True,
    samples: Annotated[int, typer.Option(help="Also Sobol' indices, with this power of two as sample; 0: none.")] = 0,
    gap: Gap = 0.005, time_limit: Time = 120.0, seed: Seed = 0, as_json: Json = False,
) -> None:  # fmt: skip
    """Which inputs move the cost: one at a time, and all together."""
    with exit_codes():
        import ccopt

        found, plan = load_scenario(scenario), load_plan(file)
        own = dict(_range(r) for r in ranges or [])
        result = ccopt.sensitivity(
            found, plan, ranges=own, reoptimise=reoptimise, gap=gap, time_limit_s=time_limit, seed=seed,
            progress=lambda b: say(f"{b.name}: {b.low.fixed:,.0f} to {b.high.fixed:,.0f}"),
        )  # fmt: skip
        indices = ccopt.sobol_sensitivity(found, plan, ranges=own, samples=samples, seed=seed) if samples else None
        if as_json:
            emit({"base": result.base, "rows": records(result.frame()), "sobol": indices})
            return
        typer.echo(f"base {result.base:,.0f} a year")
        typer.echo(result.frame().drop(columns=["words"]).to_string(index=False))
        if indices is not None:
            typer.echo(indices.frame().to_string(index=False))


def path(scenario: str, file: Path, as_json: Json = False) -> None:
    """The path from today's layout to a plan: sites, heads, promises and money, month by month."""
    with exit_codes():
        import ccopt

        found = load_scenario(scenario)
        result = ccopt.transition_path(found, load_plan(file))
        if as_json:
            emit({"months": records(result.frame()), "moves": result.moves, "keeps_promises": result.keeps_promises,
                  "payback_month": result.payback_month, "payback_extrapolated": result.payback_extrapolated,
                  "one_off": result.one_off, "today_per_month": result.today_per_month,
                  "plan_per_month": result.plan_per_month, "sentence": result.sentence(),
                  "rules": [dict(zip(("name", "value", "range", "source"), r, strict=True)) for r in result.rules]})  # fmt: skip
        else:
            typer.echo(result.frame().drop(columns=["open_sites"]).round(1).to_string(index=False))
            typer.echo(result.sentence())
        if not result.keeps_promises:
            raise typer.Exit(MISSED)


def _money(value: float | None) -> str:
    return "no plan" if value is None else f"{value:,.0f}"


def _numbers(text: str) -> list[float]:
    try:
        return [float(x) for x in text.split(",") if x.strip()]
    except ValueError:
        msg = f"--over = {text!r}: must be numbers with commas between them, such as 0.7,0.8,0.9"
        raise ValueError(msg) from None


def _range(text: str) -> tuple[str, tuple[float, float]]:
    name, _, ends = text.partition("=")
    try:
        low, high = (float(x) for x in ends.split(":"))
    except ValueError:
        msg = f"--range = {text!r}: must look like volume=0.8:1.3"
        raise ValueError(msg) from None
    return name, (low, high)


def _save(folder: Path | None, plans: list[tuple[str, Any]]) -> None:
    for name, plan in plans if folder is not None else []:
        if plan is not None and folder is not None:
            write_text(folder / f"{name}.json", dumps(plan.model_dump(mode="json")) + "\n")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for function in (frontier, alternatives, explain, sensitivity, path):
        app.command()(function)
