"""Designations: letters with digits (Su-35, T-72B3, 9M729), in every spelling that means the same thing.

It makes the pattern of one designation and judges one place at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from monitor.language.normalise import normalise
from monitor.language.tokens import GAP
from monitor.language.translit import letter_variants
from monitor.match.elements import Found
from monitor.match.view import View

_PART = re.compile(r"[^\W\d_]+|\d+")
_REACH = 48  # characters a designation may be long


@dataclass(frozen=True)
class Designation:
    """Parts of letters and of digits, in order. `words` are letter parts that are words in the article's language."""

    written: str
    words: frozenset[str] = frozenset()
    parts: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(_PART.findall(self.written)))

    @cached_property
    def _variants(self) -> list[list[str]]:
        return [[part] if part[0].isdigit() else letter_variants(normalise(part).text) for part in self.parts]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pieces = []
        for at, variants in enumerate(self._variants):
            joined = "|".join(map(re.escape, variants))
            pieces.append(f"(?:{joined})")
            if at + 1 < len(self.parts):
                pieces.append(r"(?: ?[-/] ?| ?)")
        listed = r"(?:\d+\w{0,3}/)*" if len(self.parts) > 1 and not self.parts[0][0].isdigit() else ""
        body = pieces[0] + "".join(pieces[1:2]) + listed + "".join(pieces[2:])
        end = r"(?!\d)(?![^\W_]{4})" if self.parts[-1][0].isdigit() else r"(?![^\W_]{4})"
        return re.compile(rf"(?<![^\W_]){body}{end}[^\W_]{{0,3}}(?![.,]\d)")

    def anchors(self) -> Iterable[str]:
        first, second = self._variants[0], self._variants[1][0] if len(self.parts) > 1 else ""
        if first[0][0].isdigit():
            return [first[0] + sep + letters for letters in self._variants[1] for sep in ("", "-", " ", " - ")]
        if len(first[0]) >= 4:
            return first
        return [letters + sep + second for letters in first for sep in ("", "-", " ", " - ", "- ", " -")] + ["/" + second]

    def at(self, view: View, start: int, end: int) -> Found | None:
        begin = start if view.text[start] != "/" else max(0, start - _REACH)
        for match in self._pattern.finditer(view.text, begin, min(len(view.text), end + _REACH)):
            if match.start() > start:
                return None
            if match.end() >= end and self._is_meant(view, match):
                return match.start(), match.end(), ""
        return None

    def _is_meant(self, view: View, match: re.Match[str]) -> bool:
        """A space between letters and digits counts only if the letters stand as in the term or in capitals."""
        found = view.written(match.start(), match.end())
        if " " not in found.strip():
            return True
        for part, written in zip(self.parts, _PART.findall(found), strict=False):
            if part[0].isdigit():
                continue
            if not (written.isupper() or written == part or (written.istitle() and len(written) > 3)):
                return False
        return True

    def after(self, view: View, at: int) -> Found | None:
        gap = GAP.match(view.text, at)
        start = gap.end() if gap else at
        match = self._pattern.match(view.text, start)
        return (match.start(), match.end(), "") if match and self._is_meant(view, match) else None

    def before(self, view: View, at: int) -> Found | None:
        end = view.previous_gap(at)
        for match in self._pattern.finditer(view.text, max(0, end - _REACH)):
            if match.end() == end and self._is_meant(view, match):
                return match.start(), match.end(), ""
        return None
