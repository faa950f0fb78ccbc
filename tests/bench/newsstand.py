"""A thousand feeds to poll, each on a loopback address of its own, served by a process that costs next to nothing.

    python -m tests.bench.newsstand PORT COUNT [FRESH]

Feeds are real ones where shared/data stands beside the checkout, else written here; each is brought to 30 entries with
ids and links of its own. It answers ETags with 304, and `/-/tally` with what it has been asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import cycle, islice
from pathlib import Path

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "feeds"
ENTRIES = 30
#: Of more feeds than these, several addresses give the same.
DISTINCT = 1000
#: Feeds of 30 such items are news feeds: neither link lists nor whole books.
_ITEM_BYTES = range(500, 5_000)
_START = re.compile(rb"<(?:item|entry)[\s>]")
_END = re.compile(rb"</(?:item|entry)\s*>")
_OWN = re.compile(rb"(<(?:guid|id|link|title)(?:\s[^<>]*)?(?<!/)>(?:\s*<!\[CDATA\[)?)([^<\]]+)")
_HREF = re.compile(rb"(<link\b[^<>]*\bhref=[\"'])([^\"']+)")
_DATE = re.compile(rb"(<(pubDate|published|updated|dc:date)>)[^<]*")
_WORDS = (
    "the a of in to and for on with from government minister said after officials report drone court election "
    "market company police border president talks energy price water storm village hospital league season goal"
)


def host(number: int) -> str:
    """127.0.1.1, …: a loopback address for each feed."""
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


def feeds(count: int, fresh: int = 0) -> list[bytes]:
    """`count` documents that differ in every entry; `fresh` entries of each are of this hour, the others old."""
    templates = list(_real() or _written())
    return [_made(templates[number % len(templates)], number, fresh) for number in range(count)]


def _real() -> list[tuple[bytes, list[bytes], bytes]]:
    found = []
    for path in sorted(DATA.glob("*.xml")):
        body = path.read_bytes()
        starts, ends = [one.start() for one in _START.finditer(body)], [one.end() for one in _END.finditer(body)]
        if len(starts) < 3 or len(starts) != len(ends) or (ends[-1] - starts[0]) // len(starts) not in _ITEM_BYTES:
            continue
        items = [body[start:end] for start, end in zip(starts, ends, strict=True)]
        found.append((body[: starts[0]], items, body[ends[-1] :]))
    return found


def _written() -> list[tuple[bytes, list[bytes], bytes]]:
    chance, words = random.Random(1), _WORDS.split()
    head = b'<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title><link>https://gazette.example/</link>'
    items = []
    for number in range(ENTRIES):
        said = [" ".join(chance.choices(words, k=30)) for _ in range(10)]
        marked = "".join(f"&lt;p&gt;{part}&lt;a href=&quot;/x&quot;&gt;more&lt;/a&gt;&lt;/p&gt;" for part in said)
        items.append(
            f"<item><title>{said[0][:60]}</title><link>https://gazette.example/news/{number}</link>"
            f"<guid>https://gazette.example/news/{number}</guid><pubDate>Mon, 6 Jan 2025 10:00:00 GMT</pubDate>"
            f"<category>world</category><description>{marked}</description></item>".encode()
        )
    return [(head, items, b"</channel></rss>")]


def _made(template: tuple[bytes, list[bytes], bytes], number: int, fresh: int) -> bytes:
    head, items, tail = template
    shown = enumerate(islice(cycle(items), ENTRIES))
    own = [_own(item, b"%d-%d" % (number, place), place < fresh) for place, item in shown]
    return head + b"\n".join(own) + tail


def _own(item: bytes, mark: bytes, is_fresh: bool) -> bytes:
    item = _OWN.sub(lambda found: found[1] + found[2].rstrip() + b"-" + mark, item)
    item = _HREF.sub(lambda found: found[1] + found[2] + b"?n=" + mark, item)
    day = datetime.now(UTC) - (timedelta(minutes=20) if is_fresh else timedelta(days=300))
    dates = {b"pubDate": format_datetime(day), b"other": day.isoformat(timespec="seconds")}
    return _DATE.sub(lambda found: found[1] + dates.get(found[2], dates[b"other"]).encode(), item)


class _Stand(asyncio.Protocol):
    """HTTP/1.1, one request a connection."""

    bodies: dict[str, tuple[bytes, bytes]]
    tally: Counter[str]
    times: list[float]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.heard = transport, b""

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if b"\r\n\r\n" not in self.heard:
            return
        if self.heard.startswith(b"GET /-/tally"):
            self._answer(b"200 OK", json.dumps(dict(self.tally) | {"times": self.times}).encode())
            return
        tag, body = self.bodies[self.transport.get_extra_info("sockname")[0]]
        self.times.append(time.time())
        is_same = tag in self.heard
        self.tally["304" if is_same else "200"] += 1
        self._answer(b"304 Not Modified" if is_same else b"200 OK", b"" if is_same else body, tag)

    def _answer(self, status: bytes, body: bytes, tag: bytes = b"") -> None:
        etag = b"ETag: " + tag + b"\r\n" if tag else b""
        length = b"Content-Length: %d\r\n" % len(body) if body else b""
        head = b"HTTP/1.1 " + status + b"\r\nContent-Type: application/xml\r\n" + etag + length
        self.transport.write(head + b"Connection: close\r\n\r\n" + body)
        self.transport.close()


async def _serve(port: int, count: int, fresh: int) -> None:
    made = feeds(min(count, DISTINCT), fresh)
    tags = [b'"' + hashlib.blake2b(body, digest_size=8).hexdigest().encode() + b'"' for body in made]
    _Stand.bodies = {host(number): (tags[number % len(made)], made[number % len(made)]) for number in range(count)}
    _Stand.tally, _Stand.times = Counter(), []
    server = await asyncio.get_running_loop().create_server(_Stand, "0.0.0.0", port, backlog=1000)
    size = sum(map(len, made)) / len(made) / 1000
    print(f"{count} feeds of {ENTRIES} entries, {size:.0f} kB each", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(*(int(argument) for argument in (*sys.argv[1:], "0")[:3])))
