"""The whole way of an article, from the poll that first showed it to each delivery attempt, each with its reason.

It reads rows that others wrote and puts them in order; it must not decide, write or fetch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Connection

from monitor.errors import InputError
from monitor.match import Matcher
from monitor.match.matcher import Verdict
from monitor.render.languages import language_name
from monitor.search import Outlets, document_of, outlet_of
from monitor.shortid import encode
from monitor.store import archive, evidence, journeys, judgments, polls
from monitor.store.archive import Archived
from monitor.store.polls import Poll
from monitor.unseen import unseen
from monitor.urls import canonical, is_http
from monitor.way import Step


@dataclass(frozen=True, slots=True)
class Explanation:
    """`verdict` is one sentence; `article_id` is None for what was never seen."""

    subject: str
    verdict: str
    steps: tuple[Step, ...]
    article_id: int | None = None
    id: str | None = None  # N-…
    title: str = ""
    url: str | None = None
    outlet: str = ""
    watches: tuple[Verdict, ...] = ()  # what the watchlists in force say of it now, with `matcher`
    versions: int = 0  # of evidence


def explain(
    connection: Connection,
    what: str,
    outlets: Outlets,
    now: datetime,
    matcher: Matcher | None = None,
    *,
    zone: tzinfo = UTC,
) -> Explanation:
    """The way of `what`: an article's id (N-…), an alert's (A-…), a story's (S-…) or an address, seen or not.

    Moments in its words are those of `zone`. Raises InputError for what is none of these.
    """
    number = find_article(connection, what)
    if number is None:
        steps = tuple(unseen(connection, what, outlets, now.astimezone(zone)))
        return Explanation(what, _why_unseen(steps), steps, url=what)
    (article,) = archive.load(connection, [number])
    steps = tuple(sorted(_steps(connection, article, outlets, zone), key=_by_time))
    return Explanation(
        subject=what,
        verdict=_verdict(steps),
        steps=steps,
        article_id=number,
        id=encode("N", number),
        title=article.title,
        url=article.url,
        outlet=outlet_of(article, outlets),
        watches=matcher.explain(document_of(article, outlets)) if matcher else (),
        versions=len(evidence.versions(connection, number)),
    )


def find_article(connection: Connection, what: str) -> int | None:
    """The article that an id or an address means, None for one never seen. Raises InputError for neither."""
    if is_http(what):
        return journeys.by_address(connection, what, canonical(what))
    prefix = what[:2].upper()
    if prefix not in ("A-", "N-", "S-"):
        raise InputError(f"'{what}' is neither an address nor an id; give https://…, N-…, A-… or S-…")
    found = journeys.by_id(connection, what)
    if found is None:
        kind = {"A-": "alert", "N-": "article", "S-": "story"}[prefix]
        raise InputError(
            f"there is no {kind} {what}; 'monitor alerts', 'monitor stories' and 'monitor search' show ids"
        )
    return found


# ------------------------------------------------------------------------------------------------ one article


def _steps(connection: Connection, article: Archived, outlets: Outlets, zone: tzinfo) -> Iterator[Step]:
    """Everything that is known of an article, in the order of its way; `_by_time` puts it in order of time."""
    known = journeys.of_article(connection, article.id)
    outlet = outlet_of(article, outlets)
    yield from _polled(connection, known, article, outlet, zone)
    yield _read(known, article)
    if known.rematches:
        times = "once" if known.rematches == 1 else f"{known.rematches} times"
        yield Step("edited", f"its feed changed what it says of it {times}; it was searched again each time")
    yield from _found(known)
    yield from (_marked(mark) for mark in judgments.of_article(connection, article.id))
    yield from _grouped(known, article, outlets)
    for row in known.decisions:
        why = _held(row.held_until, row.decided_at, zone) + row.why
        yield Step("decided", f"{row.channel}: {_ACTIONS.get(row.action, row.action)}: {why}", row.decided_at)
    for alert in known.alerts:
        yield from _told(alert, zone)
    for version in evidence.versions(connection, article.id):
        kept = "kept" if version.has_body else "no longer kept"
        what = "the page" if version.kind == "page" else "what the feed said"
        yield Step("kept", f"{what}, {version.size:,} bytes, SHA-256 {version.sha256}: {kept}", version.seen_at)


_ACTIONS = {"tell": "told", "bundle": "told in a summary", "join": "joins quietly", "archive": "not told"}
_ORDER = (
    *("polled", "seen", "read", "edited", "found", "grouped", "decided"),
    *("told", "alert", "tried", "due", "kept", "marked"),
)


def _by_time(step: Step) -> tuple[datetime, int]:
    """Steps of one moment keep the order of the way; what has no time of its own comes with what goes before it."""
    return step.at or step.order or datetime.max.replace(tzinfo=UTC), _ORDER.index(step.what)


def _polled(
    connection: Connection, known: journeys.Journey, article: Archived, outlet: str, zone: tzinfo
) -> Iterator[Step]:
    seen = article.first_seen
    poll = polls.that_showed(connection, known.feed_id, seen)
    if known.is_imported:
        yield Step("seen", f"imported as an article of {outlet}", seen)
        return
    if poll is not None:
        gap = "; it showed nothing known: something before it may have been missed" if poll.is_gap else ""
        yield Step("polled", f"{outlet} was polled ({poll.why or 'due'}): {brought(poll)}{gap}", poll.at, poll.is_gap)
    dated = f", dated {article.published.astimezone(zone):%d %b %Y %H:%M}" if article.published else ", without a date"
    first = "; shown by the feed's first poll" if article.is_first_look else ""
    yield Step("seen", f"new in {outlet}{dated}{first}", seen)


def brought(poll: Poll) -> str:
    entries = poll.entries or 0
    return f"answer {poll.status or '-'}, {entries} {'entry' if entries == 1 else 'entries'}, {poll.new} new"


def _read(known: journeys.Journey, article: Archived) -> Step:
    at = article.first_seen
    if known.state == "waiting":
        times = "once" if known.tries == 1 else f"{known.tries} times"
        tried = f"; tried {times}: {known.note}" if known.tries else ""
        return Step("read", f"its page waits to be read{tried}", known.tried_at, bool(known.tries), order=at)
    if known.state == "failed":
        return Step("read", f"it could not be read nor matched: {known.note}", known.tried_at, True, order=at)
    if known.state == "archived":
        note = known.note.replace("at the first poll", "when it was imported") if known.is_imported else known.note
        return Step("read", f"archived unread: {note}", None, order=at)
    note = f" ({known.note})" if known.note else ""
    same = f"; the same page as {encode('N', article.same_as)}" if article.same_as else ""
    length = f"{len(article.text):,} characters" if article.text else "its text is no longer kept"
    said = f"{article.matched_on}{note}, {language_name(article.language) or 'language unknown'}, {length}{same}"
    return Step("read", said, None, article.matched_on != "full article", order=at)


def _found(known: journeys.Journey) -> Iterator[Step]:
    for row in known.hits:
        words = list(dict.fromkeys(piece["text"] for piece in row.evidence))
        shown = ", ".join(words[:6]) + (", …" if len(words) > 6 else "")
        yield Step("found", f"{row.watchlist}: {row.watch} ({shown})", row.found_at)
    if not known.hits and known.state == "done":
        yield Step("found", "no watch was found in it", None, order=known.first_seen)


def _marked(mark: judgments.Judgment) -> Step:
    because = f": {mark.because}" if mark.because else ""
    return Step("marked", f"{mark.watch} was marked {mark.verdict}{because}", mark.at, mark.verdict == "wrong")


def _grouped(known: journeys.Journey, article: Archived, outlets: Outlets) -> Iterator[Step]:
    if article.story_id is None:
        return
    story = encode("S", article.story_id)
    said = {"first": f"the first report of story {story}", "copy": f"a copy in story {story}"}
    of = f" of {encode('N', known.copy_of)}" if known.copy_of else ""
    others = ", ".join(dict.fromkeys(outlets.name(url, title) for url, title in known.outlets))
    beside = f"; the story's outlets: {others}" if others else ""
    what = said.get(article.relation or "", f"a further report of story {story}")
    yield Step("grouped", f"{what}{of}{beside}", None, order=article.first_seen)


def _held(until: datetime | None, decided: datetime, zone: tzinfo) -> str:
    """`held until 17:30: `, with the day if it is another than that of the decision."""
    if until is None:
        return ""
    local = until.astimezone(zone)
    is_same_day = local.date() == decided.astimezone(zone).date()
    return f"held until {f'{local:%H:%M}' if is_same_day else f'{local:%a %d %b %H:%M}'}: "


def _told(alert: journeys.Told, zone: tzinfo) -> Iterator[Step]:
    name = encode("A", alert.id)
    is_told = any(sent.state == "sent" for sent in alert.deliveries)
    # What was told before its time, or since, is held no longer.
    why = alert.why if is_told else _held(alert.held_until, alert.created_at, zone) + alert.why
    yield Step("told" if is_told else "alert", f"alert {name} for {alert.channel}: {why}", alert.created_at)
    for sent in alert.deliveries:
        to = f"{sent.channel} {sent.target}".strip()
        what = "" if sent.kind == "alert" else f" in a {sent.kind}" + (f" ({sent.reason})" if sent.reason else "")
        for tried in sent.attempts:
            next_at = tried.next_at.astimezone(zone) if tried.next_at and tried.state == "pending" else None
            again = f", next try {next_at:%d %b %H:%M:%S}" if next_at else ""
            said = f"{name} to {to}{what}: {_outcome(tried.state)} ({tried.answer or 'no answer'}){again}"
            yield Step("tried", said, tried.at, tried.state != "sent")
        if sent.state == "pending":
            yield Step("due", f"{name} to {to}{what}", sent.due_at)
        elif not sent.attempts:
            said = f"{name} to {to}{what}: {_outcome(sent.state)} ({sent.answer or 'no answer'})"
            yield Step("tried", said, sent.settled_at or alert.created_at, sent.state == "given up")


def _outcome(state: str) -> str:
    return {"sent": "accepted", "pending": "not accepted", "gathered": "went on in a catch-up summary"}.get(
        state, state
    )


# --------------------------------------------------------------------------------------------------- in a sentence


def _verdict(steps: Sequence[Step]) -> str:
    of: dict[str, list[Step]] = {}
    for step in steps:
        of.setdefault(step.what, []).append(step)
    if of.get("told"):  # which its receiver has accepted
        return "it was found and told"
    if of.get("alert"):
        return "it was found, and its alert waits or was not accepted"
    if of.get("decided"):
        return f"it was found and not told by itself: {_alike(of['decided'])}"
    reading = of["read"][-1].said if of.get("read") else ""
    if any(one.said.startswith("no watch") for one in of.get("found", ())):
        return "it was seen and read, and no watch is in it"
    return "it was found, but no channel hears of it" if of.get("found") else f"it was seen: {reading}"


def _alike(decided: Sequence[Step]) -> str:
    """`desk, hook: not told: silenced`: the last decision, with every channel that it is the last one for."""
    last = dict(step.said.split(": ", 1) for step in decided)
    said = decided[-1].said.split(": ", 1)[1]
    return f"{', '.join(channel for channel, one in last.items() if one == said)}: {said}"


def _why_unseen(steps: Sequence[Step]) -> str:
    """A gap, then what feeds that were read say, then what kept the others from being read."""
    bad = [step for step in steps if step.is_bad]
    gap = next((step for step in bad if step.what == "obstacle" and "was missed" in step.said), None)
    if gap is None and any(step.what == "polls" and step.said.endswith("in none of them") for step in steps):
        return "it was never seen: it was in none of the feeds of its site that were read"
    gap = gap or next(iter(bad), None)
    return f"it was never seen: {gap.said}" if gap else "it was never seen in any feed"


__all__ = ["Explanation", "Step", "explain", "find_article"]
