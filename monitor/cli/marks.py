"""Marked words on a terminal: bold where there are colours, between brackets where the words alone would not show.

It formats sentences; it chooses none.
"""

from __future__ import annotations

import os
import sys

import click

from monitor.render.evidence import Sentence


def shown(sentence: Sentence) -> str:
    """A sentence with its words marked; control characters are out of it already."""
    return "".join(_marked(span.text) if span.is_marked else span.text for span in sentence)


def _marked(text: str) -> str:
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        return click.style(text, bold=True, fg="yellow")
    return f"[{text}]"


def printable(text: str) -> str:
    """Without control characters, which are orders to a terminal."""
    return "".join(letter for letter in text if letter.isprintable())


def pieces(sentence: Sentence) -> list[dict[str, object]]:
    """For JSON: the spans in order."""
    return [{"text": span.text, "marked": span.is_marked} for span in sentence]
