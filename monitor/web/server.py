"""Binds, starts and stops uvicorn inside the service's own loop, without its signal handlers and with bounds.

It knows neither pages nor what they need; a listener that cannot be had is said, and the service goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from monitor.config.settings import is_loopback
from monitor.web.door import HEADERS, MOST_HEADERS
from monitor.web.hosts import split

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 100
MOST_OF_ONE = 50  # connections of one address; a proxy on this machine has all of them
HEADERS_WITHIN_S = 10.0
IDLE_S = 15
#: Whoever takes in nothing for so long is cut off.
STALLS_S = 30.0
STOPS_WITHIN_S = 2


class Patient(H11Protocol):
    """A connection on which a request's headers have to be whole within ten seconds, and answers be taken in
    (uvicorn waits for ever); one request at a time."""

    _hurry: asyncio.TimerHandle | None = None
    _watch: asyncio.TimerHandle | None = None
    _unread = 0  # bytes that waited to be taken in when that was last looked at
    _moved = False  # since then

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._is_one_too_many():
            transport.abort()
            return
        self._hurry = self.loop.call_later(HEADERS_WITHIN_S, self._give_up)
        self._watch = self.loop.call_later(STALLS_S, self._look)

    def _is_one_too_many(self) -> bool:
        """Each takes a file descriptor, whether it asks anything or not; without any left no feed is polled."""
        host = self.client[0] if self.client else ""
        others = [one.client for one in self.connections if isinstance(one, Patient)]
        of_one = sum(client is not None and client[0] == host for client in others)
        return len(self.connections) > MOST_CONNECTIONS or (of_one > MOST_OF_ONE and not is_loopback(host))

    def _look(self) -> None:
        unread = self.transport.get_write_buffer_size()
        if unread and unread >= self._unread > 0 and not self._moved:
            self.transport.abort()
            return
        self._unread, self._moved = unread, False
        self._watch = self.loop.call_later(STALLS_S, self._look)

    def resume_writing(self) -> None:
        self._moved = True
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """With the headers of every other answer."""
        headers = [(name.encode(), value.encode()) for name, value in (*HEADERS.items(), ("connection", "close"))]
        headers.append((b"content-type", b"text/plain; charset=utf-8"))
        with contextlib.suppress(h11.LocalProtocolError):  # an answer has begun
            for event in (
                h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
                h11.Data(data=f"{msg}\n".encode()),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.DONE and self.conn.trailing_data[0] and self.cycle is not None:
            self.cycle.keep_alive = False  # the next was sent before this was answered: it is not
        if self.cycle is not None and not self.cycle.response_complete:  # a request is being answered
            self._relax()
        elif self._hurry is None:  # the next one has begun
            self._hurry = self.loop.call_later(HEADERS_WITHIN_S, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._relax()
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def _relax(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def _give_up(self) -> None:
        self._hurry = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()


class _Server(uvicorn.Server):
    """Signals are the service's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """One listener and what answers there."""

    def __init__(self, pages: ASGIApp, listen: str) -> None:
        self._pages = pages
        self.listen = listen
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; raises OSError where that is not possible."""
        host, port = split(self.listen)
        listener = _bind(host, port)
        self._server = _Server(_config(self._pages))
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]), name="web")
        self._serving.add_done_callback(_ended)

    async def stop(self) -> None:
        """What is being answered has two seconds."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        await asyncio.wait([self._serving], timeout=STOPS_WITHIN_S + 1)
        if not self._serving.done():
            self._serving.cancel()
        self._server = self._serving = None


def _bind(host: str, port: int) -> socket.socket:
    family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, number)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _config(pages: ASGIApp) -> uvicorn.Config:
    options: dict[str, Any] = {
        "http": Patient,
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,  # nobody may name another client's address
        "server_header": False,
        "limit_concurrency": MOST_CONNECTIONS,
        "h11_max_incomplete_event_size": MOST_HEADERS,
        "timeout_keep_alive": IDLE_S,
        "timeout_graceful_shutdown": STOPS_WITHIN_S,
    }
    logging.getLogger("uvicorn").setLevel(logging.ERROR)  # a stranger's broken request is no news
    return uvicorn.Config(pages, **options)


def _ended(serving: asyncio.Task[None]) -> None:
    if not serving.cancelled() and (error := serving.exception()) is not None:
        log.error("the web page ended: %s: %s", type(error).__name__, error)
