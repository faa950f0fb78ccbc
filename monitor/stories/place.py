"""Which story an article belongs to, among candidates that share a key with it, and why.

It must not look anything up, nor know what is told of a story.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from monitor.stories.fingerprint import Fingerprint

#: A story takes no more reports this long after its last article …
CLOSES_AFTER = timedelta(hours=72)
#: … and at the latest this long after its first.
LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier article that shares a key. `story_first` and `story_last` are when its story's first and last
    articles were seen; `shared` is how many keys it shares, where known."""

    article_id: str
    story_id: str
    seen: datetime
    fingerprint: Fingerprint
    story_first: datetime
    story_last: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an article belongs. first: a new story (`story_id` None, the caller names it). report: the same event in
    other words. copy: (nearly) the same text, in any language, however long ago; `of` is the article it is like."""

    story_id: str | None
    relation: Literal["first", "report", "copy"]
    of: str | None
    reason: str


def place(new: Fingerprint, seen: datetime, candidates: Sequence[Candidate]) -> Placement:
    """The story of an article first seen at `seen` (aware). Candidates may come in any order and be any number; more
    than about 100, the best by shared keys, bring nothing."""
    raise NotImplementedError
