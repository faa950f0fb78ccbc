"""What a person should know of a watchlist that is not wrong: floods and traps; languages without a word.

It reads rules and lists of common words; it finds nothing in articles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from monitor.errors import Problem
from monitor.language.frequent import would_flood
from monitor.language.tokens import TOKEN
from monitor.match.coverage import Tables, coverage
from monitor.match.lexicon import is_acronym
from monitor.match.places import problem
from monitor.match.program import CompiledWatch, Program, findings
from monitor.match.rules import AllOf, AnyOf, Leaf, Rule


def warnings(program: Program, feeds: Mapping[str, int], tables: Tables) -> Iterator[Problem]:
    """Everything that `monitor check` warns of in the terms of `program`; `feeds`: language -> number of feeds."""
    for compiled in program.watches:
        watch = compiled.watch
        for finding, place in findings(watch, program.groups):
            if not finding.is_error:
                yield problem(place, f"watch {watch.name!r}: {finding.message}", finding.column, is_warning=True)
        yield from _floods(compiled, program, feeds)
    yield from coverage(program, feeds, tables)


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
