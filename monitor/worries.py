"""What is wrong now: the one judgement that notices, `monitor status`, the pages, /readyz and systemd's STATUS= show.

Pure: facts in, troubles out, the gravest first, each with since when, what is lost and the next step. When a trouble
is told by a message is `troubles`; it must not look anything up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor import notices
from monitor.facts import Facts, Feeds, Process
from monitor.notices import Said
from monitor.troubles import HOLD, Trouble

MINUTE = timedelta(minutes=1)
AT_ONCE = timedelta()
#: Bounds of what is told.
CHANNEL_FAILS = 15 * MINUTE
NO_POLL = 15 * MINUTE
WAITS = 10 * MINUTE
TOGETHER = 0.2
TOGETHER_LEAST = 5
CRITICAL = timedelta(hours=1)
KILLS = 10
FREE_BYTES, FREE_SHARE = 2e9, 0.05
JOURNAL_BYTES = 200e6
#: A service polls something every few minutes; longer than this without one good poll is no accident.
SILENT = timedelta(hours=3)
AHEAD = timedelta(minutes=5)


def judge(facts: Facts) -> list[Trouble]:
    """Everything that is wrong, each once."""
    found = [
        *_service(facts),
        *_store(facts),
        *_members(facts),
        *_channels(facts),
        *_polling(facts),
        *_feeds(facts),
        *_queues(facts),
        *_process(facts),
        *_messages(facts),
    ]
    keys = {one.key for one in found}
    if facts.process is None and facts.is_running:
        found += [one for one in facts.remembered if one.key not in keys]
    return [one if one.brief else replace(one, brief=_brief((one.title, one.lines))) for one in found]


def _brief(said: Said) -> str:
    """`the disk of the store is nearly full; make room, move the store`: what a message would say, in a line."""
    title, lines = said
    words = [title, *lines[-1:]]
    return "; ".join(word[:1].lower() + word[1:].rstrip(".") for word in words)


def _shown(key: str, facts: Facts, brief: str, since: datetime | None = None) -> Trouble:
    """What is only shown: there is nothing to be done at once, or it is told in another way."""
    return Trouble(key, since or facts.now, brief, hold=None, brief=brief)


# ------------------------------------------------------------------------------------------------ the program


def _service(facts: Facts) -> Iterator[Trouble]:
    """A service that was there and is gone; who calls `monitor once` from cron has none."""
    if facts.is_service_gone:
        yield _shown("service", facts, "the service is not running; start it, with systemd or 'monitor run'")
    if facts.refused_edit:  # its editors were told: what runs is not what the files say
        said = f"the last edit was not taken, the version of before runs: {facts.refused_edit}"
        yield _shown("edit", facts, said)


def _store(facts: Facts) -> Iterator[Trouble]:
    process = facts.process
    if process is None:
        return
    if process.damage:
        said = notices.damaged(process.damage)
        yield Trouble("damage", facts.now, *said, "The store is whole again", AT_ONCE)
    free = process.free_bytes
    if free is not None and (free < FREE_BYTES or process.free_share < FREE_SHARE):
        per_day = process.store_bytes / max(1.0, facts.days)
        said = notices.disk(int(free), process.free_share, free / per_day if per_day else None)
        yield Trouble("disk", facts.now, *said, "The disk has room again")
    if process.journal_bytes > JOURNAL_BYTES:
        said = notices.journal(int(process.journal_bytes))
        yield Trouble("journal", facts.now, *said, "The store's journal is short again")


def _process(facts: Facts) -> Iterator[Trouble]:
    process = facts.process
    if process is None:
        return
    if process.kills >= KILLS:
        yield Trouble("workers", facts.now, *notices.workers(process.kills), "Worker processes live again")
    if process.page:
        since = process.page_since or facts.now
        said = notices.no_page(process.page, since, facts.zone)
        brief = f"no web page: {process.page}; end what listens there, or set web.listen to a free port"
        yield Trouble("page", since, *said, "The web page is there again", brief=brief)


def _members(facts: Facts) -> Iterator[Trouble]:
    """Where machines share the store: whether each part of the work has somebody, and all want the same."""
    there = facts.members
    if not there:
        return
    roles = {one.role for one in there}
    said = []
    if not roles & {"all", "scheduler"}:
        said.append("no machine decides what is due; start 'monitor run --role scheduler' on one")
    if not roles & {"all", "worker"}:
        said.append("no machine polls or delivers; start 'monitor run --role worker' on one")
    if len({one.version for one in there}) > 1:
        said.append("machines run different versions of the program; install the same on all")
    if len({one.watches for one in there}) > 1:
        said.append("machines have different watchlists; bring the same files to all and reload")
    for one in said:
        yield _shown(f"machines: {one}", facts, one)


# ----------------------------------------------------------------------------------------------------- feeds


def _polling(facts: Facts) -> Iterator[Trouble]:
    """Whether any poll goes well; what is wrong with all feeds is said once, and not of each."""
    feeds, process, now = facts.feeds, facts.process, facts.now
    if process is not None and process.offline_since is not None:
        said = notices.offline(process.offline_since, facts.zone)
        yield Trouble("offline", process.offline_since, *said, "This machine is online again", is_unready=True)
        return
    if feeds.last_poll is not None and feeds.last_poll > now + AHEAD:
        yield _shown("clock", facts, "the last poll lies in the future; is the clock of this machine right?")
    if process is not None and (since := _silent_since(feeds, process, now)) is not None:
        yield Trouble(
            "no poll",
            since,
            *notices.no_poll(feeds.last_poll, facts.zone),
            "Feeds can be read again",
            AT_ONCE,
            brief=f"no poll has gone well for {(now - since) / MINUTE:.0f} min; 'monitor feeds' says why",
            is_unready=True,
        )
        return
    if process is None and feeds.last_poll is not None and now - feeds.last_poll > SILENT:
        step = "see the log" if facts.is_running else "start 'monitor run'"
        yield _shown("no poll", facts, f"no poll has gone well for hours; {step}", feeds.last_poll)
    yield from _together(facts)
    for one in facts.critical:
        if now - one.since >= CRITICAL:
            said = notices.critical_feed(one.name, one.since, one.error, facts.zone)
            yield Trouble(one.key, one.since, *said, f"Feed {one.name} (critical) is read again", AT_ONCE)


def _silent_since(feeds: Feeds, process: Process, now: datetime) -> datetime | None:
    """Since when no feed could be read, though some were to be."""
    since = max(filter(None, (feeds.last_poll, process.up_since)))
    is_late = feeds.next_poll is not None and feeds.next_poll < now - NO_POLL
    is_in_vain = feeds.asked_in_vain is not None and feeds.asked_in_vain > since
    return since if (is_late or is_in_vain) and now - since >= NO_POLL else None


def _together(facts: Facts) -> Iterator[Trouble]:
    feeds, since = facts.feeds, facts.feeds.together_since
    if since is not None and feeds.together >= TOGETHER_LEAST and feeds.together > TOGETHER * feeds.polled:
        said = notices.many_feeds(feeds.together, feeds.polled, since, feeds.errors, facts.zone)
        yield Trouble("feeds together", since, *said, "Most feeds are read again")


def _feeds(facts: Facts) -> Iterator[Trouble]:
    feeds = facts.feeds
    if feeds.all and feeds.failing == feeds.all:
        yield _shown("every feed", facts, "every feed fails; is this machine online?")
    elif feeds.never_read:
        said = _were(feeds.never_read, "feed")
        yield _shown("never read", facts, f"{said} never read since added; 'monitor feeds' says why")
    if feeds.stopped:
        said = "1 feed is" if feeds.stopped == 1 else f"{feeds.stopped} feeds are"
        yield _shown("stopped", facts, f"{said} gone for good (410) and no longer polled; see 'monitor feeds list'")


# -------------------------------------------------------------------------------------------------- messages


def _channels(facts: Facts) -> Iterator[Trouble]:
    """One that may mend itself has a quarter of an hour; one that a person has to mend is told of after the hold."""
    for one in facts.channels:
        said = notices.channel_fails(one.name, one.since, one.error, one.waiting, facts.zone)
        trouble = Trouble(
            one.key,
            one.since,
            *said,
            f"Channel {one.name} works again",
            CHANNEL_FAILS,
            frozenset({one.name}),
            brief=f"channel {one.name} fails: {one.error}; see 'monitor deliveries'",
        )
        yield replace(trouble, hold=HOLD) if one.is_gone else trouble


def _queues(facts: Facts) -> Iterator[Trouble]:
    process = facts.process
    if process is None or facts.now - process.up_since < WAITS or process.offline_since is not None:
        return
    for what, queue in (("message", facts.unsent), ("article", facts.unread)):
        if queue.since is not None:
            said = notices.queue(what, queue.count, queue.since, facts.zone)
            is_unready = what == "message"
            yield Trouble(f"queue of {what}s", queue.since, *said, f"No {what} waits any more", is_unready=is_unready)


def _messages(facts: Facts) -> Iterator[Trouble]:
    """What was not accepted, and is told to others in its own way or needs no hurry."""
    if facts.given_up:
        said = "1 delivery was" if facts.given_up == 1 else f"{facts.given_up} deliveries were"
        step = "see 'monitor deliveries list --state \"given up\"'"
        yield _shown("given up", facts, f"{said} given up; {step}")
    failing = {one.name for one in facts.channels}
    for channel, answer in facts.refused:
        if channel not in failing:
            said = f"{channel} has not accepted a message: {answer}; see 'monitor deliveries'"
            yield _shown(f"refused {channel} {answer}", facts, said)
    if facts.overdue and not facts.is_running:
        said = f"nothing runs, and messages wait: {facts.overdue}; start 'monitor run' or 'monitor once'"
        yield _shown("overdue", facts, said)
    if facts.unreadable:
        said = f"{facts.unreadable} articles could not be read nor matched; see the log"
        yield _shown("unreadable", facts, said)
    for channel, waiting, since in facts.strangers:
        said = f"{waiting} messages wait for {channel}, which is not configured; see 'monitor deliveries'"
        yield _shown(f"stranger {channel}", facts, said, since)


def _were(count: int, what: str) -> str:
    return f"1 {what} was" if count == 1 else f"{count} {what}s were"


def unready(found: Sequence[Trouble]) -> list[str]:
    """Why the program does not do its work."""
    return [one.brief for one in found if one.is_unready]
