"""What holds for every input: decoding undoes encoding however it arrives, and no header or address breaks
a reader."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import FetchFailed
from monitor.extract import extract
from monitor.fetch import headers as meaning
from monitor.fetch.address import target
from monitor.fetch.coding import decoder

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WAYS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "": bytes}


@given(body=st.binary(max_size=5000), sizes=st.lists(st.integers(1, 400)), way=st.sampled_from(sorted(WAYS)))
def test_a_body_is_decoded_however_it_is_cut(body: bytes, sizes: list[int], way: str) -> None:
    sent = WAYS[way](body)
    found = decoder(way, 5000, "site")
    for size in sizes:
        found.feed(sent[:size])
        sent = sent[size:]
    found.feed(sent)
    assert found.finish() == body


@given(body=st.binary(min_size=1, max_size=5000), way=st.sampled_from(sorted(WAYS)))
def test_a_limit_holds_to_the_byte(body: bytes, way: str) -> None:
    sent = WAYS[way](body)
    exact = decoder(way, len(body), "site")
    exact.feed(sent)
    assert exact.finish() == body
    with pytest.raises(FetchFailed) as failed:
        decoder(way, len(body) - 1, "site").feed(sent)
    assert failed.value.kind == "too-large"


@given(sent=st.binary(max_size=500), way=st.sampled_from(["gzip", "deflate", "br", "gzip, gzip", "x"]))
def test_any_bytes_are_decoded_or_refused(sent: bytes, way: str) -> None:
    try:
        found = decoder(way, 1000, "site")
        found.feed(sent)
        assert len(found.finish()) <= 1000
    except FetchFailed as failed:
        assert failed.kind in ("encoding", "too-large")  # noqa: PT017


TEXTS = st.text(max_size=60) | st.from_regex(r"(max-age=|no-cache,?)?-?[0-9.,e]{0,30}", fullmatch=True)


@given(st.dictionaries(st.sampled_from(["cache-control", "age", "expires", "date", "retry-after", "link"]), TEXTS))
def test_any_headers_give_hints_within_a_day(headers: dict[str, str]) -> None:
    found = meaning.hints(headers, NOW)
    for span in (found.max_age, found.retry_after):
        assert span is None or timedelta(0) <= span <= timedelta(hours=24)
    meaning.links(headers)


@given(st.text(max_size=80) | st.from_regex(r"https?://[a-z0-9.@:\\/%\[\]-]{0,30}", fullmatch=True))
def test_any_address_is_asked_in_one_form_or_refused(url: str) -> None:
    try:
        found = target(url)
    except FetchFailed as failed:
        assert failed.kind == "bad-url"  # noqa: PT017
        return
    assert found.scheme in ("http", "https")
    assert found.host
    assert 0 < found.port < 65536
    assert not set("\\\r\n\t\0") & set(found.url)
    again = target(found.url)
    assert (again.url, again.host, again.port) == (found.url, found.host, found.port)


@settings(deadline=None)  # the first page imports the extractor
@given(st.binary(max_size=300), st.none() | st.text(max_size=30))
def test_any_bytes_are_a_page_or_none(html: bytes, content_type: str | None) -> None:
    page = extract(html, url="https://example.org/a", content_type=content_type)
    assert page.text or page.defect
