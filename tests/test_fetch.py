"""Fetching: conditional for ever, polite, nothing sent that should stay, and every failure in words."""

from __future__ import annotations

import asyncio
import gzip
import logging
import re
import socket
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from monitor.errors import FetchFailed
from monitor.fetch import Fetched, Fetcher, Network, post
from monitor.fetch.hosts import PER_ADDRESS
from monitor.fetch.refusals import Manner, after
from monitor.guard import Allowed
from monitor.model import Feed, Secret, Validators
from tests.loopback import Page, Reply, Request, Site

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ANY = Allowed.parse(["127.0.0.0/8", "::1"])


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        yield opened


@asynccontextmanager
async def fetching(**changes: Any) -> AsyncIterator[Fetcher]:
    settings = {"per_host": changes.pop("per_host", 1), "per_host_delay": changes.pop("per_host_delay", 0.0)}
    settings["concurrency"] = changes.pop("concurrency", 100)
    fetcher = Fetcher(Network(**{"allow_private": ANY, **changes}), clock=lambda: NOW, **settings)
    try:
        yield fetcher
    finally:
        await fetcher.aclose()


async def get(site: Site, path: str = "/feed", validators: Validators | None = None, **changes: Any) -> Fetched:
    feed = Feed(site.url(path), **changes)
    async with fetching() as fetcher:
        return await fetcher.feed(feed, validators or Validators())


async def refused(site: Site, path: str = "/feed", **changes: Any) -> FetchFailed:
    with pytest.raises(FetchFailed) as failed:
        await get(site, path, **changes)
    return failed.value


# ------------------------------------------------------------------------------------------------- what is
# sent


async def test_a_request_says_who_asks_and_what_for(site: Site) -> None:
    site.pages["/feed"] = Reply(headers={"Set-Cookie": "id=1; Path=/", "Content-Type": "text/xml"}, body="<rss/>")
    async with fetching() as fetcher:
        fetched = await fetcher.feed(Feed(site.url("/feed")))
        await fetcher.feed(Feed(site.url("/feed")))
    assert (fetched.status, fetched.body, fetched.content_type) == (200, b"<rss/>", "text/xml")
    for request in site.requests:
        sent = request.headers
        assert re.match(r"[\w-]+/\d+\.\d+\S* \(\+https://", sent["user-agent"])
        assert sent["accept"].startswith("application/atom+xml,application/rss+xml")
        assert sent["a-im"] == "feed"
        assert set(sent["accept-encoding"].split(", ")) <= {"gzip", "deflate"}
        assert not {"cookie", "referer", "if-none-match", "if-modified-since", "authorization"} & set(sent)


@pytest.mark.parametrize(
    ("etag", "modified"),
    [
        ('W/"a"', "Sun, 22 Nov 2026 10:00:00 GMT"),
        ("ab c", "Thu, 01 Jan 1970 08:00:00 WST"),
        ('"\u00fc\u4e2d"', "2026-11-22"),
        ('"a,b"', None),
        (None, "yesterday"),
        ('"' + "x" * 4000 + '"', "0"),
    ],
)
async def test_validators_go_back_byte_for_byte(site: Site, etag: str | None, modified: str | None) -> None:
    given = {"ETag": etag, "Last-Modified": modified}
    headers = {name: value.encode().decode("latin-1") for name, value in given.items() if value is not None}
    site.pages["/feed"] = Reply(headers=headers, body="<rss/>")
    first = await get(site)
    assert first.validators == Validators(etag, modified)
    await get(site, validators=first.validators)
    assert site.requests[1].headers.get("if-none-match") == headers.get("ETag")
    assert site.requests[1].headers.get("if-modified-since") == headers.get("Last-Modified")


async def test_a_validator_that_cannot_be_sent_back_exactly_is_not_sent(site: Site) -> None:
    site.pages["/feed"] = Reply(headers={"ETag": '"\xe9"', "Last-Modified": "x"}, body="<rss/>")
    assert (await get(site)).validators == Validators(None, "x")


