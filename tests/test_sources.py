"""Sources with ways of their own: what is never fetched, what is read from the feed alone."""

from __future__ import annotations

import pytest

from monitor.extract import choose, needs_page
from monitor.model import Entry
from monitor.sources import behind, bridge_error, is_closed, is_posts, is_short_post, newest_parts

GOOGLE = Entry(
    ("a",),
    "https://news.google.com/rss/articles/CBMiX2h0dHBz?oc=5",
    "Iran ships drones",
    summary="Iran ships drones  Reuters  Su-35 deal nears  BBC News",
    source="Reuters",
)


@pytest.mark.parametrize("mode", ["auto", "page", "feed"])
def test_google_news_counts_by_headline_and_outlet_and_is_never_fetched(mode: str) -> None:
    assert not needs_page(GOOGLE, mode)  # type: ignore[arg-type]
    reading = choose(GOOGLE, None, "", mode)  # type: ignore[arg-type]
    assert (reading.title, reading.text, reading.matched_on) == ("Iran ships drones", "Reuters", "headline")
    assert "headlines only" in reading.note


@pytest.mark.parametrize(
    ("url", "closed"),
    [
        ("https://news.google.com/rss/articles/CBMi", True),
        ("https://news.google.com/articles/CBMi", True),
        ("https://news.google.com/read/CBMi?hl=en", True),
        ("https://consent.google.com/m?continue=x", True),
        ("https://consent.youtube.com/", True),
        ("https://www.reuters.com/articles/1", False),
        ("https://notnews.google.com.example.org/rss/articles/1", False),
        ("https://blog.google/articles/1", False),
        (None, False),
    ],
)
def test_what_is_closed(url: str | None, closed: bool) -> None:
    assert is_closed(url) is closed


@pytest.mark.parametrize(
    ("url", "posts"),
    [
        ("https://mastodon.social/@Gargron.rss", True),
        ("https://social.example.org/users/desk.rss", True),
        ("https://mastodon.social/tags/drones.rss", True),
        ("https://www.youtube.com/feeds/videos.xml?channel_id=UC1", True),
        ("https://www.reddit.com/r/worldnews/.rss", True),
        ("https://old.reddit.com/r/worldnews/new.rss", True),
        ("https://rsshub.app/telegram/channel/rybar", True),
        ("https://bridge.example.org/?action=display&bridge=TelegramBridge&format=Atom", True),
        ("https://bsky.app/profile/did:plc:1/rss", True),
        ("https://www.lemonde.fr/rss/une.xml", False),
        ("https://example.org/tags/drones/feed", False),
        ("https://youtube.com.example.org/feeds/videos.xml", False),
        ("https://feeds.bbci.co.uk/news/rss.xml", False),
    ],
)
def test_feeds_of_posts_are_known_by_their_address(url: str, posts: bool) -> None:
    assert is_posts(url) is posts


def test_an_item_of_a_bridge_that_tells_of_a_failure_is_known() -> None:
    assert bridge_error([Entry(("a",), None, "Bridge returned error 403! (20415)")])
    assert not bridge_error([Entry(("a",), None, "Bridge returned to traffic after an error")])


def test_the_newest_parts_of_an_index() -> None:
    urls = [f"https://example.org/{name}.xml" for name in ("pages", "news", "tags")]
    assert newest_parts([Entry((), url, url) for url in urls], 2) == (urls[1], urls[0])


def test_a_short_post_is_no_report() -> None:
    mastodon = "https://social.example/@desk.rss"
    assert is_short_post(mastodon, "Drones again.")
    assert not is_short_post(mastodon, "Drones again. " * 20)
    assert not is_short_post("https://example.org/feed.xml", "Drones again.")


@pytest.mark.parametrize(
    ("asked", "answered", "known_as"),
    [
        ("http://feedproxy.google.com/~r/x/~3/1/", "https://example.org/news/a-report", "https://example.org/news/a-report"),
        ("https://feeds.feedburner.com/~r/x/~3/1/", "https://example.org/a?p=1", "https://example.org/a?p=1"),
        ("https://feeds.feedburner.com/~r/x/~3/1/", "https://example.org/", None),  # the front page is nobody's own
        ("https://feeds.feedburner.com/~r/x/~3/1/", "https://feeds.feedburner.com/gone", None),
        ("https://feeds.feedburner.com/~r/x/~3/1/", "https://consent.google.com/m?continue=x", None),
        ("https://example.org/a", "https://elsewhere.example/login", None),
    ],
)
def test_the_article_behind_a_feed_proxy_is_known_by_its_own_address(
    asked: str, answered: str, known_as: str | None
) -> None:
    assert behind(asked, answered) == known_as
