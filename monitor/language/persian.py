"""Persian verbs, which are cited by the infinitive (شناختن) as by the past (شناخت): both are the same word.

It makes the past, which is regular, and the present of the stem that known forms show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

_PERSONS = ("", "م", "ی", "یم", "ید", "ند")
_PERFECT = ("", "ام", "ای", "ایم", "اید", "اند")
_PREFIXES = ("", "ن", "می", "نمی")


def citation(word: str) -> str | None:
    """The other word by which the verb `word` is cited: the infinitive of a past, the past of an infinitive."""
    if word.endswith(("تن", "دن")) and len(word) > 3:
        return word[:-1]
    return f"{word}ن" if word.endswith(("ت", "د")) and len(word) > 1 else None


def past_forms(past: str) -> set[str]:
    """Every form of the past and of the perfect that begins with `past`."""
    made = {prefix + past + person for prefix in _PREFIXES for person in _PERSONS}
    return made | {f"{prefix}{past}ه{person}" for prefix in _PREFIXES for person in _PERFECT}


def present_forms(past: str, known: Iterable[str]) -> set[str]:
    """Every form of the present, by the stem that several of the `known` forms have."""
    stems = Counter(
        form.removeprefix("می").removesuffix(person)
        for form in known
        if form.startswith("می") and not form.startswith(f"می{past}")
        for person in ("م", "یم", "ند", "ید")
        if form.endswith(person)
    )
    return {
        prefix + stem + person
        for stem, times in stems.items()
        if times > 1 and len(stem) > 1
        for prefix in ("می", "نمی", "ب", "ن")
        for person in ("م", "ی", "د", "یم", "ید", "ند")
    }
