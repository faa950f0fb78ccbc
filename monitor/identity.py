"""Which entries of a feed document are new: several names for each item, and the choice between known and unknown.

It sees only entries and a set of known names; it must never touch a store, a clock or the network.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from monitor.model import Entry


@dataclass(frozen=True, slots=True)
class Selection:
    """What a document shows that is new, and what else is to be remembered.

    `new` keeps the document's order, without duplicates within the document; a new entry's `identities` hold the
    names of its duplicates too, and all of them are to be stored. `learned` maps an unknown name of a known entry to
    a known name of the same entry, so that the next poll knows it by either. `known` are the entries seen before, in
    the document's order (for edits).
    """

    new: tuple[Entry, ...]
    learned: Mapping[str, str]
    known: tuple[Entry, ...] = ()


def identify(entries: Sequence[Entry], home: str | None = None) -> tuple[Entry, ...]:
    """The same entries with `identities` computed for this document. `home` is the feed's own web page."""
    raise NotImplementedError


def select_new(entries: Sequence[Entry], known: Collection[str]) -> Selection:
    """Split a document's entries into new and known. `known` needs at least the identities of `entries` the store has."""
    raise NotImplementedError
