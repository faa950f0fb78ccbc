"""What closes a gap: older pages, a news sitemap; by itself, and when a person asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.backfill import between
from monitor.model import Entry
from monitor.sources import news_sitemaps
from tests.loopback import Reply
from tests.test_main_way import text_with
from tests.test_polling import monitor
from tests.world import World, article_page, world

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.more = "alerts: {first: archive}"
        yield made


def feed(here: World, names: list[str], more: str = "") -> str:
    items = "".join(
        f"<item><title>{name}</title><link>{here.site.url(f'/world/{name}')}</link></item>" for name in names
    )
    atom = 'xmlns:atom="http://www.w3.org/2005/Atom"'
    return f"<rss version='2.0' {atom}><channel><title>Example News</title>{more}{items}</channel></rss>"


def news_sitemap(here: World, listed: dict[str, datetime]) -> str:
    urls = "".join(
        f"<url><loc>{here.site.url(path)}</loc><news:news><news:publication><news:name>Example</news:name>"
        f"<news:language>en</news:language></news:publication><news:title>{path}</news:title>"
        f"<news:publication_date>{at.isoformat()}</news:publication_date></news:news></url>"
        for path, at in listed.items()
    )
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )


def told(here: World) -> list[str]:
    return [
        body["data"]["article"]["url"].rpartition("/")[2] for body in here.bodies() if body["type"] == "alert.created"
    ]


def test_a_gap_is_closed_from_the_news_sitemap_that_robots_txt_names(here: World) -> None:
    here.site.pages["/feed.xml"] = feed(here, ["one", "two"])
    here.round()
    ago = here.now - timedelta(days=9)
    here.site.pages["/robots.txt"] = (
        f"Sitemap: {here.site.url('/all.xml')}\nSitemap: {here.site.url('/news-map.xml')}\n"
    )
    listed = {
        "/world/two": here.now,
        "/world/lost": here.now + timedelta(minutes=20),
        "/world/old": ago,
        "/sport/other": here.now + timedelta(minutes=20),
    }
    here.site.pages["/news-map.xml"] = news_sitemap(here, listed)
    for name in ("world/lost", "world/old", "sport/other"):
        here.site.pages[f"/{name}"] = article_page(name, text_with("drones"))
    here.site.pages["/feed.xml"] = feed(here, ["five", "six"])
    here.round(minutes=60)
    assert told(here) == ["lost"], "what was known, old or of another section is not taken"
    assert here.site.count("/all.xml") == 0
    here.round(minutes=60)
    assert here.site.count("/news-map.xml") == 1, "asked for a gap only"


@pytest.mark.parametrize("robots", [Reply(404), Reply(503), Reply(200, {}, "Sitemap: http://127.0.0.2:9/news.xml")])
def test_without_a_sitemap_the_gap_stays_and_the_poll_is_good(here: World, robots: Reply) -> None:
    here.site.pages["/feed.xml"] = feed(here, ["one", "two"])
    here.round()
    here.site.pages["/robots.txt"] = robots
    here.site.pages["/feed.xml"] = feed(here, ["five", "six"])
    assert here.round(minutes=60).failures == ()


def test_older_pages_are_read_when_asked_for_though_nothing_has_changed(here: World) -> None:
    next_page = f'<atom:link rel="next" href="{here.site.url("/feed.xml?page=2")}"/>'
    here.site.pages["/feed.xml"] = feed(here, ["one", "two"], next_page)
    here.site.pages["/feed.xml?page=2"] = feed(here, ["lost", "older"])
    here.site.pages["/world/lost"] = article_page("lost", text_with("drones"))
    here.round()
    here.round()
    assert here.site.count("/feed.xml?page=2") == 0
    monitor(here, "feeds", "retry", "--older", here.site.url("/feed.xml"))
    here.round()
    assert told(here) == ["lost"]
    here.round()
    assert here.site.count("/feed.xml?page=2") == 1, "asked for once"


def entry(url: str, hours_ago: float) -> Entry:
    return Entry((url,), url, "Title", published=NOW - timedelta(hours=hours_ago))


def test_a_feed_of_one_section_gets_no_other_sections_articles() -> None:
    shown = [entry("https://example.org/world/a", 1)]
    listed = [entry("https://example.org/world/b", 2), entry("https://example.org/sport/c", 2)]
    listed += [entry("https://other.example/world/d", 2), entry("https://example.org/world/e", 30)]
    assert [one.url for one in between(listed, shown, NOW - timedelta(hours=3), NOW)] == ["https://example.org/world/b"]
    flood = [entry(f"https://example.org/world/{number}", 1) for number in range(5000)]
    assert len(between(flood, shown, NOW - timedelta(hours=3), NOW)) == 200


def test_sitemaps_of_news_are_known_by_their_address() -> None:
    named = ["https://a.example/sitemap.xml", "https://a.example/sitemap-news.xml", "https://a.example/googlenews.xml"]
    named += ["https://news.example/sitemap.xml", "https://a.example/newsletters.xml", "https://a.example/news/map.xml"]
    assert [url.rpartition("/")[2] for url in news_sitemaps(named)] == ["sitemap-news.xml", "googlenews.xml", "map.xml"]
