"""One request and its answer within a limit of size and time; no redirect, no politeness, no meaning.

It is quiet and without memory: no cookies, no environment, no log of addresses.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from monitor.errors import FetchFailed
from monitor.fetch.coding import Decoder, decoder, too_large
from monitor.fetch.transport import Connections, Response
from monitor.guard import Allowed

# At INFO it logs whole addresses, webhook secrets included.
logging.getLogger("aiohttp").setLevel(logging.WARNING)

Headers = Mapping[str, str]

#: The minimum rate of a body: so many bytes in so many seconds.
LEAST = 1024
PATIENCE_S = 15.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer: header names in lower case, `raw` as sent; `body` decoded, empty where it was not read."""

    status: int
    headers: Headers
    raw: list[tuple[bytes, bytes]]
    body: bytes


class Line:
    """The way out for requests of one set of allowed addresses. Connections are kept `keepalive_s`
    seconds."""

    def __init__(
        self, allowed: Allowed, *, proxy: str | None = None, keepalive_s: float = 0.0, patience_s: float = PATIENCE_S
    ) -> None:
        self._patience_s = patience_s
        self._connections = Connections(allowed, proxy=proxy, keepalive_s=keepalive_s)
        self._own = {"Connection": "keep-alive" if keepalive_s else "close"}

    async def ask(
        self,
        method: str,
        url: str,
        headers: Headers,
        *,
        limit: int,
        content: bytes = b"",
        is_cut: bool = False,
    ) -> Exchange:
        """Raises FetchFailed. `limit` is the most bytes of body, decoded; more is an error, or with `is_cut`
        left off. Without it the bodies of errors and redirects are not read."""
        response = await self._connections.request(method, url, self._own | dict(headers), content)
        try:
            body = b""
            if is_cut:
                body = await _beginning(response, limit)
            elif response.status in (200, 203, 226):
                body = await _body(response, limit, self._patience_s)
            return Exchange(response.status, response.headers, response.raw, body)
        finally:
            response.close()

    async def aclose(self) -> None:
        await self._connections.aclose()


async def _body(response: Response, limit: int, patience_s: float) -> bytes:
    name = response.host
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > limit:
        raise too_large(name, limit)
    decoding = decoder(response.headers.get("content-encoding", ""), limit, name)
    try:
        await _take(response, decoding, patience_s)
    except TimeoutError as error:
        raise FetchFailed(f"{name} sends less than {LEAST} bytes in {patience_s:g} s", kind="timeout") from error
    return decoding.finish()


async def _take(response: Response, decoding: Decoder, patience_s: float) -> None:
    """The whole body; TimeoutError when fewer than LEAST bytes have come for `patience_s` seconds: a server that
    drips is not to hold a place among all requests until the total deadline."""
    clock, came = asyncio.get_running_loop().time, 0
    async with asyncio.timeout(patience_s) as patience:
        async for chunk in response.chunks():
            decoding.feed(chunk)
            came += len(chunk)
            if came >= LEAST:
                came = 0
                patience.reschedule(clock() + patience_s)


async def _beginning(response: Response, keep: int) -> bytes:
    """What can be had of a body where the beginning will do: cut, and empty where it cannot be decoded."""
    decoding: Decoder | None = None
    try:
        decoding = decoder(response.headers.get("content-encoding", ""), keep, "")
        async for chunk in response.chunks():
            decoding.feed(chunk)
        return decoding.finish()
    except FetchFailed:
        return decoding.so_far() if decoding else b""


@asynccontextmanager
async def within(seconds: float, name: str, *, of: float | None = None) -> AsyncIterator[None]:
    """A total deadline over whatever is awaited inside. `of` is what the message says when `seconds` is a
    rest."""
    try:
        async with asyncio.timeout(max(0.001, seconds)):
            yield
    except TimeoutError as error:
        raise FetchFailed(f"no complete answer from {name} within {of or seconds:g} s", kind="timeout") from error
