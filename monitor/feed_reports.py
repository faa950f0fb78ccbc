"""What `health.to` hears of a feed: that it is down, gone, silent, shrunk, locked or damaged; each once, its end once.

It writes notices into the outbox, in the caller's transaction; feeds themselves it leaves as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from monitor import moves, norms, rhythm, schedule, sources
from monitor.errors import Failure, FetchFailed, ParseFailed
from monitor.gather import Gathered
from monitor.norms import Norm
from monitor.rules import Rules
from monitor.store import outbox, reports
from monitor.store.feeds import FeedState
from monitor.urls import display

#: A feed is down when so many polls in a row have failed for so long: nights and restarts of a server are not news.
FAILURES = 5
LONG = timedelta(hours=24)
#: Refusals in a row that mean that a login no longer holds: the pause between them is minutes, and a person is needed.
REFUSALS = 2
#: A feed's possible gaps are told at most so often.
GAPS_EVERY = timedelta(hours=24)

#: Pages turned to summaries: so many articles of the last day and of the days before are needed to say so.
PAGES_NOW, PAGES_BEFORE = timedelta(days=1), timedelta(days=14)
PAGES_LEAST, PAGES_FULL = 5, 0.8

MORE = "'monitor feeds' shows more."


# --------------------------------------------------------------------------------------- failures and returns


def report_failure(connection: Connection, rules: Rules, state: FeedState, failure: Failure, now: datetime) -> None:
    """To be called after a failed poll; `state` is what was known before it."""
    since, failures, name = state.failing_since, state.failures + 1, rules.name(state.url, state.title)
    if since is None or _is_told(connection, state):
        return
    if failures >= REFUSALS and _is_locked(failure) and sources.has_credentials(rules.feed(state.url)):
        lines = (
            f"It is asked with headers or a password of yours, and now: {failure}.",
            "Renew them in the feeds file; until then nothing of it is seen. Its next good poll is told.",
        )
        _tell(connection, rules, _down(state), (f"Login expired? {name}", lines), now)
    elif failures >= FAILURES and now - since >= LONG:
        lines = (
            f"It fails since {_local(rules, since)}: {failure}.",
            f"It is tried again once a day at least; {MORE}",
        )
        _tell(connection, rules, _down(state), (f"Feed down: {name}", lines), now)


def _is_locked(failure: Failure) -> bool:
    """Whether this is how sites answer who is not logged in: refused, or sent to a page."""
    if isinstance(failure, FetchFailed):
        return failure.status in (401, 403, 407)
    return isinstance(failure, ParseFailed) and "HTML page" in str(failure)


def report_recovery(connection: Connection, rules: Rules, state: FeedState, now: datetime) -> None:
    """To be called after a good poll; `state` is what was known before it."""
    if not state.failures or not _is_told(connection, state):
        return
    name = rules.name(state.url, state.title)
    lines = ("Its last poll went well.", "What it shows now and what we had not seen before is told as usual.")
    _tell(connection, rules, f"feed {state.id} back", (f"Feed back: {name}", lines), now)


def report_end(connection: Connection, rules: Rules, state: FeedState, now: datetime) -> None:
    """To be called when a feed is polled no more."""
    name = rules.name(state.url, state.title)
    lines = (
        "Its server says that it is gone for good (410), twice and a day apart. It is no longer polled.",
        f"To try again: monitor feeds retry '{name}'",
    )
    _tell(connection, rules, f"feed {state.id} gone", (f"Feed gone: {name}", lines), now)


def report_move(connection: Connection, rules: Rules, state: FeedState, to: str | None, now: datetime) -> None:
    """To be called when a feed is asked at another address than before; None for the configured one."""
    name = rules.name(state.url, state.title)
    if to is None:
        line = "The address that it had moved to answers no more; it is asked at its configured one."
        said = (f"Feed asked at its old address again: {name}", (line, MORE[0].upper() + MORE[1:]))
    else:
        line = f"Its server has said so {moves.MOVED_AFTER} times; it is asked at {display(to)} now."
        said = (
            f"Feed moved: {name}",
            (line, "Nothing is lost by that; to keep it, write the new address into its file."),
        )
    _tell(connection, rules, f"feed {state.id} moved", said, now)


def report_gap(connection: Connection, rules: Rules, state: FeedState, now: datetime) -> None:
    """To be called when nothing that a feed shows was known, and no older page of it closed the gap."""
    reason = f"feed {state.id} gap"
    last = reports.last_notice(connection, reason)
    if rules.feed(state.url).gaps != "tell" or (last is not None and now - last < GAPS_EVERY):
        return
    before = f" ({_local(rules, state.last_success_at)})" if state.last_success_at else ""
    lines = (
        f"It shows nothing that the poll before{before} had shown: items between the two may have been missed.",
        f"It is polled more often now; {MORE}",
    )
    _tell(connection, rules, reason, (f"Possible gap: {rules.name(state.url, state.title)}", lines), now)


# ------------------------------------------------------------------------------------------------- departures


def after_poll(
    connection: Connection, rules: Rules, state: FeedState, got: Gathered, history: schedule.History, now: datetime
) -> Norm:
    """The feed's norm after a good poll; departures from it that begin or end are told."""
    before = norm = Norm.from_json(state.norm)
    shown = None
    if got.parsed and got.window and not got.parsed.kind.startswith("sitemap"):  # those follow the time of day
        shown = norms.shown(got.parsed.entries[: got.window])
        norm = norms.after_document(norm, shown, now)
    quiet = rhythm.silence(history, now)
    norm = norms.marked(norm, "silent", now, stands=quiet is not None)
    for kind in sorted(norms.told(before, norm, now)):
        if kind == "stubs" and not sources.has_credentials(rules.feed(state.url)):
            continue  # many feeds shorten their items for good; only where a login gave more is it a fault
        title, line = _began(kind, norm, shown, quiet) if kind in norm.since else _ENDED[kind]
        said = (title.format(rules.name(state.url, state.title)), (line, MORE[0].upper() + MORE[1:]))
        _tell(connection, rules, f"feed {state.id} {kind}", said, now)
    return norm


