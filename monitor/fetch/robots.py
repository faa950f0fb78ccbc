"""robots.txt by RFC 9309: asked once a day per origin, remembered in memory, obeyed for pages and not for
feeds.

It must not fetch by itself: it is given a function that does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from monitor.errors import FetchFailed
from monitor.fetch.address import Target

LARGEST = 500 * 1024  # what RFC 9309 section 2.5 asks to be read at least
_QUICK = 10_000
_FRESH_S = 24 * 3600.0
_RETRY_S = 3600.0
_MANY = 5000
MOST_SITEMAPS = 100

#: Asks for an address with redirects; gives status and body, raises FetchFailed where no answer came.
Ask = Callable[[str], Awaitable[tuple[int, bytes]]]


@dataclass(frozen=True, slots=True)
class _Rules:
    """`parsed` is Protego's; None allows everything, unless `refusal` says why nothing is."""

    until: float
    parsed: Any = None
    refusal: str = ""


class Robots:
    """Answers of robots.txt for one product token (the name in our User-Agent)."""

    def __init__(self, ask: Ask, user_agent: str) -> None:
        self._ask = ask
        self._token = user_agent.partition("/")[0].partition(" ")[0]
        self._known: dict[str, asyncio.Future[_Rules]] = {}

    async def check(self, target: Target) -> None:
        """Raise FetchFailed(kind="robots") if this page may not be read now."""
        if target.url.removeprefix(target.origin) == "/robots.txt":
            return
        rules = await self._rules(target)
        if rules.refusal:
            raise FetchFailed(f"the page may not be read now: {rules.refusal}", kind="robots")
        if rules.parsed is not None and not rules.parsed.can_fetch(target.url, self._token):
            raise FetchFailed(f"robots.txt of {target.name} forbids this page", kind="robots", retry=False)

    async def sitemaps(self, target: Target) -> tuple[str, ...]:
        """The sitemaps that the site's robots.txt names, at most 100. Raises FetchFailed where no answer came."""
        rules = await self._rules(target)
        return tuple(islice(rules.parsed.sitemaps, MOST_SITEMAPS)) if rules.parsed is not None else ()

    async def _rules(self, target: Target) -> _Rules:
        clock = asyncio.get_running_loop().time
        known = self._known.get(target.origin)
        if known is None or (
            known.done() and (known.cancelled() or known.exception() or known.result().until < clock())
        ):
            if len(self._known) >= _MANY:
                self._known.pop(next(iter(self._known)))
            known = self._known[target.origin] = asyncio.ensure_future(self._read(target))
            known.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be left to see
        # Shielded: one who asked giving up must not fail the others who wait for the same file.
        return await asyncio.shield(known)

    async def _read(self, target: Target) -> _Rules:
        now = asyncio.get_running_loop().time()
        status, body = await self._ask(f"{target.origin}/robots.txt")
        if status >= 500 or status == 429:
            return _Rules(now + _RETRY_S, refusal=f"robots.txt of {target.name} answered {status}")
        if status != 200:
            return _Rules(now + _FRESH_S)
        # The largest take a third of a second, in which nobody else would be served.
        parsed = await asyncio.to_thread(_parse, body) if len(body) > _QUICK else _parse(body)
        return _Rules(now + _FRESH_S, parsed=parsed)


def _parse(body: bytes) -> Any:
    from protego import Protego

    return Protego.parse(body[:LARGEST].decode("utf-8-sig", "replace"))
