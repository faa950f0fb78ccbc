"""Short ids that people can read out and type: A-7Q2K for the alert of row 41,273.

A bijection of the row's number, so that an id never needs a table, never collides, and neighbours look different.
"""

from __future__ import annotations

#: Crockford's base 32: no I, L, O, U, so that nothing is misread (https://www.crockford.com/base32.html).
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE = len(LETTERS)
SHORTEST = 4
STEP = 387_420_489  # odd, so a bijection modulo every power of 32
#: The last row that a store can number.
LAST = 2**63 - 1
LONGEST = 13  # letters, enough for LAST


def encode(prefix: str, number: int) -> str:
    """`A-7Q2K` for a row's number (>= 0): four letters for the first million, then five, and so on."""
    length, first = SHORTEST, 0
    while number - first >= BASE**length:
        first += BASE**length
        length += 1
    scrambled = (number - first) * STEP % BASE**length
    digits = ""
    for _ in range(length):
        scrambled, digit = divmod(scrambled, BASE)
        digits = LETTERS[digit] + digits
    return f"{prefix}-{digits}"


def decode(text: str, prefix: str) -> int | None:
    """The row's number, None if `text` is no id of this kind; case and the prefix are optional."""
    digits = text.strip().upper().removeprefix(f"{prefix}-").translate(str.maketrans("ILO", "110"))
    if not SHORTEST <= len(digits) <= LONGEST or any(letter not in LETTERS for letter in digits):
        return None
    scrambled = 0
    for letter in digits:
        scrambled = scrambled * BASE + LETTERS.index(letter)
    size = BASE ** len(digits)
    first: int = sum(BASE**length for length in range(SHORTEST, len(digits)))
    number = first + int(scrambled * pow(STEP, -1, size) % size)
    return number if number <= LAST else None
