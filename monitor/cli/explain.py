"""What `monitor check --explain` shows: each term with its forms, in the languages that it can be a word of.

It picks languages by the term's script and by what is known of the feeds; the forms are the matcher's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.match import Matcher


def forms(config: Config, matcher: Matcher) -> list[dict[str, object]]:
    """Every term that stands in a list or group: `term`, `language`, `forms`; one for each language."""
    known = spoken(config)
    return [
        {"term": term, "language": language, "forms": list(found)}
        for term in _terms(config)
        for language, found in matcher.forms(
            term, known if matcher.is_spelled(term) else languages_of(term, known)
        ).items()
        if found
    ]


def _terms(config: Config) -> list[str]:
    lists = [
        group
        for watchlist in config.watchlists
        for group in (*watchlist.terms.values(), *(watch.all + watch.any + watch.none for watch in watchlist.watches))
    ]
    return [
        term for term in dict.fromkeys(term for group in lists for term in group) if not term.startswith(("$", "="))
    ]


def spoken(config: Config) -> list[str]:
    """English, and what the feeds are known to be written in: by what they said when polled, and by tags that are
    language codes."""
    from monitor.assemble import languages
    from monitor.cli.feeds_list import states
    from monitor.language.detect import code

    said = [code(state.language) for state in states(config).values()]
    wanted = [
        language for watchlist in config.watchlists for watch in watchlist.watches for language in watch.languages
    ]
    found = dict.fromkeys(filter(None, ["en", *languages(config), *said, *map(code, wanted)]))
    return ["en", *sorted(language for language in found if language != "en")]


def languages_of(term: str, known: Sequence[str]) -> list[str]:
    """Those of `known` that are written in the term's script; where none of them has the word, what it likely is."""
    from monitor.language.detect import languages_in
    from monitor.language.scripts import is_written_in, main_script, script_languages

    script = main_script(term)
    fitting = [language for language in known if is_written_in(language, script)]
    if any(_knows(language, term) for language in fitting):
        return fitting
    guessed = [language for language in languages_in(term) if is_written_in(language, script)]
    likely = [language for language in guessed if language not in fitting and _knows(language, term)]
    return fitting + likely or guessed[:1] or sorted(script_languages(term) or ["en"])[:1]


def _knows(language: str, term: str) -> bool:
    """Whether each word of the term is in the language's table of forms."""
    from monitor.language.normalise import normalise
    from monitor.language.tables import table
    from monitor.language.tokens import TOKEN

    words = TOKEN.findall(normalise(term, language).text)
    found = table(language)
    return bool(words) and bool(found) and all(found.knows(word) for word in words)
