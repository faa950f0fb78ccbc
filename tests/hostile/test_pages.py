"""Pages made to exhaust or mislead whoever reads them: read in a worker, flagged, and the next page is
read."""

from __future__ import annotations

import time

import pytest

from monitor.errors import WorkerFailed
from monitor.extract import Page, choose, extract
from monitor.model import Entry
from monitor.workers import Workers

TEXT = "The first of the new aircraft arrived at the air base on Tuesday, officials in the capital said. "
ARTICLE = f"<article>{f'<p>{TEXT}</p>' * 12}</article>"
GOOD = f"<html lang=en><head><title>News</title></head><body>{ARTICLE}</body></html>"


def document(body: str) -> str:
    return f"<html><head><title>News</title></head><body><article>{body}</article></body></html>"


BOMBS = {
    "deep 200": document("<div>" * 200 + TEXT * 20 + "</div>" * 200),
    "deep 2,000": document("<div>" * 2000 + TEXT * 20 + "</div>" * 2000),
    "deep 1,000,000": document("<b>" * 1_000_000),
    "never closed": document("<p><span><i>" * 20_000),
    "wide paragraphs": document(f"<p>{TEXT}</p>" * 50_000),
    "wide divisions": document("<div>x</div>" * 100_000),
    "wide attributes": document("<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">x"),
    "long line": document("<p>" + "x" * 4_000_000),
    "long attribute": document(f"<a href='{'x' * 2_000_000}'>{TEXT}</a>"),
    "half tags": "<" * 500_000,
    "half comments": document("<!--" * 200_000),
    "half links": "<html><head>" + "<link " * 200_000,
    "meta without end": "<meta charset=" + "x" * 1_000_000,
    "html without end": "<html " + "lang " * 300_000,
    "nested tables": document("<table><tr><td>" * 5000),
    "entities": document("&amp;" * 500_000),
    "bidi and controls": document(f"<p>\u202e\u0000\x08\u2066{TEXT}</p>" * 10),
    "lone surrogates": document("<p>&#xD800;&#xDFFF;&#1114112;&#0;" + TEXT * 10),
    "entity bomb": '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    + document("<p>&b;&b;</p>" + TEXT * 10),
    "json that is none": document('<script type="application/ld+json">' + "[" * 100_000 + "</script>" + TEXT * 10),
    "json of dates": document('"datePublished":"' * 100_000 + "2026"),
    "dates that are none": document(
        f'<meta property="article:published_time" content="9999-99-99T99:99:99Z">{TEXT * 10}'
    ),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_a_page_costs_its_deadline_at_most(name: str) -> None:
    workers = Workers(1, memory_mb=1024, preload=("trafilatura",))
    begun = time.monotonic()
    try:
        page = await workers.run(read, BOMBS[name].encode("utf-8", "surrogatepass"), deadline_s=3.0)
        assert len(page.text) <= 500_000
        assert page.text or page.defect
    except WorkerFailed as failed:
        assert "took longer" in str(failed) or "memory" in str(failed)  # noqa: PT017
    assert time.monotonic() - begun < 10
    assert "officials" in (await workers.run(read, GOOD.encode(), deadline_s=20.0)).text
    workers.close()


def read(html: bytes) -> Page:
    return extract(html, url="https://example.org/a")


@pytest.mark.parametrize("name", ["deep 2,000", "deep 1,000,000", "half tags"])
def test_what_nesting_hides_is_flagged_and_falls_back(name: str) -> None:
    page = extract(BOMBS[name].encode(), url="https://example.org/a")
    entry = Entry(identities=("a",), url="https://example.org/a", title="News", summary="What the feed said.")
    reading = choose(entry, page, "", "auto")
    assert page.defect
    assert (reading.text, reading.matched_on) == ("What the feed said.", "summary")
    assert reading.note
