"""What may stand as the words of a term, wherever it is written: stars, letters, length.

It knows no operators.
"""

from __future__ import annotations

import re
from typing import get_args

from monitor.query.nodes import FieldName, QueryError, Term

MAX_WORDS = 20
MAX_LETTERS = 300


def check_words(term: Term) -> None:
    """Raise QueryError if nothing could ever be found by `term`, or nearly everything."""
    if not any(character.isalnum() for character in term.text):
        shown = term.text or '""'
        raise QueryError(f"{shown} holds no letter or digit, so it can never match; write a word", term.column)
    if len(term.text) > MAX_LETTERS or len(term.text.split()) > MAX_WORDS:
        raise QueryError(f"a phrase has at most {MAX_WORDS} words; use AND or NEAR/n between shorter ones", term.column)
    if term.kind == "words":
        _check_field(term)
        for word in term.text.split():
            _check_stars(word, term.column)


def _check_field(term: Term) -> None:
    """A word before a colon that is nearly the name of a field was meant to be one."""
    if found := re.match(r"([a-z]{3,8}):(?=\S)", term.text):
        from difflib import get_close_matches

        if near := get_close_matches(found[1], get_args(FieldName), n=1, cutoff=0.7):
            meant = f"{near[0]}:{term.text[found.end() :]}"
            raise QueryError(f"there is no field {found[1]}:; did you mean {meant}?", term.column)


def _check_stars(word: str, column: int) -> None:
    if "*" not in word:
        return
    bare = word.strip("*")
    if "*" in bare or (word.startswith("*") and word.endswith("*")):
        shown = bare.replace("*", "")
        raise QueryError(f"{word}: a star stands at one end of a word only; write {shown}* or *{shown}", column)
    if not re.search(r"\w", bare) or (len(bare) < 2 and bare.isascii()):
        raise QueryError(f"{word} would match nearly everything; write at least two letters", column)
