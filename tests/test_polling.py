"""Polling as a good guest that misses nothing: moves, ends, stuck servers, gaps, indexes, outages."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from monitor.assemble import load_checked
from monitor.cli import commands
from monitor.store import open_store
from monitor.store.schema import deliveries
from tests.loopback import Reply, Request, Site
from tests.test_main_way import text_with
from tests.world import World, world

DAY = 24 * 60
#: What is about the feed; where the store decides much of the answer, both databases are asked.
of_a_file = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def here(tmp_path: Path, store_url: str) -> Iterator[World]:
    with world(tmp_path, store_url) as made:
        yield made


def listed(here: World, number: int = 0) -> dict[str, Any]:
    """A row of `monitor feeds list --json`."""
    return rows(here)[number]


def rows(here: World) -> list[dict[str, Any]]:
    done = CliRunner().invoke(commands, ["feeds", "list", "--json", "--config", str(here.folder / "monitor.yaml")])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def monitor(here: World, *args: str) -> str:
    done = CliRunner().invoke(commands, [*args, "--config", str(here.folder / "monitor.yaml")])
    return done.stdout


# ------------------------------------------------------------------------------------------------------ moves


def redirect(here: World, status: int, to: str) -> None:
    here.site.pages["/feed.xml"] = Reply(status, {"Location": here.site.url(to)})


def test_a_permanent_redirect_is_adopted_after_three_and_can_be_taken_back(here: World) -> None:
    here.serve("/new.xml")
    redirect(here, 301, "/new.xml")
    for _ in range(3):
        assert here.round().failures == ()
    asked = here.site.count("/feed.xml")
    here.round()
    assert here.site.count("/feed.xml") == asked
    assert listed(here)["asked_at"] == here.site.url("/new.xml")
    assert "moved" in monitor(here, "feeds", "list")
    monitor(here, "feeds", "retry", "--as-configured", here.site.url("/feed.xml"))
    here.round()
    assert here.site.count("/feed.xml") == asked + 1


@pytest.mark.parametrize("statuses", [(302, 302, 302, 302), (307, 307, 307, 307), (301, 301, 302, 301), (308, 308)])
@of_a_file
def test_other_redirects_are_followed_and_not_adopted(here: World, statuses: tuple[int, ...]) -> None:
    here.serve("/new.xml")
    for status in statuses:
        redirect(here, status, "/new.xml")
        assert here.round().failures == ()
    assert listed(here)["asked_at"] is None


@of_a_file
def test_a_redirect_to_a_login_page_is_not_adopted(here: World) -> None:
    here.site.pages["/login"] = "<html><body><form>Log in</form></body></html>"
    redirect(here, 301, "/login")
    for _ in range(4):
        here.round()
    assert listed(here)["asked_at"] is None


@of_a_file
def test_a_move_that_leads_nowhere_is_undone(here: World) -> None:
    good = here.site.pages["/feed.xml"]
    here.serve("/new.xml")
    redirect(here, 308, "/new.xml")
    for _ in range(3):
        here.round()
    here.site.pages["/feed.xml"] = good
    here.site.pages["/new.xml"] = Reply(404)
    here.round()
    assert here.round().failures == ()
    assert listed(here)["asked_at"] is None


@of_a_file
def test_a_feed_with_a_password_is_asked_where_it_was_given_for(here: World) -> None:
    here.serve("/new.xml")
    redirect(here, 301, "/new.xml")
    here.feeds = []
    here.write()
    (here.folder / "feeds.yaml").write_text(
        f'feeds: [{{url: "{here.site.url("/feed.xml")}", user: me, password: secret}}]\n'
    )
    here.write = lambda: here.folder / "monitor.yaml"  # type: ignore[method-assign]
    for _ in range(4):
        assert here.round().failures == ()
    assert here.site.count("/feed.xml") == 4


# ------------------------------------------------------------------------------------------------------- ends


@of_a_file
def test_gone_twice_a_day_apart_ends_the_polling_and_says_how_to_start_again(here: World) -> None:
    here.round()
    good = here.site.pages["/feed.xml"]
    here.site.pages["/feed.xml"] = Reply(410)
    here.round()
    here.round(minutes=60)
    assert listed(here)["state"] == "failing"
    here.round(minutes=DAY)
    asked = here.site.count("/feed.xml")
    for _ in range(3):
        here.round(minutes=3 * DAY)
    assert here.site.count("/feed.xml") == asked
    assert listed(here)["state"] == "stopped"
    assert "monitor feeds retry" in monitor(here, "feeds", "list")
    assert "gone" in monitor(here, "status")
    here.site.pages["/feed.xml"] = good
    monitor(here, "feeds", "retry", here.site.url("/feed.xml"))
    assert here.round(is_all=False).failures == ()
    assert listed(here)["state"] == "ok"


@of_a_file
def test_gone_once_is_an_accident(here: World) -> None:
    here.round()
    good = here.site.pages["/feed.xml"]
    here.site.pages["/feed.xml"] = Reply(410)
    here.round()
    here.site.pages["/feed.xml"] = good
    assert here.round(minutes=DAY).failures == ()
    here.site.pages["/feed.xml"] = Reply(410)
    here.round(minutes=DAY)
    assert listed(here)["state"] == "failing", "counted from the first of this time"


def test_what_becomes_of_a_feed_is_told_once_each(here: World) -> None:
    here.more = "health: {to: [boss]}"
    here.round()
    good = here.site.pages["/feed.xml"]
    here.site.pages["/feed.xml"] = Reply(500)
    for _ in range(10):
        here.round(minutes=DAY / 4)
    here.site.pages["/feed.xml"] = good
    here.round()
    here.round()
    here.site.pages["/feed.xml"] = Reply(410)
    for _ in range(3):
        here.round(minutes=DAY + 1)
    assert [title.partition(":")[0] for title in told(here)] == ["Feed down", "Feed back", "Feed gone"]


def told(here: World) -> list[str]:
    """Titles of what is said of feeds, in order; that one message a day carries them is not this test's business."""
    with closing(open_store(load_checked(str(here.folder / "monitor.yaml")).store, create=False)) as store:
        of_feeds = deliveries.c.reason.startswith("feed ")
        query = select(deliveries.c.body).where(deliveries.c.kind == "notice", of_feeds)
        with store.read() as connection:
            return [body["title"] for body in connection.execute(query.order_by(deliveries.c.created_at)).scalars()]


