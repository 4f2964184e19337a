"""SVG as text: colours that colour-blind readers can tell apart, escaped words, one frame for every figure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

# Okabe and Ito (2008), colour universal design
BLUE, ORANGE, GREEN, SKY, RED, PINK, YELLOW = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#56B4E9",
    "#D55E00",
    "#CC79A7",
    "#F0E442",
)
GREY, SOFT, INK, LINE = "#8A8F98", "#5B6672", "#1F2933", "#C3CCD5"
SERIES = (BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, GREY)
WIDTH = 920.0


def frame(width: float, height: float, title: str, body: Sequence[str], *, told: str = "") -> str:
    """A figure; ``told`` is what a reader hears who does not see it."""
    spoken = escape(f"{title}. {told}" if told else title, quote=True)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
        f'aria-label="{spoken}" font-family="inherit" font-size="13" fill="{INK}">'
    )
    return head + f"<title>{escape(title)}</title>" + "".join(body) + "</svg>"


def text(x: float, y: float, words: str, anchor: str = "start", style: str = "") -> str:
    """Words at a point; ``style`` is trusted, ``words`` are not."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {style}>{escape(words)}</text>'


def line(a: tuple[float, float], b: tuple[float, float], colour: str = LINE, style: str = "") -> str:
    """A straight line."""
    return f'<line x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}" stroke="{colour}" {style}/>'


def rect(x: float, y: float, size: tuple[float, float], colour: str, *, tip: str = "", style: str = "") -> str:
    """A rectangle, with a tip where given."""
    inner = f"<title>{escape(tip)}</title>" if tip else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{size[0]:.1f}" height="{size[1]:.1f}" fill="{colour}" {style}>{inner}</rect>'


def wrapped(words: str, width: int, most: int = 3) -> list[str]:
    """Words in lines of about ``width`` letters."""
    lines, current = [], ""
    for word in words.split():
        if current and len(current) + len(word) + 1 > width:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}".strip()
    lines = [*lines, current]
    return lines if len(lines) <= most else [*lines[: most - 1], cut(" ".join(lines[most - 1 :]), width)]


def cut(words: str, width: int) -> str:
    """Words cut to ``width`` letters with an ellipsis."""
    return words if len(words) <= width else words[: max(width - 1, 1)] + "…"


def short_money(value: float) -> str:
    """Money in millions or thousands."""
    size = abs(value)
    if size >= 1e6:
        return f"{value / 1e6:,.2f} m"
    return f"{value / 1e3:,.1f} k" if size >= 1e3 else f"{value:,.0f}"


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers between two values."""
    if not high > low:
        return [low]
    raw = (high - low) / about
    power = 10.0 ** len(str(int(raw))) / 10.0 if raw >= 1 else 1.0
    while power > raw:
        power /= 10.0
    step = next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= raw)
    first = int(low / step) * step
    found = []
    value = first if first >= low else first + step
    while value <= high + 1e-9 * step:
        found.append(round(value, 12))
        value += step
    return found
