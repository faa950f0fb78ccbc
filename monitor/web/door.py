"""What every request must be before a page sees it, and what every answer carries: hosts, sizes, headers.

It knows no page; who may ask what stands in the table of routes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What may be posted to a page; a hub's push has its own bound.
MOST_BODY = 400_000
BODY_WITHIN_S = 15.0
#: Bytes of a request's address and headers.
MOST_HEADERS = 16_384
#: Where hubs push to: whole feeds.
HUB = "/websub/"

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # The last that a browser knows holds. To other sites nothing is said either way; our own forms need an Origin,
    # which `no-referrer` turns into null (Fetch, 3.1).
    "referrer-policy": "no-referrer, same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-robots-tag": "noindex, nofollow",
}


class TooMuch(Exception):
    """The body is larger or slower than any form of ours."""


class Door:
    """Stands before the pages. `is_ours` judges the Host header, `pushed` says how much a hub may push."""

    def __init__(self, pages: ASGIApp, is_ours: Callable[[str], bool], pushed: Callable[[], int]) -> None:
        self._pages = pages
        self._is_ours = is_ours
        self._pushed = pushed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # no lifespan, no web sockets
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                _dress(MutableHeaders(scope=message))
            await send(message)

        most = self._pushed() if scope["path"].startswith(HUB) else MOST_BODY
        refusal = _too_long(scope) or _refusal(Headers(scope=scope), most, self._is_ours)
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        await self._pages(scope, _bounded(most, receive), answer)


def _dress(headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("cache-control", "no-store")


def _too_long(scope: Scope) -> PlainTextResponse | None:
    length = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if length + sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > MOST_HEADERS:
        return _said(431, "the address and the headers are longer than any that this page needs")
    return None


def _refusal(headers: Headers, most: int, is_ours: Callable[[str], bool]) -> PlainTextResponse | None:
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not is_ours(hosts[0]):
        return _said(421, "this is not an address of this monitor; set web.public_url to the one that you use")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 12:
        return _said(400, "the request's length is no number")
    if int(length) > most:
        return _said(413, "this is more than can be posted here")
    if is_foreign(headers) and not _is_visit(headers):
        return _said(403, "this is for the monitor's own pages, not for other sites")
    return None


def is_foreign(headers: Headers) -> bool:
    """Whether another site makes the browser ask this; programs and old browsers do not say."""
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _is_visit(headers: Headers) -> bool:
    """Whether a person follows a link to us."""
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


def _said(status: int, text: str) -> PlainTextResponse:
    return PlainTextResponse(f"{HTTPStatus(status).phrase}: {text}\n", status)


def _bounded(most: int, receive: Receive) -> Receive:
    """The request's body, ended where it grows too large or takes too long."""
    left = most
    is_whole = False
    deadline = asyncio.get_running_loop().time() + BODY_WITHIN_S

    async def some() -> Message:
        nonlocal left, is_whole
        if is_whole:
            return await receive()  # waits for the visitor to go away
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError as error:
            raise TooMuch from error
        is_whole = message["type"] != "http.request" or not message.get("more_body", False)
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooMuch
        return message

    return some
