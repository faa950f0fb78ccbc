"""The sentences around a summary's alerts: what is watched, what was read, what was held and why.

Pure: counts and names in, sentences out; it must not count by itself.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """What the program has seen over a summary's period. `failed` names feeds that fail now."""

    watches: int
    feeds: int
    failed: tuple[str, ...]
    articles: int
    summary_only: int = 0
    hours: int = 24


def first_look(counts: Counts, stories: int) -> tuple[str, ...]:
    """What a channel's first message says before its alerts."""
    watching = (
        f"Watching {_number(counts.watches, 'watch', 'watches')} in {_number(counts.feeds, 'feed')}{_failed(counts)}."
    )
    articles = _number(counts.articles, "article")
    if not stories:
        return (
            watching,
            f"No match in {articles} of the last {counts.hours} h. From now on you are told as they appear.",
        )
    found = f"In the last {counts.hours} h: {articles}, {_number(stories, 'story matches', 'stories match')}"
    return (watching, found + (", the newest first:" if stories > 1 else ":"))


def first_look_end(stories: int) -> tuple[str, ...]:
    return ("From now on you are told as they appear.",) if stories else ()


def held(reason: str, stories: int) -> tuple[str, ...]:
    """What a summary of quiet hours, over a limit or after an outage says before its alerts."""
    count = _number(stories, "story", "stories")
    return {
        "quiet hours": (f"{count} while it was quiet.",),
        "over limit": (f"{count} over the channel's limit (at_most), the noisiest watch first.",),
        "catch-up": (f"{count} while this channel could not be reached.",),
    }.get(reason, ())


def silenced(stories: int) -> tuple[str, ...]:
    """What a digest says of what somebody did not want to hear."""
    return (f"{_number(stories, 'story', 'stories')} silenced ('monitor silence' lists silences).",) if stories else ()


def proof_of_life(counts: Counts) -> tuple[str, ...]:
    """A digest's last line: silence is only good news if somebody was listening."""
    parts = [
        f"{_number(counts.feeds, 'feed')} watched{_failed(counts)}",
        f"{_number(counts.articles, 'article')} read in the last {counts.hours} h",
        f"{_number(counts.summary_only, 'page')} read as summary only",
    ]
    return (", ".join(parts) + ".",)


def _failed(counts: Counts) -> str:
    if not counts.failed:
        return ""
    names = ", ".join(counts.failed[:3]) + (", …" if len(counts.failed) > 3 else "")
    return f" ({len(counts.failed)} failed: {names})"


def _number(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
