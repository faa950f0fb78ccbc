"""Stories: articles that report the same event, found by what is particular in them, in any language.

Fingerprints and placements are pure; where fingerprints are kept and looked up by key is the caller's business.
"""

from __future__ import annotations

from monitor.stories.fingerprints import Fingerprint, fingerprint
from monitor.stories.index import Index
from monitor.stories.placing import CLOSES_AFTER, LASTS, Candidate, Head, Placement, is_closed, place

__all__ = [
    "CLOSES_AFTER",
    "LASTS",
    "Candidate",
    "Fingerprint",
    "Head",
    "Index",
    "Placement",
    "fingerprint",
    "is_closed",
    "place",
]
