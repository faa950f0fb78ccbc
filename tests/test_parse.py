"""Feeds as they are: formats, texts, links, dates, hints, and what is no feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import ParseFailed
from monitor.identity import select_new
from monitor.model import ParsedFeed
from monitor.parse import MAX_ENTRIES, discover, parse_feed
from monitor.parse.text import paragraphs

FEEDS = Path(__file__).parent / "data" / "feeds"
URL = "https://feeds.example.org/rss.xml"


def read(name: str) -> ParsedFeed:
    return parse_feed((FEEDS / name).read_bytes(), url=URL)


def parsed(body: str | bytes, content_type: str | None = None) -> ParsedFeed:
    data = body.encode() if isinstance(body, str) else body
    return parse_feed(data, url=URL, content_type=content_type)


def rss(items: str, head: str = "<link>https://example.org/</link>") -> str:
    return f'<rss version="2.0"><channel><title>T</title>{head}{items}</channel></rss>'


def test_items_without_guid_and_link_are_told_apart() -> None:
    feed = read("no-guid-no-link.xml")
    assert [entry.title for entry in feed.entries] == ["Road closed", "Road closed"]
    assert len(select_new(feed.entries, set()).new) == 2


def test_a_constant_guid_and_links_to_the_front_page_merge_nothing() -> None:
    assert len(select_new(read("constant-guid-homepage-links.xml").entries, set()).new) == 3


def test_titles_and_texts_are_plain() -> None:
    feed = read("double-escaped-titles.xml")
    assert feed.title == "AT&T & others"
    first, second, third = feed.entries
    assert (first.title, first.summary, first.url) == ("AT&T buys drones", "One.\nTwo.", "https://example.org/a")
    assert (second.title, second.url) == ("Q&A: 5 < 6 & more", "https://example.org/b")
    assert third.title == "A headline is missing here."


def test_google_alerts_lead_to_the_article() -> None:
    (entry,) = read("google-alerts.xml").entries
    assert entry.url == "https://news.example.org/iran-su-35?id=7"
    assert entry.title == "Iran gets Su-35 jets"
    assert "Su-35 arrives" in entry.content


def test_google_news_names_the_outlet() -> None:
    (entry,) = read("google-news.xml").entries
    assert (entry.title, entry.source) == ("Iran receives Su-35 jets", "Example Times")


def test_a_video_has_its_description() -> None:
    (entry,) = read("youtube.xml").entries
    assert entry.summary == "A thousand drones over the bay."
    assert entry.url == "https://www.youtube.com/watch?v=abc"
    assert entry.updated == datetime(2026, 11, 20, 11, tzinfo=UTC)


def test_atom_types_bases_and_languages() -> None:
    feed = read("xml-base-and-xhtml.xml")
    (entry,) = feed.entries
    assert feed.language == "en"
    assert entry.url == "https://example.org/blog/2026/deux"
    assert entry.title == "Use of < and &"
    assert entry.content == "Un hélicoptère & un drone.\nFin."
    assert entry.summary == "Bref."
    assert entry.language == "fr"
    assert entry.published == datetime(2026, 11, 20, 8, tzinfo=UTC)


def test_hints_hub_and_pages() -> None:
    feed = read("hints.xml")
    assert feed.hints.ttl == timedelta(minutes=45)
    assert feed.hints.skip_hours == {0, 7}
    assert feed.hints.skip_days == {6}
    assert feed.hub == "https://hub.example.org/"
    assert feed.self_url == "https://example.org/feed"
    assert feed.next_page == "https://feeds.example.org/rss.xml?page=2"


@pytest.mark.parametrize("ttl", ["0", "-5", "60min", "", "1e3"])
def test_a_ttl_that_says_nothing(ttl: str) -> None:
    assert parsed(rss("", f"<ttl>{ttl}</ttl>")).hints.ttl is None


def test_the_rhythm_of_mod_syndication() -> None:
    name = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    head = f"<sy:updatePeriod {name}> daily </sy:updatePeriod><sy:updateFrequency {name}>%s</sy:updateFrequency>"
    assert parsed(rss("", head % 4)).hints.ttl == timedelta(hours=6)
    assert parsed(rss("", head % 0)).hints.ttl is None
    assert parsed(rss("", "<ttl>" + "9" * 8 + "</ttl>")).hints.ttl == timedelta(days=365)


def test_a_news_sitemap_is_a_feed() -> None:
    feed = read("news-sitemap.xml")
    (entry,) = feed.entries
    assert feed.kind == "sitemap"
    assert (entry.title, entry.url) == ("Su-35 delivered", "https://example.org/news/su-35")
    assert (entry.language, entry.tags) == ("en", ("Iran", "jets"))
    assert entry.published == datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_an_index_of_sitemaps_lists_them() -> None:
    feed = parsed("<sitemapindex><sitemap><loc>https://example.org/news.xml</loc></sitemap></sitemapindex>")
    assert (feed.kind, [entry.url for entry in feed.entries]) == ("sitemap-index", ["https://example.org/news.xml"])


def test_a_doctype_is_no_reason_to_refuse() -> None:
    (entry,) = read("netscape-doctype.xml").entries
    assert entry.title == "Café & bar"


def test_json_feed_with_anything_for_values() -> None:
    feed = read("jsonfeed.json")
    assert (feed.kind, feed.language, feed.hub) == ("json", "en-GB", "https://hub.example.org/")
    assert feed.next_page == "https://example.org/feed.json?p=2"
    one, two, three = feed.entries
    assert (one.guid, one.author, one.tags) == ("1", "Ann, Bob", ("a", "b"))
    assert one.content == "Drones & jets"
    assert (two.title, two.url) == ("No title here at all.", "https://example.net/two")
    assert three.title == "(untitled)"


def test_a_broken_feed_is_read_and_said_to_be() -> None:
    feed = read("not-well-formed.xml")
    assert [entry.url for entry in feed.entries][-1] == "https://example.org/second-2"
    assert "is not well-formed XML" in feed.warnings


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sat, 07 Sep 2002 00:00:01 GMT", datetime(2002, 9, 7, 0, 0, 1, tzinfo=UTC)),
        ("mer, 16 nov 2022 00:38:15 +0100", datetime(2022, 11, 15, 23, 38, 15, tzinfo=UTC)),
        ("22 ноября 2026 10:00:00 +0300", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        ("2026-11-22T10:00:00.123456Z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("0000-00-00", None),
        ("99999-01-01", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(text: str, moment: datetime | None) -> None:
    (entry,) = parsed(rss(f"<item><title>x</title><pubDate>{text}</pubDate></item>")).entries
    if moment is None:
        assert entry.published is None or entry.published.year in (1999, 2000, 9999)
    else:
        assert entry.published == moment


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b.c", "http://["]
)
def test_only_http_links_come_out(link: str) -> None:
    (entry,) = parsed(rss(f"<item><title>x</title><link>{link}</link></item>")).entries
    assert entry.url is None


MARKED = (
    '<p class="a">One <b>two</b><br/>three</p><ul><li>four<li>five</ul>six &amp; &laquo;seven&raquo; &#8212; AT&T',
    "<DIV ID='x'>a<!-- b -->c<SPAN title=\"it's\">d</SPAN></DIV>e<hr>f &copy 2020 &nosuch; g",
    '<p>a<script>b < c</script>d<style>p {}</style>e<iframe src="x"></iframe>f',
    '<p title="a > b">c</p><img alt="d<e">f < g <> h </p> <o:p>i</o:p> <!--[if x]>j<![endif]--> k',
    '<svg id="x"><title>a</title></svg>b<SCRIPT async>"</p>"</SCRIPT >c<svg><svg>d</svg></svg>e<svg/>f</svg>g',
    "<table><tr><td>a</td><td>b</td></tr></table><blockquote>c</blockquote><h2 >d</h2 >e<a href=x>f</a\n>g",
)


@pytest.mark.parametrize("value", MARKED)
def test_tags_taken_out_leave_what_libxml2_reads(value: str) -> None:
    # The second is never in order, so that libxml2 reads it.
    assert paragraphs(value).split() == paragraphs(f"{value}<object></object>").split()


def test_an_undeclared_prefix_is_declared() -> None:
    feed = parsed(rss("<item><title>B</title><content:encoded>&lt;p&gt;Two words&lt;/p&gt;</content:encoded></item>"))
    assert feed.entries[0].content == "Two words"
    assert feed.warnings == ("is not well-formed XML",)


def test_control_characters_go() -> None:
    (entry,) = parsed(
        rss("<item><title>a\x00b\x08c\x85d\u202e</title><link>https://example.org/1</link></item>")
    ).entries
    assert entry.title == "abcd\u202e" or entry.title == "abc d\u202e"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b" \n\x00", "is empty"),
        (b"hello", "is plain text"),
        (b"<!doctype html><html><head><title>x</title></head></html>", "is an HTML page that names no feed"),
        (b"<html><head><link rel=alternate type=application/rss+xml href=/rss></head></html>", "names the feed https://feeds.example.org/rss"),
        (b'{"a": 1}', "not a JSON Feed"),
        (b"[1, 2", "broken JSON"),
        (b"[" * 100_000, "broken JSON"),
        (b"<opml><body/></opml>", "first element is <opml>"),
        (b"\x89PNG\r\n\x1a\n\x00\x01", "not a feed"),
        (b"%PDF-1.4 ...", "not a feed"),
    ],
)  # fmt: skip
def test_what_is_no_feed_says_so(body: bytes, reason: str) -> None:
    with pytest.raises(ParseFailed, match=reason):
        parsed(body)


def test_pages_name_their_feeds_best_first() -> None:
    page = b"""<html><head><base href="https://example.org/x/">
    <link rel="alternate" type="application/rss+xml" title="Comments" href="comments/feed/">
    <link rel="alternate" type="application/atom+xml" title="News" href="atom.xml">
    <link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">
    <link rel="alternate" hreflang="fr" href="/fr"></head><body><a href="/other.rss">x</a></body></html>"""
    assert [(link.url, link.title) for link in discover(page, URL)] == [
        ("https://example.org/x/atom.xml", "News"),
        ("https://example.org/x/comments/feed/", "Comments"),
    ]
    assert [link.url for link in discover(b'<a href="/feed/">RSS</a><a href="/">x</a>', URL)] == [
        "https://feeds.example.org/feed/"
    ]
    assert discover(b"", URL) == []


def test_everything_is_capped() -> None:
    tags = "<category>a</category><category>b</category>"
    items = "".join(
        f"<item><title>{'t' * 5000}</title><guid>{'g' * 3000}{number}</guid>{tags}"
        f"<pubDate>{(datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=number)).isoformat()}</pubDate></item>"
        for number in range(MAX_ENTRIES + 500)
    )
    feed = parsed(rss(items))
    assert len(feed.entries) == MAX_ENTRIES
    assert feed.entries[-1].guid != feed.entries[-2].guid
    assert len(feed.entries[0].title) == 1000
    assert len(feed.entries[0].guid or "") < 50
    assert feed.entries[-1].published == datetime(2026, 11, 21, 0, 41, 39, tzinfo=UTC), (
        "oldest first: the last are the newest"
    )
    long = parsed(rss(f"<item><description>{'word ' * 200_000}{'<category>x</category>'}</description></item>"))
    assert len(long.entries[0].summary) <= 256_000


def test_text_hidden_by_nesting_is_found() -> None:
    deep = "&lt;div&gt;" * 3000 + "Su-35 delivered"
    (entry,) = parsed(rss(f"<item><title>x</title><description>{deep}</description></item>")).entries
    assert "Su-35 delivered" in entry.summary


@pytest.mark.parametrize(
    "markup",
    [
        "<script>hidden()",
        "<img src=x><script>hidden()",
        "<noscript>hidden</noscript>",
        "<style><style>hidden</style>",
        "<button>hidden</button>",
    ],
)
def test_what_is_not_shown_is_no_text_where_there_is_no_other(markup: str) -> None:
    escaped = markup.replace("<", "&lt;")
    item = f"<item><title>t</title><guid>g</guid><description>{escaped}</description></item>"
    parsed = parse_feed(f"<rss version='2.0'><channel>{item}</channel></rss>".encode(), url=URL)
    assert "hidden" not in parsed.entries[0].summary
