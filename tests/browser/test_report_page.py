"""The mailed page in a real Chromium: no request, no script from names, sliders under a real mouse, print, contrast."""

import json
import re

import pytest

import ccopt as cc
from ccopt.scenario.checks import validated
from ccopt.studies.board import DEFAULT_STUDIES

pytestmark = pytest.mark.browser
HOSTILE = (
    "<script>window.hit=1</script>", "</script><script>window.hit=2</script>", '"><img src=x onerror=window.hit=3>',
    "<svg onload=window.hit=4>", "{{ 7*7 }} {% raw %}", "=cmd|' /C calc'!A0", "'><iframe src=javascript:window.hit=5>", "--><b>x</b>",
)  # fmt: skip


def made(scenario, folder):
    """Page and plan of a scenario with everything that `run` puts on it."""
    plan = cc.optimise(scenario, time_limit_s=20)
    report = cc.report(scenario=scenario, plan=plan, studies=DEFAULT_STUDIES, study_time_s=12.0)
    return report.to_html(folder / "report.html"), plan


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return made(cc.load_instance("two-sites"), tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Every name and text of the scenario carries a payload."""
    text = cc.load_instance("two-sites").model_dump_json(exclude_unset=True)
    raw, given = json.loads(text), {}

    def renamed(value, key=""):
        if isinstance(value, dict):
            return {k: renamed(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [renamed(v, key) for v in value]
        if not isinstance(value, str) or key in ("kind", "channel", "basis", "per", "currency"):
            return value
        if value not in given:
            given[value] = f"{HOSTILE[len(given) % len(HOSTILE)]} {value}"
        return given[value]

    raw = renamed(raw) | {"currency": "<b>€</b>"}
    return made(validated(raw), tmp_path_factory.mktemp("hostile"))


def test_the_page_asks_for_nothing_and_is_small(page, seen):
    path, _ = page
    watched = seen(path)
    assert watched.requests == [path.as_uri()]
    assert watched.complaints == []
    assert path.stat().st_size < 2_000_000


def test_sliders_follow_a_real_mouse(page, seen):
    path, plan = page
    p = seen(path).page

    def number(key):
        return float(re.sub(r"[^\d.\-]", "", p.inner_text(f"#what-if-{key}").replace("\u2212", "-")))

    assert number("cost") == round(plan.cost_per_year)
    assert number("change") == 0
    before = number("cost")
    for slider in ("volume", "time", "wage"):
        p.locator("#what-if-reset").click()
        handle = p.locator(f"#what-if-{slider}")
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        p.mouse.move(*middle)
        p.mouse.down()
        p.mouse.move(box["x"] + box["width"] - 3, middle[1], steps=6)
        p.mouse.up()
        assert p.inner_text(f"#what-if-{slider}-out").startswith("+"), slider
        assert number("cost") > before, slider
        assert number("change") == number("cost") - before
    p.locator("#what-if-volume").focus()
    p.keyboard.press("ArrowLeft")
    assert p.inner_text("#what-if-volume-out") == "\u22121 %"
    p.locator("#what-if-reset").click()
    assert number("cost") == before


def test_a_grid_point_of_the_sliders_is_the_computed_cost(page, seen):
    path, plan = page
    p = seen(path).page
    p.evaluate("""() => { for (const [k, v] of [['volume', 120], ['time', 90], ['wage', 110]]) {
        const e = document.getElementById('what-if-' + k); e.value = v; e.dispatchEvent(new Event('input')); } }""")
    scenario = cc.load_instance("two-sites")
    from ccopt.studies.changes import with_handle_time, with_volume, with_wages
    from ccopt.studies.what_if_grid import FixedLayout

    changed = with_handle_time(with_volume(scenario, 1.2), 0.9)
    staffed = FixedLayout(scenario, plan.design).restaffed(changed)
    judged = cc.evaluate(with_wages(changed, 1.1), staffed)
    assert judged.meets_targets
    shown = float(re.sub(r"[^\d.]", "", p.inner_text("#what-if-cost")))
    assert shown == pytest.approx(judged.cost_per_year, abs=1.0)


def test_no_name_becomes_markup(hostile, seen):
    watched = seen(hostile[0])
    p = watched.page
    assert p.evaluate("window.hit") is None
    assert watched.dialogs == []
    assert watched.complaints == []
    assert watched.requests == [hostile[0].as_uri()]
    assert p.locator("script").count() == 2
    assert p.locator("img, iframe, object, embed, [onerror], [onload], b b").count() == 0
    text = p.inner_text("body")
    assert "<script>window.hit=1</script>" in text or "</script><script>window.hit=2</script>" in text
    assert "{{ 7*7 }}" in text or "{{ 7*7 }}" in p.content()


def test_print_cuts_nothing(page, hostile, seen, tmp_path):
    for path, _ in (page, hostile):
        p = seen(path, width=703).page  # A4 less the margins of the page rule, at 96 dots per inch
        p.emulate_media(media="print")
        over = p.evaluate("""() => [...document.querySelectorAll('main *')].filter(e => !e.closest('svg') &&
            getComputedStyle(e).display !== 'none' && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))""")
        assert over == []
        made_pdf = p.pdf(prefer_css_page_size=True, path=tmp_path / "r.pdf")
        assert 3 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", made_pdf)) <= 30
        assert p.locator(".screen").first.is_hidden()


def test_the_page_can_be_read_without_seeing_it(page, seen):
    p = seen(page[0]).page
    assert p.locator("h1").count() == 1
    assert p.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => h.tagName)[0]") == "H1"
    assert p.evaluate("[...document.querySelectorAll('svg')].every(s => s.getAttribute('role') === 'img' && s.getAttribute('aria-label').length > 20)")
    assert p.evaluate("[...document.querySelectorAll('input')].every(i => i.labels.length > 0)")
    assert p.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].every(a => document.getElementById(a.getAttribute('href').slice(1)))")
    assert p.evaluate("document.documentElement.lang") == "en"


CONTRAST = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const lum = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
    return [255, 255, 255]; };
  return [...document.querySelectorAll('main *')].filter(e => !e.closest('svg') && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .map(e => { const a = lum(parse(getComputedStyle(e).color)), b = lum(ground(e));
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.outerHTML.slice(0, 80)]; }).filter(x => x[0] < 4.5);
}"""


def test_text_has_contrast(page, seen):
    assert seen(page[0]).page.evaluate(CONTRAST) == []
