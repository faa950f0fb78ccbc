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


# ------------------------------------------------------------------------------------------ what is wrong now

Said = tuple[str, tuple[str, ...]]


def _at(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%d %b %H:%M}"


def _count(number: int, what: str, plural: str = "") -> str:
    return f"{number} {what if number == 1 else plural or what + 's'}"


def channel_fails(name: str, since: datetime, error: str, waiting: int, zone: tzinfo) -> Said:
    kept = f"{_count(waiting, 'message')} {'is' if waiting == 1 else 'are'} kept and will be sent." if waiting else ""
    what = f"Correct it where channels.{name} stands in monitor.yaml, then run: monitor channels test {name}"
    lines = (f"Its answer: {error or 'none'}.", kept or "Nothing waits for it yet.", what)
    return f"Channel {name} refuses since {_at(since, zone)}", lines


def no_poll(since: datetime | None, zone: tzinfo) -> Said:
    lines = (
        f"The last good poll: {_at(since, zone) if since else 'none yet'}. What feeds drop meanwhile is missed.",
        "'monitor status' and 'monitor feeds' say what every feed answers.",
    )
    return "No feed could be read", lines


def offline(since: datetime, zone: tzinfo) -> Said:
    lines = (
        "No host answers, so it is this machine's own line or its name service. Nothing is held against feeds.",
        "What they still show is read when the line is back; a short list may have dropped something by then.",
    )
    return f"This machine is offline since {_at(since, zone)}", lines


def disk(free: int, share: float, days: float | None) -> Said:
    left = f", enough for {days:.0f} days" if days is not None and days < 1000 else ""
    lines = (
        f"{free / 1e9:.1f} GB are free ({share:.0%}){left}. When it is full nothing new is read; nothing kept is lost.",
        "Make room, move the store, or let texts go by age: keep: {articles: 400d} in monitor.yaml.",
    )
    return "The disk of the store is nearly full", lines


def journal(size: int) -> Said:
    lines = (
        f"{size / 1e6:.0f} MB: another program reads the store and does not end, so what it may still need is kept.",
        "News and alerts go on, but the disk fills: close that program ('fuser -v' on the store's file names it).",
    )
    return "The store's journal grows", lines


def queue(what: str, count: int, since: datetime, zone: tzinfo) -> Said:
    lines = (
        f"{_count(count, what)} should have gone through by now, the oldest since {_at(since, zone)}. None is lost.",
        "The machine may be too slow for these feeds: 'monitor status' shows the queues.",
    )
    return f"{what[0].upper() + what[1:]}s wait longer than ten minutes", lines


def workers(kills: int) -> Said:
    lines = (
        f"{kills} were killed or died in ten minutes. Their articles are tried again, in the end by headline alone.",
        "Look into the log, and at the memory of this machine.",
    )
    return "Worker processes die again and again", lines


def many_feeds(failing: int, total: int, since: datetime, errors: Sequence[str], zone: tzinfo) -> Said:
    common = "; ".join(errors[:3])
    lines = (
        f"{failing} of {total} feeds fail since {_at(since, zone)}: {common}.",
        "What they have in common (a host, a proxy, a name server) is likely the cause. They are tried again.",
    )
    return f"{failing / total:.0%} of the feeds fail together", lines


def critical_feed(name: str, since: datetime, error: str, zone: tzinfo) -> Said:
    lines = (f"{error}.", f"It is tried again by itself; 'monitor feeds retry {name!r}' tries at once.")
    return f"Feed {name} (critical) is down since {_at(since, zone)}", lines


def no_page(problem: str, since: datetime, zone: tzinfo) -> Said:
    lines = (
        f"{problem}, tried since {_at(since, zone)}. News and alerts go on; the page, its feed and pushes do not.",
        "End what listens there, or set web.listen in monitor.yaml to a free port; it is tried every minute.",
    )
    return "There is no web page", lines


def damaged(said: str) -> Said:
    return "The store is damaged", (said, "Stop the service and put a backup in its place (of 'monitor db backup').")


def store_fails(error: str) -> Said:
    lines = (
        f"{error[:1].upper()}{error[1:]}.",
        "Polling rests and is tried again every half minute. What was stored is kept.",
    )
    return "The store cannot be written", lines


def flaps(over: str, returns: int) -> Said:
    return f"Comes and goes: {over}", (f"{_count(returns, 'time')} since it was last told. It is told once a day.",)


def gathered(said: Sequence[Said]) -> Said:
    """One message of several."""
    if len(said) == 1:
        return said[0]
    return f"{len(said)} reports about feeds", tuple(f"{title}. {' '.join(lines)}" for title, lines in said)
