"""Languages of the feeds that watches have no word in: a line a watchlist for words, and one for names.

It reads rules and tables of forms; it finds nothing in articles. Designations and acronyms are the same in all
languages, so that nothing is said of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from monitor.errors import Problem
from monitor.language.normalise import normalise
from monitor.language.respelling import respelled
from monitor.language.scripts import is_written_in, script_of
from monitor.language.tables import Table
from monitor.language.tokens import TOKEN
from monitor.match.evaluate import mentions
from monitor.match.lexicon import Atom, is_acronym, is_designation
from monitor.match.places import problem
from monitor.match.program import CompiledWatch, Program
from monitor.match.rules import AllOf, AnyOf, Leaf, Nearby, Rule

Tables = Callable[[str], Table]
_NAMED = 4  # watches that a line names


class _Has(Enum):
    """What a term is in a language: at home there, a name that the language spells in its own way, or nothing."""

    WORD = 2
    NAME = 1
    NOTHING = 0


@dataclass(frozen=True, slots=True)
class _Gap:
    """A watch with the languages of its feeds that it can be met in, and those that it can not."""

    compiled: CompiledWatch
    covered: tuple[str, ...]
    missing: tuple[str, ...]


def coverage(program: Program, feeds: Mapping[str, int], tables: Tables) -> Iterator[Problem]:
    """Watches of which a part has no word in some of the feeds' languages (language -> number of feeds)."""
    lists: dict[str, list[CompiledWatch]] = {}
    for compiled in program.watches:
        lists.setdefault(compiled.watch.watchlist, []).append(compiled)
    for watches in lists.values():
        for kind, next_step in (
            (_Has.NOTHING, "add words of these languages, or write with languages: […] which are meant"),
            (_Has.NAME, "spellings: [translit] finds names as these languages spell them"),
        ):
            gaps = [gap for one in watches if (gap := _gap(one, kind, program, feeds, tables)).missing]
            if gaps:
                yield problem(gaps[0].compiled.watch.where, f"{_said(gaps, feeds)}; {next_step}", is_warning=True)


def _gap(compiled: CompiledWatch, kind: _Has, program: Program, feeds: Mapping[str, int], tables: Tables) -> _Gap:
    """The languages in which the best that a watch has is `kind`."""
    languages = compiled.watch.languages
    has = {code: _best(compiled.rule, program, code, tables) for code in feeds if not languages or code in languages}
    covered = tuple(code for code, best in has.items() if best is not kind)
    return _Gap(compiled, covered, tuple(code for code, best in has.items() if best is kind))


def _said(gaps: Sequence[_Gap], feeds: Mapping[str, int]) -> str:
    missing = sorted({code for gap in gaps for code in gap.missing}, key=list(feeds).index)
    count = sum(feeds[code] for code in missing)
    use = f"which {count} of your feeds use" if count > 1 else "which one of your feeds uses"
    names = [gap.compiled.watch.name for gap in gaps]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    has = f"covered in {', '.join(gaps[0].covered)}; " if len(gaps) == 1 and gaps[0].covered else ""
    either = "one or more of " if len({gap.missing for gap in gaps}) > 1 else ""
    return f"{', '.join(names[:_NAMED])}{more}: {has}nothing in {either}{', '.join(missing)}, {use}"


def _best(rule: Rule, program: Program, language: str, tables: Tables) -> _Has:
    """The best that can meet a part of the watch."""

    def best(part: Rule) -> _Has:
        return _best(part, program, language, tables)

    match rule:
        case Leaf(atom=atom):
            return _in_language(program.atoms[atom], language, tables)
        case AnyOf(parts=parts):
            return max(map(best, parts), key=_rank, default=_Has.WORD)
        case AllOf(parts=parts):
            return min(map(best, filter(mentions, parts)), key=_rank, default=_Has.WORD)
        case Nearby(left=left, right=right):
            return min(map(best, (left, right)), key=_rank)
    return _Has.WORD


def _rank(has: _Has) -> int:
    return has.value


def _in_language(atom: Atom, language: str, tables: Tables) -> _Has:
    """What a term is in `language`, by the word of it that is least at home there."""
    words = atom.text.split()
    return min((_word_in_language(word, atom, language, tables) for word in words), key=_rank, default=_Has.WORD)


def _word_in_language(word: str, atom: Atom, language: str, tables: Tables) -> _Has:
    if is_designation(word) or is_acronym(word) or not any(map(str.isalpha, word)):
        return _Has.WORD
    if not is_written_in(language, script_of(word)):
        if atom.is_spelled:
            return _Has.WORD
        return _Has.NAME if word[:1].isupper() and respelled(word, language) else _Has.NOTHING
    if word[:1].isupper() or atom.is_exact or "*" in word or not word[:1].islower():
        return _Has.WORD
    known = tables(language)
    is_known = not known or all(known.knows(token) for token in TOKEN.findall(normalise(word, language).text))
    return _Has.WORD if is_known else _Has.NOTHING
