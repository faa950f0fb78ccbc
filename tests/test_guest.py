"""The politeness that a publisher sees in the request log, over restarts and whatever the answers are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.store import feeds
from tests.loopback import Reply, Request
from tests.test_polling import listed, rows
from tests.world import World, article_page, world

HOUR = 60


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def test_validators_are_taken_from_every_200_though_the_body_is_the_same(here: World) -> None:
    seen: list[str | None] = []
    page = str(here.site.pages["/feed.xml"])

    def touched(request: Request) -> Reply:
        """A server that writes its files anew every hour."""
        seen.append(request.headers.get("if-none-match"))
        return Reply(200, {"ETag": f'"{len(seen)}"'}, page)

    here.site.pages["/feed.xml"] = touched
    for _ in range(4):
        here.round(minutes=HOUR)
    assert seen == [None, '"1"', '"2"', '"3"']


def test_a_crash_loop_polls_no_oftener_than_the_schedule(here: World) -> None:
    here.site.pages["/feed.xml"] = Reply(200, {"ETag": '"a"'}, str(here.site.pages["/feed.xml"]))
    for _ in range(10):
        here.round(is_all=False, minutes=1)
    gap = timedelta(minutes=10) / max(here.site.count("/feed.xml"), 1)
    assert gap >= timedelta(minutes=2), "polling.fastest"


def test_one_hostile_pause_silences_neither_its_host_nor_itself_for_ever(here: World) -> None:
    here.feeds = [here.site.url("/a.xml"), here.site.url("/feed.xml")]
    here.site.pages["/a.xml"] = Reply(429, {"Retry-After": "999999999"})
    here.round()
    here.round(is_all=False, minutes=3 * HOUR)
    assert here.site.count("/feed.xml") == 2, "the other feed of that host"
    assert here.site.count("/a.xml") == 1
    assert rows(here)[0]["held_until"], "it is said until when"
    here.serve("/a.xml")
    here.round(is_all=False, minutes=25 * HOUR)
    assert here.site.count("/a.xml") == 2
    assert rows(here)[0]["state"] == "ok"


def test_a_feed_is_polled_by_one_at_a_time(here: World) -> None:
    here.site.pages["/feed.xml"] = Reply(200, {}, str(here.site.pages["/feed.xml"]), delay=0.4)

    async def run() -> None:
        app = await here.open()
        for _ in range(4):
            await app.poll_due()
            await asyncio.sleep(0.05)
        await app.drain(5)

    asyncio.run(run())
    assert here.site.count("/feed.xml") == 1


def test_no_cookie_is_kept_no_referer_sent_and_no_address_altered(here: World) -> None:
    here.publish("a", "Drones at sea", "Drones were seen at sea, says the harbour master.")
    page = str(here.site.pages["/feed.xml"])
    here.site.pages["/feed.xml"] = lambda request: Reply(200, {"Set-Cookie": "id=1; Path=/"}, page)
    for _ in range(2):
        here.round(minutes=HOUR)
    asked = [one for one in here.site.requests if one.method == "GET"]
    assert {one.path for one in asked} <= {"/feed.xml", "/robots.txt", "/a"}
    assert not any({"cookie", "referer"} & set(one.headers) for one in asked)
    assert {one.headers["user-agent"].partition("/")[0] for one in here.site.requests} == {"news-monitor"}


def test_an_articles_page_is_asked_for_once_however_often_it_is_listed(here: World) -> None:
    here.feeds = [here.site.url(f"/{name}.xml") for name in ("feed", "b", "c")]
    here.round()
    here.publish("a", "Drones at sea", "Drones were seen at sea. " * 40)
    for name in ("b", "c"):
        here.serve(f"/{name}.xml")
    for _ in range(2):
        here.round(minutes=HOUR)
    assert here.site.count("/a") == 1


def test_a_feed_without_validators_is_asked_every_quarter_of_an_hour_at_most_and_says_so(here: World) -> None:
    here.more = "alerts: {first: archive}"
    for number in range(30):  # a lively one
        here.publish(f"n{number}", f"Report {number}", "Nothing of note.", age_h=number / 20)
    here.round()
    state = asyncio.run(first(here))
    assert state.next_poll_at - here.now >= timedelta(minutes=15)
    assert "no validators" in listed(here)["next_reason"]


async def first(here: World) -> feeds.FeedState:
    app = await here.open()
    try:
        return (await app.store.look(feeds.listing))[0]
    finally:
        await app.close()


def test_a_page_whose_host_wants_a_pause_is_read_after_it_and_told_for_what_it_adds(here: World) -> None:
    here.round()
    text = "The harbour master counted the ships. " * 9 + "A Su-35 flew over the quay. " * 3
    here.publish("a", "Drones at sea", text, page=Reply(429, {"Retry-After": "300"}))
    here.round()
    assert [body["data"]["article"]["matched_on"] for body in here.bodies()] == ["summary"], "told at once"
    here.round(minutes=5)
    assert here.site.count("/a") == 1
    here.site.pages["/a"] = article_page("Drones at sea", text)
    here.round(minutes=10)
    here.round(minutes=10)
    assert here.site.count("/a") == 2
    assert here.bodies()[1]["data"]["article"]["matched_on"] == "full article"
    assert [watch["name"] for watch in here.bodies()[1]["data"]["watches"]] == ["Su-35"]
    assert len(here.bodies()) == 2


@pytest.mark.parametrize("first", ["archive", "summary", "alert"])
def test_what_is_published_after_a_first_try_that_came_to_nothing_is_told(here: World, first: str) -> None:
    """The process was killed before it could keep what the feed showed, or the server was down."""
    here.more = f"alerts: {{first: {first}}}"
    here.publish("before", "Drones over the harbour", "Drones were seen at pier 7 of Port Merrow.", age_h=3)
    page, here.site.pages["/feed.xml"] = here.site.pages["/feed.xml"], Reply(500)
    here.round()
    here.site.pages["/feed.xml"] = page
    here.now += timedelta(hours=3)
    here.publish("since", "Airfield 33 is closed", "Ruritania says that it shot down two drones.")
    here.round()
    told = [body["data"]["article"]["title"] for body in here.bodies() if body["type"] == "alert.created"]
    assert "Airfield 33 is closed" in told
    assert ("Drones over the harbour" in told) == (first == "alert")


@pytest.mark.parametrize("change", ["other guids", "moved for good", "another address in the configuration"])
def test_a_feed_that_changes_its_ways_is_no_storm(here: World, change: str) -> None:
    """What was told is not told again, whatever names or address it has now."""
    here.round()
    places = ("harbour", "airfield", "bridge")
    for place in places:
        here.publish(place, f"Drones at the {place}", f"Drones were seen at the {place} of Port Merrow.")
    here.round()
    told = len(here.hooks)
    page = str(here.site.pages["/feed.xml"])
    if change == "other guids":
        here.site.pages["/feed.xml"] = page.replace("<guid>", "<guid>new-")
    else:
        here.site.pages["/new.xml"] = page
    if change == "moved for good":
        here.site.pages["/feed.xml"] = Reply(301, {"Location": here.site.url("/new.xml")})
    elif change != "other guids":
        here.feeds = [here.site.url("/new.xml")]
    for _ in range(3):
        here.round(minutes=HOUR)
    assert len(here.hooks) == told > 0
    assert [here.site.count(f"/{place}") for place in places] == [1, 1, 1]


def test_a_page_that_gave_no_text_is_not_asked_for_by_another_feed(here: World) -> None:
    here.feeds.append(here.site.url("/second.xml"))
    here.site.pages["/second.xml"] = here.site.pages["/feed.xml"]
    here.round()
    here.publish("a", "Drones at sea", "Drones were seen at sea, says the harbour master.", page=Reply(403))
    here.round()
    here.site.pages["/second.xml"] = here.site.pages["/feed.xml"]
    here.round()
    assert here.site.count("/a") == 1
    assert len(here.hooks) == 1
