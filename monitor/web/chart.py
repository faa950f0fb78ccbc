"""Charts as SVG, drawn here: bars a day, with numbers that a screen reader reads.

It knows counts and days, not what they count. Colours are the style sheet's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from markupsafe import Markup

#: Heights are pixels, and widths per cent, so that letters keep their size on any screen; the scale has the right edge.
_HEIGHT, _FOOT, _HEAD, _WIDTH = 150, 22, 16, 93.0


def spark(counts: Sequence[int]) -> Markup:
    """A small row of bars, oldest first, without words; hidden from screen readers, since the numbers stand beside."""
    top = max([1, *counts])
    bars = [
        Markup('<rect x="{}" y="{}" width="5" height="{}" class="{}"/>').format(
            number * 7, 24 - height, height, "bar" if count else "none"
        )
        for number, count in enumerate(counts)
        for height in [max(1, round(24 * count / top))]
    ]
    width = max(1, 7 * len(counts) - 2)
    return Markup(
        '<svg class="spark" viewBox="0 0 {} 24" width="{}" height="24" aria-hidden="true" focusable="false">{}</svg>'
    ).format(width, width, Markup("").join(bars))


def days(by_day: Mapping[int, int], today: date, length: int) -> Markup:
    """Bars of the last `length` days; `by_day` counts by age, 0 being the last 24 hours."""
    counts = [by_day.get(age, 0) for age in range(length - 1, -1, -1)]
    top = _round_up(max([4, *counts]))  # one a day is no peak
    step = _WIDTH / length
    parts = [_line(top, top), _line(top // 2, top)]
    for number, count in enumerate(counts):
        day = today - timedelta(days=length - 1 - number)
        parts.append(_bar(number * step, step, count, top, day))
        if day.weekday() == 0 and number * step < _WIDTH - 12:
            parts.append(_foot(number * step, f"{day.day} {day:%b}"))
    said = f"Articles a day in the last {length} days: {sum(counts)} in all, at most {max(counts)} a day."
    return Markup('<svg class="chart" width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        _HEIGHT + _FOOT, said, Markup("").join(parts)
    )


def _bar(x: float, step: float, count: int, top: int, day: date) -> Markup:
    height = (_HEIGHT - _HEAD) * count / top
    shown = max(height, 1.5)
    return Markup(
        '<g><title>{}: {}</title><rect x="{:.2f}%" y="0" width="{:.2f}%" height="{}" class="hover"/>'
        '<rect x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}" rx="2" class="{}"/></g>'
    ).format(
        f"{day:%a} {day.day} {day:%b}", count, x, step, _HEIGHT, x + step * 0.15, _HEIGHT - shown, step * 0.7, shown,
        "bar" if count else "none",
    )  # fmt: skip


def _line(value: int, top: int) -> Markup:
    y = _HEIGHT - (_HEIGHT - _HEAD) * value / top
    return Markup(
        '<line x1="0" x2="{}%" y1="{:.1f}" y2="{:.1f}" class="rule"/><text x="100%" y="{:.1f}" class="scale">{}</text>'
    ).format(_WIDTH, y, y, y + 4, value)


def _foot(x: float, text: str) -> Markup:
    return Markup('<text x="{:.2f}%" y="{}" class="foot">{}</text>').format(x, _HEIGHT + 16, text)


def _round_up(most: int) -> int:
    """The next number that is easy to read: 1, 2, 4, 6, 10, 20, 40, …"""
    scale = 1
    while True:
        for digit in (2, 4, 6, 10):
            if digit * scale >= most:
                return digit * scale
        scale *= 10
