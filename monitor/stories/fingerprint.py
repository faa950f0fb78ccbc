"""What is kept of an article to recognise its copies and other reports of its event: under a kilobyte, no text.

It must not hold state: the same title, text and language always give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """An article's fingerprint. Compare by `place` only; fields may change with VERSION.

    `keys` are signed 63-bit numbers: articles that share none are not alike. `copy_keys` are those of them that
    find copies and are worth keeping for years; the others serve only as long as a story is open (7 days).
    """

    keys: tuple[int, ...]
    copy_keys: tuple[int, ...]

    def to_bytes(self) -> bytes:
        """A compact form, under 1 kB, that `from_bytes` reads on any machine."""
        raise NotImplementedError

    @classmethod
    def from_bytes(cls, data: bytes) -> Fingerprint:
        """The fingerprint that `to_bytes` wrote. Raises ValueError on anything else."""
        raise NotImplementedError


def fingerprint(title: str, text: str = "", language: str | None = None) -> Fingerprint:
    """The fingerprint of an article; `text` may be empty, `language` is an ISO 639-1 code where known."""
    raise NotImplementedError
