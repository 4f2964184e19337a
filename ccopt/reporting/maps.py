"""Figures of places and ways: the map, and ribbons from demand to agent groups."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ccopt.reporting.outlines import rings_in
from ccopt.reporting.svg import BLUE, GREY, RED, SERIES, SKY, WIDTH, cut, frame, rect, text

HALO = 'font-size="12" font-weight="600" stroke="#fff" stroke-width="3" paint-order="stroke"'
MAP_HEIGHT = 560.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point of the map; ``size`` is agents for sites; ``state`` is ``open`` or ``closed``."""

    name: str
    latitude: float
    longitude: float
    size: float = 0.0
    state: str = ""


@dataclass(frozen=True, slots=True)
class _Labels:
    """Boxes that are taken, so that names do not lie on each other."""

    taken: list[tuple[float, float, float, float]]
    width: float

    def place(self, x: float, y: float, r: float, words: str) -> str:
        """Words beside a point where there is room, else nothing (the point keeps its tip)."""
        long = 7.2 * len(words)
        for dx, dy, anchor in ((r + 4, 4, "start"), (-r - 4, 4, "end"), (0, -r - 5, "middle"), (0, r + 14, "middle")):
            begin = x + dx - (long if anchor == "end" else long / 2 if anchor == "middle" else 0)
            box = (begin, y + dy - 11, begin + long, y + dy + 3)
            inside = box[0] > 2 and box[2] < self.width - 2
            if inside and not any(
                box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in self.taken
            ):
                self.taken.append(box)
                return text(x + dx, y + dy, words, anchor, HALO)
        return ""


def network_map(
    areas: Sequence[Place], sites: Sequence[Place], flows: Sequence[tuple[str, str, float]], title: str
) -> str:
    """Areas, sites (open filled, closed hollow) and flows on a coarse outline; line width by volume."""
    points = [(p.latitude, p.longitude) for p in (*areas, *sites)]
    low = (min(a for a, _ in points) - 0.5, min(b for _, b in points) - 0.7)
    high = (max(a for a, _ in points) + 0.5, max(b for _, b in points) + 0.7)
    stretch = max(math.cos(math.radians((low[0] + high[0]) / 2)), 0.05)
    scale = MAP_HEIGHT / (high[0] - low[0])
    width = min(max(360.0, (high[1] - low[1]) * stretch * scale), 1400.0)
    across = width / (high[1] - low[1])

    def at(p: Place | tuple[float, float]) -> tuple[float, float]:
        a, b = (p.latitude, p.longitude) if isinstance(p, Place) else p
        return (b - low[1]) * across, (high[0] - a) * scale

    body = [rect(0, 0, (width, MAP_HEIGHT), "#eef3f7")]
    for ring in rings_in(low, high):
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in map(at, ring))
        body.append(f'<polygon points="{path}" fill="#ffffff" stroke="#c3ccd5"/>')
    where, origin = {p.name: at(p) for p in sites}, {p.name: at(p) for p in areas}
    largest = max((v for _, _, v in flows), default=1.0)
    for region, site, volume in sorted(flows, key=lambda f: f[2]):
        if region in origin and site in where:
            (x1, y1), (x2, y2) = origin[region], where[site]
            body.append(f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="{SKY}" stroke-opacity="0.6" '
                        f'stroke-width="{0.5 + 4 * math.sqrt(volume / largest):.1f}"/>')  # fmt: skip
    for p in areas:
        x, y = at(p)
        body.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="2.2" fill="{GREY}"><title>{escape(p.name)}</title></circle>')
    body += _site_marks(sites, at, width)
    told = "open: " + ", ".join(p.name for p in sites if p.state == "open")
    return frame(width, MAP_HEIGHT, title, body, told=told)


def _site_marks(sites: Sequence[Place], at: object, width: float) -> list[str]:
    assert callable(at)
    marks, names = [], []
    top = max((p.size for p in sites), default=1.0) or 1.0
    opened = sorted((p for p in sites if p.state == "open"), key=lambda p: -p.size)
    boxes = []
    for p in opened:
        x, y = at(p)
        r = 5 + 9 * math.sqrt(p.size / top)
        boxes.append((x - r, y - r, x + r, y + r))
    labels = _Labels(boxes, width)
    for p in sites:
        if p.state != "open":
            x, y = at(p)
            marks.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="#fff" stroke="{RED}" stroke-width="2">'
                         f"<title>{escape(p.name)}: closed</title></circle>")  # fmt: skip
    for p in opened:
        x, y = at(p)
        r = 5 + 9 * math.sqrt(p.size / top)
        marks.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.1f}" fill="{BLUE}" fill-opacity="0.9" stroke="#fff">'
                     f"<title>{escape(p.name)}: {p.size:,.0f} agents at peak</title></circle>")  # fmt: skip
        names.append(labels.place(x, y, r, cut(p.name, 24)))
    return marks + names


