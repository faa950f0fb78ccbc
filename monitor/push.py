"""WebSub: asks hubs to push what feeds publish, answers their questions, and takes in what they push.

A push is parsed and stored the way a poll's answer is; when a hub is asked and who is believed is decided elsewhere.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor import schedule, sources, websub
from monitor.admit import admit
from monitor.errors import Failure, FetchFailed, ParseFailed, StoreError
from monitor.fetch import Fetched, Fetcher, host_of
from monitor.gather import Gatherer
from monitor.model import Entry
from monitor.rules import Rules
from monitor.store import AsyncStore, feeds
from monitor.store import push as rows
from monitor.urls import display, join
from monitor.websub import Subscription

log = logging.getLogger(__name__)

#: Hubs asked at a time, one after the other: a thousand feeds of one hub are spread over an hour.
A_ROUND = 20
#: Pushes taken in at once, each with its body in memory; who comes while all are busy is asked to come again.
AT_ONCE = 8
#: Of these, one hub's: whoever sends bodies slowly keeps no other waiting.
OF_A_HUB = 4
#: A feed is not asked oftener because of what a hub says unsigned.
HINTS_EVERY = timedelta(minutes=5)
#: Redirects of a hub that are followed; only those that keep the request (RFC 9110 sections 15.4.8 and 15.4.9).
REDIRECTS, MOST_REDIRECTS = (307, 308), 3
UNSIGNED = "what comes in its name is not signed with our secret, and is ignored"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a hub is answered; always plain text, and never to be sniffed for anything else."""

    status: int
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