async def test_not_modified_is_a_value_and_renews_validators(site: Site) -> None:
    site.pages["/feed"] = Reply(304, headers={"ETag": '"2"', "Cache-Control": "max-age=7200"})
    fetched = await get(site, validators=Validators('"1"', "then"))
    assert (fetched.status, fetched.body) == (304, b"")
    assert fetched.validators == Validators('"2"', "then")
    assert fetched.hints.max_age == timedelta(hours=2)


async def test_not_modified_without_a_condition_is_a_failure(site: Site) -> None:
    site.pages["/feed"] = Reply(304)
    assert (await refused(site)).status == 304


async def test_226_is_a_value(site: Site) -> None:
    site.pages["/feed"] = Reply(226, headers={"IM": "feed", "ETag": '"3"'}, body="<rss/>")
    fetched = await get(site, validators=Validators('"1"'))
    assert (fetched.status, fetched.validators.etag) == (226, '"3"')


# --------------------------------------------------------------------------------------------------
# credentials


async def test_credentials_go_to_the_feed_and_stay_out_of_its_address(site: Site) -> None:
    site.pages["/feed"] = "<rss/>"
    url = site.url("/feed").replace("//", "//me:p%40ss@")
    async with fetching() as fetcher:
        fetched = await fetcher.feed(Feed(url))
    assert "me" not in fetched.url
    assert site.requests[0].headers["authorization"] == "Basic bWU6cEBzcw=="
    await get(
        site,
        user="me",
        password=Secret("p@ss"),
        headers={"X-Key": Secret("k"), "user-agent": Secret("mine/1")},
    )
    assert site.requests[1].headers["authorization"] == "Basic bWU6cEBzcw=="
    assert site.requests[1].headers["x-key"] == "k"
    assert site.requests[1].headers["user-agent"] == "mine/1"


async def test_credentials_and_validators_are_dropped_on_the_way_to_another_port(site: Site) -> None:
    with Site() as other:
        site.pages["/feed"] = Reply(302, headers={"Location": other.url("/there")})
        other.pages["/there"] = Reply(headers={"ETag": '"theirs"'}, body="<rss/>")
        feed: dict[str, Any] = {"headers": {"Cookie": Secret("c=1")}, "user": "me", "password": Secret("p")}
        fetched = await get(site, validators=Validators('"ours"'), **feed)
        assert not {"authorization", "cookie", "if-none-match", "referer"} & set(other.requests[0].headers)
        # What the other site gave goes back to it alone, so that a feed behind a redirect is conditional too.
        await get(site, validators=fetched.validators, **feed)
        assert "if-none-match" not in site.requests[1].headers
        assert other.requests[1].headers["if-none-match"] == '"theirs"'


@pytest.mark.parametrize(
    "name",
    [
        "Host",
        "content-length",
        "Transfer-Encoding",
        "Connection",
        "Remote-User",
        "X-WebAuth-User",
        "X Y",
        "é",
        "",
    ],
)
async def test_headers_that_may_not_be_set(site: Site, name: str) -> None:
    failed = await refused(site, headers={name: Secret("canary-7")})
    assert (failed.kind, failed.retry) == ("bad-url", False)
    assert "canary" not in str(failed)
    assert not site.requests


async def test_a_header_value_cannot_smuggle_a_line(site: Site) -> None:
    assert (await refused(site, headers={"X-A": Secret("a\r\nX-B: b")})).kind == "bad-url"
    assert not site.requests


async def test_no_address_is_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    site.pages["/feed?token=canary-8"] = "<rss/>"
    await get(site, "/feed?token=canary-8")
    failed = await refused(site, "/gone?token=canary-8")
    assert "canary" not in caplog.text + str(failed)


# ----------------------------------------------------------------------------------------------------
# redirects


