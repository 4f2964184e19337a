"""The page of a scenario that no design meets: what is in conflict, by how much, and the cheapest repair."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ name }}: no design</title><style>{{ css|safe }}</style></head><body><main>
<p class="over">{{ name }}</p><h1>No design meets all limits.</h1>
<p class="sub">This is an answer, no fault of the run: the limits below leave no layout at all, so no plan was written.
{% if conflict|length > 1 %}They clash with each other; changing one of them is enough where the repair says so.{% endif %}</p>
<section><h2>In conflict</h2><ul>{% for c in conflict %}<li>{{ c }}.</li>{% endfor %}</ul></section>
{% if repair %}<section><h2>Cheapest repair found</h2><ul>{% for r in repair %}<li>{{ r[:1]|upper }}{{ r[1:] }}.</li>{% endfor %}</ul>
<p>Make the change in the scenario and run it again. It is the cheapest of the single changes that were tried.</p></section>{% endif %}
</main></body></html>
"""


def infeasible_page(name: str, conflict: Sequence[str], repair: Sequence[str]) -> str:
    """An offline page with the limits in conflict and the repair; names are escaped.

    Examples
    --------
    >>> "&lt;b&gt;" in infeasible_page("<b>", ["seats (3 in all)"], [])
    True
    """
    import jinja2

    css = resources.files("ccopt.reporting").joinpath("page.css").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=True).from_string(PAGE)
    return template.render(name=name, conflict=conflict, repair=repair, css=css)
