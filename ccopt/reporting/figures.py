"""Figures of the report: cost bridge, heat map, curves, tornado, bars over months."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ccopt.reporting.svg import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LINE,
    ORANGE,
    SERIES,
    SKY,
    SOFT,
    WIDTH,
    cut,
    frame,
    line,
    rect,
    short_money,
    text,
    ticks,
    wrapped,
)

MOST_LABELLED = 24


def bridge(start: tuple[str, float] | None, steps: Sequence[tuple[str, float]], end: tuple[str, float]) -> str:
    """Waterfall from one total (or from nothing) to another; the steps add up to the difference."""
    first = start[1] if start else 0.0
    levels = [first]
    for _, change in steps:
        levels.append(levels[-1] + change)
    highest, lowest = max([*levels, end[1]]), min([*levels, end[1]])
    top = highest * 1.08 if highest > 0 else 1.0
    low = max(0.0, lowest - 0.9 * (highest - lowest + 0.02 * top))
    ahead = 1 if start else 0
    slot, base = (WIDTH - 20) / (len(steps) + 1 + ahead), 270.0

    def y(value: float) -> float:
        return base - (value - low) / (top - low) * (base - 30)

    body = [line((10, base), (WIDTH - 10, base), GREY)]

    def bar(i: int, ends: tuple[float, float], colour: str, label: str, value: str) -> None:
        x, wide = 10 + i * slot + slot * 0.15, min(slot * 0.7, 110.0)
        x += (slot * 0.7 - wide) / 2
        high, bottom = min(y(ends[0]), y(ends[1])), max(y(ends[0]), y(ends[1]))
        body.append(rect(x, high, (wide, max(bottom - high, 1)), colour, style='rx="2"'))
        body.append(text(x + wide / 2, high - 6, value, "middle", 'font-weight="600"'))
        body.extend(text(x + wide / 2, base + 18 + 15 * k, row, "middle") for k, row in enumerate(wrapped(label, 16)))

    if start:
        bar(0, (low, first), GREY, start[0], short_money(first))
    for i, (label, change) in enumerate(steps):
        sign, rise = ("+" if change > 0 and start else ""), (ORANGE if start else SKY)
        bar(i + ahead, (levels[i], levels[i + 1]), GREEN if change <= 0 else rise, label, sign + short_money(change))
        if i + ahead:
            x = 10 + (i + ahead) * slot
            body.append(line((x - slot * 0.15, y(levels[i])), (x + slot * 0.15, y(levels[i])), GREY, 'stroke-dasharray="3 3"'))
    bar(len(steps) + ahead, (low, end[1]), BLUE, end[0], short_money(end[1]))
    if low > 0:
        body.append(text(10, base + 56, f"The axis starts at {short_money(low)}.", "start", f'fill="{SOFT}" font-size="11"'))
    told = "; ".join(f"{label} {change:+,.0f}" for label, change in steps)
    origin = f"from {short_money(first)} ({start[0]}) " if start else ""
    return frame(WIDTH, 332, f"Cost bridge {origin}to {short_money(end[1])} ({end[0]})", body, told=told)


def heat_map(
    rows: Sequence[str], columns: Sequence[str], values: Mapping[tuple[str, str], float | None], title: str,
    *, shown: Callable[[float], str] = lambda v: f"{v:,.0f}", marked: Mapping[tuple[str, str], bool] | None = None,
    from_zero: bool = True,
) -> str:  # fmt: skip
    """Numbers in shaded cells, darker is more; marked cells (a promise missed) are orange with a thick edge."""
    left, tall = 230.0, 26.0
    cell = max(4.0, (WIDTH - left) / max(len(columns), 1))
    numbers = [v for v in values.values() if v is not None]
    top, low = max(numbers, default=1.0) or 1.0, min([*numbers, 0.0] if from_zero else numbers, default=0.0)
    low -= 0.0 if from_zero else 0.6 * (top - low)
    body: list[str] = []
    every = max(1, -(-len(columns) // MOST_LABELLED))
    heads = {j: wrapped(name, max(6, int(cell * every / 6.4)), 3) for j, name in enumerate(columns) if j % every == 0}
    high = 12.0 + 13.0 * max((len(h) for h in heads.values()), default=0)
    for j, lines in heads.items():
        body.extend(
            text(left + j * cell + cell / 2, 14 + 13 * k, row, "middle", 'font-size="11"')
            for k, row in enumerate(lines)
        )
    for i, name in enumerate(rows):
        y = high + i * tall
        body.append(text(left - 8, y + 17, cut(name, 34), "end", 'font-size="12"'))
        for j, column in enumerate(columns):
            value = values.get((name, column))
            body.append(_cell((left + j * cell, y), (cell, tall), value, (low, top), f"{name}, {column}", shown,
                              bool(marked and marked.get((name, column)))))  # fmt: skip
    told = f"{len(rows)} rows by {len(columns)} columns; highest {shown(top)}; the same numbers stand in the result workbook"
    return frame(WIDTH, high + 4 + tall * len(rows), title, body, told=told)


def _cell(
    at: tuple[float, float], size: tuple[float, float], value: float | None, span: tuple[float, float], name: str,
    shown: Callable[[float], str], marked: bool,
) -> str:  # fmt: skip
    words = "–" if value is None else shown(value)
    shade = 0.0 if value is None else (value - span[0]) / (span[1] - span[0] or 1.0)
    fill = ORANGE if marked else f"rgb({int(238 - 238 * shade)},{int(243 - 129 * shade)},{int(247 - 69 * shade)})"
    edge = f'stroke="{INK}" stroke-width="2"' if marked else ""
    drawn = rect(at[0], at[1], (max(size[0] - 2, 1), size[1] - 2), fill, tip=f"{name}: {words}", style=edge)
    if size[0] < 30:
        return drawn
    colour = "#fff" if shade > 0.55 and not marked else INK
    words = "·" if value == 0 else words
    return drawn + text(
        at[0] + size[0] / 2 - 1, at[1] + 16, words, "middle", f'fill="{colour}" font-size="11" pointer-events="none"'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point of a chart; a hollow one is not recommended, a labelled one is named."""

    x: float
    y: float
    label: str = ""
    hollow: bool = False
    colour: str = BLUE


