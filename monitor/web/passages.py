"""A long text cut into paragraphs with the words that were found marked.

Pure; the text is untrusted and stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.render.evidence import Sentence, Span, joined
from monitor.render.text import same_length, shorten

#: Characters of a text that are shown; the rest is on the publisher's page.
MOST_TEXT = 60_000


def cut(sentence: Sentence, limit: int = 300) -> Sentence:
    """The beginning of a sentence."""
    kept, left = [], limit
    for span in sentence:
        if left <= 0:
            break
        text = span.text if len(span.text) <= left else shorten(span.text, left)
        kept.append(Span(text, span.is_marked))
        left -= len(span.text)
    return tuple(kept)


def paragraphs(text: str, places: Iterable[tuple[int, int]]) -> list[Sentence]:
    """The text by its lines, with what stands at `places` marked."""
    safe = same_length(text)
    marked = joined(places)
    found, at = [], 0
    for line in safe.split("\n"):
        if line.strip():
            found.append(_spans(line, at, marked))
        at += len(line) + 1
    return found


def _spans(line: str, offset: int, places: Sequence[tuple[int, int]]) -> Sentence:
    spans, at = [], 0
    for start, end in places:
        low, high = max(start - offset, at), min(end - offset, len(line))
        if low >= high:
            continue
        if low > at:
            spans.append(Span(line[at:low]))
        spans.append(Span(line[low:high], is_marked=True))
        at = high
    if at < len(line):
        spans.append(Span(line[at:]))
    return tuple(spans)