class Push:
    """The subscriber. `on_new` is given the ids of articles that a push brought, to be read.

    The web page mounts it: GET and POST of `/websub/{token}` go to `receive` with the query's parameters, all header
    pairs and at most `limit` bytes of body (413 beyond); the service calls `tend` every minute.
    """

    def __init__(
        self,
        store: AsyncStore,
        fetcher: Fetcher,
        gatherer: Gatherer,
        rules: Rules,
        *,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
        draw: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self.store = store
        self.fetcher = fetcher
        self.gatherer = gatherer
        self.rules = rules
        self.clock = clock
        self.chance = chance
        self.draw = draw
        self.on_new: Callable[[Sequence[int]], None] = lambda ids: None
        self._under_way: Counter[str] = Counter()  # by hub

    @property
    def limit(self) -> int:
        """The most bytes of a push that are read: as of a feed."""
        return self.fetcher.most_of_a_feed

    # ------------------------------------------------------------------------------------------- asking hubs

    async def tend(self) -> None:
        """Ask hubs for what is wanted, renew what runs out, take back what is wanted no longer."""
        for sub in await self.store.write(self._due):
            await self._ask(sub)

    def _due(self, connection: Connection) -> list[Subscription]:
        now = self.clock()
        rows.leave_all(connection, self.rules.callbacks, now)
        lapsed = rows.lapse(connection, now)
        if lapsed:
            log.warning("%d WebSub leases ran out unrenewed; their feeds are polled as before", len(lapsed))
        return rows.due(connection, now, A_ROUND)

    async def _ask(self, sub: Subscription) -> None:
        """First the row, then the request: a hub may ask back before it answers."""
        begun = await self.store.write(self._begin, sub)
        try:
            await self._post(begun)
        except FetchFailed as failure:
            log.warning("hub %s: %s", display(sub.hub), failure)
            await self.store.write(rows.change, sub.id, {"error": str(failure)})

    def _begin(self, connection: Connection, sub: Subscription) -> Subscription:
        now = self.clock()
        token = sub.token or self.draw()
        begun = replace(
            sub,
            token=token,
            secret=sub.secret or self.draw(),
            callback=sub.callback or f"{self.rules.callbacks}{token}",
            asked_at=now,
            next_at=websub.next_try(sub, now, self.chance()),
            tries=sub.tries + 1,
        )
        names = ("token", "secret", "callback", "asked_at", "next_at", "tries")
        values = {name: getattr(begun, name) for name in names}
        if begun.next_at is None:  # the last farewell: what the hub still pushes is answered 410
            values["ended_at"] = now + websub.PENDING
        rows.change(connection, sub.id, values)
        return begun

    async def _post(self, sub: Subscription) -> None:
        url = sub.hub
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self.fetcher.post(url, websub.request(sub), _FORM)
            if answer.status not in REDIRECTS:
                break
            url = join(url, answer.headers.get("location")) or ""
            if websub.is_private(sub.hub) and not websub.is_private(url):
                raise FetchFailed("leads to an address without TLS, where our secret would be heard", kind="redirect")
        if not 200 <= answer.status < 300:
            said = " ".join(answer.text.split())[:200]
            raise FetchFailed(f"answered {answer.status} to {sub.mode}{': ' * bool(said)}{said}", kind="http")

    # --------------------------------------------------------------------------------------------- being asked

    @contextmanager
    def place(self, hub: str) -> Iterator[bool]:
        """Room for a push of this hub, to be had before its body is taken into memory; False where there is none."""
        name = host_of(hub)
        if self._under_way.total() >= AT_ONCE or self._under_way[name] >= OF_A_HUB:
            yield False
            return
        self._under_way[name] += 1
        try:
            yield True
        finally:
            self._under_way -= Counter((name,))  # what is at nought is forgotten

    async def hub(self, token: str) -> str | None:
        """Who was given this address, to ask before a push is read; None where nobody was. Raises StoreError."""
        sub = await self.store.look(rows.by_token, token[:100])
        return sub.hub if sub is not None else None

    async def receive(
        self,
        method: str,
        token: str,
        query: Mapping[str, str],
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Answer:
        """Answer a request to `/websub/{token}`: a hub's question (GET) or push (POST). Raises StoreError."""
        sub = await self.store.look(rows.by_token, token[:100])
        if sub is None:
            return Answer(404)
        if method in ("GET", "HEAD"):
            return await self.store.write(self._question, sub.id, token, query)
        if sub.ended_at is not None and sub.ended_at <= self.clock():
            return Answer(410)
        if len(body) > self.limit:
            return Answer(413)
        return await self._pushed(sub, tuple(headers), body)

    def _question(self, connection: Connection, sub_id: int, token: str, query: Mapping[str, str]) -> Answer:
        sub = rows.by_token(connection, token)
        if sub is None:
            return Answer(404)
        verdict = websub.answer(sub, query, self.clock(), self.chance())
        if verdict.changed is not None:
            rows.change(connection, sub_id, verdict.changed)
            log.info("hub %s: %s %s", display(sub.hub), query.get("hub.mode"), display(sub.topic))
        return Answer(verdict.status, verdict.body)

    async def _pushed(self, sub: Subscription, headers: tuple[tuple[str, str], ...], body: bytes) -> Answer:
        if sub.mode == "subscribe" and not websub.is_private(sub.hub):  # it has no secret: a hint, and no more
            await self.store.write(self._hint, sub)
            return Answer(202)
        method = websub.signer(sub, headers, body)
        if method is None:
            log.warning("a push for %s was not signed with our secret and is ignored", display(sub.topic))
            if sub.error != UNSIGNED:
                await self.store.write(rows.change, sub.id, {"error": UNSIGNED})
            return Answer(202)  # section 8: acknowledged, and ignored
        if sub.mode == "unsubscribe":
            return Answer(410)
        content_type = next((value for name, value in headers if name.lower() == "content-type"), None)
        await self._take(replace(sub, method=websub.stronger(sub.method, method)), body, content_type)
        return Answer(202)

    async def _take(self, sub: Subscription, body: bytes, content_type: str | None) -> None:
        """What cannot be read, or is only a ping, makes the feed due at once: it has changed."""
        try:
            parsed = await self.gatherer.parse(Fetched(200, sub.topic, body, content_type))
            if error := sources.bridge_error(parsed.entries):
                raise ParseFailed(f"the bridge reports: {error[:150]}")
            new = await self.store.write(self._store, sub, parsed.entries)
        except StoreError:
            raise
        except Failure as failure:
            log.warning("a push for %s cannot be read (%s); the feed is polled", display(sub.topic), failure)
            new = await self.store.write(self._store, sub, None)
        if new:
            self.on_new(new)

    def _hint(self, connection: Connection, sub: Subscription) -> None:
        """Anybody on the way may have said it, as often as they like: the feed is asked, but not without a pause."""
        now = self.clock()
        state = feeds.by_id(connection, sub.feed_id)
        if state is not None and (state.last_poll_at is None or now - state.last_poll_at >= HINTS_EVERY):
            feeds.hasten(connection, state.id, now, "the hub says that it has changed")

    def _store(self, connection: Connection, sub: Subscription, entries: Sequence[Entry] | None) -> tuple[int, ...]:
        now = self.clock()
        rows.note_push(connection, sub, sub.method or "", now)
        state = feeds.by_id(connection, sub.feed_id)
        if state is None or not state.is_active or state.stopped_at is not None:
            return ()
        if entries is None:
            feeds.hasten(connection, state.id, now, "the hub says that it has changed")
            return ()
        done = admit(connection, state, entries, self.rules, now)
        if done.selection.new:
            items = [entry.published or now for entry in done.selection.new]
            history = schedule.observe(schedule.History.from_json(state.history), items, now)
            feeds.note_pushed(connection, state.id, now, history.to_json())
            log.info("feed %s: %d new, pushed", display(state.url), len(done.selection.new))
        return done.to_read
