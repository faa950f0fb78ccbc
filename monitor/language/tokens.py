"""What a word is: runs of letters, digits and the marks that belong to them.

It knows no language; apostrophes, dashes and underscores end a word.
"""

from __future__ import annotations

import re

#: Vowel signs and tone marks of Indic scripts, which Python does not count as letters.
MARKS = (
    "\u0300-\u036f\u0900-\u0963\u0981-\u09e3\u0a01-\u0a75\u0a81-\u0ae3\u0b01-\u0b63\u0b82-\u0bd7"
    "\u0c00-\u0c63\u0c81-\u0ce3\u0d00-\u0d63\u0d82-\u0df3"
)
#: Letters and marks of scripts that are written without spaces; a word of another script ends where they begin.
RUNS = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ecd\u1000-\u103f\u1050-\u109f"
    "\u1780-\u17d3\u17d7\u17dc\u17dd\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff"
)
RUN = re.compile(f"[{RUNS}]")

#: One character of a word, for use in patterns.
LETTER = f"(?:(?![{RUNS}])[^\\W_]|[{MARKS}])"
TOKEN = re.compile(f"{LETTER}+|[{RUNS}]+")
PLAIN_TOKEN = re.compile(r"[^\W_]+")  # the same where no script has marks of its own or lacks spaces; quicker
_LETTER = re.compile(LETTER)

#: Words as NEAR counts them: in scripts without spaces a character of Chinese or Japanese, four letters of Thai.
COUNTED = re.compile(f"{LETTER}+|[\u3005-\u9fff\uf900-\ufaff]|[{RUNS}]{{1,4}}")

#: Letters that are looked at from one place: a text without an end of a word must not cost its length at each.
LONGEST = 80

#: What may stand between two words of a phrase.
GAP = re.compile(r"""[ \t\n\r]*(?:['"\-/&·‧・«»“”„’(\[]|[)\]](?=[ \-]))?[ \t\n\r]*""")


def is_word_character(character: str) -> bool:
    """Whether a word goes on with `character`."""
    if character < "\u0300":
        return character.isalnum()
    return _LETTER.match(character) is not None


def tokens(text: str) -> list[str]:
    """The words of `text`."""
    return TOKEN.findall(text)


def word_start(text: str, at: int, most: int = LONGEST) -> int:
    """Where the word that `at` stands in, or directly behind, begins; at most `most` letters away."""
    lowest = max(0, at - most)
    while at > lowest and is_word_character(text[at - 1]):
        at -= 1
    return at


def word_end(text: str, at: int, most: int = LONGEST) -> int:
    """Where the word that `at` stands in ends, at most `most` letters away."""
    highest = min(len(text), at + most)
    while at < highest and is_word_character(text[at]):
        at += 1
    return at