async def test_a_chain_of_permanent_redirects_names_the_new_address(site: Site) -> None:
    site.pages |= {
        "/a": Reply(301, headers={"Location": "b"}),
        "/b": Reply(308, headers={"Location": site.url("/feed")}),
        "/feed": "<rss/>",
    }
    fetched = await get(site, "/a")
    assert fetched.url == fetched.permanent_url == site.url("/feed")


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_one_temporary_redirect_makes_the_whole_chain_temporary(site: Site, status: int) -> None:
    site.pages |= {
        "/a": Reply(301, headers={"Location": "/b"}),
        "/b": Reply(status, headers={"Location": "/feed"}),
        "/feed": "<rss/>",
    }
    fetched = await get(site, "/a")
    assert (fetched.url, fetched.permanent_url) == (site.url("/feed"), None)


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("/feed", "in a circle"),
        ("", "without saying where"),
        ("file:///etc/passwd", "no address of http or https"),
        ("gopher://127.0.0.1/", "no address of http or https"),
        ("http://127.0.0.1\\@example.com/", "redirects to"),
        ("http://[::1", "redirects to"),
        ("/" + "x" * 9000, "redirects to"),
    ],
)
async def test_redirects_that_lead_nowhere(site: Site, location: str, says: str) -> None:
    site.pages["/feed"] = Reply(301, headers={"Location": location})
    failed = await refused(site)
    assert failed.kind == "redirect"
    assert says in str(failed)


async def test_more_than_five_redirects(site: Site) -> None:
    for number in range(9):
        site.pages[f"/{number}"] = Reply(302, headers={"Location": f"/{number + 1}"})
    failed = await refused(site, "/0")
    assert (failed.kind, len(site.requests)) == ("redirect", 6)
    site.pages["/5"] = "<rss/>"
    assert (await get(site, "/0")).body == b"<rss/>"


# ------------------------------------------------------------------------------------------------- hints,
# links


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "public, max-age=7200"}, 7200),
        ({"Cache-Control": "max-age=7200", "Age": "200"}, 7000),
        ({"Cache-Control": 'max-age="60"'}, 60),
        ({"Cache-Control": "max-age=0"}, None),
        ({"Cache-Control": "max-age=-1"}, None),
        ({"Cache-Control": "max-age=abc"}, None),
        ({"Cache-Control": "max-age=" + "9" * 31}, 86400),
        ({"Cache-Control": "no-cache, max-age=9"}, None),
        ({"Cache-Control": "s-maxage=9"}, None),
        ({"Cache-Control": "max-age=2147483648"}, 86400),
        ({"Expires": "Sun, 22 Nov 2026 13:00:00 GMT"}, 3600),
        ({"Expires": "Sun, 22 Nov 2026 13:00:00 GMT", "Date": "Sun, 22 Nov 2026 12:30:00 GMT"}, 1800),
        ({"Expires": "-1"}, None),
        ({"Expires": "Sun, 22 Nov 99999 13:00:00 GMT"}, None),
    ],
)
async def test_freshness(site: Site, headers: dict[str, str], seconds: int | None) -> None:
    site.pages["/feed"] = Reply(headers=headers, body="<rss/>")
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert (await get(site)).hints.max_age == expected


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("1.5", 1.5),
        ("Sun, 22 Nov 2026 12:02:00 GMT", 120),
        ("Sun, 22 Nov 2020 12:02:00 GMT", 0),
        ("-5", 0),
        ("999999999", 86400),
        ("9" * 39, 86400),
        ("1e9", None),
        ("soon", None),
    ],
)
async def test_retry_after(site: Site, status: int, value: str, seconds: float | None) -> None:
    site.pages["/feed"] = Reply(status, headers={"Retry-After": value})
    failed = await refused(site)
    assert failed.wait == (None if seconds is None else timedelta(seconds=seconds))
    assert (failed.status, failed.kind, failed.retry) == (status, "http", True)


async def test_retry_after_counts_by_the_servers_own_clock(site: Site) -> None:
    dates = {"Retry-After": "Sun, 22 Nov 2020 12:02:00 GMT", "Date": "Sun, 22 Nov 2020 12:00:00 GMT"}
    site.pages["/feed"] = Reply(429, headers=dates)
    failed = await refused(site)
    assert failed.wait == timedelta(minutes=2)
    assert str(failed) == f"127.0.0.1:{site.port} answered 429, Retry-After 120 s"


async def test_websub_links(site: Site) -> None:
    links = [("Link", '<https://hub.example/>; rel="hub"'), ("Link", '</self>; title="a, b"; rel=self')]
    site.pages["/feed"] = Reply(headers=links, body="<rss/>")
    fetched = await get(site)
    assert (fetched.hub, fetched.topic) == ("https://hub.example/", site.url("/self"))


