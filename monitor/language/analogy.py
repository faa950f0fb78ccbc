"""Rules of inflection learnt from a dictionary: which endings words of a kind take, and how sure that is.

It counts and applies; the words that it learns from come from build.py, and inflection.py decides what to believe.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

#: A rule: what is cut off the end of a lemma, and what is put there instead.
Rule = tuple[str, str]

LONGEST_ENDING = 5  # letters of a lemma's end that tell its kind
_FEWEST = 15  # lemmas that a kind is known from
_LONGEST_CUT = 4  # letters
_LEAST = 0.05  # share of the lemmas of a kind below which a rule is noise
ENOUGH = 40_000  # lemmas to learn from; more change nothing


def learn(paradigms: Iterable[list[str]]) -> dict[str, dict[Rule, float]]:
    """Ending of a lemma -> rules and their shares, learnt from forms with the lemma's own first."""
    lemmas: Counter[str] = Counter()
    uses: defaultdict[str, Counter[Rule]] = defaultdict(Counter)
    for forms in paradigms:
        if len(forms) >= 3 and len(forms[0]) >= 3 and " " not in forms[0]:
            _count(forms, lemmas, uses)
    return {ending: rules for ending in sorted(uses) if (rules := _shares(ending, lemmas, uses))}


def _count(forms: list[str], lemmas: Counter[str], uses: defaultdict[str, Counter[Rule]]) -> None:
    lemma = forms[0]
    rules = {rule for form in forms[1:] if len((rule := change(lemma, form))[0] + rule[1]) > 0}
    rules = {rule for rule in rules if len(rule[0]) <= min(_LONGEST_CUT, len(lemma) - 2)}
    for length in range(min(LONGEST_ENDING, len(lemma) - 1) + 1):
        ending = lemma[len(lemma) - length :]
        lemmas[ending] += 1
        uses[ending].update(rule for rule in rules if len(rule[0]) <= length)


def _shares(ending: str, lemmas: Counter[str], uses: dict[str, Counter[Rule]]) -> dict[Rule, float]:
    total = lemmas[ending]
    if total < _FEWEST:
        return {}
    ranked = sorted(uses[ending].items(), key=lambda item: (-item[1], item[0]))
    return {rule: n / total for rule, n in ranked if n >= _LEAST * total}


def change(lemma: str, form: str) -> Rule:
    """The rule that makes `form` of `lemma`."""
    shared = 0
    for a, b in zip(lemma, form, strict=False):
        if a != b:
            break
        shared += 1
    return lemma[shared:], form[shared:]


def endings(word: str) -> Iterator[str]:
    """The ends of `word` by which its kind may be known, the longest first."""
    for length in range(min(LONGEST_ENDING, len(word) - 1), -1, -1):
        yield word[len(word) - length :]


def encode(rules: dict[Rule, float]) -> list[str]:
    """`rules` as texts, for a table."""
    return [f"{cut},{put},{round(share * 100)}" for (cut, put), share in rules.items()]


def decode(text: str) -> tuple[str, str, float]:
    """What is cut, what is put instead, and the share, of one encoded rule."""
    cut, put, share = text.rsplit(",", 2)
    return cut, put, int(share) / 100
