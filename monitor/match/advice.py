"""What a person should know of a watchlist that is not wrong: floods, traps, languages without a word.

It reads rules, forms and lists of common words; it finds nothing in articles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from monitor.errors import Problem
from monitor.language.frequent import would_flood
from monitor.language.normalise import normalise
from monitor.language.scripts import is_written_in, script_of
from monitor.language.tables import Table
from monitor.language.tokens import TOKEN
from monitor.match.evaluate import mentions
from monitor.match.lexicon import Atom, is_acronym, is_designation
from monitor.match.places import problem
from monitor.match.program import CompiledWatch, Program, findings
from monitor.match.rules import AllOf, AnyOf, Leaf, Nearby, Rule

Tables = Callable[[str], Table]


def warnings(program: Program, feeds: Mapping[str, int], tables: Tables) -> Iterator[Problem]:
    """Everything that `monitor check` warns of in the terms of `program`; `feeds`: language -> number of feeds."""
    for compiled in program.watches:
        watch = compiled.watch
        for finding, place in findings(watch, program.groups):
            if not finding.is_error:
                yield problem(place, f"watch {watch.name!r}: {finding.message}", finding.column, is_warning=True)
        yield from _floods(compiled, program, feeds)
        yield from _coverage(compiled, program, feeds, tables)


def _floods(compiled: CompiledWatch, program: Program, feeds: Mapping[str, int]) -> Iterator[Problem]:
    """Terms by themselves so common that nearly every article would be told."""
    for number in sorted(_sufficient(compiled.rule)):
        text = program.atoms[number].text
        # Not every feed says its language: what would flood in English is always said.
        languages = compiled.watch.languages or ({*feeds, "en"} if feeds else ("en", "fr", "de", "es", "ru"))
        common = [code for code in sorted(languages) if _floods_in(text, code)]
        if common:
            message = (
                f"{text} is in nearly every article in {', '.join(common)} and would flood; add a second term with AND"
            )
            where = _place(compiled, text)
            yield problem(where, f"watch {compiled.watch.name!r}: {message}", is_warning=True)


def _floods_in(text: str, language: str) -> bool:
    if is_acronym(text) or "*" in text:
        return False
    words = TOKEN.findall(text.lower())
    return bool(words) and all(would_flood(word, language) for word in words)


def _place(compiled: CompiledWatch, text: str) -> str:
    watch = compiled.watch
    for key in ("any", "all"):
        if text in getattr(watch, key):
            return watch.places.get(f"{key}[{getattr(watch, key).index(text)}]", watch.where)
    return watch.places.get("match", watch.where)


def _sufficient(rule: Rule) -> set[int]:
    """Terms each of which is enough for the rule to be met."""
    match rule:
        case Leaf(atom=atom):
            return {atom}
        case AnyOf(parts=parts):
            return set().union(*map(_sufficient, parts))
        case AllOf(parts=parts) if len(parts) == 1:
            return _sufficient(parts[0])
    return set()


def _coverage(compiled: CompiledWatch, program: Program, feeds: Mapping[str, int], tables: Tables) -> Iterator[Problem]:
    """Languages of the feeds in which the watch can never be met, as a part of it has no word there."""
    if not feeds:
        return
    watch = compiled.watch
    wanted = {code: count for code, count in feeds.items() if not watch.languages or code in watch.languages}
    covered = [code for code in wanted if _is_covered(compiled.rule, program, code, tables)]
    missing = [code for code in wanted if code not in covered]
    if missing:
        count = sum(wanted[code] for code in missing)
        has = f"covered in {', '.join(covered)}; " if covered else ""
        use = f"which {count} of your feeds use" if count > 1 else "which one of your feeds uses"
        message = f"{watch.name}: {has}nothing in {', '.join(missing)}, {use}"
        yield problem(watch.where, message, is_warning=True)


def _is_covered(rule: Rule, program: Program, language: str, tables: Tables) -> bool:
    match rule:
        case Leaf(atom=atom):
            return has_word(program.atoms[atom], language, tables)
        case AnyOf(parts=parts):
            return any(_is_covered(part, program, language, tables) for part in parts)
        case AllOf(parts=parts):
            return all(_is_covered(part, program, language, tables) for part in parts if mentions(part))
        case Nearby(left=left, right=right):
            return all(_is_covered(part, program, language, tables) for part in (left, right))
    return True


def has_word(atom: Atom, language: str, tables: Tables) -> bool:
    """Whether a term is a word of `language`: known to its table, or a name, acronym or designation in its script."""
    return all(_is_word(word, atom, language, tables) for word in atom.text.split())


def _is_word(word: str, atom: Atom, language: str, tables: Tables) -> bool:
    if is_designation(word):
        return True
    if not is_written_in(language, script_of(word)):
        return atom.is_spelled
    if word[:1].isupper() or atom.is_exact or "*" in word or not word[:1].islower():
        return True
    known = tables(language)
    return not known or all(known.knows(token) for token in TOKEN.findall(normalise(word, language).text))
