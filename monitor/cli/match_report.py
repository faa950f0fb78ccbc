"""What `monitor match` shows a person: the text with the words marked, and each watch's verdict clause by clause.

It formats verdicts; it judges nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from monitor.model import Document, Evidence

if TYPE_CHECKING:
    from monitor.match import Matcher, Verdict


def report(matcher: Matcher, document: Document, *, as_json: bool) -> None:
    """Print what is found in `document`."""
    verdicts = matcher.explain(document)
    language = matcher.language(document)
    if as_json:
        click.echo(json.dumps({"language": language, "watches": [asdict(v) for v in verdicts]}, ensure_ascii=False))
        return
    evidence = [piece for verdict in verdicts if verdict.is_met for piece in verdict.evidence]
    if document.title:
        click.echo(click.style(marked(document.title, evidence, "title"), bold=True) + "\n")
    click.echo(marked(document.text, evidence, "text").rstrip() + "\n")
    click.echo(f"language: {language or 'not known'}")
    for verdict in sorted(verdicts, key=lambda verdict: not verdict.is_met):
        for line in lines(verdict):
            click.echo(line)


def marked(text: str, evidence: list[Evidence], field: str) -> str:
    """`text` with every place in `evidence` between » and «."""
    spans = sorted({(piece.start, piece.end) for piece in evidence if piece.field == field})
    shown, at = [], 0
    for start, end in spans:
        if start >= at:
            shown += [text[at:start], click.style(f"»{text[start:end]}«", fg="green", bold=True)]
            at = end
    return "".join([*shown, text[at:]])


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
