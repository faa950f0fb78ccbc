"""A WebSub hub on loopback, and a door by which it reaches the subscriber: both speak HTTP, in threads of their own.

The hub asks back and pushes as the recommendation says, or as a test bids it; it knows nothing of the program's inside.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from monitor.push import Push
from tests.loopback import Reply, Request, Site


@dataclass
class Hub:
    """`asked` are the forms it was sent; `granted` the challenges that came back as they were sent, by mode."""

    site: Site
    lease_s: str = "864000"
    answer: Reply = field(default_factory=lambda: Reply(202))
    asked: list[dict[str, str]] = field(default_factory=list)
    granted: list[str] = field(default_factory=list)
    asks_back: bool = True
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site.pages["/hub"] = self._hear

    @property
    def url(self) -> str:
        return self.site.url("/hub")

    @property
    def last(self) -> dict[str, str]:
        return self.asked[-1]

    def _hear(self, request: Request) -> Reply:
        form = dict(parse_qsl(request.body.decode()))
        self.asked.append(form)
        if self.asks_back and self.answer.status == 202:
            thread = threading.Thread(target=self._ask_back, args=(form,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self.answer

    def _ask_back(self, form: dict[str, str]) -> None:
        if self.question(form["hub.mode"])[0] == 200:
            self.granted.append(form["hub.mode"])

    async def settle(self) -> None:
        """Until every question asked so far is answered."""
        for thread in self._threads:
            await asyncio.to_thread(thread.join, 10)
        self._threads.clear()

    def question(self, mode: str, **changed: str) -> tuple[int, str]:
        """Ask the subscriber whether it asked; status and body."""
        fields = {
            "hub.mode": mode,
            "hub.topic": self.last["hub.topic"],
            "hub.challenge": "c<script>alert(1)</script>" + mode,
            "hub.lease_seconds": self.lease_s,
        } | {f"hub.{name}": value for name, value in changed.items()}
        return self.send("GET", query=urlencode({name: value for name, value in fields.items() if value}))

    def push(self, body: str, method: str = "sha256", *, secret: str | None = None, header: str | None = None) -> int:
        """Push a document, signed; the subscriber's status."""
        key = (secret if secret is not None else self.last["hub.secret"]).encode()
        signature = f"{method}={hmac.new(key, body.encode(), getattr(hashlib, method)).hexdigest()}"
        return self.send("POST", body, {"X-Hub-Signature": signature if header is None else header})[0]

    def send(
        self, verb: str, body: str = "", headers: dict[str, str] | None = None, *, query: str = ""
    ) -> tuple[int, str]:
        goal = urlsplit(self.last["hub.callback"])
        connection = http.client.HTTPConnection(goal.netloc, timeout=20)
        try:
            sent = {"Content-Type": "application/rss+xml"} | (headers or {})
            connection.request(verb, goal.path + (f"?{query}" if query else ""), body.encode() or None, sent)
            got = connection.getresponse()
            return got.status, got.read().decode()
        finally:
            connection.close()


@contextmanager
def door(push: Push, loop: asyncio.AbstractEventLoop, site: Site) -> Iterator[None]:
    """Whatever `site` is asked under /websub/ goes to the subscriber, as the web page hands it on."""

    def hand_on(request: Request) -> Reply:
        parts = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        token = parts.path.removeprefix("/websub/")
        work = push.receive(request.method, token, query, tuple(request.headers.items()), request.body)
        answer = asyncio.run_coroutine_threadsafe(work, loop).result(20)
        return Reply(answer.status, {"Content-Type": answer.content_type}, answer.body)

    site.pages["*"] = hand_on
    yield
    del site.pages["*"]
