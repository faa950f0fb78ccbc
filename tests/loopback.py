"""A site on loopback with scripted behaviour and a request log, for every test that needs a server.

It speaks just enough HTTP/1.1, on purpose byte by byte, to misbehave; it knows nothing of what is tested.

    with Site() as site:
        site.pages["/feed"] = "<rss>…</rss>"                                # a body, status 200
        site.pages["/gone"] = Reply(status=410)
        site.pages["/slow"] = Reply(body=b"abc", delay=2.0)                 # before the first byte
        site.pages["/drip"] = Reply(body=b"abc", drip=0.3)                  # seconds between bytes
        site.pages["/each"] = lambda request: Reply(304 if request.headers.get("if-none-match") else 200)
        site.pages["/raw"] = Reply(raw=b"HTTP/1.1 200 OK\\r\\n…")  # these bytes, then close
        site.url("/feed"); site.requests[0].headers["user-agent"]; site.count("/feed")
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived: header names in lower case, values decoded as Latin-1 (a byte is a character)."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float  # time.monotonic()
    client: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. A list of header pairs allows repeats; `raw` (bytes or an iterator) replaces it."""

    status: int = 200
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = field(default_factory=dict)
    body: bytes | str = b""
    delay: float = 0.0  # seconds before the answer
    drip: float = 0.0  # seconds between the bytes of the body
    raw: bytes | Iterable[bytes] | None = None
    close: bool = False


Page = Reply | bytes | str | Callable[[Request], "Reply | bytes | str"]


class Site:
    """A server on an own port of 127.0.0.1 (or of `host`), one thread a connection, stopped on leaving."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.pages: dict[str, Page] = {}
        self.requests: list[Request] = []
        self._stop = threading.Event()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=512)
        self.port: int = self._socket.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def url(self, path: str = "/") -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{path}"

    @property
    def address(self) -> str:
        """As `network.allow_private` takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def count(self, path: str) -> int:
        return sum(request.path == path for request in self.requests)

    def __enter__(self) -> Site:
        threading.Thread(target=self._accept, daemon=True, name="loopback site").start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._stop.set()
        with self._lock:
            waiting = [*self._open, self._socket]
        for connection in waiting:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, peer = self._socket.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection, str(peer[0])), daemon=True).start()

    def _serve(self, connection: socket.socket, client: str) -> None:
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while not self._stop.is_set() and (request := _read(stream, client)) is not None:
                with self._lock:
                    self.requests.append(request)
                if not self._answer(connection, request):
                    break
        with self._lock:
            self._open.discard(connection)

    def _answer(self, connection: socket.socket, request: Request) -> bool:
        """Send what is scripted for the path; True if the connection stays open."""
        page = self.pages.get(request.path, self.pages.get("*", Reply(404, body="no such page")))
        reply = page(request) if callable(page) else page
        if not isinstance(reply, Reply):
            reply = Reply(body=reply)
        if reply.delay:
            self._stop.wait(reply.delay)
        if reply.raw is not None:
            for piece in [reply.raw] if isinstance(reply.raw, bytes) else reply.raw:
                if self._stop.is_set():
                    break
                connection.sendall(piece)
            return False
        for piece in _pieces(reply, request):
            connection.sendall(piece)
            if reply.drip and self._stop.wait(reply.drip):
                return False
        return not reply.close and request.headers.get("connection", "").lower() != "close"


def _read(stream: object, client: str) -> Request | None:
    readline: Callable[[int], bytes] = stream.readline  # type: ignore[attr-defined]
    first = readline(65536).decode("latin-1").split()
    if len(first) < 2:
        return None
    headers: dict[str, str] = {}
    while (line := readline(65536).decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip(" \t")
    length = int(headers.get("content-length", "0") or 0)
    body: bytes = stream.read(length) if length else b""  # type: ignore[attr-defined]
    return Request(first[0], first[1], headers, body, time.monotonic(), client)


def _pieces(reply: Reply, request: Request) -> Iterator[bytes]:
    body = reply.body.encode() if isinstance(reply.body, str) else reply.body
    pairs = list(reply.headers.items() if isinstance(reply.headers, Mapping) else reply.headers)
    names = {name.lower() for name, _ in pairs}
    if "content-length" not in names and "transfer-encoding" not in names:
        pairs.append(("Content-Length", str(len(body))))
    if reply.close:
        pairs.append(("Connection", "close"))
    head = (
        f"HTTP/1.1 {reply.status} scripted\r\n"
        + "".join(f"{name}: {value}\r\n" for name, value in pairs)
        + "\r\n"
    )
    has_body = request.method != "HEAD" and reply.status != 304 and reply.status >= 200
    if reply.drip:
        yield head.encode("latin-1")
        yield from (body[i : i + 1] for i in range(len(body)) if has_body)
    else:
        yield head.encode("latin-1") + (body if has_body else b"")
