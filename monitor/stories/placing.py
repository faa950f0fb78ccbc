"""Which story an article belongs to, among candidates that share a key with it, and why.

It must not look anything up, nor know what is told of a story.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from typing import Literal

from monitor.stories.fingerprints import Fingerprint
from monitor.stories.likeness import (
    copy_reason,
    has_same_particulars,
    is_one_word,
    likeness,
    text_likeness,
    title_likeness,
)
from monitor.stories.spine import survivors

#: A story takes no more reports this long after its last article …
CLOSES_AFTER = timedelta(hours=72)
#: … and at the latest this long after its first.
LASTS = timedelta(days=7)
#: The likeness of titles fades with age, to 1/e in this time.
FADES = timedelta(hours=72)
#: The same numbers and names tell the same event within this time.
CARRIES = timedelta(hours=48)
#: To a story of fewer articles no headline is joined by one word alone.
FEW = 3


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of an article beside its fingerprint; its language None where that is not known."""

    title: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier article that shares a key. `story_first` and `story_last` are when its story's first and last
    articles were seen, `story_size` how many articles it has; 0 is not known.
    """

    article_id: str
    story_id: str
    seen: datetime
    fingerprint: Fingerprint
    story_first: datetime
    story_last: datetime
    story_size: int = 0
    head: Head = Head()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an article belongs. first: a new story (`story_id` None, the caller names it). report: the same event
    in other words. copy: (nearly) the same text, in any language, however long ago; `of` is the article it is like.
    """

    story_id: str | None
    relation: Literal["first", "report", "copy"]
    of: str | None
    reason: str


def place(new: Fingerprint, seen: datetime, candidates: Sequence[Candidate], head: Head | None = None) -> Placement:
    """The story of an article first seen at `seen` (aware).

    Candidates may come in any order and be any number; more than about 100, the best by shared keys, bring nothing.
    """
    ordered = sorted(candidates, key=lambda candidate: (candidate.seen, candidate.article_id), reverse=True)
    placed = _as_copy(new, seen, ordered) or _as_report(new, seen, ordered)
    return placed or _as_told(new, head, seen, ordered) or _FIRST


_FIRST = Placement(None, "first", None, "nothing like it was seen before")


def _as_copy(new: Fingerprint, seen: datetime, candidates: Sequence[Candidate]) -> Placement | None:
    for candidate in candidates:
        reason = copy_reason(new, candidate.fingerprint, is_recent=_is_open(candidate, seen))
        if reason:
            return Placement(candidate.story_id, "copy", candidate.article_id, reason)
    return None


def _is_open(candidate: Candidate, seen: datetime) -> bool:
    return not is_closed(candidate.story_first, candidate.story_last, seen)


def is_closed(first: datetime, last: datetime, now: datetime) -> bool:
    """Whether a story, its first and last articles seen then, takes no more reports."""
    return now - last > CLOSES_AFTER or now - first > LASTS


def _as_report(new: Fingerprint, seen: datetime, candidates: Sequence[Candidate]) -> Placement | None:
    stories: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if _is_open(candidate, seen):
            stories[candidate.story_id].append(candidate)
    scored = [_scored(new, seen, members, len(stories)) for members in stories.values()]
    score, best = max(scored, key=lambda one: one[0], default=(0.0, None))
    if best is None or score < 1:
        return None
    return Placement(best.story_id, "report", best.article_id, _reason(new, best.fingerprint))


def _as_told(
    new: Fingerprint, head: Head | None, seen: datetime, candidates: Sequence[Candidate]
) -> Placement | None:
    """The same event in other words of another language, by what carries over; the headlines have to name it, too."""
    if head is None or head.language is None:
        return None
    for candidate in candidates:
        is_recent = abs(seen - candidate.seen) <= CARRIES and _is_open(candidate, seen)
        is_foreign = candidate.head.language not in (None, head.language)
        if not (is_recent and is_foreign and has_same_particulars(new, candidate.fingerprint)):
            continue
        if survivors(head.title) & survivors(candidate.head.title):
            numbers = len(new.numbers & candidate.fingerprint.numbers)
            reason = f"the same event: {numbers} numbers and the names of it are the same"
            return Placement(candidate.story_id, "report", candidate.article_id, reason)
    return None


def _scored(new: Fingerprint, seen: datetime, members: Sequence[Candidate], crowd: int) -> tuple[float, Candidate]:
    """How well an article fits a story, from 1 on it belongs there; and the story's article that is most like it.

    Half of it is the likeness to that article and half the mean over all: a story does not grow by one odd link.
    """
    likes = [
        likeness(new, member.fingerprint, crowd) * _faded(new, member, abs(seen - member.seen)) for member in members
    ]
    best = max(likes)
    nearest = members[likes.index(best)]
    if len(members) < FEW and is_one_word(new, nearest.fingerprint):
        return 0.0, nearest
    return (best + sum(likes) / max(members[0].story_size, len(members))) / 2, nearest


def _faded(new: Fingerprint, member: Candidate, age: timedelta) -> float:
    """Titles alone fade fast, since they are soon alike by chance; texts slowly."""
    return exp(-age / (LASTS if new.text and member.fingerprint.text else FADES))


def _reason(new: Fingerprint, other: Fingerprint) -> str:
    titles, texts = title_likeness(new, other), text_likeness(new, other)
    with_texts = "" if texts is None else f", texts {texts:.0%}"
    return f"the same event: titles {titles:.0%} alike{with_texts}"
