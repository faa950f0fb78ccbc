"""Bombs and other hostile documents cost one ParseFailed, quickly and in little memory."""

from __future__ import annotations

import contextlib
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ParseFailed
from monitor.parse import parse_feed

ATTACKS = Path(__file__).parents[1].parent / "shared" / "data" / "xml-attacks"
QUADRATIC = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "' + "B" * 100_000 + '">]>'
    '<rss version="2.0"><channel><item><title>' + "&a;" * 5000 + "</title></item></channel></rss>"
)
LAUGHS = (
    '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    "<rss><channel><item><title>&c;</title></item></channel></rss>"
)
EXTERNAL = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss><channel><item><title>&x;</title></item></channel></rss>'
HIDDEN = [
    "<!-- <rss> -->" + LAUGHS,
    "<?x <rss> ?>" + LAUGHS,
    "junk " + LAUGHS,
    "<html>" + LAUGHS,
    LAUGHS.replace("<!ENTITY", "<!eNtItY"),
    LAUGHS.replace("<!DOCTYPE rss [", "<!DOCTYPE rss [<!-- ]> -->"),
    LAUGHS.replace("<!DOCTYPE rss [", '<!DOCTYPE rss SYSTEM "x>y" ['),
    "<!DOCTYPE rss [<!ELEMENT rss ANY> ]>" + LAUGHS,
]


def refused(body: bytes) -> None:
    started = time.process_time()
    tracemalloc.start()
    with pytest.raises(ParseFailed):
        parse_feed(body, url="https://example.org/")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.process_time() - started < 1
    assert peak < 30_000_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
@pytest.mark.parametrize("bomb", [QUADRATIC, LAUGHS, EXTERNAL], ids=["quadratic", "laughs", "external"])
def test_bombs_in_every_encoding(bomb: str, encoding: str) -> None:
    refused(bomb.encode(encoding))


def test_bombs_in_encodings_that_hide_the_brackets() -> None:
    refused(b'<?xml version="1.0" encoding="utf-7"?>' + LAUGHS.encode("utf-7"))
    refused(('<?xml version="1.0" encoding="cp037"?>' + LAUGHS).encode("cp037"))
    with pytest.raises(ParseFailed):
        parse_feed(LAUGHS.encode("utf-7"), url="https://example.org/", content_type="text/xml; charset=utf-7")


@pytest.mark.parametrize("body", HIDDEN)
def test_bombs_behind_something(body: str) -> None:
    try:
        feed = parse_feed(body.encode(), url="https://example.org/")
    except ParseFailed:
        return
    assert "haha" not in repr(feed)


@pytest.mark.skipif(not ATTACKS.is_dir(), reason="the shared data is not here")
def test_the_known_collection() -> None:
    for path in sorted(ATTACKS.glob("*.xml")):
        refused(path.read_bytes())


def test_an_article_about_entities_is_read() -> None:
    text = b"<![CDATA[<!DOCTYPE a [<!ENTITY x 'y'>]>]]> on XML"
    body = b"<rss><channel><item><title>XXE</title><description>" + text + b"</description></item></channel></rss>"
    assert "on XML" in parse_feed(body, url="https://example.org/").entries[0].summary


@pytest.mark.parametrize(
    "body",
    [
        "<rss><channel>" + "<item><title>x</title></item>" * 30_000,
        "<rss version='2.0'><channel><item><title>" + "<" * 50_000,
        "<rss><channel><item><description><![CDATA[" + "<a " * 100_000 + "]]></description></item></channel></rss>",
        "<feed>" + "<entry>" * 3_000,
        "<rss>" + "<!--" * 50_000,
        "<rss>" + "&" * 100_000,
        "<" + "a:" * 50_000 + "rss>",
        "<?xml " * 50_000,
    ],
    ids=["unclosed", "angles", "tags", "nested", "comments", "ampersands", "prefixes", "declarations"],
)
def test_nothing_takes_long(body: str) -> None:
    started = time.process_time()
    with contextlib.suppress(ParseFailed):
        parse_feed(body.encode(), url="https://example.org/")
    assert time.process_time() - started < 8


PIECES = st.sampled_from(
    [
        "<rss\tversion='2.0'>",
        "<channel>",
        "<item>",
        "</item>",
        "<title>",
        "</title>",
        "<link>",
        "x",
        "&amp;",
        "&nbsp;",
        "&",
        "<",
        ">",
        "<![CDATA[",
        "]]>",
        "<guid>\n",
        "",
        "",
        "",
        "<feed\txmlns='http://www.w3.org/2005/Atom'>",
        "<entry>",
        "</entry>",
        "<content\ttype='xhtml'>",
        "<div>",
        "<urlset>",
        "<url><loc>\n",
        "",
        "",
        "",
        "<pubDate>2026</pubDate>",
        "{",
        '"items":',
        "[",
        "<!DOCTYPE\trss>",
        "<?xml\tversion='1.0'?>",
        "\x00",
        "é",
    ]
)
ENCODINGS = st.sampled_from(["utf-8", "utf-16", "cp1252", "utf-7"])


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60), ENCODINGS)
def test_never_a_crash(text: str, encoding: str) -> None:
    with contextlib.suppress(ParseFailed):
        parse_feed(text.encode(encoding, "replace"), url="https://example.org/")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.none() | st.text(max_size=30))
def test_never_a_crash_on_bytes(body: bytes, content_type: str | None) -> None:
    with contextlib.suppress(ParseFailed):
        parse_feed(body, url="https://example.org/", content_type=content_type)
