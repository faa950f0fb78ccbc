"""What kept a watch from being met by a document that came near it: the one thing that was absent or in the way.

It judges with the same functions as the matcher and only names what it finds; causes are few, so that they can be
counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.match.evaluate import FIELDS, Facts, judge
from monitor.match.rules import AllOf, AnyOf, Leaf, Nearby, NoneOf, Rule, Whole
from monitor.model import ABSENT

_NAMED, _LONGEST = 3, 60


def cause(rule: Rule, facts: Facts) -> str | None:
    """In words, why `rule`, which is not met, is not; None where no one thing would have made it met.

    It begins with `ABSENT` where words are missing, and otherwise names what every word was there for but: `none: …`,
    `only in text: …`, `not within 30 words: …`, `languages: en, fr`.
    """
    match rule:
        case AllOf(parts=parts):
            return _of_all(parts, facts)
        case AnyOf(parts=parts):
            causes = [found for part in parts if (found := cause(part, facts)) is not None]
            return min(causes, key=lambda one: one.startswith(ABSENT), default=None)
        case Nearby():
            return _apart(rule, facts)
        case Leaf():
            return _elsewhere(rule, facts)
    return None


def _of_all(parts: tuple[Rule, ...], facts: Facts) -> str | None:
    failing = [part for part in parts if judge(part, facts) is None]
    if len(failing) != 1:
        return None
    has_words = any(judge(part, facts) for part in parts if part is not failing[0])
    return cause(failing[0], facts) or (_named(failing[0], facts) if has_words else None)


def _named(rule: Rule, facts: Facts) -> str | None:
    """What is to be said of a part that is alone in failing beside words that were found."""
    match rule:
        case NoneOf(part=part):
            return f"none: {_short(next(_met(part, facts), part.label))}"
        case Whole(label=label):
            return _short(label)
        case AllOf():
            return None  # several of its words are absent
    return f"{ABSENT}{_alternatives(rule)}"


def _met(rule: Rule, facts: Facts) -> Iterator[str]:
    """The term, or the first of several alternatives, that is there."""
    if isinstance(rule, AnyOf):
        for part in rule.parts:
            yield from _met(part, facts)
    elif judge(rule, facts) is not None:
        yield rule.label


def _apart(rule: Nearby, facts: Facts) -> str | None:
    absent = [part for part in (rule.left, rule.right) if judge(part, facts) is None]
    if not absent:
        return f"not within {rule.distance} words: {_alternatives(rule.left)}, {_alternatives(rule.right)}"
    return f"{ABSENT}{_alternatives(absent[0])}" if len(absent) == 1 else None


def _elsewhere(leaf: Leaf, facts: Facts) -> str | None:
    there = [name for name in FIELDS if name not in leaf.fields and leaf.atom in facts.found.get(name, ())]
    return f"only in {' and '.join(there)}: {_short(leaf.label)}" if there else None


def _alternatives(rule: Rule) -> str:
    """A part by its terms: those of a list's `any:` have no name of their own."""
    if not isinstance(rule, AnyOf) or rule.label.startswith("$"):
        return _short(rule.label)
    names = [_short(part.label) for part in rule.parts]
    return " or ".join(names[:_NAMED]) + (" or …" if len(names) > _NAMED else "")


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"
