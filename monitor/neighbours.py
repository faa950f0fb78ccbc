"""What a watch does not cover though it may be meant: words next to its terms, names beside its hits.

It proposes from the words of the archive; it must not write, nor decide that anything belongs to a watch.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from monitor.company import Company
from monitor.language.frequent import is_common
from monitor.language.indexing import BACKWARDS, index_words
from monitor.language.normalise import normalise
from monitor.language.tables import is_ready, table
from monitor.match import Matcher
from monitor.match.designation import parts_of
from monitor.match.lexicon import is_acronym, is_designation
from monitor.model import Document
from monitor.search import Found, Outlets, question, search
from monitor.store import search as index

SHORTEST = 5  # letters of a word whose neighbours are looked at: short ones are words of their own
LEAST = 2  # articles that hold a neighbour
PROPOSED = 5  # of each kind and watch
LIFT = 5.0  # how much more often a name stands beside the hits than elsewhere
LOOKED_AT = 2000  # candidates of one proposal
SAME_COMPANY = 0.25  # of its articles, where a word is to be another spelling of a term
#: Names that stand beside everything.
_CALENDAR = re.compile(
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|"
    "september|october|november|december"
)
_NAME = re.compile(r"(?<![.!?…:“\"«] )(?<!^)\b([^\W\d_a-zа-яё][\w’'-]+(?: [^\W\d_a-zа-яё][\w’'-]+){0,2})")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A term that may belong to a watch: in how many articles it is, and in how many of them the watch is not."""

    text: str
    why: str
    articles: int
    new: int
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Watching:
    """A watch with what it finds: `terms` as written, `hits` the newest."""

    matcher: Matcher
    terms: tuple[str, ...]
    hits: tuple[Found, ...]


def forms(connection: Connection, watching: Watching, outlets: Outlets, since: datetime) -> Iterator[Neighbour]:
    """Words of the archive that differ from a name of the watch by a letter or two, or from a designation by a figure,
    and keep the company of its hits. What a dictionary knows is another word, not another spelling."""
    company = Company.of(watching.hits)
    for term in watching.terms:
        near = _designations(connection, term) if is_designation(term) else _spellings(connection, term, watching)
        ranked = sorted(near.items(), key=lambda one: (-one[1], one[0]))
        proposed = 0
        for word, _ in ranked[: 3 * PROPOSED]:
            found = _weighed(connection, word, f"one step from {term}", (watching, company), outlets, since)
            if found is not None and proposed < PROPOSED:
                proposed += 1
                yield found


def _designations(connection: Connection, term: str) -> dict[str, int]:
    """Designations of the archive that are one letter or figure away: Su-34 for Su-35."""
    parts = parts_of(term)
    if len(parts) < 2 or parts[0].isdigit() or not parts[1].isdigit():
        return {}
    letters = normalise(parts[0]).text
    own = letters + parts[1]
    near: Counter[str] = Counter()
    for word, number in index.vocabulary(connection, letters).items():
        there = parts_of(word)
        if len(there) == 2 and there[0] == letters and 0 < distance(word, own) <= 1 and number >= LEAST:
            near[f"{parts[0]}-{there[1]}"] += number
    return dict(near)


def _spellings(connection: Connection, term: str, watching: Watching) -> dict[str, int]:
    """Words of the archive that are spelled nearly as a term of one word, and are in no dictionary."""
    if " " in term or "*" in term or term.startswith(("=", "$")) or is_acronym(term):
        return {}
    word = normalise(term).text
    languages = {found.language for found in watching.hits if found.language} or {"en"}
    if len(word) < SHORTEST or not word.isalpha() or (term.islower() and _is_known(word, languages)):
        return {}
    known = index.vocabulary(connection, word[:3])
    backwards = index.vocabulary(connection, BACKWARDS + word[:-4:-1])
    known |= {other[:0:-1]: number for other, number in backwards.items()}
    far = 2 if len(word) > 7 else 1
    return {
        other: number
        for other, number in known.items()
        if number >= LEAST
        and other.isalpha()
        and abs(len(other) - len(word)) <= far
        and 0 < distance(other, word) <= far
        and not _is_known(other, languages)
    }


def _is_known(word: str, languages: Iterable[str]) -> bool:
    """Whether a dictionary that is at hand has the word."""
    return any(is_ready(language) and table(language).knows(word) for language in languages)


def names(connection: Connection, watching: Watching, outlets: Outlets, since: datetime) -> Iterator[Neighbour]:
    """Names that stand in the sentences of the watch's hits far more often than elsewhere."""
    beside = Counter(name for found in watching.hits for name in _names_in(found))
    total = max(1, index.size(connection))
    least = max(LEAST, len(watching.hits) // 20)
    proposed = 0
    for name, number in beside.most_common(60):
        if number < least or proposed == PROPOSED:
            break
        elsewhere = _frequency(connection, name)
        lift = (number / len(watching.hits)) / max(elsewhere / total, 1 / total)
        if lift < LIFT:
            continue
        why = f"beside {number} of {len(watching.hits)} hits"
        found = _weighed(connection, name, why, (watching, None), outlets, since)
        if found is not None:
            proposed += 1
            yield found


def _names_in(found: Found) -> set[str]:
    """Words in capitals within the sentences of a hit, but not where a sentence begins."""
    sentences = ["".join(span.text for span in sentence) for sentence in found.sentences]
    words = {
        name.strip("’'-").removesuffix("’s").removesuffix("'s") for one in sentences for name in _NAME.findall(one)
    }
    return {word for word in words if len(word) > 2}


def _frequency(connection: Connection, name: str) -> int:
    """In how many articles the rarest of a name's words is."""
    words = [word for word in index_words(name) if word.isalnum()]
    return min((index.vocabulary(connection, word, 1).get(word, 0) for word in words), default=0)


def _weighed(
    connection: Connection,
    term: str,
    why: str,
    of: tuple[Watching, Company | None],
    outlets: Outlets,
    since: datetime,
) -> Neighbour | None:
    """A proposal with its evidence; None where the watch covers it, nothing is found, or the company is another."""
    watching, company = of
    quoted = f'"{term}"' if " " in term else term
    spoken = dict.fromkeys((None, *(found.language for found in watching.hits)))
    if any(_CALENDAR.fullmatch(term.casefold()) or is_common(term.casefold(), language or "en") for language in spoken):
        return None
    texts = ((text, language) for text in (term, term.capitalize()) for language in spoken)
    if any(watching.matcher.find(Document("", text, language=code), snippets=False) for text, code in texts):
        return None
    results = search(connection, question(quoted), outlets, limit=LOOKED_AT, since=since, most=LOOKED_AT)
    covered = {found.article_id for found in watching.hits}
    new = [found for found in results.found if found.article_id not in covered]
    if len(results.found) < LEAST or not new:
        return None
    if company is not None and company.words:
        if company.share(new) < SAME_COMPANY:
            return None
        why = f"{why}, beside {', '.join(company.kept_by(new))} as the hits are"
    written = Counter(piece.text for found in results.found for piece in found.evidence)
    shown = written.most_common(1)[0][0] if written else term
    return Neighbour(shown, why, len(results.found), len(new), tuple((one.id, one.title) for one in new[:3]))


def distance(one: str, other: str, most: int = 3) -> int:
    """How many letters have to be put in, taken out, changed or swapped (Damerau); `most` stands for more."""
    if abs(len(one) - len(other)) >= most:
        return most
    before: Sequence[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) >= most:
            return most
    return row[-1]


def terms_of(parts: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Distinct terms, in order."""
    return tuple(dict.fromkeys(term for part in parts for term in part))
