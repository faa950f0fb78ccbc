"""The client: a request with its redirects, turns and hints, as a value or as a FetchFailed in words.

It must not open a connection by itself: the transport does, through the gate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from monitor.errors import FetchFailed
from monitor.fetch import headers as meaning
from monitor.fetch.address import REFUSED, Target, basic, target
from monitor.fetch.coding import OFFERED
from monitor.fetch.exchange import Exchange, Line, within
from monitor.fetch.hosts import Gate, Hosts
from monitor.fetch.post import post
from monitor.fetch.refusals import Refusals
from monitor.fetch.robots import LARGEST, Robots
from monitor.fetch.values import NO_VALIDATORS, Answer, Fetched, Network
from monitor.fetch.whereabouts import Whereabouts
from monitor.model import Feed, Validators
from monitor.urls import display, join

MOST_REDIRECTS = 5
_KEPT_S = 5.0
_PERMANENT = (301, 308)
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is wanted: the start, whose credentials and validators these are, and how much is taken."""

    line: Line
    start: Target
    limit: int
    accept: str
    credentials: Mapping[str, str] = field(default_factory=dict)
    validators: Validators = NO_VALIDATORS
    extra: Mapping[str, str] = field(default_factory=dict)
    obey_robots: bool = False
    is_spaced: bool = True
    is_cut: bool = False
    timeout_s: float = 30.0


