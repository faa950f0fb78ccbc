"""What `monitor match` shows a person: the text with the words marked, and each watch's verdict clause by clause.

It formats verdicts; it judges nothing.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from monitor.model import Document, Evidence

if TYPE_CHECKING:
    from monitor.match import Matcher, Verdict

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def report(matcher: Matcher, document: Document, *, as_json: bool) -> None:
    """Print what is found in `document`."""
    verdicts = matcher.explain(document)
    language = matcher.language(document)
    if as_json:
        click.echo(json.dumps({"language": language, "watches": [asdict(v) for v in verdicts]}, ensure_ascii=False))
        return
    evidence = [piece for verdict in verdicts if verdict.is_met for piece in verdict.evidence]
    mark = _mark(document)
    if document.title:
        _write(_emphasised(marked(document.title, evidence, "title", mark)) + "\n")
    _write(marked(document.text, evidence, "text", mark))
    click.echo(f"language: {language or 'not known'}")
    for verdict in sorted(verdicts, key=lambda verdict: not verdict.is_met):
        for line in lines(verdict):
            click.echo(line)


#: Turns the words that were found into what shows them.
Mark = Callable[[str], str]


def _mark(document: Document) -> Mark:
    """Colour on a terminal; elsewhere as many brackets as the text has nowhere itself, so that nothing is confused."""
    if _has_colours():
        return lambda words: click.style(words, fg="green", bold=True)
    count = 2
    while any("[" * count in text or "]" * count in text for text in (document.title, document.text)):
        count += 1
    return lambda words: f"{'[' * count}{words}{']' * count}"


def _has_colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _emphasised(title: str) -> str:
    return click.style(title, bold=True) if _has_colours() else title


def _write(text: str) -> None:
    """`text` as it is, control characters and all: click would take out what looks like colours."""
    click.echo(text if text.endswith("\n") else f"{text}\n", color=True)


def marked(text: str, evidence: list[Evidence], field: str, mark: Mark) -> str:
    """`text` with every place in `evidence` marked, and else as it is; on a terminal without control characters, which
    are orders to it."""
    plain = _harmless if sys.stdout.isatty() else str
    spans = sorted({(piece.start, piece.end) for piece in evidence if piece.field == field})
    shown, at = [], 0
    for start, end in spans:
        if start >= at:
            shown += [plain(text[at:start]), mark(plain(text[start:end]))]
            at = end
    return "".join([*shown, plain(text[at:])])


def _harmless(text: str) -> str:
    return _CONTROL.sub("\ufffd", text)


def lines(verdict: Verdict, depth: int = 0) -> Iterator[str]:
    """One line a clause, its parts indented below it."""
    sign = click.style("✓", fg="green") if verdict.is_met else click.style("✗", fg="red")
    name = f"{verdict.watch}: {verdict.clause}" if verdict.watch and verdict.watch != verdict.clause else verdict.clause
    why = verdict.reason or (_places(verdict) if not verdict.children else "")
    yield "  " * depth + f"{sign} {name}" + (f" ({why})" if why else "")
    for child in verdict.children:
        yield from lines(child, depth + 1)


def _places(verdict: Verdict) -> str:
    words = list(dict.fromkeys(piece.text for piece in verdict.evidence))
    notes = list(dict.fromkeys(piece.note for piece in verdict.evidence if piece.note))
    shown = ", ".join(words[:5]) + (" …" if len(words) > 5 else "")
    return "; ".join([shown, *notes]) if shown else ""