@of_a_file
def test_a_feed_that_turned_into_a_page_offers_the_address_it_names(here: World) -> None:
    here.site.pages["/feed.xml"] = (
        "<html><head><link rel='alternate' type='application/rss+xml' href='/rss/all.xml'></head><body></body></html>"
    )
    here.round()
    assert here.site.url("/rss/all.xml") in listed(here)["error"]


# -------------------------------------------------------------------------------------------------- stuck 304


def always_304(here: World) -> None:
    def answer(request: Request) -> Reply:
        page = here_page[0]
        is_asked = "if-none-match" in request.headers
        return Reply(304 if is_asked else 200, {"ETag": '"for ever"'}, b"" if is_asked else page)

    here_page = [str(here.site.pages["/feed.xml"])]

    def serve(path: str = "/feed.xml", title: str = "Example News") -> None:
        World.serve(here, path, title)
        here_page[0] = str(here.site.pages[path])
        here.site.pages[path] = answer

    here.serve = serve  # type: ignore[method-assign]
    here.site.pages["/feed.xml"] = answer


def unconditional(here: World) -> int:
    return sum(one.path == "/feed.xml" and "if-none-match" not in one.headers for one in here.site.requests)


@of_a_file
def test_a_server_that_says_304_for_ever_is_found_out_within_a_week(here: World) -> None:
    always_304(here)
    here.round()
    here.publish("a", "Drones at sea", text_with("Drones were seen."))
    for _ in range(6):
        here.round(minutes=DAY)
    assert here.hooks == []
    here.round(minutes=DAY)
    here.round(minutes=DAY)
    assert len(here.hooks) == 1
    assert listed(here)["is_stuck"]
    here.publish("b", "A Su-35 over Ruritania", "A Su-35 flew over the capital of Ruritania. " * 9)
    here.round()
    assert len(here.hooks) == 2, "from then on it is asked in full"
    assert "304" in monitor(here, "feeds", "list")


