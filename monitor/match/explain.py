"""Why a watch is met by a document, and why not, clause by clause.

It judges with the same functions as the matcher and only adds words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from monitor.language.normalise import normalise
from monitor.language.tokens import TOKEN, word_end, word_start
from monitor.match.evaluate import judge
from monitor.match.program import CompiledWatch
from monitor.match.rules import AllOf, AnyOf, Leaf, Nearby, NoneOf, Rule, Whole
from monitor.match.view import View

if TYPE_CHECKING:
    from monitor.match.matcher import Verdict
    from monitor.match.reading import Reading


def verdict(compiled: CompiledWatch, reading: Reading) -> Verdict:
    """The verdict on a whole watch."""
    from dataclasses import replace

    return replace(_verdict(compiled.rule, reading), watch=compiled.watch.name, watchlist=compiled.watch.watchlist)


def _verdict(rule: Rule, reading: Reading) -> Verdict:
    from monitor.match.matcher import Verdict

    places = judge(rule, reading.facts)
    children = tuple(_verdict(part, reading) for part in _parts(rule))
    evidence = reading.evidence(places or (), snippets=True)
    return Verdict(rule.label, places is not None, _reason(rule, places is not None, reading), evidence, children)


def _near_miss(term: str, fields: tuple[str, ...], reading: Reading) -> str:
    """What stands in the article that looks like the term and is not counted as it."""
    views = [view for field in fields if (view := reading.views.get(field)) is not None]
    words = TOKEN.findall(normalise(term.strip("*"), reading.languages[0]).text)
    found = [[*dict.fromkeys(_alike(word, views))] for word in words]
    if not words or not all(found):
        return ""
    if len(words) > 1:
        return f"; its words are, but not side by side: {', '.join(alike[0] for alike in found)}"
    return f"; only {', '.join(repr(word) for word in found[0][:3])}"


def _alike(word: str, views: list[View]) -> Iterator[str]:
    """The words, as written, that hold `word`."""
    for view in views:
        at = view.text.find(word)
        while at >= 0:
            start, end = word_start(view.text, at), word_end(view.text, at + len(word))
            yield view.written(start, end)
            at = view.text.find(word, end)


def _parts(rule: Rule) -> tuple[Rule, ...]:
    match rule:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return parts
        case NoneOf(part=part):
            return (part,)
        case Nearby(left=left, right=right):
            return (left, right)
    return ()


def _reason(rule: Rule, is_met: bool, reading: Reading) -> str:
    match rule:
        case Leaf(fields=fields, label=label):
            return "" if is_met else f"not in {' or '.join(fields)}{_near_miss(label, fields, reading)}"
        case Whole(field=field):
            known = ", ".join(sorted(reading.facts.values[field])) or "not known"
            return "" if is_met else f"this article: {known}"
        case NoneOf():
            return "absent" if is_met else "present, so the watch is not met"
        case Nearby(left=left, right=right, distance=distance):
            if is_met:
                return ""
            absent = [part.label for part in (left, right) if judge(part, reading.facts) is None]
            return f"not there: {', '.join(absent)}" if absent else f"not within {distance} words of one another"
    return ""
