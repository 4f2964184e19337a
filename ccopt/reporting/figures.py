"""Figures of the report as SVG text: cost bridge, map, heat map. Colours are safe for colour-blind readers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ccopt.reporting.outlines import rings_in

# Okabe and Ito (2008), colour universal design
BLUE, ORANGE, GREEN, SKY, GREY, RED = "#0072B2", "#E69F00", "#009E73", "#56B4E9", "#8A8F98", "#D55E00"
INK = "#1f2933"
WIDTH = 920


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point of the map; ``size`` is contacts per year for areas and agents for sites."""

    name: str
    latitude: float
    longitude: float
    size: float = 0.0
    state: str = ""


def _svg(width: float, height: float, title: str, body: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(title, quote=True)}" font-family="inherit" font-size="13" fill="{INK}">'
    )
    return head + f"<title>{escape(title)}</title>" + "".join(body) + "</svg>"


def _text(x: float, y: float, text: str, anchor: str = "start", style: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {style}>{escape(text)}</text>'


def short_money(value: float) -> str:
    """Money in millions or thousands."""
    size = abs(value)
    if size >= 1e6:
        return f"{value / 1e6:,.2f} m"
    return f"{value / 1e3:,.1f} k" if size >= 1e3 else f"{value:,.0f}"


def bridge(start: tuple[str, float], steps: Sequence[tuple[str, float]], end: tuple[str, float]) -> str:
    """Waterfall from one total to another; the steps add up to the difference."""
    levels = [start[1]]
    for _, change in steps:
        levels.append(levels[-1] + change)
    top = max([*levels, end[1]]) * 1.08
    low = max(0.0, min([*levels, end[1]]) - 0.9 * (max([*levels, end[1]]) - min([*levels, end[1]]) + 0.02 * top))
    count = len(steps) + 2
    slot = (WIDTH - 20) / count
    height, base = 330.0, 270.0

    def y(value: float) -> float:
        return base - (value - low) / (top - low) * (base - 30)

    body = [f'<line x1="10" y1="{base}" x2="{WIDTH - 10}" y2="{base}" stroke="{GREY}"/>']

    def bar(i: int, a: float, b: float, colour: str, label: str, value: str) -> None:
        x = 10 + i * slot + slot * 0.15
        high, bottom = min(y(a), y(b)), max(y(a), y(b))
        body.append(f'<rect x="{x:.1f}" y="{high:.1f}" width="{slot * 0.7:.1f}" height="{max(bottom - high, 1):.1f}" '
                    f'fill="{colour}" rx="2"/>')  # fmt: skip
        body.append(_text(x + slot * 0.35, high - 6, value, "middle", 'font-weight="600"'))
        for k, line in enumerate(_wrapped(label, 16)):
            body.append(_text(x + slot * 0.35, base + 18 + 15 * k, line, "middle"))

    bar(0, low, start[1], GREY, start[0], short_money(start[1]))
    for i, (label, change) in enumerate(steps):
        colour = GREEN if change <= 0 else ORANGE
        bar(i + 1, levels[i], levels[i + 1], colour, label, ("+" if change > 0 else "") + short_money(change))
        x = 10 + (i + 1) * slot
        body.append(f'<line x1="{x - slot * 0.15:.1f}" y1="{y(levels[i]):.1f}" x2="{x + slot * 0.15:.1f}" '
                    f'y2="{y(levels[i]):.1f}" stroke="{GREY}" stroke-dasharray="3 3"/>')  # fmt: skip
    bar(count - 1, low, end[1], BLUE, end[0], short_money(end[1]))
    if low > 0:
        body.append(_text(10, base + 54, f"The axis starts at {short_money(low)}.", "start", f'fill="{GREY}" font-size="11"'))
    title = f"Cost bridge from {short_money(start[1])} ({start[0]}) to {short_money(end[1])} ({end[0]})"
    return _svg(WIDTH, height, title, body)


def _wrapped(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line][:3]


def network_map(areas: Sequence[Place], sites: Sequence[Place], flows: Sequence[tuple[str, str, float]], title: str) -> str:
    """Areas, sites (open filled, closed hollow) and flows on a coarse outline; line width by volume."""
    points = [(p.latitude, p.longitude) for p in (*areas, *sites)]
    low = (min(a for a, _ in points) - 0.5, min(b for _, b in points) - 0.7)
    high = (max(a for a, _ in points) + 0.5, max(b for _, b in points) + 0.7)
    stretch = math.cos(math.radians((low[0] + high[0]) / 2))
    height = 560.0
    scale = height / (high[0] - low[0])
    width = max(320.0, (high[1] - low[1]) * stretch * scale)

    def at(p: Place | tuple[float, float]) -> tuple[float, float]:
        a, b = (p.latitude, p.longitude) if isinstance(p, Place) else p
        return (b - low[1]) * stretch * scale, (high[0] - a) * scale

    body = [f'<clipPath id="c{abs(hash(title)) % 9999}"><rect width="{width:.0f}" height="{height:.0f}"/></clipPath>'] * 0
    body.append(f'<rect width="{width:.0f}" height="{height:.0f}" fill="#eef3f7"/>')
    for ring in rings_in(low, high):
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in map(at, ring))
        body.append(f'<polygon points="{path}" fill="#ffffff" stroke="#c3ccd5"/>')
    where = {p.name: at(p) for p in sites}
    from_ = {p.name: at(p) for p in areas}
    largest = max((v for _, _, v in flows), default=1.0)
    for region, site, volume in sorted(flows, key=lambda f: f[2]):
        if region in from_ and site in where:
            (x1, y1), (x2, y2) = from_[region], where[site]
            body.append(f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="{SKY}" stroke-opacity="0.65" '
                        f'stroke-width="{0.5 + 5 * math.sqrt(volume / largest):.1f}"/>')  # fmt: skip
    for p in areas:
        x, y = at(p)
        body.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="2.5" fill="{GREY}"><title>{escape(p.name)}</title></circle>')
    for p in sorted(sites, key=lambda q: q.state == "open"):
        x, y = at(p)
        if p.state == "open":
            r = 5 + 9 * math.sqrt(p.size / max(q.size for q in sites))
            body.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.1f}" fill="{BLUE}" fill-opacity="0.9" stroke="#fff"/>')
            side = "end" if x > width - 90 else "start"
            dx = -r - 4 if side == "end" else r + 4
            body.append(_text(x + dx, y + 4, p.name, side, 'font-weight="600" stroke="#fff" stroke-width="3" paint-order="stroke"'))
        else:
            body.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4.5" fill="#fff" stroke="{RED}" stroke-width="2">'
                        f"<title>{escape(p.name)}: {escape(p.state)}</title></circle>")  # fmt: skip
    return _svg(width, height, title, body)