class Fetcher:
    """`concurrency` requests at a time in all, `per_host` per registrable domain (or IP address and port),
    begun at least `per_host_delay` seconds apart. `clock` serves dates of servers that do not say what time
    it is there; `gate` shares the turns with other machines."""

    def __init__(
        self,
        network: Network,
        *,
        concurrency: int = 100,
        per_host: int = 1,
        per_host_delay: float = 1.0,
        gate: Gate | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._network = network
        self._whereabouts = Whereabouts(network.allow_private, has_proxy=network.proxy is not None)
        # A feed is asked once in many minutes: kept connections would only use up descriptors, one per feed.
        line = partial(Line, network.allow_private, proxy=network.proxy, resolve=self._whereabouts.resolve)
        self._feeds, self._pages = line(), line(keepalive_s=_KEPT_S)
        self._hosts = Hosts(concurrency, per_host, per_host_delay, gate)
        self._robots = Robots(self._ask_robots, network.user_agent)
        self._refusals = Refusals()
        self._clock = clock

    async def feed(self, feed: Feed, validators: Validators = NO_VALIDATORS) -> Fetched:
        """Ask for a feed, conditionally if it gave validators before. Raises FetchFailed."""
        start = target(feed.url)
        plan = _Plan(
            line=self._feeds,
            start=start,
            limit=self._network.max_feed,
            accept=meaning.FEED_ACCEPT,
            credentials=_credentials(feed, start),
            validators=validators,
            extra={"A-IM": "feed"},
            timeout_s=self._network.timeout.total_seconds(),
        )
        return await self._get(plan)

    async def page(self, url: str, *, obey_robots: bool = True) -> Fetched:
        """Ask for an article's page. Raises FetchFailed, kind "robots" where robots.txt forbids it, "held" while
        its host is left alone because it asked for that; addresses that a person named are asked with
        `obey_robots=False`, whatever the host said."""
        start = target(url)
        plan = _Plan(
            line=self._pages,
            start=start,
            limit=self._network.max_page,
            accept=meaning.PAGE_ACCEPT,
            credentials={"Authorization": start.authorization} if start.authorization else {},
            obey_robots=obey_robots,
            timeout_s=self._network.timeout.total_seconds(),
        )
        return await (self._page_of_welcome(plan) if obey_robots else self._get(plan))

    async def _page_of_welcome(self, plan: _Plan) -> Fetched:
        """The page, unless its host is to be left alone; what it answers counts for the next ones."""
        clock = asyncio.get_running_loop().time
        self._refusals.check(plan.start, clock())
        try:
            fetched = await self._get(plan)
        except FetchFailed as failure:
            if failure.status is not None:
                self._refusals.note(plan.start, failure.status, failure.wait, clock())
            raise
        self._refusals.note(plan.start, fetched.status, None, clock())
        return fetched

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """Sitemaps that the site's robots.txt names. Raises FetchFailed."""
        return await self._robots.sitemaps(target(url))

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Send to a server that is no channel (a WebSub hub), in its host's turn; no redirect is followed."""
        async with self._hosts.turn(target(url).key):
            return await post(
                url,
                content=content,
                headers=headers,
                allowed=self._network.allow_private,
                timeout=self._network.timeout.total_seconds(),
                user_agent=self._network.user_agent,
                proxy=self._network.proxy,
            )

    @property
    def most_of_a_feed(self) -> int:
        """Bytes of a feed that are taken, polled or pushed."""
        return self._network.max_feed

    async def aclose(self) -> None:
        """Close idle connections. Requests under way fail."""
        await self._feeds.aclose()
        await self._pages.aclose()

    async def _get(self, plan: _Plan) -> Fetched:
        current, spent, permanent = plan.start, 0.0, True
        seen = {current.url}
        while True:
            if plan.obey_robots:
                await self._robots.check(current)
            answer, took = await self._turn(plan, current, plan.timeout_s - spent)
            spent += took
            if answer.status not in _REDIRECTS:
                moved = current.url if permanent and len(seen) > 1 else None
                return self._value(plan, current, answer, moved, spent)
            permanent = permanent and answer.status in _PERMANENT
            current = _next(plan.start, current, answer)
            if current.url in seen:
                raise FetchFailed(f"{plan.start.name} redirects in a circle", kind="redirect", status=answer.status)
            seen.add(current.url)
            if len(seen) > MOST_REDIRECTS + 1:
                raise FetchFailed(f"{plan.start.name} redirects more than {MOST_REDIRECTS} times", kind="redirect")

    async def _turn(self, plan: _Plan, current: Target, seconds: float) -> tuple[Exchange, float]:
        clock = asyncio.get_running_loop().time
        address = await self._whereabouts.of(current)
        async with self._hosts.turn(current.key, address, is_spaced=plan.is_spaced):
            begun = clock()
            async with within(seconds, current.name, of=plan.timeout_s):
                headers = self._headers(plan, current)
                answer = await plan.line.ask("GET", current.url, headers, limit=plan.limit, is_cut=plan.is_cut)
            return answer, clock() - begun

    def _headers(self, plan: _Plan, current: Target) -> dict[str, str]:
        sent = {
            "User-Agent": self._network.user_agent,
            "Accept": plan.accept,
            "Accept-Encoding": OFFERED,
            **plan.extra,
        }
        if plan.start.trusts(current):
            # The person's own headers replace ours, whatever the case of their names.
            own = {name.lower() for name in plan.credentials}
            sent = {name: value for name, value in sent.items() if name.lower() not in own} | dict(plan.credentials)
        return sent | _conditions(plan, current)

    def _value(self, plan: _Plan, current: Target, answer: Exchange, moved: str | None, spent: float) -> Fetched:
        is_expected_304 = answer.status == 304 and bool(_conditions(plan, current))
        if answer.status not in (200, 203, 226) and not is_expected_304:
            raise self._refused(current, answer)
        links = meaning.links(answer.headers)
        return Fetched(
            status=200 if answer.status == 203 else answer.status,
            url=current.url,
            body=answer.body,
            content_type=answer.headers.get("content-type"),
            validators=_validators(plan, current, answer),
            hints=meaning.hints(answer.headers, self._clock()),
            permanent_url=moved if moved and not (plan.start.scheme == "https" != current.scheme) else None,
            hub=join(current.url, links.get("hub")),
            topic=join(current.url, links.get("self")),
            elapsed_s=spent,
            headers=meaning.kept(answer.headers),
        )

    def _refused(self, current: Target, answer: Exchange) -> FetchFailed:
        wait = meaning.retry_after(answer.headers, self._clock())
        said = f", Retry-After {wait.total_seconds():.0f} s" if wait is not None else ""
        retry = answer.status in (408, 425, 429) or not 400 <= answer.status < 500
        return FetchFailed(
            f"{current.name} answered {answer.status}{said}",
            kind="http",
            status=answer.status,
            wait=wait,
            retry=retry,
        )

    async def _ask_robots(self, url: str) -> tuple[int, bytes]:
        timeout_s = min(10.0, self._network.timeout.total_seconds())
        plan = _Plan(
            line=self._pages,
            start=target(url),
            limit=LARGEST,
            accept="text/plain,*/*;q=0.1",
            is_spaced=False,
            is_cut=True,
            timeout_s=timeout_s,
        )
        try:
            fetched = await self._get(plan)
        except FetchFailed as error:
            if error.kind == "redirect":
                return 404, b""  # as good as none: RFC 9309 section 2.3.1.2
            if error.status is None:
                raise
            return error.status, b""
        return 200, fetched.body


def _credentials(feed: Feed, start: Target) -> dict[str, str]:
    """The feed's own headers, and user and password (or the address's userinfo) as Basic; else
    FetchFailed."""
    found: dict[str, str] = {}
    if feed.user is not None:
        found["Authorization"] = basic(feed.user, feed.password.reveal() if feed.password else "")
    elif start.authorization:
        found["Authorization"] = start.authorization
    for name, secret in feed.headers.items():
        value = secret.reveal()
        if problem := refused_header(name, value):
            raise FetchFailed(f"{display(feed.url)}: {problem}", kind="bad-url", retry=False)
        found = {key: kept for key, kept in found.items() if key.lower() != name.lower()} | {name: value}
    return found


def refused_header(name: str, value: str) -> str:
    """Why a header may not be configured for a feed, in words, or ""."""
    if not name or not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
        return f"'{name[:40]}' is no header name"
    if name.lower() in meaning.FORBIDDEN:
        return f"the header {name} may not be set"
    if not value.isprintable():
        return f"the value of the header {name} holds a control character"
    return ""


def _conditions(plan: _Plan, current: Target) -> dict[str, str]:
    """The validators byte for byte, to the host that gave them and to no other."""
    known = plan.validators
    if known.etag is None and known.last_modified is None:
        return {}
    giver = target(known.url) if known.url else plan.start
    if giver.origin != current.origin:
        return {}
    found = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in found.items() if value}


def _validators(plan: _Plan, current: Target, answer: Exchange) -> Validators:
    etag, modified = (meaning.exact(answer.raw, name) for name in (b"etag", b"last-modified"))
    if answer.status == 304:
        before = plan.validators
        return replace(before, etag=etag or before.etag, last_modified=modified or before.last_modified)
    elsewhere = current.url if current.origin != plan.start.origin and (etag or modified) else None
    return Validators(etag=etag, last_modified=modified, url=elsewhere)


def _next(start: Target, current: Target, answer: Exchange) -> Target:
    """Where a redirect leads; userinfo that a stranger wrote into it is dropped."""
    location = answer.headers.get("location", "")
    if not location:
        raise FetchFailed(f"{current.name} answered {answer.status} without saying where to", kind="redirect")
    joined = None if REFUSED.search(location) else join(current.url, location)
    if joined is None:
        raise FetchFailed(f"{current.name} redirects to no address of http or https", kind="redirect")
    try:
        return target(joined)
    except FetchFailed as error:
        raise FetchFailed(f"{start.name} redirects to no usable address: {error}", kind="redirect") from error
