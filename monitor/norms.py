"""What a feed usually shows, and when it departs from that: it shrank, fell to stubs, lost its encoding, fell silent.

Pure: facts of documents and times in, departures that begin or end out; it must not see a store or a clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from monitor.model import Entry

#: Documents after which there is a norm, and documents in a row that make a departure: one may be an accident.
KNOWN_AFTER = 5
IN_A_ROW = 2
#: A departure that stands so long is the new norm.
ACCEPTED_AFTER = timedelta(days=14)
#: What is small anyway says nothing when it shrinks: items of a document, characters of an item.
FEW_ITEMS = 8
SHORT_TEXT = 400
SHRUNK = 1 / 4
STUBS = 1 / 5
#: Shares of a document's items that hold damaged characters.
CLEAN, DAMAGED = 0.02, 0.3
_WEIGHT = 1 / 20
#: Letters of a text that are looked at for damage: a lost encoding shows in the first lines.
SAMPLE = 500
OF_DOCUMENTS = frozenset({"shrunk", "stubs", "damaged"})
#: The replacement character, and UTF-8 that was read as Latin-1 or windows-1252 (é as Ã©, ’ as â€™, д as Ð´).
_DAMAGE = re.compile("�|Ã[\u0080-¿ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|â€[\u0080-¿œ™“”¦]|[ÐÑ][\u0080-¿‚ƒ„…†‡ˆ‰]{1}[ÐÑ]")


@dataclass(frozen=True, slots=True)
class Shown:
    """Facts of a document: its items, the usual length of their text, the share of them with damaged characters."""

    items: int
    text: float
    damaged: float


@dataclass(frozen=True, slots=True)
class Norm:
    """The means of past documents, how many in a row depart from them, and since when a departure stands."""

    items: float = 0.0
    text: float = 0.0
    damaged: float = 0.0
    documents: int = 0
    row: Mapping[str, int] = field(default_factory=dict)
    since: Mapping[str, datetime] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for the feed's row."""
        return {
            "items": round(self.items, 1),
            "text": round(self.text),
            "damaged": round(self.damaged, 3),
            "documents": self.documents,
            "row": dict(self.row),
            "since": {kind: at.isoformat() for kind, at in self.since.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Norm:
        """The inverse of `to_json`; nothing known where there is nothing."""
        if not data:
            return cls()
        since = {kind: datetime.fromisoformat(at) for kind, at in data["since"].items()}
        return cls(data["items"], data["text"], data["damaged"], data["documents"], data["row"], since)


def shown(entries: Sequence[Entry]) -> Shown:
    """The facts of a whole document."""
    texts = [f"{entry.title} {entry.summary[:SAMPLE]} {entry.content[:SAMPLE]}" for entry in entries]
    lengths = [max(len(entry.content), len(entry.summary)) for entry in entries]
    damaged = sum(not text.isascii() and bool(_DAMAGE.search(text)) for text in texts)
    return Shown(len(entries), median(lengths) if lengths else 0, damaged / len(texts) if texts else 0.0)


def after_document(norm: Norm, seen: Shown, now: datetime) -> Norm:
    """The norm after a document; `since` tells which departures stand now."""
    departs = {"shrunk": _is_shrunk(norm, seen), "stubs": _is_stubs(norm, seen), "damaged": _is_damaged(norm, seen)}
    if norm.documents < KNOWN_AFTER:
        departs = dict.fromkeys(departs, False)
    row = {kind: norm.row.get(kind, 0) + 1 for kind, is_so in departs.items() if is_so}
    old = {kind for kind, at in norm.since.items() if kind in departs and now - at >= ACCEPTED_AFTER}
    since = {kind: at for kind, at in norm.since.items() if kind not in departs}  # what documents say nothing of
    since |= {kind: norm.since.get(kind, now) for kind, times in row.items() if times >= IN_A_ROW and kind not in old}
    weight = max(1 / (norm.documents + 1), _WEIGHT)
    return Norm(
        _mean(norm.items, seen.items, weight, departs["shrunk"], "shrunk" in old),
        _mean(norm.text, seen.text, weight, departs["stubs"], "stubs" in old),
        _mean(norm.damaged, seen.damaged, weight, departs["damaged"], "damaged" in old),
        norm.documents + 1,
        {kind: times for kind, times in row.items() if kind not in old},
        since,
    )


def _mean(before: float, now: float, weight: float, departs: bool, is_accepted: bool) -> float:
    """What departs does not move the norm, until it is the norm."""
    if is_accepted:
        return now
    return before if departs else before + weight * (now - before)


def _is_shrunk(norm: Norm, seen: Shown) -> bool:
    return norm.items >= FEW_ITEMS and seen.items < norm.items * SHRUNK


def _is_stubs(norm: Norm, seen: Shown) -> bool:
    return norm.text >= SHORT_TEXT and seen.items > 0 and seen.text < norm.text * STUBS


def _is_damaged(norm: Norm, seen: Shown) -> bool:
    return norm.damaged <= CLEAN and seen.items >= 3 and seen.damaged >= DAMAGED


def marked(norm: Norm, kind: str, now: datetime, *, stands: bool) -> Norm:
    """The norm with a departure that something else than a document tells (a silence, a login page)."""
    if stands == (kind in norm.since):
        return norm
    others = {name: at for name, at in norm.since.items() if name != kind}
    return replace(norm, since=others | {kind: now} if stands else others)


def told(before: Norm, norm: Norm, now: datetime) -> set[str]:
    """Departures that began or ended; one that ended by becoming the norm is no recovery."""
    changed = norm.since.keys() ^ before.since.keys()
    accepted = {kind for kind, at in before.since.items() if kind in OF_DOCUMENTS and now - at >= ACCEPTED_AFTER}
    return changed - accepted
