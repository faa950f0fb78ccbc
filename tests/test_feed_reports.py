"""What `health.to` hears of feeds: departures from their norm, expired logins, gaps; each once, the return once."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import Page, Reply
from tests.test_polling import listed
from tests.world import World, world

LONG = "The harbour master counted the ships that came in before noon. " * 30


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.more = "health: {to: [boss]}\nalerts: {first: archive}"
        made.watchlist = "watches: [nothing of the kind]"
        yield made


def notices(here: World) -> list[dict[str, Any]]:
    """What is told of feeds, in order; how notices are sent, alone or together, is not this test's business."""
    with closing(sqlite3.connect(here.folder / "monitor.db")) as connection:
        query = "SELECT body FROM deliveries WHERE kind = 'notice' AND reason LIKE 'feed %' ORDER BY created_at"
        return [json.loads(body) for (body,) in connection.execute(query)]


def titles(here: World) -> list[str]:
    return [notice["title"] for notice in notices(here)]


def document(items: int, text: str = LONG, first: int = 0, edition: int = 0) -> str:
    """`edition` makes other bytes of the same items."""
    made = "".join(
        f"<item><title>Report {number}</title><guid>report-{number}</guid><description>{text}</description></item>"
        for number in range(first, first + items)
    )
    return f"<rss version='2.0'><channel><title>Example News</title><!-- {edition} -->{made}</channel></rss>"


def polls(here: World, pages: list[Page], hours: float = 1) -> None:
    """One poll of each page in turn, by one process."""

    async def run() -> None:
        app = await here.open()
        for page in pages:
            here.now += timedelta(hours=hours)
            here.site.pages["/feed.xml"] = page
            await app.once(is_all=True)
        await app.close()

    asyncio.run(run())


def configure(here: World, settings: str) -> None:
    """The feed with further settings."""
    write = type(here).write

    def written() -> Path:
        main = write(here)
        (here.folder / "feeds.yaml").write_text(f'feeds: [{{url: "{here.feeds[0]}", {settings}}}]\n')
        return main

    here.write = written  # type: ignore[method-assign]


def growing(count: int, make: Callable[[int], str]) -> list[Page]:
    return [make(number) for number in range(count)]


def test_a_feed_that_shrank_is_told_once_and_its_return_once(here: World) -> None:
    whole = growing(7, lambda n: document(30, edition=n))
    shrunk = growing(4, lambda n: document(3, edition=n))
    polls(here, [*whole, *shrunk])
    assert list(listed(here)["departures"]) == ["shrunk"]
    polls(here, [document(30), document(30, edition=1)])
    assert titles(here) == ["Feed shrunk: Example News", "Feed whole again: Example News"]
    assert "usual are 30" in json.dumps(notices(here))


def test_a_feed_that_lost_its_encoding_is_told(here: World) -> None:
    good = growing(7, lambda n: document(10, "Les forces armées ont été prévenues. " + LONG, edition=n))
    bad = growing(3, lambda n: document(10, "Les forces armÃ©es ont Ã©tÃ© prÃ©venues. " + LONG, edition=n))
    polls(here, [*good, *bad, good[0]])
    assert titles(here) == ["Feed damaged: Example News", "Feed readable again: Example News"]


@pytest.mark.parametrize("settings", ['headers: {Cookie: "session=abc"}', ""])
def test_a_fall_to_stubs_asks_for_a_login_only_where_there_is_one(here: World, settings: str) -> None:
    if settings:
        configure(here, settings)
    stubs = growing(3, lambda n: document(10, "Log in.", edition=n))
    polls(here, [*growing(7, lambda n: document(10, edition=n)), *stubs])
    assert titles(here) == (["Login expired? Example News"] if settings else [])


@pytest.mark.parametrize(
    "refusal", [Reply(401), Reply(403), "<!doctype html><html><body><form>Log in</form></body></html>"]
)
def test_a_login_that_is_refused_is_told_at_the_second_time_and_its_return(here: World, refusal: Page) -> None:
    configure(here, 'user: me, password: "pass-word"')
    polls(here, [document(3), *[refusal] * 4, document(3), document(4)])
    assert titles(here) == ["Login expired? Example News", "Feed back: Example News"]
    assert "pass-word" not in json.dumps(notices(here))


def test_a_refusal_of_a_feed_without_login_is_told_after_a_day(here: World) -> None:
    polls(here, [document(3), *[Reply(403)] * 6])
    assert titles(here) == []


def test_a_feed_that_falls_silent_is_told_once_and_its_first_item_ends_it(here: World) -> None:
    lively = growing(12, lambda n: document(10, first=n))
    polls(here, lively, hours=36)  # eighteen days
    polls(here, [lively[-1]] * 6, hours=24)
    polls(here, [document(10, first=12)])
    assert titles(here) == ["Feed silent: Example News", "Feed speaks again: Example News"]


@pytest.mark.parametrize("settings", ["gaps: tell", "gaps: count"])
def test_a_possible_gap_is_told_by_a_feeds_choice_once_a_day(here: World, settings: str) -> None:
    configure(here, settings)
    polls(here, growing(4, lambda n: document(5, first=10 * n)))
    assert titles(here) == (["Possible gap: Example News"] if settings == "gaps: tell" else [])
    polls(here, [document(5, first=200)], hours=25)
    assert len(titles(here)) == (2 if settings == "gaps: tell" else 0)


def test_a_move_is_told_once(here: World) -> None:
    here.site.pages["/new.xml"] = document(3)
    polls(here, [Reply(301, {"Location": here.site.url("/new.xml")})] * 5)
    assert titles(here) == ["Feed moved: Example News"]
    assert "/new.xml now" in notices(here)[0]["lines"][0]