@of_a_file
def test_a_server_that_mended_its_ways_is_asked_conditionally_again(here: World) -> None:
    always_304(here)
    for name in ("a", "b"):
        here.round(minutes=8 * DAY)
        here.publish(name, f"Drones at sea {name}", text_with("Drones were seen."))
    here.round(minutes=8 * DAY)
    assert listed(here)["is_stuck"]
    here.serve = lambda *args: World.serve(here, *args)  # type: ignore[method-assign]
    here.publish("c", "Weather", "It rains.")
    here.round(minutes=8 * DAY)
    assert not listed(here)["is_stuck"]


@of_a_file
def test_a_quiet_feed_is_asked_in_full_once_a_week_at_most(here: World) -> None:
    always_304(here)
    for _ in range(30):
        assert here.round(minutes=DAY / 2).failures == ()
    assert unconditional(here) == 1 + 14 // 7
    assert not listed(here)["is_stuck"]


# ------------------------------------------------------------------------------------------------------- gaps


def page(here: World, numbers: range, more: str = "") -> str:
    items = "".join(
        f"<item><title>Report {n} of {n * 7} drones</title><link>{here.site.url(f'/r{n}')}</link></item>"
        for n in reversed(numbers)
    )
    link = f'<atom:link rel="next" href="{here.site.url(more)}"/>' if more else ""
    return (
        f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>News</title>{link}{items}'
        "</channel></rss>"
    )


@of_a_file
def test_a_gap_is_counted_and_shown(here: World) -> None:
    here.site.pages["/feed.xml"] = page(here, range(5))
    here.round()
    here.site.pages["/feed.xml"] = page(here, range(20, 25))
    here.round()
    assert listed(here)["gaps"] == 1
    assert "1 possible gap" in monitor(here, "feeds", "list")
    assert "gap" in monitor(here, "status")


def test_a_gap_is_closed_from_older_pages(here: World) -> None:
    here.site.pages["/feed.xml"] = page(here, range(5))
    here.round()
    here.site.pages["/feed.xml"] = page(here, range(12, 17), "/page2")
    here.site.pages["/page2"] = page(here, range(8, 12), "/page3")
    here.site.pages["/page3"] = page(here, range(3, 8), "/page4")
    polled = here.round().polled[0]
    assert len(polled.new) == 12
    assert listed(here)["gaps"] == 0
    assert here.site.count("/page4") == 0
    here.round()
    assert here.site.count("/page2") == 1


@of_a_file
def test_older_pages_are_bounded_and_loops_end(here: World) -> None:
    here.site.pages["/feed.xml"] = page(here, range(5))
    here.round()
    here.site.pages["/feed.xml"] = page(here, range(900, 905), "/p1")
    for number in range(1, 9):
        here.site.pages[f"/p{number}"] = page(here, range(900 - number * 5, 905 - number * 5), f"/p{number + 1}")
    here.round()
    assert [here.site.count(f"/p{number}") for number in range(1, 8)] == [1, 1, 1, 1, 1, 0, 0]
    assert listed(here)["gaps"] == 1
    here.site.pages["/feed.xml"] = page(here, range(950, 955), "/feed.xml")
    assert here.round().failures == ()


# --------------------------------------------------------------------------------------------------- sitemaps


def sitemap(here: World, *names: str) -> str:
    urls = "".join(
        f"<url><loc>{here.site.url('/' + name)}</loc><news:news><news:publication><news:name>N</news:name>"
        f"<news:language>en</news:language></news:publication><news:publication_date>{here.now:%Y-%m-%dT%H:%M:%SZ}"
        f"</news:publication_date><news:title>Drones {name}</news:title></news:news></url>"
        for name in names
    )
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )


