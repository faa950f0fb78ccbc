"""Which entries of a feed document are new: several names for each item, and the choice between known and
unknown.

It sees only entries and a set of known names; it must never touch a store, a clock or the network.

An item is known if any of its names is. A name is given only where it can tell items apart in the document
at hand, so that a guid used twice, a link to the front page or a title that returns every day never merges
two items; and there is more than one, so that an edited title, a moved date, a new guid or https instead of
http never makes a second one.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from monitor.model import Entry
from monitor.urls import canonical

#: Shorter ids and plain numbers up to four digits may be positions in the list, given anew in every document.
_MIN_GUID = 5
_POSITION = re.compile(r"\d{1,4}\Z")
_ARTICLE = re.compile(r"\d|-[^/]*-|[^/]{25,}")
_LETTERS = re.compile(r"[^\W_]+")
#: The same by a table, for what is ASCII: a tenth of the time.
_NO_LETTERS = {code: None for code in range(128) if not chr(code).isalnum()}
#: A text with fewer letters says too little to name an item alone.
_MIN_TEXT = 60


@dataclass(frozen=True, slots=True)
class Selection:
    """What a document shows that is new, and what else is to be remembered.

    `new` keeps the document's order, without duplicates within the document; a new entry's `identities`
    hold the names of its duplicates too, and all of them are to be stored. `learned` maps an unknown name
    of a known entry to a known name of the same entry, so that the next poll knows it by either. `known`
    are the entries seen before, in the document's order (for edits).
    """

    new: tuple[Entry, ...]
    learned: Mapping[str, str]
    known: tuple[Entry, ...] = ()


def identify(entries: Sequence[Entry], home: str | None = None) -> tuple[Entry, ...]:
    """The same entries with `identities` computed for this document. `home` is the feed's own web page."""
    front = {canonical(home)} if home else set()
    facts = [_facts(entry, front) for entry in entries]
    shared = _Shared.of(facts)
    strong = [_strong_names(fact, shared) for fact in facts]
    shared_parts = _shared_parts(facts) if not all(strong) else frozenset()
    return tuple(
        entry.named(tuple(names + _other_names(fact, shared_parts, is_strong=bool(names))))
        for entry, fact, names in zip(entries, facts, strong, strict=True)
    )


def select_new(entries: Sequence[Entry], known: Collection[str]) -> Selection:
    """Split a document's entries into new and known. `known` needs at least those of the entries'
    identities that the store has for this feed. Two entries that share a name are one item."""
    new: list[Entry] = []
    old: list[Entry] = []
    learned: dict[str, str] = {}
    for members in _grouped(entries):
        names = _all_names(members)
        anchor = next((name for name in names if name in known), None)
        if anchor is None:
            first = members[0]
            new.append(first if first.identities == names else replace(first, identities=names))
        else:
            old.extend(members)
            learned.update({name: anchor for name in names if name not in known})
    return Selection(tuple(new), learned, tuple(old))


def _all_names(members: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for entry in members for name in entry.identities))


