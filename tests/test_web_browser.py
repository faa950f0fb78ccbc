"""The pages in a real headless Chromium: nothing that is hostile runs, nothing is inaccessible, forms and keys work.

Skipped where there is no Chromium. With SCREENSHOTS=FOLDER every page is kept as a picture, in light, dark and narrow.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from monitor.shortid import encode
from tests.browser import PROGRAM, VIEWS, chromium, is_too_wide, seen_as, violations
from tests.stocked import hostile_title, stock
from tests.web_clients import NOW, PASSWORD

pytest.importorskip("playwright.async_api")
pytest.importorskip("axe_playwright_python.async_playwright")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium")

PATHS = {
    "now": "/",
    "watches": "/watches",
    "watch": "/watches/Arms%2Fdrones",
    "feeds": "/feeds",
    "feed": "/feeds/2",
    "archive": "/archive",
    "deliveries": "/deliveries",
    "story": f"/stories/{encode('S', 8)}",
    "article": f"/articles/{encode('N', 16)}",
    "try": "/try",
}
WITHOUT_STORE = ("now", "watches", "watch", "feeds", "archive", "deliveries", "try")
#: Pages that together have everything, and those that have every colour: a judgment takes a second.
JUDGED = ("now", "watch", "feeds", "search", "deliveries", "article", "try")
JUDGED_DARK = ("now", "deliveries")


async def keep(page: Any, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/{name}.png")


async def test_no_page_is_hostile_inaccessible_or_too_wide(tmp_path: Path) -> None:
    """Every field that a feed controls holds an attack; light and dark are judged, and the width of a phone."""
    async with chromium(tmp_path) as here:
        stock(here.web.app.store.store, NOW, articles=16, title=hostile_title)
        await here.web.app.indexer.catch_up()
        page = await here.page()
        for name, path in [*PATHS.items(), ("search", "/archive?q=Su-35"), ("wrong", "/archive?q=(")]:
            await page.goto(here.base + path)
            assert await page.locator("script").count() == 1, name
            for view in VIEWS:
                await seen_as(page, view)
                assert not await is_too_wide(page), f"{name} is too wide"
                if name in {"light": JUDGED, "dark": JUDGED_DARK}.get(view, ()):
                    assert await violations(page) == [], (name, view)
                await keep(page, f"hostile-{name}-{view}")
        assert here.troubles == []


async def test_pages_of_an_empty_store_say_what_to_do(tmp_path: Path) -> None:
    async with chromium(tmp_path) as here:
        page = await here.page()
        for name in WITHOUT_STORE:
            await page.goto(here.base + PATHS[name])
            if name == "now":
                assert await violations(page) == [], name
            await keep(page, f"empty-{name}")
        assert here.troubles == []


async def test_reading_judging_muting_and_logging_in(tmp_path: Path) -> None:
    """The way of a person, by keyboard where a person would use it."""
    async with chromium(tmp_path, password=PASSWORD) as here:
        stock(here.web.app.store.store, NOW)
        page = await here.page()
        await page.goto(here.base)
        assert await violations(page) == []
        await page.keyboard.type(PASSWORD)  # the field has the focus
        await page.keyboard.press("Enter")
        await page.wait_for_url(here.base + "/")
        first = page.locator(".story").first
        await first.get_by_role("button", name="Not relevant").click()
        await page.get_by_role("status").get_by_text("Marked as not relevant").wait_for()
        await page.locator(".story").first.get_by_text("marked not relevant").wait_for()
        await page.locator(".story").first.get_by_role("button", name="Mute story").click()
        await page.get_by_text("Muted for seven days").wait_for()
        await page.locator(".story").first.get_by_role("link", name="Why").click()
        await page.get_by_text("Muted until").wait_for()
        await page.keyboard.press("/")
        await page.keyboard.type("drone")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/archive?q=drone")
        await page.get_by_role("button", name="Log out").click()
        await page.wait_for_url("**/login")
        assert here.troubles == []


async def test_without_javascript_filters_and_trying_work(tmp_path: Path) -> None:
    async with chromium(tmp_path) as here:
        stock(here.web.app.store.store, NOW)
        context = await here.context.browser.new_context(java_script_enabled=False)
        page = await context.new_page()
        await page.goto(here.base)
        await page.get_by_label("Watch").select_option("Arms/Su-35")
        await page.get_by_role("button", name="Filter").click()
        assert await page.locator(".story").count() == 5
        await page.goto(here.base + "/try")
        await page.get_by_label("A text, or an address").fill("Three drones over the harbour.")
        await page.get_by_role("button", name="Try", exact=True).click()
        await page.get_by_text("1 watch finds something").wait_for()
        assert await page.locator(".cut mark").all_inner_texts() == ["drones"]


async def test_an_open_page_is_told_of_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import text

    monkeypatch.setattr("monitor.web.streams.LOOKS_EVERY_S", 0.05)
    async with chromium(tmp_path) as here:
        stock(here.web.app.store.store, NOW)
        page = await here.page()
        await page.goto(here.base)
        with here.web.app.store.store.write() as connection:
            connection.execute(
                text(
                    "INSERT INTO hits (article_id, watchlist, watch, evidence, found_at) "
                    "SELECT 1, watchlist, watch, evidence, found_at + 1 FROM hits LIMIT 1"
                )
            )
        await page.get_by_role("link", name="1 story is new").click()
        assert await page.locator(".story").count() == 11
        assert here.troubles == []
