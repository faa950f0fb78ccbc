"""Servers that answer with too much, too slowly or not in HTTP: one clear error in time, and little
memory."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from monitor.errors import FetchFailed
from monitor.fetch import Fetcher, Network, post
from monitor.fetch.exchange import Line
from monitor.guard import Allowed
from monitor.model import Feed
from tests.loopback import Reply, Request, Site

CAP = 1_000_000
MEMORY = CAP + 16_000_000


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        yield opened


async def refused(site: Site, *, timeout_s: float = 20.0, cap: int = CAP) -> FetchFailed:
    network = Network(allow_private=Allowed.parse([site.address]), max_feed=cap, timeout=timedelta(seconds=timeout_s))
    fetcher = Fetcher(network, per_host_delay=0)
    tracemalloc.start()
    try:
        with pytest.raises(FetchFailed) as failed:
            await fetcher.feed(Feed(site.url("/feed")))
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
        await fetcher.aclose()
    assert "\n" not in str(failed.value)
    return failed.value


def zeros(wbits: int, size: int = 64_000_000) -> bytes:
    """A compressed body of zeros, made piece by piece."""
    packer = zlib.compressobj(9, wbits=wbits)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + packer.flush()


def slowly(answer: bytes) -> Iterator[bytes]:
    for byte in answer:
        time.sleep(0.05)
        yield bytes([byte])


def in_halves(body: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n\r\n" + body[: len(body) // 2]
    time.sleep(0.2)
    yield body[len(body) // 2 :]


@pytest.mark.parametrize("wbits", [31, 15, -15])
async def test_a_compression_bomb_stops_at_the_cap(site: Site, wbits: int) -> None:
    bomb = zeros(wbits)
    assert len(bomb) < 100_000
    site.pages["/feed"] = Reply(headers={"Content-Encoding": "gzip" if wbits == 31 else "deflate"}, body=bomb)
    failed = await refused(site)
    assert (failed.kind, str(failed)) == ("too-large", "127.0.0.1 is larger than 1 MB")


async def test_many_small_members_stop_at_the_cap(site: Site) -> None:
    site.pages["/feed"] = Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(10_000)) * 2000)
    assert (await refused(site)).kind == "too-large"


@pytest.mark.parametrize(
    "coding",
    ["br", "zstd", "compress", "gzip, gzip", "gzip,gzip,gzip,gzip", "br, gzip", "aws-chunked", "x" * 500],
)
async def test_codings_that_were_not_offered_are_not_undone(site: Site, coding: str) -> None:
    """809 bytes of brotli are 512 MB in a single call of its decoder."""
    site.pages["/feed"] = Reply(headers={"Content-Encoding": coding}, body=b"\xcf\xff\xff\x7f\xf8" * 160)
    assert (await refused(site)).kind == "encoding"


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(b"<rss/>" * 1000, mtime=0)[:-20],
        gzip.compress(b"<rss/>" * 1000, mtime=0)[:40] + b"\xff" * 400,
        b"\x1f\x8b",
        b"\x1f\x8b\x08" + b"\xff" * 100,
        b"\x07 nothing that was ever compressed",
    ],
)
async def test_damaged_or_cut_compression(site: Site, body: bytes) -> None:
    site.pages["/feed"] = Reply(headers={"Content-Encoding": "gzip"}, body=body)
    assert (await refused(site)).kind == "encoding"


@pytest.mark.parametrize("length", ["1000001", "9" * 18])
async def test_a_length_over_the_cap_is_refused_before_the_body(site: Site, length: str) -> None:
    site.pages["/feed"] = Reply(raw=f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nx".encode())
    assert (await refused(site)).kind == "too-large"


async def test_a_body_without_end_stops_at_the_cap(site: Site) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    site.pages["/feed"] = Reply(raw=itertools.chain([head], itertools.repeat(bytes(65536))))
    assert (await refused(site)).kind == "too-large"


async def test_a_body_in_countless_chunks_stops_at_the_cap(site: Site) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    site.pages["/feed"] = Reply(raw=itertools.chain([head], itertools.repeat(b"1\r\nx\r\n" * 10_000)))
    assert (await refused(site, cap=100_000)).kind == "too-large"


async def test_a_body_shorter_than_promised(site: Site) -> None:
    site.pages["/feed"] = Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss/>")
    assert str(await refused(site)) == "127.0.0.1 ended before its answer was complete"


async def test_a_body_longer_than_promised(site: Site) -> None:
    """What follows could pass for the answer to the next request on this connection."""
    site.pages["/feed"] = Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/><evil/>")
    assert str(await refused(site)) == "127.0.0.1 answered something that is not HTTP"


@pytest.mark.parametrize(
    "line",
    [
        b"X-Endless: " + b"x" * 60 + b"\r\n",
        b"x" * 60,
        b"X-Same: 1\r\n",
        b"Set-Cookie: a=b\r\n",
        b" folded\r\n",
    ],
)
async def test_headers_without_end(site: Site, line: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nX: y\r\n"
    site.pages["/feed"] = Reply(raw=itertools.chain([head], itertools.repeat(line * 1000)))
    begun = time.monotonic()
    assert (await refused(site, timeout_s=10)).kind in ("http", "connect", "timeout")
    assert time.monotonic() - begun < 12


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"220 mail ESMTP\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"<html>not http</html>",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 101 Up\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA\x00b: c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nabcdefg",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx",
    ],
)
async def test_what_is_no_http(site: Site, answer: bytes) -> None:
    site.pages["/feed"] = Reply(raw=answer)
    assert (await refused(site, timeout_s=3)).kind in ("http", "connect", "timeout")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(delay=30),
        Reply(body=b"x" * 1000, drip=0.05),
        Reply(raw=slowly(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 999)),
        Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"x" * 100), drip=0.05),
        Reply(302, headers={"Location": "/feed2"}, delay=0.2),
    ],
)
async def test_a_slow_server_meets_the_total_deadline(site: Site, reply: Reply) -> None:
    """Timeouts between bytes do not help against a byte now and then."""
    site.pages |= {"/feed": reply, "/feed2": Reply(delay=30)}
    begun = time.monotonic()
    failed = await refused(site, timeout_s=0.4)
    assert failed.kind == "timeout"
    assert str(failed).endswith("within 0.4 s")
    assert time.monotonic() - begun < 2


async def test_a_body_below_the_minimum_rate(site: Site) -> None:
    """A byte now and then holds a place among all requests no longer than the patience; a large slow body may come."""
    line = Line(Allowed.parse([site.address]), patience_s=0.3)
    site.pages |= {"/drip": Reply(body=b"x" * 1000, drip=0.05), "/slow": Reply(raw=in_halves(b"x" * 4096))}
    with pytest.raises(FetchFailed, match=r"sends less than 1024 bytes in 0\.3 s"):
        await line.ask("GET", site.url("/drip"), {}, limit=10_000)
    assert len((await line.ask("GET", site.url("/slow"), {}, limit=10_000)).body) == 4096
    await line.aclose()


async def test_a_tls_handshake_that_never_ends(site: Site) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        network = Network(allow_private=Allowed.parse(["127.0.0.1"]), timeout=timedelta(seconds=0.4))
        fetcher = Fetcher(network, per_host_delay=0)
        with pytest.raises(FetchFailed) as failed:
            await fetcher.feed(Feed(f"https://127.0.0.1:{port}/"))
        await fetcher.aclose()
    assert failed.value.kind == "timeout"


async def test_tls_spoken_to_a_plain_server() -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 this is no TLS\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fetcher = Fetcher(Network(allow_private=Allowed.parse(["127.0.0.1"])), per_host_delay=0)
        with pytest.raises(FetchFailed) as failed:
            await fetcher.feed(Feed(f"https://127.0.0.1:{port}/"))
        await fetcher.aclose()
    assert failed.value.kind == "tls"


async def test_slow_servers_hold_up_nobody_else(site: Site) -> None:
    """Fifty tarpits and one good feed: the good one is there at once."""
    traps = [Site() for _ in range(50)]
    for trap in traps:
        trap.__enter__()
        trap.pages["*"] = Reply(delay=30)
    site.pages["/feed"] = "<rss/>"
    network = Network(allow_private=Allowed.parse(["127.0.0.1"]), timeout=timedelta(seconds=2))
    fetcher = Fetcher(network, per_host_delay=0)
    caught = [asyncio.create_task(fetcher.feed(Feed(trap.url("/")))) for trap in traps]
    await asyncio.sleep(0.1)
    begun = time.monotonic()
    assert (await fetcher.feed(Feed(site.url("/feed")))).body == b"<rss/>"
    assert time.monotonic() - begun < 1
    for task in caught:
        task.cancel()
    await asyncio.gather(*caught, return_exceptions=True)
    await fetcher.aclose()
    for trap in traps:
        trap.__exit__(None, None, None)


async def test_a_receiver_that_answers_without_end(site: Site) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    site.pages["/hook"] = Reply(raw=itertools.chain([head], itertools.repeat(b"x" * 65536)))
    answer = await post(site.url("/hook"), content=b"{}", headers={}, allowed=Allowed.parse([site.address]))
    assert (answer.status, len(answer.text)) == (200, 65536)


async def test_robots_txt_without_end_or_in_circles(site: Site) -> None:
    def robots(request: Request) -> Reply:
        return Reply(302, headers={"Location": f"/robots.txt?{len(request.path)}" + "x" * len(request.path)})

    site.pages |= {"/page": "<p>text", "/robots.txt": robots, "*": robots}
    fetcher = Fetcher(Network(allow_private=Allowed.parse([site.address])), per_host_delay=0)
    assert (await fetcher.page(site.url("/page"))).body == b"<p>text"
    await fetcher.aclose()
    head = b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /\n"
    site.pages["/robots.txt"] = Reply(raw=itertools.chain([head], itertools.repeat(b"#" * 65536)))
    fetcher = Fetcher(Network(allow_private=Allowed.parse([site.address])), per_host_delay=0)
    with pytest.raises(FetchFailed) as failed:
        await fetcher.page(site.url("/page"))
    assert failed.value.kind == "robots"
    await fetcher.aclose()
