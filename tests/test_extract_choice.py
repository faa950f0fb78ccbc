"""Which text counts, and that a page is fetched only where the feed does not carry the article."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.extract import Page, choose, needs_page
from monitor.model import Entry, ReadMode

SENTENCE = "The first of the new aircraft arrived at the air base on Tuesday, officials in the capital said. "
FULL = (SENTENCE * 20).strip()
SHORT = SENTENCE.strip()


def entry(
    content: str = "", summary: str = "", url: str | None = "https://example.org/a", title: str = "News"
) -> Entry:
    return Entry(identities=("a",), url=url, title=title, summary=summary, content=content)


@pytest.mark.parametrize(
    ("content", "summary", "is_needed"),
    [
        ("", SHORT, True),
        (SHORT, "", True),
        (FULL, SHORT, False),
        (FULL, "", False),
        (FULL + " …", SHORT, True),
        (FULL + " [...]", SHORT, True),
        (FULL + " [&hellip;]".replace("&hellip;", "…"), SHORT, True),
        (FULL + " Read more", SHORT, True),
        (FULL + "\nContinue reading Aircraft arrive", SHORT, True),
        (FULL + " Weiterlesen »", SHORT, True),
        (FULL + " Lire la suite…", SHORT, True),
        (FULL + " Читать далее", SHORT, True),
        (FULL + " The post Aircraft arrive appeared first on Daily News.", SHORT, False),
        (SENTENCE * 3 + "… The post Aircraft arrive appeared first on Daily News.", "", True),
        ((SENTENCE * 8).strip(), SHORT, False),
        ((SENTENCE * 8).strip(), (SENTENCE * 7).strip(), True),
        ((SENTENCE * 8).strip() + " and then", SHORT, True),
        ("首都の当局者は火曜日、最初の航空機が空軍基地に到着したと述べた。" * 15, "", False),
        ("首都の当局者は火曜日、最初の航空機が到着した。" * 3, "", True),
    ],
)
def test_auto_fetches_the_page_unless_the_feed_has_it_all(content: str, summary: str, is_needed: bool) -> None:
    assert needs_page(entry(content, summary), "auto") is is_needed


@pytest.mark.parametrize(("mode", "is_needed"), [("page", True), ("feed", False), ("auto", False)])
def test_the_mode_decides_first(mode: ReadMode, is_needed: bool) -> None:
    assert needs_page(entry(FULL), mode) is is_needed
    assert needs_page(entry(FULL, url=None), mode) is False


def test_the_page_counts_when_it_was_read() -> None:
    page = Page(title="News", text=FULL, author="Jane", language="de", canonical_url="https://example.org/b")
    reading = choose(entry(summary=SHORT), page, "", "auto")
    assert (reading.text, reading.matched_on, reading.note) == (FULL, "full article", "")
    assert (reading.author, reading.language, reading.canonical_url) == (
        "Jane",
        "de",
        "https://example.org/b",
    )


@pytest.mark.parametrize(
    ("page", "refusal", "note"),
    [
        (None, "page refused (403)", "page refused (403)"),
        (Page(text="We value your privacy.", defect="consent wall"), "", "consent wall"),
        (Page(text="", defect="empty"), "", "page has no readable text"),
        (Page(title="Just a moment...", defect="robot check"), "", "page asks for a human"),
        (Page(defect="not html"), "", "page is not HTML"),
    ],
)
def test_a_page_that_does_not_count_falls_back_to_what_the_feed_had(page: Page | None, refusal: str, note: str) -> None:
    for feed, text, matched_on in (
        (entry(summary=SHORT), SHORT, "summary"),
        (entry(content=FULL, summary=SHORT), FULL, "feed text"),
        (entry(), "", "headline"),
    ):
        reading = choose(feed, page, refusal, "page")
        assert (reading.title, reading.text, reading.matched_on, reading.note) == (
            "News",
            text,
            matched_on,
            note,
        )


def test_a_stub_is_read_with_the_summary_and_named() -> None:
    page = Page(text="The ministry did not say more.", defect="stub")
    reading = choose(entry(summary=SHORT), page, "", "auto")
    assert SHORT in reading.text
    assert "The ministry did not say more." in reading.text
    assert (reading.matched_on, reading.note) == ("summary", "page is a stub")


def test_a_page_shorter_than_the_feeds_own_text_is_a_stub() -> None:
    reading = choose(entry(content=FULL), Page(text=SHORT), "", "page")
    assert (reading.text, reading.matched_on, reading.note) == (FULL, "feed text", "page is a stub")


def test_the_feeds_own_article_needs_no_note() -> None:
    reading = choose(entry(content=FULL), None, "", "auto")
    assert (reading.text, reading.matched_on, reading.note) == (FULL, "feed text", "")


def test_what_was_not_asked_for_says_so() -> None:
    assert choose(entry(summary=SHORT), None, "", "feed").note == "only the feed is read"
    assert choose(entry(summary=SHORT, url=None), None, "", "auto").note == "the entry has no link"


def test_the_feeds_particulars_come_first() -> None:
    day = datetime(2026, 11, 20, tzinfo=UTC)
    feed = Entry(identities=("a",), url="https://example.org/a", title="News", author="Desk", published=day)
    page = Page(text=FULL, author="Jane", published=datetime(2026, 11, 21, tzinfo=UTC), title="Other")
    reading = choose(feed, page, "", "auto")
    assert (reading.title, reading.author, reading.published) == ("News", "Desk", day)


def test_a_title_cut_by_the_feed_is_completed() -> None:
    page = Page(title="The first of the new aircraft arrived at the air base", text=FULL)
    reading = choose(entry(title="The first of the new aircraft…"), page, "", "auto")
    assert reading.title == page.title