def index(here: World, days: range) -> str:
    maps = "".join(
        f"<sitemap><loc>{here.site.url(f'/map{day}.xml')}</loc><lastmod>2026-10-{day:02}</lastmod></sitemap>"
        for day in days
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'


@of_a_file
def test_an_index_of_news_sitemaps_is_a_feed(here: World) -> None:
    here.site.pages["/feed.xml"] = index(here, range(1, 10))
    for day in range(1, 10):
        here.site.pages[f"/map{day}.xml"] = sitemap(here, f"day{day}")
    here.round()
    assert [here.site.count(f"/map{day}.xml") for day in range(1, 10)] == [0] * 4 + [1] * 5
    here.site.pages["/map9.xml"] = sitemap(here, "fresh", "day9")
    assert len(here.round().polled[0].new) == 1, "its parts are asked although the index has not changed"
    here.site.pages["/feed.xml"] = index(here, range(1, 11))
    here.site.pages["/map10.xml"] = sitemap(here, "tomorrow")
    assert len(here.round().polled[0].new) == 1
    assert listed(here)["gaps"] == 0
    here.site.pages["/map8.xml"] = Reply(500)
    assert here.round().failures == (), "one sitemap that fails hides no other"


# ----------------------------------------------------------------------------------------------------- outage


def dead_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        return [stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(count)]


@of_a_file
def test_an_outage_here_punishes_no_feed(here: World, caplog: pytest.LogCaptureFixture) -> None:
    sites = [Site() for _ in range(5)]
    here.feeds = [site.url("/feed.xml") for site in sites]
    for site in sites:
        site.pages["/feed.xml"] = str(here.site.pages["/feed.xml"])
        site.__enter__()
    assert here.round().failures == ()
    for site in sites:
        site.__exit__(None, None, None)
    with caplog.at_level(logging.WARNING):
        assert len(here.round().failures) == 5
    assert sum("offline" in record.message for record in caplog.records) == 1
    assert [row["failures"] for row in rows(here)] == [0] * 5
    begin = here.now
    revived = [Site(port=site.port) for site in sites]
    try:
        for site in revived:
            site.pages["/feed.xml"] = str(here.site.pages["/feed.xml"])
            site.__enter__()
        here.now += timedelta(minutes=1) - timedelta(minutes=10)
        assert len(here.round(is_all=False).polled) == 5, "tried again within a minute"
        assert (here.now - begin) <= timedelta(minutes=1)
    finally:
        for site in revived:
            site.__exit__(None, None, None)


@of_a_file
def test_dead_hosts_that_fail_first_are_no_outage(here: World, caplog: pytest.LogCaptureFixture) -> None:
    here.feeds = [f"http://127.0.0.1:{port}/" for port in dead_ports(4)]
    slow = Reply(body=str(here.site.pages["/feed.xml"]), delay=0.3)
    for number in range(5):
        here.site.pages[f"/slow{number}.xml"] = slow
        here.feeds.append(here.site.url(f"/slow{number}.xml"))
    with caplog.at_level(logging.WARNING):
        here.round()
    assert sorted(row["failures"] for row in rows(here)) == [0] * 5 + [1] * 4
    assert not any("offline" in record.message for record in caplog.records)


@of_a_file
def test_a_dead_port_is_asked_fifteen_times_a_week(here: World) -> None:
    here.feeds = [f"http://127.0.0.1:{dead_ports(1)[0]}/"]
    begin, polls = here.now, 0
    while here.now - begin < timedelta(days=7):
        polls += len(here.round(is_all=False, minutes=0).polled)
        here.now = datetime.fromisoformat(listed(here)["next_poll_at"])
    assert polls <= 15


@of_a_file
def test_an_answer_of_only_what_is_new_is_no_gap(here: World) -> None:
    here.site.pages["/feed.xml"] = page(here, range(5))
    here.round()
    here.site.pages["/feed.xml"] = Reply(226, {"IM": "feed"}, page(here, range(20, 22)))
    assert len(here.round().polled[0].new) == 2
    assert listed(here)["gaps"] == 0


@of_a_file
def test_a_dead_feed_beside_live_ones_is_no_outage(here: World) -> None:
    here.feeds += [f"http://127.0.0.1:{port}/" for port in dead_ports(2)]
    here.round()
    assert [row["failures"] for row in rows(here)] == [0, 1, 1]


def test_a_service_that_was_down_spreads_what_it_missed(here: World) -> None:
    for number in range(40):
        here.serve(f"/f{number}.xml")
    here.feeds = [here.site.url(f"/f{number}.xml") for number in range(40)]
    here.round()
    here.now += timedelta(hours=9)

    async def start() -> None:
        app = await here.open()
        await app.return_from_downtime()
        await app.close()

    asyncio.run(start())
    here.now -= timedelta(minutes=10)
    assert 8 <= len(here.round(is_all=False, minutes=10 + 0.2).polled) <= 12


def test_the_price_of_a_request_is_set_from_all_feeds(here: World) -> None:
    here.round()

    async def maintain() -> float | None:
        app = await here.open()
        await app.maintain()
        await app.close()
        return app.poller.price

    assert asyncio.run(maintain()) == 120.0
