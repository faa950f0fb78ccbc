"""Stories in memory: the same look-up by key that the store has, for a file of articles without a store.

It must not read or write files.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.stories.fingerprints import Fingerprint
from monitor.stories.placing import LASTS, Candidate, Head, Placement, place

#: Candidates compared with a new article, those with most keys in common.
MOST_CANDIDATES = 100
#: Of a key's articles the latest so many are looked up: what more share says nothing particular.
MOST_PER_KEY = 300


@dataclass(slots=True)
class _Story:
    first: datetime
    last: datetime
    size: int


class Index:
    """Articles placed one after the other, in order of time."""

    def __init__(self) -> None:
        self._articles: list[tuple[str, str, datetime, Fingerprint, Head]] = []
        self._by_key: dict[int, list[int]] = defaultdict(list)
        self._stories: dict[str, _Story] = {}

    def add(self, article_id: str, seen: datetime, new: Fingerprint, head: Head | None = None) -> Placement:
        """Place an article; a new story is named after its first article. Returns it with the story's id filled."""
        placement = place(new, seen, self._candidates(new, seen), head)
        story_id = placement.story_id if placement.story_id is not None else article_id
        story = self._stories.setdefault(story_id, _Story(seen, seen, 0))
        story.last, story.size = max(story.last, seen), story.size + 1
        for key in new.keys:
            self._by_key[key].append(len(self._articles))
        self._articles.append((article_id, story_id, seen, new, head or Head()))
        return replace(placement, story_id=story_id)

    def _candidates(self, new: Fingerprint, seen: datetime) -> list[Candidate]:
        shared: Counter[int] = Counter()
        for key in new.keys:
            shared.update(self._by_key.get(key, ())[-MOST_PER_KEY:])
        copy_keys = set(new.copy_keys)
        best = sorted(shared, key=lambda row: (shared[row], row), reverse=True)[:MOST_CANDIDATES]
        return [self._candidate(row) for row in best if self._is_of_use(row, seen, copy_keys)]

    def _is_of_use(self, row: int, seen: datetime, copy_keys: set[int]) -> bool:
        _, _, earlier, kept, _ = self._articles[row]
        return seen - earlier <= LASTS or not copy_keys.isdisjoint(kept.copy_keys)

    def _candidate(self, row: int) -> Candidate:
        article_id, story_id, seen, kept, head = self._articles[row]
        story = self._stories[story_id]
        return Candidate(article_id, story_id, seen, kept, story.first, story.last, story.size, head)
