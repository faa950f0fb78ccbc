"""Stories in memory: the same look-up by key that the store has, for a file of articles without a store.

It must not read or write files.
"""

from __future__ import annotations

from datetime import datetime

from monitor.stories.fingerprint import Fingerprint
from monitor.stories.place import Placement


class Index:
    """Articles placed one after the other, in order of time."""

    def __init__(self) -> None:
        raise NotImplementedError

    def add(self, article_id: str, seen: datetime, new: Fingerprint) -> Placement:
        """Place an article; a new story is named after its first article. Returns the placement, story id filled."""
        raise NotImplementedError