# -------------------------------------------------------------------------------------------------------
# bodies


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"<rss/>", mtime=0)),
        ("x-gzip", gzip.compress(b"<rss", mtime=0) + gzip.compress(b"/>", mtime=0)),
        ("gzip", gzip.compress(b"<rss/>", mtime=0) + b"\0\0 garbage"),
        ("deflate", zlib.compress(b"<rss/>")),
        ("deflate", zlib.compressobj(wbits=-15).compress(b"") + zlib.compress(b"<rss/>", wbits=-15)),
        ("gzip", b"<rss/>"),
        ("identity", b"<rss/>"),
        ("", b"<rss/>"),
        ("UTF-8", b"<rss/>"),
    ],
)
async def test_bodies_are_decoded(site: Site, coding: str, body: bytes) -> None:
    site.pages["/feed"] = Reply(headers={"Content-Encoding": coding}, body=body)
    assert (await get(site)).body == b"<rss/>"


@pytest.mark.parametrize("status", [204, 206, 300, 400, 401, 403, 404, 410, 500, 999])
async def test_other_answers_are_failures_that_say_whether_to_retry(site: Site, status: int) -> None:
    site.pages["/feed"] = Reply(status, body="" if status == 204 else "no")
    failed = await refused(site)
    assert failed.status == status
    assert failed.retry is not (400 <= status < 500)


# ----------------------------------------------------------------------------------------------------
# addresses


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "file:/etc/passwd",
        "source:file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://127.0.0.1/",
        "data:text/xml,x",
        "jar:http://127.0.0.1!/",
        "view-source:http://127.0.0.1/",
        "http:///x",
        "http:",
        "//127.0.0.1/",
        "127.0.0.1",
        "",
        "http://127.0.0.1:1\\@example.com/",
        "http://exa\nmple.com/",
        "http://a\x00b/",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://\x7f/",
    ],
)
async def test_addresses_that_are_not_asked(url: str) -> None:
    async with fetching() as fetcher:
        for call in (
            fetcher.feed(Feed(url)),
            fetcher.page(url),
            post(url, content=b"", headers={}, allowed=ANY),
        ):
            with pytest.raises(FetchFailed) as failed:
                await call
            assert failed.value.kind == "bad-url"
            assert failed.value.retry is False


async def test_an_address_is_asked_as_it_is_written(site: Site) -> None:
    site.pages["*"] = "<rss/>"
    for path in ("/a%2Fb/%7Euser?sig=a%2Bb%3D&x=%20y", "/a//b/?q=1+2"):
        await get(site, path)
        assert site.requests[-1].path == path
    await get(site, "/with space#fragment")
    assert site.requests[-1].path == "/with%20space"


# -------------------------------------------------------------------------------------------------------
# robots


async def test_pages_obey_robots_txt_and_feeds_need_not(site: Site) -> None:
    site.pages |= {"/robots.txt": "User-agent: *\nDisallow: /private", "*": "<p>text"}
    async with fetching() as fetcher:
        assert (await fetcher.page(site.url("/public"))).body == b"<p>text"
        with pytest.raises(FetchFailed, match="forbids this page") as failed:
            await fetcher.page(site.url("/private/1"))
        assert (failed.value.kind, failed.value.retry) == ("robots", False)
        await fetcher.page(site.url("/private/2"), obey_robots=False)
        await fetcher.feed(Feed(site.url("/private/feed")))
    assert site.count("/robots.txt") == 1
    assert site.count("/private/1") == 0


