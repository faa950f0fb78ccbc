"""What looks like the language of expressions and is not: operators of other languages, small ones, curved quotes.

It says what was meant; it never repairs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from monitor.query.nodes import QueryError

_MEANT = {
    "AND": "и і та й et und y e &&  & +", "OR": "или або чи ou oder o || |", "NOT": "не ні нет sauf nicht no !",
    "NEAR/10": "near рядом поруч біля près nahe cerca",
}  # fmt: skip
_FOREIGN = {word: operator for operator, words in _MEANT.items() for word in words.upper().split()}
_MANY_MEANINGS = frozenset({"e", "o", "y", "no"})  # in small letters these are likelier words
_OWN = ("AND", "OR", "NOT")
_NEAR = re.compile(r"([^\W\d_]+)/(\d+)$")
_QUOTED = re.compile(r'="[^"]*"|"[^"]*"|([“”„‟«»‹])([^\s()"]*)')
_CLOSING = "“”‟«»›"
_SINGLE = re.compile(r"""(?<![^\s(:])([‘‚‛'])((?:[^‘’‚‛'()"]|[’'](?=\w))*)[’‘'](?![^\s)])""")
#: What stands for a part in parentheses beside words that stand together.
PART = "(…)"


def check_quotes(expression: str) -> None:
    """Raise QueryError for a typographic quotation mark that stands before more than one word."""
    for match in _QUOTED.finditer(expression):
        starts_a_word = match[1] and expression[match.start() - 1 : match.start()] in ("", " ", "(", ":", "\n", "\t")
        if starts_a_word and not (len(match[2]) > 1 and match[2][-1] in _CLOSING):
            inner = re.match(r"[“”„‟«»‹]\s*([^“”„‟«»‹›\"]*[^“”„‟«»‹›\"\s])", expression[match.start() :])
            phrase = inner[1] if inner else "open sky"
            raise QueryError(
                f'{match[1]} is no quotation mark here; use straight quotes: "{phrase}"', match.start() + 1
            )
    _check_single_quotes(expression)


def _check_single_quotes(expression: str) -> None:
    """The same for single ones: alone they are apostrophes, and no harm around one word."""
    straight = [match.span() for match in re.finditer(r'"[^"]*"', expression)]
    for match in _SINGLE.finditer(expression):
        words = match[2].split()
        is_quoted = any(start < match.start() < end for start, end in straight)
        if len(words) > 1 and not is_quoted and not {*_OWN} & {*words}:
            phrase = " ".join(words)
            raise QueryError(f'{match[1]} is no quotation mark; use double quotes: "{phrase}"', match.start() + 1)


def operators_meant(words: Sequence[str]) -> str | None:
    """What is to be said of `words` that stand together if operators of another look are among them."""
    meant = list(_operators(words))
    if not any(meant):
        return None
    shown = _written(words, meant)
    taken = [word for word, operator in zip(words, meant, strict=True) if operator]
    if "NEAR" in taken:
        return f"NEAR needs a number of words: write {shown}"
    is_phrase = all(word.islower() for word in taken) and PART not in words
    phrase = f'; for the phrase write "{" ".join(words)}"' if is_phrase else ""
    if any(not _is_own(word) for word in taken):
        return f"operators are AND, OR, NOT, NEAR/n: write {shown}{phrase}"
    return f"operators are written in capitals: {shown}{phrase}"


def _operators(words: Sequence[str]) -> Iterator[str]:
    """For each word the operator that it was meant to be, or nothing."""
    for at, word in enumerate(words):
        operator = _operator(word)
        may_stand = at + 1 < len(words) and (at > 0 or operator == "NOT")
        yield operator if may_stand else ""


def _is_own(word: str) -> bool:
    return word.upper() in _OWN or word.upper().partition("/")[0] == "NEAR"


def _operator(word: str) -> str:
    name, number = (near[1], near[2]) if (near := _NEAR.match(word)) else (word, "")
    if number:
        is_near = _FOREIGN.get(name.upper()) == "NEAR/10"
        return f"NEAR/{number}" if is_near else ""
    if _is_own(word):
        return word.upper() if word.upper() in _OWN else "NEAR/10"
    return "" if word in _MANY_MEANINGS else _FOREIGN.get(word.upper() if word.islower() else word, "")


def _written(words: Sequence[str], meant: Sequence[str]) -> str:
    """`words` as an expression: quotes around those that stand together, AND before a NOT that follows a term."""
    parts: list[str] = []
    for operator, group in groupby(zip(words, meant, strict=True), key=lambda pair: pair[1]):
        if not operator:
            phrase = [word.strip('"') for word, _ in group]
            parts.append(phrase[0] if len(phrase) == 1 else f'"{" ".join(phrase)}"')
            continue
        follows_a_term = bool(parts) and parts[-1] not in _OWN and not parts[-1].startswith("NEAR/")
        parts += ["AND", "NOT"] if operator == "NOT" and follows_a_term else [operator]
    return " ".join(parts)
