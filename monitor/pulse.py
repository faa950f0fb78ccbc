"""Whether the service still gets on: when each of its loops last came round, and what is under way for how long.

Pure: times are a monotonic clock's seconds, handed in; it must not judge whether what gets on also goes well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

#: A loop that has not come round for so long hangs; each comes every few seconds.
ROUND_S = 50.0
#: A poll is several requests, robots.txt and older pages among them; a delivery ends within its lease.
POLLS_WITHIN_TIMEOUTS = 4
SENDS_WITHIN_S = 300.0


def patience(timeout_s: float) -> dict[str, float]:
    """How long each kind of work may take; `timeout_s` is that of one request."""
    return {"poll": POLLS_WITHIN_TIMEOUTS * timeout_s + 60, "delivery": SENDS_WITHIN_S}


@dataclass(slots=True)
class Pulse:
    """Marks by name. `within` says how long work of a kind may take before the next of its kind has to end."""

    within: Mapping[str, float]
    rounds: dict[str, float] = field(default_factory=dict)
    _ended: dict[str, float] = field(default_factory=dict)
    _under_way: dict[str, dict[int, float]] = field(default_factory=dict)
    _count: int = 0

    def beat(self, name: str, now: float) -> None:
        """A loop came round, from its beginning to its end."""
        self.rounds[name] = now

    @contextmanager
    def during(self, kind: str, clock: Callable[[], float]) -> Iterator[None]:
        """Work of this kind is under way."""
        self._count += 1
        key = self._count
        self._under_way.setdefault(kind, {})[key] = clock()
        try:
            yield
        finally:
            del self._under_way[kind][key]
            self._ended[kind] = clock()

    def stuck(self, now: float) -> tuple[str, ...]:
        """What hangs, in words; empty while everything gets on."""
        late = [f"{name} has not come round for {now - at:.0f} s" for name, at in self.rounds.items()
                if now - at > ROUND_S]  # fmt: skip
        for kind, begun in self._under_way.items():
            since = max(min(begun.values()), self._ended.get(kind, 0.0)) if begun else now
            if now - since > self.within.get(kind, ROUND_S):
                late.append(f"no {kind} has ended for {now - since:.0f} s though {len(begun)} are under way")
        return tuple(late)