Ribbon = tuple[str, str, str, float]  # from, to, kind, contacts a year
BAR, GAP, TOP = 14.0, 7.0, 30.0


def ribbons(
    flows: Sequence[Ribbon], heads: tuple[str, str], order_of_kinds: Sequence[str], title: str, *, width: float = WIDTH
) -> str:
    """Contacts from origins (left) to agent groups (right); thickness by volume, colour by contact type."""
    colour = {k: SERIES[i % len(SERIES)] for i, k in enumerate(order_of_kinds)}
    used = {k for _, _, k, _ in flows}
    kinds = [k for k in order_of_kinds if k in used]
    lefts, rights = _sums(flows, 0), _sums(flows, 1)
    total = math.fsum(v for *_, v in flows) or 1.0
    most = max(len(lefts), len(rights))
    height = max(240.0, 26.0 * most)
    scale = (height - GAP * (most - 1)) / total
    margin = min(230.0, 0.36 * width)
    x1, x2 = margin, width - margin - 10.0
    letters = int((x1 - 8.0) / 7.2) - 6
    a, b = _tops(lefts, scale, height), _tops(rights, scale, height)
    body, used_a, used_b = [], dict(a), dict(b)
    order = {name: i for i, name in enumerate(rights)}
    for source, target, kind, value in sorted(flows, key=lambda f: (list(lefts).index(f[0]), order[f[1]], f[2])):
        thick = value * scale
        y1, y2 = used_a[source], used_b[target]
        used_a[source] += thick
        used_b[target] += thick
        mid = (x1 + x2) / 2
        body.append(
            f'<path d="M{x1 + BAR:.1f},{y1:.1f} C{mid:.1f},{y1:.1f} {mid:.1f},{y2:.1f} {x2:.1f},{y2:.1f} L{x2:.1f},{y2 + thick:.1f} '
            f'C{mid:.1f},{y2 + thick:.1f} {mid:.1f},{y1 + thick:.1f} {x1 + BAR:.1f},{y1 + thick:.1f} Z" fill="{colour[kind]}" '
            f'fill-opacity="0.45"><title>{escape(source)} to {escape(target)}, {escape(kind)}: {value:,.0f} a year</title></path>'
        )
    for names, tops, x, side in ((lefts, a, x1, "end"), (rights, b, x2, "start")):
        for name, value in names.items():
            y, tall = tops[name], max(value * scale, 1.0)
            body.append(rect(x, y, (BAR, tall), "#3A4652"))
            at = x - 8 if side == "end" else x + BAR + 8
            body.append(text(at, y + tall / 2 + 4, f"{cut(name, letters)} {_short(value)}", side, 'font-size="12"'))
    body += [
        text(x1 + BAR, 16, heads[0], "end", 'font-weight="600"'),
        text(x2, 16, heads[1], "start", 'font-weight="600"'),
    ]
    bottom = TOP + height + 26
    each = min(130.0, (width - 20.0) / max(min(len(kinds), 6), 1))
    for i, kind in enumerate(kinds[:6]):
        x = min(x1, 10.0 + (width - 20.0 - each * min(len(kinds), 6)) / 2) + each * i
        body += [
            rect(x, bottom - 11, (12, 12), colour[kind], style='fill-opacity="0.6"'),
            text(x + 17, bottom, cut(kind, int((each - 17) / 7)), "start", 'font-size="12"'),
        ]
    told = "; ".join(f"{s} to {t} ({k}) {v:,.0f}" for s, t, k, v in sorted(flows, key=lambda f: -f[3])[:12])
    return frame(width, bottom + 10, title, body, told=f"largest flows a year: {told}")


def _sums(flows: Sequence[Ribbon], side: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for f in flows:
        name = f[0] if side == 0 else f[1]
        found[name] = found.get(name, 0.0) + f[3]
    return found


def _tops(sums: Mapping[str, float], scale: float, height: float) -> dict[str, float]:
    """Upper ends of the bars of one side, spread over the height."""
    free = height - sum(sums.values()) * scale
    gap = free / (len(sums) - 1) if len(sums) > 1 else 0.0
    y, tops = TOP, {}
    for name, value in sums.items():
        tops[name] = y
        y += value * scale + gap
    return tops


def _short(value: float) -> str:
    return f"{value / 1e6:,.2f} m" if value >= 1e6 else f"{value / 1e3:,.0f} k" if value >= 1e4 else f"{value:,.0f}"
