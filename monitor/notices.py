"""What the program says about itself: messages that were given up, watches that fell silent.

Pure: what happened in, sentences out; it must not look for anything by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

#: Headlines and ids that a notice names one by one.
NAMED = 5
IDS = 3


@dataclass(frozen=True, slots=True)
class Lost:
    """A delivery that was given up. `stories` are the short ids and headlines that it carried."""

    delivery: str
    since: datetime
    answer: str
    stories: tuple[tuple[str, str], ...] = ()


def given_up(channel: str, lost: Sequence[Lost], zone: tzinfo) -> tuple[str, tuple[str, ...]]:
    """Title and lines of the notice that `lost` (oldest first, at least one) did not reach the channel."""
    count = len(lost)
    since = min(one.since for one in lost).astimezone(zone)
    stories = list(dict.fromkeys(story for one in lost for story in one.stories))
    more = f"; and {len(stories) - NAMED} more" if len(stories) > NAMED else ""
    named = "; ".join(f"{id_} {title}" for id_, title in stories[:NAMED])
    ids = " ".join(one.delivery for one in lost) if count <= IDS else "--all"
    lines = (
        f"What was to be told there since {since:%d %b %H:%M} was not accepted: {lost[-1].answer or 'no answer'}.",
        f"Not told there: {named}{more}." if stories else "",
        f"Nothing is deleted. When the channel works again ('monitor channels test {channel}' tries it), "
        f"'monitor deliveries retry {ids}' sends {'it' if count == 1 else 'them'}.",
    )
    title = f"{count} {'message' if count == 1 else 'messages'} to {channel} {'was' if count == 1 else 'were'} given up"
    return title, tuple(line for line in lines if line)


def fell_silent(said: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Title and lines of the notice that watches which used to find stories find none; `said` is a line each."""
    one = len(said) == 1
    end = "A term that no longer fits, a feed that stopped, or no news: 'monitor match URL' says what it finds."
    return ("A watch has fallen silent" if one else f"{len(said)} watches have fallen silent"), (*said, end)