_ENDED = {
    "shrunk": ("Feed whole again: {}", "It shows about as many items as before."),
    "stubs": ("Login works again: {}", "Its items are about as long as before."),
    "damaged": ("Feed readable again: {}", "Its letters are right again."),
    "silent": ("Feed speaks again: {}", "It has new items."),
}


def _began(kind: str, norm: Norm, shown: norms.Shown | None, quiet: timedelta | None) -> tuple[str, str]:
    """Title and line of a departure."""
    if kind == "silent":
        words = schedule.words(quiet or timedelta(0))
        return "Feed silent: {}", f"It has had no new item for {words}, three times its longest pause so far or more."
    assert shown is not None
    if kind == "shrunk":
        few = f"It shows {shown.items} item{'s' * (shown.items != 1)}; usual are {norm.items:.0f}."
        return "Feed shrunk: {}", f"{few} What it no longer shows when it is polled cannot be told."
    if kind == "stubs":
        text = f"Its items are {shown.text:.0f} letters long; usual are {norm.text:.0f}."
        return "Login expired? {}", f"{text} Its headers, user or password in the feeds file may no longer hold."
    share = f"{shown.damaged:.0%} of its items hold letters that cannot be right, like Ã© for é."
    return "Feed damaged: {}", f"{share} It lost its encoding; words with such letters are not found."


# ------------------------------------------------------------------------------------------------------ pages


def report_pages(connection: Connection, rules: Rules, now: datetime) -> None:
    """To be called once a day: feeds whose pages were read in full, and of which only summaries are got now."""
    for row in reports.readings(connection, now - PAGES_BEFORE, now - PAGES_NOW):
        before, recent = row.full_before + row.short_before, row.full + row.short
        reason = f"feed {row.id} pages"
        last = reports.last_notice(connection, reason)
        was_full = before >= PAGES_LEAST and row.full_before >= PAGES_FULL * before
        if not was_full or row.full or recent < PAGES_LEAST or (last is not None and now - last < PAGES_BEFORE):
            continue
        lines = (
            f"Its newest {recent} articles could be read by their summaries only; before, their pages were read.",
            "A login or a wall may be new there. Words that stand only in the whole text are not found in it.",
        )
        _tell(connection, rules, reason, (f"Summaries only: {rules.name(row.url, row.title)}", lines), now)


# -------------------------------------------------------------------------------------------------- the notice


def _down(state: FeedState) -> str:
    return f"feed {state.id} down"


def _is_told(connection: Connection, state: FeedState) -> bool:
    """Whether this failure, from its beginning to now, was told."""
    told = reports.last_notice(connection, _down(state))
    return told is not None and state.failing_since is not None and told >= state.failing_since


def _local(rules: Rules, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(rules.alerts.zone)):%d %b %H:%M}"


def _tell(connection: Connection, rules: Rules, reason: str, said: tuple[str, Sequence[str]], now: datetime) -> None:
    title, lines = said
    for channel in rules.health:
        for target in rules.targets.get(channel, ()):
            body = {"title": title, "lines": lines}
            # Only a login asks for a person at once; the rest goes into one message a day.
            is_urgent = title.startswith("Login")
            outbox.add_notice(connection, (channel, target), body, now, reason=reason, is_gathered=not is_urgent)
