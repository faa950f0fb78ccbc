"""Why a watch is met by a document, and why not, clause by clause.

It judges with the same functions as the matcher and only adds words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.match.evaluate import judge
from monitor.match.program import CompiledWatch
from monitor.match.rules import AllOf, AnyOf, Leaf, Nearby, NoneOf, Rule, Whole

if TYPE_CHECKING:
    from monitor.match.matcher import Reading, Verdict


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
        case Leaf(fields=fields):
            return "" if is_met else f"not in {' or '.join(fields)}"
        case Whole(field=field):
            known = ", ".join(sorted(reading.facts.values[field])) or "not known"
            return "" if is_met else f"this article: {known}"
        case NoneOf():
            return "absent" if is_met else "present, so the watch is not met"
        case Nearby(distance=distance):
            return "" if is_met else f"not within {distance} words of one another"
    return ""