@pytest.mark.parametrize(
    ("answer", "is_allowed"),
    [
        (Reply(404), True),
        (Reply(401), True),
        (Reply(410), True),
        (Reply(500), False),
        (Reply(503), False),
        (Reply(429), False),
        ("\ufeffUser-agent: news-monitor\nDisallow: /", False),
        ("User-agent: news-monitor\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        ("<html>not robots</html>", True),
        (Reply(301, headers={"Location": "/other.txt"}), False),
        (Reply(302, headers={"Location": "/robots.txt"}), True),
        (Reply(body=b"User-agent: *\nDisallow: /\n" + b"#" * 600_000), False),
        (Reply(body=b"\xff\xfe\x00" * 100), True),
    ],
)
async def test_what_robots_txt_may_answer(site: Site, answer: Page, is_allowed: bool) -> None:
    site.pages |= {"/robots.txt": answer, "/other.txt": "User-agent: *\nDisallow: /", "/page": "<p>text"}
    async with fetching() as fetcher:
        if is_allowed:
            await fetcher.page(site.url("/page"))
        else:
            with pytest.raises(FetchFailed) as failed:
                await fetcher.page(site.url("/page"))
            assert failed.value.kind == "robots"
        assert site.count("/page") == is_allowed


async def test_robots_txt_of_every_hop_counts(site: Site) -> None:
    with Site() as other:
        other.pages |= {"/robots.txt": "User-agent: *\nDisallow: /", "/page": "<p>text"}
        site.pages["/page"] = Reply(302, headers={"Location": other.url("/page")})
        async with fetching() as fetcher:
            with pytest.raises(FetchFailed) as failed:
                await fetcher.page(site.url("/page"))
        assert failed.value.kind == "robots"
        assert other.count("/page") == 0


# ---------------------------------------------------------------------------------------------------
# politeness


async def test_one_host_is_asked_one_at_a_time_and_others_meanwhile(site: Site) -> None:
    flying = {"now": 0, "most": 0}

    def slow(_request: Request) -> str:
        flying["now"] += 1
        flying["most"] = max(flying["most"], flying["now"])
        import time

        time.sleep(0.02)
        flying["now"] -= 1
        return "<rss/>"

    site.pages["*"] = slow
    with Site() as other:
        other.pages["/feed"] = "<rss/>"
        async with fetching(per_host_delay=0.05) as fetcher:
            same = [asyncio.create_task(fetcher.feed(Feed(site.url(f"/{n}")))) for n in range(4)]
            await fetcher.feed(Feed(other.url("/feed")))
            assert not all(task.done() for task in same)
            await asyncio.gather(*same)
    assert flying["most"] == 1
    times = [request.at for request in site.requests]
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.03


async def test_domains_that_share_an_address_are_asked_a_few_at_a_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    flying: set[float] = set()
    most: list[int] = []

    def slow(request: Request) -> str:
        flying.add(request.at)
        most.append(len(flying))
        time.sleep(0.3)
        flying.discard(request.at)
        return "<rss/>"

    def here(_host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", here)
    site.pages["*"] = slow
    async with fetching() as fetcher:
        feeds = [Feed(f"http://feed{number}.example{number}.org:{site.port}/") for number in range(12)]
        await asyncio.gather(*(fetcher.feed(feed) for feed in feeds))
    assert len(most) == len(feeds)
    assert 1 < max(most) <= PER_ADDRESS


async def test_concurrency_is_bounded_in_all() -> None:
    flying = {"now": 0, "most": 0}

    def slow(_request: Request) -> str:
        import time

        flying["now"] += 1
        flying["most"] = max(flying["most"], flying["now"])
        time.sleep(0.03)
        flying["now"] -= 1
        return "<rss/>"

    sites = [Site() for _ in range(6)]
    for opened in sites:
        opened.__enter__()
        opened.pages["*"] = slow
    async with fetching(concurrency=2) as fetcher:
        await asyncio.gather(*(fetcher.feed(Feed(opened.url("/"))) for opened in sites))
    for opened in sites:
        opened.__exit__(None, None, None)
    assert flying["most"] == 2


# ---------------------------------------------------------------------------------------------------------
# post


async def test_a_post_is_sent_as_it_is_and_answered_whatever_the_status(site: Site) -> None:
    site.pages["/hook"] = Reply(429, headers={"Retry-After": "3"}, body="slow down")
    body = '{"a":"é"}'.encode()
    answer = await post(
        site.url("/hook"),
        content=body,
        headers={"Content-Type": "application/json", "webhook-id": "m1"},
        allowed=ANY,
    )
    assert (answer.status, answer.text, answer.headers["retry-after"]) == (429, "slow down", "3")
    request = site.requests[0]
    assert (request.method, request.body, request.headers["content-type"]) == (
        "POST",
        body,
        "application/json",
    )
    assert request.headers["webhook-id"] == "m1"
    assert request.headers["content-length"] == str(len(body))
    assert request.headers["user-agent"].startswith("news-monitor/")


async def test_a_post_follows_no_redirect_and_keeps_little_of_the_answer(site: Site) -> None:
    site.pages["/hook"] = Reply(302, headers={"Location": "/elsewhere"}, body=b"x" * 200_000)
    answer = await post(site.url("/hook"), content=b"{}", headers={}, allowed=ANY)
    assert (answer.status, len(answer.text)) == (302, 65536)
    assert site.count("/elsewhere") == 0


async def test_a_post_meets_its_deadline(site: Site) -> None:
    site.pages["/hook"] = Reply(delay=5)
    with pytest.raises(FetchFailed) as failed:
        await post(site.url("/hook"), content=b"{}", headers={}, allowed=ANY, timeout=0.2)
    assert failed.value.kind == "timeout"


async def test_a_post_goes_through_the_gate(site: Site) -> None:
    with pytest.raises(FetchFailed) as failed:
        await post(site.url("/hook"), content=b"{}", headers={})
    assert failed.value.kind == "blocked-address"
    assert not site.requests


async def test_a_proxy_is_used_only_when_configured(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with Site() as proxy:
        proxy.pages["*"] = "<rss>by proxy</rss>"
        site.pages["/feed"] = "<rss/>"
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        assert (await get(site)).body == b"<rss/>"
        assert not proxy.requests
        async with fetching(proxy=proxy.url("")) as fetcher:
            fetched = await fetcher.feed(Feed(site.url("/feed")))
        assert fetched.body == b"<rss>by proxy</rss>"
        assert proxy.requests[0].path == site.url("/feed")
        async with fetching(proxy=proxy.url(""), allow_private=Allowed()) as fetcher:
            with pytest.raises(FetchFailed) as failed:
                await fetcher.feed(Feed("http://169.254.169.254/latest"))
        assert failed.value.kind == "blocked-address"


# --------------------------------------------------------------------------------------------------
# hosts that are left alone


@pytest.mark.parametrize("status", [429, 503])
async def test_a_host_that_orders_a_pause_is_asked_for_no_page(site: Site, status: int) -> None:
    site.pages["/a"] = Reply(status, {"Retry-After": "60"})
    site.pages["/b"] = "<html></html>"
    async with fetching() as fetcher:
        for path in ("/a", "/b"):
            with pytest.raises(FetchFailed) as failed:
                await fetcher.page(site.url(path))
            assert failed.value.status == status
        assert failed.value.kind == "held"
        assert site.count("/b") == 0
        assert (await fetcher.page(site.url("/b"), obey_robots=False)).status == 200, "a person asked for it"


async def test_403_is_a_throttle_where_the_host_gave_pages_before(site: Site) -> None:
    site.pages["/good"] = "<html></html>"
    for name in "abc":
        site.pages[f"/{name}"] = Reply(403)
    async with fetching() as fetcher:
        await fetcher.page(site.url("/good"))
        for name in "abc":
            with pytest.raises(FetchFailed):
                await fetcher.page(site.url(f"/{name}"))
    assert [site.count(f"/{name}") for name in "abc"] == [1, 1, 0]


async def test_403_by_a_host_that_never_gave_a_page_is_no_throttle(site: Site) -> None:
    site.pages["*"] = Reply(403)
    async with fetching() as fetcher:
        for name in "abcd":
            with pytest.raises(FetchFailed):
                await fetcher.page(site.url(f"/{name}"))
    assert site.count("/d") == 1


def test_a_pause_after_403_grows_to_six_hours_and_ends_with_a_page() -> None:
    manner = Manner(given=5)
    for _ in range(20):
        manner = after(manner, 403, None, 0.0)
    assert manner.until == 6 * 3600
    assert after(manner, 200, None, 0.0).refused == 0
    assert after(Manner(), 429, timedelta(0), 7.0).until == 7.0
    assert after(Manner(), 429, None, 0.0).until == 600
    assert after(Manner(), 503, None, 0.0).until == 0, "one page in trouble is not the host's wish"
