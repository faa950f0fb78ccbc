"""One request and its answer within a limit of size and time; no redirect, no politeness, no meaning.

It holds the only httpx client, the one way of every request; quiet and without memory: no cookies, no environment, no
log of addresses.
"""

from __future__ import annotations

import asyncio
import http.cookiejar
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from monitor.errors import FetchFailed
from monitor.fetch.coding import Decoder, decoder, too_large
from monitor.fetch.lean import httpx
from monitor.fetch.transport import GuardedTransport, Resolve
from monitor.guard import Allowed

# At INFO they log whole addresses, webhook secrets included.
for _name in ("httpx", "httpcore", "aiohttp"):
    logging.getLogger(_name).setLevel(logging.WARNING)

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
        self,
        allowed: Allowed,
        *,
        proxy: str | None = None,
        keepalive_s: float = 0.0,
        patience_s: float = PATIENCE_S,
        resolve: Resolve | None = None,
    ) -> None:
        self._patience_s = patience_s
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(allowed, proxy=proxy, keepalive_s=keepalive_s, resolve=resolve),
            headers={"Connection": "keep-alive" if keepalive_s else "close"},
            trust_env=False,
            follow_redirects=False,
            cookies=http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[])),
            timeout=None,  # one total deadline instead, below
        )

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
        request = self._client.build_request(method, url, headers=_encoded(headers), content=content or None)
        response = await self._send(request)
        try:
            body = b""
            if is_cut:
                body = await _beginning(response, limit)
            elif response.status_code in (200, 203, 226):
                body = await _body(response, limit, self._patience_s)
            return Exchange(response.status_code, response.headers, response.headers.raw, body)
        finally:
            await response.aclose()

    async def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._client.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The transport raises no error of httpx's: what is left is a Location that httpx looks at though
            # it does not follow it.
            raise FetchFailed(f"{request.url.host} redirects to no usable address", kind="redirect") from error

    async def aclose(self) -> None:
        await self._client.aclose()


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers.items()]


async def _body(response: httpx.Response, limit: int, patience_s: float) -> bytes:
    name = response.request.url.host
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > limit:
        raise too_large(name, limit)
    decoding = decoder(response.headers.get("content-encoding", ""), limit, name)
    try:
        await _take(response, decoding, patience_s)
    except TimeoutError as error:
        raise FetchFailed(f"{name} sends less than {LEAST} bytes in {patience_s:g} s", kind="timeout") from error
    return decoding.finish()


async def _take(response: httpx.Response, decoding: Decoder, patience_s: float) -> None:
    """The whole body; TimeoutError when fewer than LEAST bytes have come for `patience_s` seconds: a server that
    drips is not to hold a place among all requests until the total deadline."""
    clock, came = asyncio.get_running_loop().time, 0
    async with asyncio.timeout(patience_s) as patience:
        async for chunk in response.aiter_raw():
            decoding.feed(chunk)
            came += len(chunk)
            if came >= LEAST:
                came = 0
                patience.reschedule(clock() + patience_s)


async def _beginning(response: httpx.Response, keep: int) -> bytes:
    """What can be had of a body where the beginning will do: cut, and empty where it cannot be decoded."""
    decoding: Decoder | None = None
    try:
        decoding = decoder(response.headers.get("content-encoding", ""), keep, "")
        async for chunk in response.aiter_raw():
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