def heat_map(rows: Sequence[str], columns: Sequence[str], values: Mapping[tuple[str, str], float], title: str) -> str:
    """Numbers in shaded cells; darker is more."""
    left, cell, tall = 230.0, max(46.0, (WIDTH - 230.0) / max(len(columns), 1)), 26.0
    top = max(values.values(), default=1.0) or 1.0
    body = []
    for j, name in enumerate(columns):
        x = left + j * cell + cell / 2
        for k, line in enumerate(_wrapped(name, max(8, int(cell / 7)))):
            body.append(_text(x, 14 + 13 * k, line, "middle", 'font-size="11"'))
    for i, name in enumerate(rows):
        y = 52 + i * tall
        body.append(_text(left - 8, y + 17, name if len(name) <= 34 else name[:33] + "…", "end", 'font-size="12"'))
        for j, column in enumerate(columns):
            v = values.get((name, column), 0.0)
            shade = v / top
            fill = f"rgb({int(238 - 238 * shade)},{int(243 - 129 * shade)},{int(247 - 69 * shade)})"
            body.append(f'<rect x="{left + j * cell:.1f}" y="{y:.1f}" width="{cell - 2:.1f}" height="{tall - 2:.1f}" fill="{fill}"/>')
            colour = "#fff" if shade > 0.55 else INK
            body.append(_text(left + j * cell + cell / 2, y + 16, f"{v:,.0f}" if v else "·", "middle",
                              f'fill="{colour}" font-size="11"'))  # fmt: skip
    return _svg(left + cell * len(columns), 58 + tall * len(rows), title, body)