def curve(
    points: Sequence[Point], axes: tuple[str, str], title: str, *, extra: Sequence[Point] = (),
    band: Sequence[tuple[float, float, float]] = (), x_shown: Callable[[float], str] = lambda v: f"{v:g}",
    y_shown: Callable[[float], str] = short_money,
) -> str:  # fmt: skip
    """A line through points, a band (x, low, high) behind it, and named points beside it."""
    left, right, top, base = 90.0, WIDTH - 150.0, 24.0, 300.0
    every = [*points, *extra]
    xs, ys = [p.x for p in every], [p.y for p in every] + [v for b in band for v in b[1:]]
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    pad_x, pad_y = (x1 - x0 or abs(x1) or 1.0) * 0.05, (y1 - y0 or abs(y1) or 1.0) * 0.1
    floor = y0 - pad_y if y0 < 0 else max(0.0, y0 - pad_y)
    x0, x1, y0, y1 = x0 - pad_x, x1 + pad_x, floor, y1 + pad_y

    def at(x: float, y: float) -> tuple[float, float]:
        return left + (x - x0) / (x1 - x0) * (right - left), base - (y - y0) / (y1 - y0) * (base - top)

    body: list[str] = []
    for v in ticks(y0, y1):
        body += [
            line(at(x0, v), at(x1, v), "#E5EAEF"),
            text(left - 8, at(x0, v)[1] + 4, y_shown(v), "end", 'font-size="12"'),
        ]
    for v in sorted({p.x for p in points}):
        body.append(text(at(v, y0)[0], base + 18, x_shown(v), "middle", 'font-size="12"'))
    if band:
        path = [at(x, hi) for x, _, hi in band] + [at(x, lo) for x, lo, _ in reversed(band)]
        body.append(
            f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in path)}" fill="{LINE}" fill-opacity="0.55"/>'
        )
    path = [at(p.x, p.y) for p in points]
    body.append(
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in path)}" fill="none" stroke="{BLUE}" stroke-width="1.6"/>'
    )
    for p in every:
        x, y = at(p.x, p.y)
        body.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{"#fff" if p.hollow else p.colour}" stroke="{p.colour}" '
                    f'stroke-width="2"><title>{escape(p.label or x_shown(p.x))}: {p.y:,.0f}</title></circle>')  # fmt: skip
        if p.label:
            body.append(text(x, y - 11, p.label, "middle", 'font-size="12" font-weight="600"'))
    body += [text((left + right) / 2, base + 40, axes[0], "middle"), text(left, 14, axes[1], "start", f'fill="{SOFT}"')]
    return frame(WIDTH, base + 50, title, body, told="; ".join(f"{p.label or x_shown(p.x)}: {p.y:,.0f}" for p in every))


