"""Reports as files: a page that stands by itself, and a table for spreadsheets; all of it inert.

Every text is escaped and cleaned here; it must not choose what is reported.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from monitor.render.evidence import Sentence
from monitor.render.text import plain

BOM = "\ufeff"  # without it spreadsheets read UTF-8 as something else
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")
MOST_BARS = 400  # days of a chart
_FEW = 3  # columns that fit on a phone


# ------------------------------------------------------------------------------------------------- spreadsheets


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV (RFC 4180) in UTF-8 with its mark. What a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return BOM + out.getvalue()


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet calculates (OWASP: CSV injection); numbers stay numbers."""
    if isinstance(value, int | float):
        return str(value)
    text = " ".join(plain("" if value is None else str(value)).split())
    return f"'{text}" if text.startswith(_FORMULA) else text


# -------------------------------------------------------------------------------------------------------- pages


@dataclass(frozen=True, slots=True)
class Markup:
    """HTML made here, from escaped texts."""

    html: str


def text(value: object) -> Markup:
    """A text as it is, escaped."""
    return Markup(escape(plain("" if value is None else str(value))))


def sentence(spans: Sentence) -> Markup:
    """A sentence with its words marked."""
    return Markup("".join(f"<mark>{escape(one.text)}</mark>" if one.is_marked else escape(one.text) for one in spans))


def link(label: Markup, url: str | None) -> Markup:
    """A link to http(s) addresses only; anything else is text."""
    if not url or not url.lower().startswith(("http://", "https://")):
        return label
    return Markup(f'<a href="{escape(url)}" rel="noreferrer noopener nofollow">{label.html or escape(url)}</a>')


def joined(parts: Iterable[Markup], between: str = "") -> Markup:
    return Markup(escape(between).join(part.html for part in parts))


def tag(name: str, inner: Markup | Iterable[Markup], *, style: str = "") -> Markup:
    """An element of this page's own vocabulary; `style` is one of its classes."""
    inside = inner if isinstance(inner, Markup) else joined(inner)
    named = f' class="{escape(style)}"' if style else ""
    return Markup(f"<{name}{named}>{inside.html}</{name}>")


def grid(head: Sequence[str], rows: Iterable[Sequence[Markup]], caption: str) -> Markup:
    """A table with a heading for each column; on a phone one of many columns is a list."""
    cells = joined(Markup(f'<th scope="col">{escape(name)}</th>') for name in head)
    body = joined(tag("tr", map(_cell, head, row)) for row in rows)
    shape = ' class="stack"' if len(head) > _FEW else ""
    inside = f"<caption>{escape(caption)}</caption><thead><tr>{cells.html}</tr></thead><tbody>{body.html}</tbody>"
    return Markup(
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f"<table{shape}>{inside}</table></div>"
    )


def _cell(name: str, inner: Markup) -> Markup:
    return Markup(f'<td data-head="{escape(name)}">{inner.html}</td>')


def chart(by_day: Mapping[date, int], first: date, last: date, label: str) -> Markup:
    """A bar a day as SVG, from `first` to `last`, with the numbers as text for those who do not see it."""
    days = [first + timedelta(days=number) for number in range(min((last - first).days + 1, MOST_BARS))]
    numbers = [by_day.get(day, 0) for day in days]
    most, step = max([*numbers, 1]), 960 / max(1, len(days))
    width = min(40, max(1, step * 0.8))
    bars = "".join(
        f'<rect x="{(at + 0.5) * step - width / 2:.1f}" y="{120 - 110 * number / most:.1f}" width="{width:.1f}" '
        f'height="{110 * number / most:.1f}"><title>{day:%d %b %Y}: {number}</title></rect>'
        for at, (day, number) in enumerate(zip(days, numbers, strict=True))
        if number
    )
    said = (
        f"{label}: {sum(numbers)} from {first:%d %b %Y} to {last:%d %b %Y}, at most {most if any(numbers) else 0} a day"
    )
    ends = f'<p class="ends soft"><span>{first:%d %b %Y}</span><span>at most {most if any(numbers) else 0} a day</span>'
    return Markup(
        f'<svg viewBox="0 0 960 122" preserveAspectRatio="none" role="img" aria-label="{escape(said)}">'
        f'<line x1="0" y1="120" x2="960" y2="120"/>{bars}</svg>{ends}<span>{last:%d %b %Y}</span></p>'
    )


def page(title: str, body: Iterable[Markup]) -> str:
    """A whole document: no script, nothing loaded from anywhere, and a policy that says so."""
    inside = joined(body)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(plain(title))}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(plain(title))}</h1>{inside.html}</main></body></html>\n"
    )


_STYLE = """
:root{color-scheme:light dark;--ink:#1b1d22;--paper:#fff;--soft:#5b616e;--line:#d6d9e0;--mark:#ffe48a}
:root{--bar:#2f5fb3;--link:#1a4fa0;--plus:#1d7a3a;--minus:#b3261e}
@media(prefers-color-scheme:dark){
:root{--ink:#e8eaee;--paper:#16181d;--soft:#a3aab8;--line:#363b46;--mark:#6b5600}
:root{--bar:#7aa7f0;--link:#8fb6ff;--plus:#6fd08c;--minus:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:break-word}
main{max-width:64rem;margin:0 auto;padding:1.25rem}
h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;margin:2rem 0 .5rem}p{margin:.4rem 0}
.soft{color:var(--soft);font-size:.9rem}.plus{color:var(--plus)}.minus{color:var(--minus)}
mark{background:var(--mark);color:inherit;padding:0 .1em;border-radius:.15em}a{color:var(--link)}
ul{list-style:none;margin:.5rem 0;padding:0}li{border-top:1px solid var(--line);padding:.6rem 0}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{text-align:left;color:var(--soft);padding:.3rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem .4rem 0;border-top:1px solid var(--line);min-width:4rem}
.stack td:nth-child(3){min-width:14rem}.stack td:nth-child(5){min-width:9.5rem}.stack td:first-child{min-width:6rem}
.wide:not(:has(.stack)) td:first-child{width:60%}
svg{display:block;width:100%;height:7.5rem;margin:.5rem 0 0}rect{fill:var(--bar)}line{stroke:var(--line)}
@media(max-width:46rem){main{padding:1rem .8rem}
table.stack,.stack tbody,.stack tr,.stack td{display:block;width:100%;min-width:0}
.stack thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.stack td{border:0;padding:.05rem 0;overflow-wrap:anywhere}.stack td:empty{display:none}
.stack tr{border-top:1px solid var(--line);padding:.5rem 0}.stack caption{display:block}
.stack td::before{content:attr(data-head) ": ";color:var(--soft);font-size:.85rem}}
.ends{display:flex;justify-content:space-between;margin:0 0 .6rem}@media print{main{max-width:none}}
"""
