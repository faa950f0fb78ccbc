"""The sentences that show why a watch hit, with the words marked: which ones to show, cut to size around
the words.

It must not escape or know a receiver; a sentence is a row of spans, each marked or not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.model import Alert, Evidence
from monitor.render.facts import Style, headline, short
from monitor.render.text import ELLIPSIS, is_inside, plain

LONGEST = 320  # characters of a sentence
IN_HEADLINE = "In the headline: "  # before words that stand nowhere else: said of the article, no sentence of it


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence. Marked ones are the words that were found."""

    text: str
    is_marked: bool = False


Sentence = tuple[Span, ...]


def sentences(alert: Alert, style: Style) -> tuple[Sentence, ...]:
    """At most `style.sentences` sentences that together show as many different terms as possible, in
    reading order.

    What stands in the headline is shown as a sentence only where nothing else was found.
    """
    if style.sentences <= 0:
        return ()
    groups = _by_sentence(alert)
    chosen = covering(_terms(groups), min(style.sentences, 3))
    if not chosen:
        return _of_headline(alert)
    return tuple(mark(snippet, [piece.text for piece in groups[snippet]]) for snippet in chosen)


def in_quotes(said: str) -> str:
    """A sentence of the article in quotation marks; what is said of it stands without."""
    return said if said.startswith(IN_HEADLINE) else f"“{said}”"


def marked_headline(alert: Alert) -> Sentence:
    """The headline with the words of evidence found in it marked."""
    words = [piece.text for hit in alert.hits for piece in hit.evidence if piece.field == "title"]
    return mark(headline(alert.article), words, longest=10_000)


def first_sentence(alert: Alert, style: Style) -> str:
    """The best sentence as plain text, for a preview; "" if there is none."""
    chosen = covering(_terms(_by_sentence(alert)), 1) if style.sentences > 0 else ()
    return "".join(span.text for span in mark(chosen[0], [])) if chosen else ""


def mark(text: str, words: Iterable[str], longest: int = LONGEST) -> Sentence:
    """`text`, cleaned, with every occurrence of `words` marked, cut to about `longest` characters around
    them."""
    clean = plain(text)
    places = _places(clean, [plain(word) for word in words])
    clean, places = _window(clean, places, longest)
    spans: list[Span] = []
    at = 0
    for start, end in places:
        if start > at:
            spans.append(Span(clean[at:start]))
        spans.append(Span(clean[start:end], is_marked=True))
        at = end
    if at < len(clean):
        spans.append(Span(clean[at:]))
    return tuple(spans)


def _by_sentence(alert: Alert) -> dict[str, list[Evidence]]:
    """Evidence outside the headline, also where the text begins with it, by the sentence it stands in, in
    reading order."""
    title = headline(alert.article).casefold()
    pieces = [piece for hit in alert.hits for piece in hit.evidence if piece.field != "title"]
    groups: dict[str, list[Evidence]] = {}
    for piece in sorted(pieces, key=lambda piece: (piece.field != "text", piece.start)):
        snippet = plain(piece.snippet) or plain(piece.text)
        if snippet.casefold() == title:
            continue
        if piece.field != "text":
            snippet = f"{short(piece.field)}: {snippet}"
        if plain(piece.text):
            groups.setdefault(snippet, []).append(piece)
    return groups


def _terms(groups: Mapping[str, Sequence[Evidence]]) -> dict[str, set[str]]:
    return {snippet: {piece.term for piece in pieces} for snippet, pieces in groups.items()}


def covering(terms: Mapping[str, Collection[str]], limit: int) -> list[str]:
    """Of sentences, each with what was found in it, the few that show most of it; in the order given."""
    order = {snippet: place for place, snippet in enumerate(terms)}
    left, shown, chosen = {snippet: set(found) for snippet, found in terms.items()}, set[str](), list[str]()
    while left and len(chosen) < limit:
        best = max(left, key=lambda snippet: (len(left[snippet] - shown), -order[snippet]))
        shown |= left.pop(best)
        chosen.append(best)
    return sorted(chosen, key=order.__getitem__)


def _of_headline(alert: Alert) -> tuple[Sentence, ...]:
    words = dict.fromkeys(plain(piece.text) for hit in alert.hits for piece in hit.evidence if piece.field == "title")
    found = [short(word) for word in words if word][:6]
    if not found:
        return ()
    spans = [Span(IN_HEADLINE)]
    for place, word in enumerate(found):
        spans += [Span(", "), Span(word, is_marked=True)] if place else [Span(word, is_marked=True)]
    return (tuple(spans),)


def _places(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where `words` stand in `text`, as whole words where they stand so at all, overlaps joined."""
    found: list[tuple[int, int]] = []
    for word in {word for word in words if word}:
        everywhere = list(_occurrences(text, word))
        found += [place for place in everywhere if _is_whole(text, *place)] or everywhere
    return joined(found)


def joined(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, overlaps joined."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _occurrences(text: str, word: str) -> Iterable[tuple[int, int]]:
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + len(word))


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


def _window(text: str, places: list[tuple[int, int]], longest: int) -> tuple[str, list[tuple[int, int]]]:
    """Cut `text` so that the first marked word stays in sight, at spaces where there are some."""
    if len(text) <= longest:
        return text, places
    first = places[0][0] if places else 0
    low = max(0, min(first - longest // 3, len(text) - longest))
    high = min(len(text), low + longest)
    low, high = _at_space(text, low, 1), _at_space(text, high, -1)
    head, tail = (ELLIPSIS if low else ""), (ELLIPSIS if high < len(text) else "")
    shift = len(head) - low
    kept = [(max(start, low) + shift, min(end, high) + shift) for start, end in places if start < high and end > low]
    return head + text[low:high] + tail, kept


def _at_space(text: str, index: int, step: int) -> int:
    """The next place from `index` in the direction of `step` that cuts no word, at most 24 characters on."""
    if index in (0, len(text)):
        return index
    for candidate in range(index, index + 24 * step, step):
        if 0 < candidate < len(text) and text[candidate - 1] == " ":
            return candidate if step > 0 else candidate - 1
    while is_inside(text, index):
        index += step
    return index