def tornado(middle: float, rows: Sequence[tuple[str, tuple[str, float], tuple[str, float]]], title: str) -> str:
    """Bars from the plan's value to the value at the low and at the high end of each figure."""
    left, right, tall = 230.0, WIDTH - 40.0, 40.0
    values = [v for _, a, b in rows for v in (a[1], b[1])] + [middle]
    low, high = min(values), max(values)
    room = 112.0

    def x(value: float) -> float:
        return left + room + (value - low) / (high - low or 1.0) * (right - left - 2 * room)

    body: list[str] = []
    for i, (name, down, up) in enumerate(rows):
        y = 14 + i * tall
        body.append(text(left - 10, y + 18, cut(name, 34), "end"))
        for (label, value), colour in ((down, BLUE), (up, ORANGE)):
            body.append(
                rect(
                    min(x(value), x(middle)),
                    y + 3,
                    (abs(x(value) - x(middle)), 22),
                    colour,
                    tip=f"{name} {label}: {value:,.0f}",
                )
            )
            side = "end" if value < middle else "start"
            body.append(
                text(
                    x(value) + (-5 if side == "end" else 5),
                    y + 18,
                    f"{label}: {short_money(value)}",
                    side,
                    'font-size="11"',
                )
            )
    base = 14 + tall * len(rows)
    body += [line((x(middle), 8), (x(middle), base), INK, 'stroke-width="1.5"'),
             text(x(middle), base + 18, f"plan {short_money(middle)}", "middle", 'font-weight="600"')]  # fmt: skip
    told = "; ".join(f"{n}: {a[0]} {a[1]:,.0f}, {b[0]} {b[1]:,.0f}" for n, a, b in rows)
    return frame(WIDTH, base + 26, title, body, told=told)


def gantt(rows: Sequence[tuple[str, Sequence[tuple[float, float, str]]]], months: int, title: str) -> str:
    """Bars over months, one row each, in parts (first month, last month, what happens); the colour follows what happens."""
    left, tall = 230.0, 24.0
    step = (WIDTH - left - 10) / max(months, 1)
    kinds = list(dict.fromkeys(kind for _, parts in rows for *_, kind in parts))
    colours = dict(zip(kinds, SERIES, strict=False))
    body = [
        text(left + m * step, 14, str(m), "middle", f'font-size="11" fill="{SOFT}"')
        for m in range(0, months + 1, max(1, months // 12))
    ]
    for i, (name, parts) in enumerate(rows):
        y = 22 + i * tall
        body.append(text(left - 8, y + 15, cut(name, 34), "end", 'font-size="12"'))
        body += [
            rect(left + a * step, y + 3, (max((b - a) * step - 1, 1), tall - 8), colours.get(kind, GREY), style='rx="2"',
                 tip=f"{name}: {kind}, month {a:g} to {b:g}")
            for a, b, kind in parts if b > a
        ]  # fmt: skip
    y = 40 + tall * len(rows)
    for k, kind in enumerate(kinds):
        body += [
            rect(left + 170 * k, y - 10, (12, 12), colours.get(kind, GREY)),
            text(left + 170 * k + 17, y, kind, "start", 'font-size="12"'),
        ]
    told = "; ".join(f"{name} {kind} month {a:g} to {b:g}" for name, parts in rows for a, b, kind in parts)
    return frame(WIDTH, y + 10, title, body, told=told)
