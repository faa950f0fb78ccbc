"""A feed, page, redirect or receiver that wants the program to reach into its own network.

Every way out meets the same gate; what counts is the address connected to, not what it is called.
"""

from __future__ import annotations

import asyncio
import socket
from asyncio.selector_events import BaseSelectorEventLoop
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from monitor import guard
from monitor.errors import FetchFailed
from monitor.fetch import Fetcher, Network, post
from monitor.guard import PUBLIC_ONLY, Allowed
from monitor.model import Feed, Secret, Validators
from tests.loopback import Reply, Site

HOSTS = """
    127.0.0.1 localhost 2130706433 0x7f000001 0x7f.1 127.1 017700000001 0 127.0.0.1. localhost.
    [::1] [::] [::ffff:127.0.0.1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::]
    169.254.169.254 [::ffff:169.254.169.254] [fd00:ec2::254] 100.100.100.200 168.63.129.16
    192.168.0.1 10.0.0.1 [fe80::1] [fec0::1] 224.0.0.1
"""

Way = Callable[[str], Awaitable[Any]]


async def by_feed(url: str) -> None:
    await using(lambda fetcher: fetcher.feed(Feed(url)))


async def by_page(url: str) -> None:
    await using(lambda fetcher: fetcher.page(url))


async def by_post(url: str) -> None:
    await post(url, content=b"{}", headers={})


async def by_other_protocols(url: str) -> None:
    host = url.removeprefix("http://").rstrip("/").strip("[]")
    (await guard.connect(host, 25, PUBLIC_ONLY, 5)).close()


async def using(call: Callable[[Fetcher], Awaitable[Any]]) -> None:
    fetcher = Fetcher(Network(), per_host_delay=0)
    try:
        await call(fetcher)
    finally:
        await fetcher.aclose()


@pytest.mark.parametrize("way", [by_feed, by_page, by_post, by_other_protocols])
@pytest.mark.parametrize("host", HOSTS.split())
async def test_no_way_leads_to_an_address_that_is_not_public(
    way: Way, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = recording(monkeypatch)
    with pytest.raises(FetchFailed) as failed:
        await way(f"http://{host}/")
    assert failed.value.kind in ("blocked-address", "bad-url", "dns")
    assert connected == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:7f00:1]", "localhost", "127.1", "0x7f.1"])
@pytest.mark.parametrize("status", [301, 302, 307])
async def test_a_redirect_leads_nowhere_either(host: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with Site() as site:
        there = f"http://{host}:{site.port + 1}/latest/meta-data"
        site.pages["*"] = Reply(status, headers={"Location": there})
        connected = recording(monkeypatch)
        fetcher = Fetcher(Network(allow_private=Allowed.parse([site.address])), per_host_delay=0)
        with pytest.raises(FetchFailed):
            await fetcher.feed(Feed(site.url("/"), headers={"Authorization": Secret("x")}))
        await fetcher.aclose()
        assert connected == [("127.0.0.1", site.port)]


class Nat:
    """Stands in for the internet: a public address that leads to a site on loopback, and who was connected
    to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answers: dict[str, list[list[str]]], port: int) -> None:
        self.connected: list[str] = []
        self.asked = 0
        real_connect, real_lookup = BaseSelectorEventLoop.sock_connect, socket.getaddrinfo

        async def connect(loop: Any, sock: socket.socket, address: Any) -> None:
            self.connected.append(address[0])
            if address[0] == "93.184.216.34":
                address = ("127.0.0.1", port)
            await real_connect(loop, sock, address)

        def look_up(host: str, wanted: Any, *args: Any, **kwargs: Any) -> Any:
            if host not in answers:
                return real_lookup(host, wanted, *args, **kwargs)
            self.asked += 1
            turn = min(self.asked, len(answers[host])) - 1
            return [
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (text, wanted, 0, 0))
                if ":" in text
                else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, wanted))
                for text in answers[host][turn]
            ]

        monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", connect)
        monkeypatch.setattr(socket, "getaddrinfo", look_up)


async def test_a_name_is_resolved_once_and_its_checked_address_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rebinding: the second answer would be private; nobody asks for it. Host keeps the name."""
    with Site() as site:
        site.pages["/feed"] = "<rss/>"
        nat = Nat(monkeypatch, {"news.example": [["93.184.216.34"], ["127.0.0.1"]]}, site.port)
        fetcher = Fetcher(Network(), per_host_delay=0)
        fetched = await fetcher.feed(Feed("http://news.example/feed"))
        await fetcher.aclose()
        assert fetched.body == b"<rss/>"
        assert (nat.connected, nat.asked) == (["93.184.216.34"], 1)
        assert site.requests[0].headers["host"] == "news.example"


async def test_private_answers_among_public_ones_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with Site() as site:
        site.pages["/feed"] = "<rss/>"
        answers = [["fd00::1", "10.0.0.1", "93.184.216.34", "::ffff:127.0.0.1"]]
        nat = Nat(monkeypatch, {"news.example": answers}, site.port)
        fetcher = Fetcher(Network(), per_host_delay=0)
        await fetcher.feed(Feed("http://news.example/feed"))
        await fetcher.aclose()
        assert nat.connected == ["93.184.216.34"]


async def test_a_redirect_to_a_name_that_turned_private(monkeypatch: pytest.MonkeyPatch) -> None:
    with Site() as site:
        site.pages["/feed"] = Reply(302, headers={"Location": "http://inside.example/"})
        answers = {"news.example": [["93.184.216.34"]], "inside.example": [["169.254.169.254"]]}
        nat = Nat(monkeypatch, answers, site.port)
        fetcher = Fetcher(Network(), per_host_delay=0)
        with pytest.raises(FetchFailed, match=r"inside\.example \(169\.254\.169\.254\) is not a public"):
            await fetcher.feed(Feed("http://news.example/feed"), Validators('"1"'))
        await fetcher.aclose()
        assert nat.connected == ["93.184.216.34"]


def recording(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that a socket of this process is connected to from now on."""
    connected: list[Any] = []
    real = BaseSelectorEventLoop.sock_connect

    async def connect(loop: asyncio.AbstractEventLoop, sock: socket.socket, address: Any) -> None:
        connected.append(tuple(address[:2]))
        await real(loop, sock, address)  # type: ignore[arg-type]

    monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", connect)
    return connected