def _grouped(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries in order, those that share a name together (also by way of a third)."""
    first = list(range(len(entries)))  # of each entry the earliest that it is known to be one with, step by step
    owner: dict[str, int] = {}
    for number, entry in enumerate(entries):
        for name in entry.identities:
            if (other := owner.setdefault(name, number)) != number:
                here, there = _earliest(first, number), _earliest(first, other)
                first[max(here, there)] = min(here, there)
    groups: dict[int, list[Entry]] = {}
    for number, entry in enumerate(entries):
        groups.setdefault(_earliest(first, number), []).append(entry)
    return list(groups.values())


def _earliest(first: list[int], number: int) -> int:
    while first[number] != number:
        first[number] = first[first[number]]  # paths are halved, so that no chain is walked twice
        number = first[number]
    return number


@dataclass(frozen=True, slots=True)
class _Facts:
    """What an entry can be named by. `guid` and `link` are None where they cannot name an item at all."""

    guid: str | None
    link: str | None
    title: str
    date: str
    text: str
    is_article_link: bool = False
    place: str = ""  # the link's fragment: one of several items on a page

    @property
    def weak(self) -> tuple[str, str, str]:
        return self.title, self.date, self.text

    @property
    def titled(self) -> str:
        """A name with what the publisher chose for telling this item from others at the same address."""
        return "\x00".join(("titled", self.guid or "", self.link or "", self.place or self.title))


def _facts(entry: Entry, front: Collection[str]) -> _Facts:
    link = entry.canonical_url or (canonical(entry.url) if entry.url else None)
    if link is not None and (link in front or _is_front_page(link)):
        link = None
    return _Facts(
        guid=_guid(entry.guid, front),
        link=link,
        title=_letters_of(entry.title),
        date=entry.published.isoformat(timespec="minutes") if entry.published else "",
        text=_letters(entry.content or entry.summary),
        place=entry.url.partition("#")[2] if entry.url else "",
        is_article_link=bool(link and _ARTICLE.search(link.partition("//")[2].partition("/")[2])),
    )


def _letters(text: str) -> str:
    """The first 500 letters of a text's first 2,000 characters; mostly they are among its first 700."""
    short = _letters_of(text[:700])
    if len(short) < 500 and len(text) > 700:
        short = _letters_of(text[:2000])
    return short[:500]


def _letters_of(text: str) -> str:
    """Letters and digits, in lower case."""
    bare = text.translate(_NO_LETTERS) if text.isascii() else "".join(_LETTERS.findall(text))
    return bare.casefold()


def _is_front_page(link: str) -> bool:
    if link.startswith("https://"):
        return link.find("/", 8) in (-1, len(link) - 1) and "?" not in link and "#" not in link
    parts = urlsplit(link)
    return parts.path in ("", "/") and not parts.query and not parts.fragment


def _guid(guid: str | None, front: Collection[str]) -> str | None:
    """An id that can name an item: not a position, not a filler (000…), not the front page; http is https."""
    if not guid or len(guid) < _MIN_GUID or _POSITION.match(guid) or len(set(guid) - set("-{}")) < 3:
        return None
    if guid.startswith(("http://", "https://")):
        same = canonical(guid)
        if same in front or _is_front_page(same):
            return None
        # Only the scheme's twin: a fragment or a parameter may be what tells ids apart.
        return re.sub(r"\Ahttps?://(?:www\.)?", "https://", guid)
    return guid


@dataclass(frozen=True, slots=True)
class _Shared:
    """Guids and links that several items of the document have in common, and whether its links are items'
    own."""

    guids: Collection[str]
    links: Collection[str]
    has_own_links: bool

    @classmethod
    def of(cls, facts: Sequence[_Facts]) -> _Shared:
        return cls(
            guids=_common([(fact.guid, fact.link, fact) for fact in facts]),
            links=_common([(fact.link, fact.guid, fact) for fact in facts]),
            has_own_links=len({fact.link for fact in facts if fact.link}) > 1,
        )


def _common(keyed: Sequence[tuple[str | None, str | None, _Facts]]) -> set[str]:
    """The keys (guids or links) that stand beside different others, or in items that are plainly not one."""
    groups: defaultdict[str, list[tuple[str | None, _Facts]]] = defaultdict(list)
    for key, other, fact in keyed:
        if key is not None:
            groups[key].append((other, fact))
    return {key for key, members in groups.items() if len(members) > 1 and _are_different(members)}


def _are_different(members: Sequence[tuple[str | None, _Facts]]) -> bool:
    """One item listed twice is the same in every respect but the date. Taking two versions for two items
    costs one message too many; taking two items for one would lose news."""
    return len({(other, fact.title, fact.text, fact.place) for other, fact in members}) > 1


def _several(pairs: Iterable[tuple[str, Hashable]]) -> set[str]:
    """The keys that stand beside more than one value."""
    seen: defaultdict[str, set[Hashable]] = defaultdict(set)
    for key, value in pairs:
        seen[key].add(value)
    return {key for key, values in seen.items() if len(values) > 1}


def _shared_parts(facts: Sequence[_Facts]) -> Collection[str]:
    """Parts (title and date, …) that several items of the document have in common."""
    return _several((part, fact.weak) for fact in set(facts) for part in (*_parts(fact), fact.titled))


def _strong_names(fact: _Facts, shared: _Shared) -> list[str]:
    """Names by guid and by link, where they are the item's own."""
    names = []
    if fact.guid and fact.guid not in shared.guids:
        names.append(_hash("guid", fact.guid))
    if fact.link and fact.link not in shared.links and (shared.has_own_links or fact.is_article_link):
        names.append(_hash("link", fact.link))
    return names


def _other_names(fact: _Facts, shared_parts: Collection[str], *, is_strong: bool) -> list[str]:
    """Names that hold when guid and link change, or are shared, or are none."""
    names = []
    if all(fact.weak) and len(fact.text) >= _MIN_TEXT:
        # A site that moves gives every item a new guid and link; title, minute and text stay.
        names.append(_hash("same", *fact.weak))
    if (fact.guid or fact.link) and (is_strong or fact.titled not in shared_parts):
        # What is shared in this document may be alone in the next: a name that both have.
        names.append(_hash(fact.titled))
    if not is_strong:
        own = (part for part in _parts(fact) if part not in shared_parts)
        names += [_hash(part, fact.guid or "", fact.link or "") for part in own]
    if not names and not is_strong:
        names = [_hash("all", fact.guid or "", fact.link or "", *fact.weak)]
    return names


def _parts(fact: _Facts) -> list[str]:
    """What is left to name an item by without guid and link: any two of title, date and text; alone only a
    long text, or whatever there is when there is nothing else."""
    title, date, text = fact.weak
    pairs = {"title+date": (title, date), "title+text": (title, text), "date+text": (date, text)}
    parts = ["\x00".join((kind, *pair)) for kind, pair in pairs.items() if all(pair)]
    if len(text) >= _MIN_TEXT:
        parts.append(f"text\x00{text}")
    return parts


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\x00".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
