"""The forms of a word in a language: those of its table, and those that words like it have.

It gives forms in the one spelling of normalise.py; what else may be glued to a form is in clitics.py.
"""

from __future__ import annotations

from collections.abc import Set

from monitor.language.clitics import with_pronouns
from monitor.language.frequent import is_common
from monitor.language.irregular import irregular
from monitor.language.normalise import normalise
from monitor.language.persian import citation, past_forms, present_forms
from monitor.language.proper import endings, has_few_forms, may_be_compound, surname_forms
from monitor.language.scripts import is_written_in, script_of
from monitor.language.tables import Table
from monitor.language.tokens import is_word_character

_SHORTEST = 3  # letters; shorter forms would be found as other words too often
_STEM = 3  # Latin letters that a word keeps in a form that is only thought to be one

#: How sure a rule must be before its form counts: where no other word has the form, where a word without further
#: forms has it, where it is the lemma of another word, and where it is a form of another word. Chosen on the
#: sentences of 31 languages (as tests/bench/forms.py does), the same for all languages.
_SURE_ENOUGH = (0.06, 0.3, 0.8, 0.6)
_SURE_WHERE_FEW = 0.12  # instead of the first, in languages whose words have few forms
_ALWAYS = max(_SURE_ENOUGH)
_MOST_THOUGHT = 150  # forms that are only thought to be some, of one word: Turkish verbs have thousands

#: Languages whose dictionaries give participles, or words with an owner (Hungarian véleménye), only a form or two
#: under their word, and by themselves all the cases that these have.
_LAYERED = frozenset({"fi", "fr", "hu", "it", "lt", "lv", "pl"})
_MANY = 10  # forms of a word that has such layers

_Paradigm = tuple[str, list[str]]


def forms(word: str, language: str, table: Table) -> frozenset[str]:
    """Every known form of `word` (as the user writes it) in `language`, in one spelling, the word itself included."""
    spellings = spelled(word, language)
    found = set(spellings)
    if table and is_written_in(language, script_of(word)) and not word[-1:].isupper():  # БпЛА, PiS: as an acronym
        for spelling in spellings:
            if len(spelling) >= _SHORTEST:
                found |= _inflected(word, spelling, language, table)
    return frozenset(found | surname_forms(word, language))


def spelled(word: str, language: str) -> frozenset[str]:
    """`word` in one spelling, with the ways in which writers replace letters of it (ü by ue)."""
    plain = normalise(word, language).text
    found = {plain}
    if not word.isascii():
        small = word.lower()
        for letter, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("å", "aa")):
            if letter in small:
                found.add(normalise(small.replace(letter, written), language).text)
    if "I" in word and language in ("tr", "az"):
        found.add(normalise(word.replace("I", "i"), language).text)
    return frozenset(found)


def _inflected(word: str, spelling: str, language: str, table: Table) -> set[str]:
    paradigms = table.paradigms(spelling)
    own = [paradigm for paradigm in paradigms if paradigm[1][0] == spelling]
    exact = [paradigm for paradigm in own if paradigm[0] == word]
    chosen = exact or own or paradigms
    found = {form for _, inflected in chosen for form in inflected if len(form) >= _SHORTEST and _is_whole(form)}
    if language == "fa":
        found |= _persian_verb(spelling, table)
    if is_common(spelling, language):
        return found  # words like "the" are like no other word
    only = endings(word, spelling, language)
    if language in _LAYERED and word.islower():
        for _, inflected in chosen:
            found |= _layered(inflected, table)
    if word.islower():
        found |= irregular(spelling, language)
        if len(found) > _MANY:
            found |= with_pronouns(spelling, language)
    names = {lemma for lemma, _ in (*chosen, *own)}
    lemmas = {inflected[0] for _, inflected in chosen}
    if not (lemmas and has_few_forms(language)):
        lemmas.add(spelling)  # which may be what others take for the lemma: the stem of a Turkish verb
    least = _SURE_WHERE_FEW if has_few_forms(language) else _SURE_ENOUGH[0]
    for lemma in lemmas:
        _add_by_analogy(lemma, names, only, table, found, least)
    if may_be_compound(word, language) and not any(len(inflected) > 2 for _, inflected in chosen):
        found |= _as_compound(spelling, table)
    return found


def _persian_verb(spelling: str, table: Table) -> set[str]:
    """The forms of a verb under its other citation, if it is one."""
    other = citation(spelling)
    known = [inflected for _, inflected in table.paradigms(other or "") if inflected[0] == other]
    if other is None or not known:
        return set()
    listed = {form for inflected in known for form in inflected if len(form) >= _SHORTEST}
    past = min(spelling, other, key=len)
    made = past_forms(past) | present_forms(past, listed)
    return listed | {form for form in made if len(form) > _SHORTEST or form.startswith(past)}


def _layered(inflected: list[str], table: Table) -> set[str]:
    """The forms that forms of a word have as words by themselves: of participles, of which there are fewer than of the
    verb."""
    if len(inflected) < _MANY:
        return set()
    return {
        second
        for first in inflected[1:]
        for lemma, forms in table.paradigms(first)
        if forms[0] == first and len(forms) < len(inflected) and lemma.islower()
        for second in forms
        if len(second) >= _SHORTEST
    }


def _is_whole(form: str) -> bool:
    """Whether `form` is no abbreviation with a dot (co.) or contraction ('ve): what is left of these is no word."""
    return is_word_character(form[0]) and is_word_character(form[-1])


def _add_by_analogy(
    lemma: str, names: set[str], only: Set[str] | None, table: Table, found: set[str], least: float
) -> None:
    """Add the forms of `lemma` that words with its ending have, unless they rather belong to another word; where it is
    a name, those with an ending of names `only`."""
    if only is not None and not only:
        return
    longest_cut = len(lemma) - (_STEM if lemma.isascii() else 0)
    for cut, put, share in table.rules(lemma)[:_MOST_THOUGHT]:  # the surest come first
        if share < least:
            break
        if len(cut) > longest_cut or (only is not None and (cut or put not in only)):
            continue
        form = lemma[: len(lemma) - len(cut)] + put
        if form in found or len(form) < _SHORTEST or not lemma.endswith(cut):
            continue
        if share >= _ALWAYS or share >= _SURE_ENOUGH[_taken(form, names, table)]:
            found.add(form)


def _taken(form: str, names: set[str], table: Table) -> int:
    """How much `form` belongs to words other than `names`: 0 not at all to 3 as an inflected form."""
    if not table.knows(form):
        return 0
    others = [paradigm for paradigm in table.paradigms(form) if paradigm[0] not in names]
    if not others:
        return 0
    if any(len(inflected) > 1 and inflected[0] != form for _, inflected in others):
        return 3
    return 2 if any(len(inflected) > 1 for _, inflected in others) else 1


def _as_compound(word: str, table: Table) -> set[str]:
    """The forms of a long word whose end is a known word: Hundeschule as Schule, hingeben as geben."""
    for start in range(2, len(word) - 3):
        end = word[start:]
        if table.knows(end):
            known = [inflected for _, inflected in table.paradigms(end) if inflected[0] == end and len(inflected) > 1]
            if known:
                return {word[:start] + form for inflected in known for form in inflected}
    return set()
