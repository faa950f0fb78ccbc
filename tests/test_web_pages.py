"""What the pages say and do: stories paged each once, marks and mutes, what is tried, hostile texts that stay texts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from lxml import html as parser
from sqlalchemy import select, update

from monitor.shortid import decode, encode
from monitor.store import alert_feed, judgments, messages, schema, silences
from monitor.store import pages as queries
from monitor.store.pages import Wanted
from monitor.web import chart, seeking
from monitor.web.pages import now
from monitor.web.passages import paragraphs
from tests.loopback import Site
from tests.stocked import HOSTILE, hostile_title, stock
from tests.web_clients import HOST, NOW, Web, pages

HIT = encode("N", 40)  # the newest article with a hit, which was told
STORY = encode("S", 20)  # its story
PATHS = (
    *("/", "/watches", "/watches/Arms%2Fdrones", "/feeds", "/feeds/2", "/archive", "/archive?q=drone", "/deliveries"),
    *(f"/stories/{STORY}", f"/articles/{HIT}", "/try"),
)


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    async with pages(tmp_path) as made:
        stock(made.app.store.store, NOW)
        yield made


def words(answer: httpx.Response) -> str:
    """What a reader sees."""
    return " ".join(parser.fromstring(answer.content).text_content().split())


# ---------------------------------------------------------------------------------------------------- hostile


async def test_texts_of_feeds_stay_texts_on_every_page(tmp_path: Path) -> None:
    async with pages(tmp_path) as web:
        stock(web.app.store.store, NOW, title=hostile_title, url="javascript:alert({})")
        await web.app.indexer.catch_up()
        async with web.person() as reader:
            for path in PATHS:
                answer = await reader.get(path)
                assert answer.status_code == 200, path
                _is_inert(answer, path)


def _is_inert(answer: httpx.Response, path: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", answer.text), path
    page = parser.fromstring(answer.content)
    assert [one.get("src", "")[:8] for one in page.iter("script")] == ["/static/"], path
    for element in page.iter():
        assert element.tag not in ("iframe", "object", "embed", "img", "style", "base", "meta refresh"), path
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (path, name)
            if name in ("href", "action", "src"):
                assert re.match(r"https?://|/(?!/)|#", value), (path, value)
    assert max(map(len, page.xpath("//h2//text() | //h3//text() | //td//text()")), default=0) < 1500, path


async def test_what_came_near_a_watch_is_told_by_cause(web: Web) -> None:
    async with web.person() as reader:
        answer = await reader.get("/watches/Arms%2Fdrones")
    assert "14 this week: 7 by none: drone racing, 7 by not within 30 words: Shahed, Iran." in words(answer)
    assert "7 more this week had only a part of it." in words(answer)


async def test_the_feed_of_alerts_shows_what_messages_show(web: Web) -> None:
    """Put together for many at once, but the same."""
    with web.app.store.store.read() as connection:
        entries = alert_feed.newest(connection, web.app.rules.name)
        assert len(entries) == 5
        for entry in entries:
            alert = messages.alert(connection, decode(entry.id, "A") or 0, web.app.rules.name)
            assert entry == replace(alert, article=replace(alert.article, text=""), thread=None)


MISTAKEN = [
    ("/?watch=nosuch", "There is no watch nosuch.", None),
    ("/?watch=Su-53", "There is no watch Su-53. Did you mean Su-35?", "/?watch=Arms%2FSu-35"),
    ("/?watch=Su-35&language=fr", "There is no watch Su-35. Did you mean Su-35?", "/?watch=Arms%2FSu-35&language=fr"),
    ("/?lang=fr", "There is no filter called lang, so it filters nothing. Did you mean language?", "/?language=fr"),
    ("/?since=2d", "There is no filter called since, so it filters nothing.", None),
    ("/?language=eng", "None of the newest hits is in the language eng. Did you mean English?", "/?language=en"),
    ("/?feed=99", "There is no outlet 99.", None),
    ("/?feed=Le+Monde", "There is no outlet Le Monde.", None),
    ("/deliveries?state=gaveup", "There is no state gaveup. Did you mean given up?", "/deliveries?state=given+up"),
]


@pytest.mark.parametrize(("path", "said", "link"), MISTAKEN, ids=[path for path, *_ in MISTAKEN])
async def test_a_filter_that_is_none_is_answered_with_what_was_meant(
    web: Web, path: str, said: str, link: str | None
) -> None:
    async with web.person() as reader:
        answer = await reader.get(path)
        assert answer.status_code == 200
        assert said in words(answer)
        meant = parser.fromstring(answer.content).xpath("//*[@role='alert' and contains(@class, 'notice')]//a/@href")
        assert meant == ([link] if link else [])
        if link:
            assert "There is no" not in words(await reader.get(link))


async def test_an_id_of_no_row_is_not_found(web: Web) -> None:
    async with web.person() as reader:
        nines = "9" * 30
        for path in (
            *(f"/feeds/{nines}", f"/articles/{HIT}/evidence/{nines}"),
            *(f"/articles/N-{'Z' * 20}", f"/stories/S-{'Z' * 13}"),
        ):
            assert (await reader.get(path)).status_code == 404, path


async def test_links_lead_out_without_a_trace(web: Web) -> None:
    async with web.person() as reader:
        page = parser.fromstring((await reader.get("/")).content)
        outward = [one for one in page.iter("a") if one.get("href", "").startswith("http")]
        assert outward
        assert all(one.get("rel") == "noreferrer noopener" for one in outward)


# ------------------------------------------------------------------------------------------------------ stories


async def test_every_story_with_a_hit_is_shown_once_over_the_pages(web: Web) -> None:
    with web.app.store.store.read() as connection:
        seen: list[int] = []
        before = None
        while True:
            page = queries.newest_stories(connection, Wanted(), 3, before)
            seen += [lead.story_id for lead in page.leads]
            before = page.before
            if before is None:
                break
        told = connection.execute(
            select(schema.articles.c.story_id).join(schema.hits, schema.hits.c.article_id == schema.articles.c.id)
        ).scalars()
        assert sorted(seen) == sorted(set(told))
        assert len(seen) == len(set(seen))


async def test_a_filter_looks_at_a_bounded_number_of_hits_and_goes_on(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_HITS", 4)
    monkeypatch.setattr(queries, "CHUNK", 2)
    found: list[int] = []
    with web.app.store.store.read() as connection:
        page = queries.newest_stories(connection, Wanted(language="xx"), 5)
        assert (page.leads, page.is_cut) == ((), True)
        before = None
        for _ in range(10):
            page = queries.newest_stories(connection, Wanted(watch=("Arms", "drones"), language="en"), 5, before)
            found += [lead.story_id for lead in page.leads]
            before = page.before
            if before is None:
                break
        whole = queries.newest_stories(connection, Wanted(watch=("Arms", "drones"), language="en"), 50)
    assert before is None
    assert sorted(found) == sorted({*found})
    assert whole.is_cut or len(whole.leads) <= len(found)


async def test_the_first_page_says_how_it_stands_and_what_became_of_each(web: Web) -> None:
    async with web.person() as reader:
        said = words(await reader.get("/"))
    assert "Not well 1 delivery was given up" in said
    assert re.search(r"told desk \d", said)
    assert "given up for boss: 500 <b>no</b>" in said
    assert "waits for boss: 500 <b>no</b>" in said
    assert "not told: first shown by its feed's first poll" in said


async def test_all_well_in_one_sentence(web: Web) -> None:
    with web.app.store.store.write() as connection:
        held = {"state": "pending", "attempts": 0, "answer": "", "due_at": NOW + timedelta(hours=18)}
        connection.execute(schema.deliveries.update().where(schema.deliveries.c.state != "sent").values(**held))
    async with web.person() as reader:
        said = words(await reader.get("/"))
    sentence = "All well. Last article 0 s ago, 3 of 4 feeds fine, 2 messages wait until tomorrow 06:00."
    assert sentence in said
    assert "held for boss until tomorrow 06:00" in said


async def test_a_line_shows_what_is_new_since_one_last_looked(web: Web) -> None:
    async with web.person() as reader:
        assert "since you last looked" not in words(await reader.get("/"))
        web.clock.pass_(hours=8)
        with web.app.store.store.write() as connection:
            row = connection.execute(select(schema.hits).limit(1)).one()._asdict()
            del row["id"]
            connection.execute(schema.hits.insert().values(**row | {"article_id": 1, "found_at": web.clock()}))
        first = parser.fromstring((await reader.get("/")).content)
        lines = [one.get("class") for one in first.xpath("//ol[@class='stories']/li")]
        assert lines.index("looked") == 1
        assert "since you last looked" in words(await reader.get("/"))  # a reload moves nothing
        web.clock.pass_(hours=1)
        assert "since you last looked" not in words(await reader.get("/"))


# --------------------------------------------------------------------------------------------------------- acts


async def post(web: Web, path: str, **fields: str) -> httpx.Response:
    async with web.person() as reader:
        return await reader.post(path, data=web.form(reader, **fields))


async def test_marks_are_stored_for_suggestions_and_taken_back(web: Web) -> None:
    marked = await post(web, "/acts/judge", id=HIT, verdict="wrong", because="a race", back="/?watch=x")
    assert marked.headers["location"] == "/?watch=x&said=wrong"
    with web.app.store.store.read() as connection:
        (mark,) = judgments.listing(connection)
    assert (mark.article_id, mark.verdict, mark.because) == (40, "wrong", "a race")
    async with web.person() as reader:
        assert "marked not relevant" in words(await reader.get("/"))
    await post(web, "/acts/judge", id=HIT, verdict="unmarked")
    with web.app.store.store.read() as connection:
        assert judgments.listing(connection) == []
    assert (await post(web, "/acts/judge", id="N-ZZZZ", verdict="wrong")).status_code == 404
    assert (await post(web, "/acts/judge", id=HIT, verdict="great")).status_code == 422


async def test_a_story_is_muted_and_heard_again(web: Web) -> None:
    await post(web, "/acts/mute", id=STORY)
    with web.app.store.store.read() as connection:
        (silence,) = silences.active(connection, NOW)
    assert (silence.kind, silence.name) == ("story", STORY)
    async with web.person() as reader:
        assert "Muted until 29 Nov" in words(await reader.get(f"/stories/{STORY}"))
    await post(web, "/acts/mute", id=STORY, end="1")
    with web.app.store.store.read() as connection:
        assert silences.active(connection, NOW) == []


async def test_what_was_given_up_is_sent_again(web: Web) -> None:
    assert (await post(web, "/acts/retry", id="msg_00000033")).status_code == 303
    with web.app.store.store.read() as connection:
        state = select(schema.deliveries.c.state).where(schema.deliveries.c.id == "msg_00000033")
        assert connection.execute(state).scalar() == "pending"
    assert (await post(web, "/acts/retry", id="msg_nosuch")).status_code == 404


async def test_a_feed_is_asked_now(web: Web) -> None:
    assert (await post(web, "/acts/poll", id="3")).status_code == 303
    with web.app.store.store.read() as connection:
        due = select(schema.feeds.c.next_poll_at).where(schema.feeds.c.id == 3)
        assert connection.execute(due).scalar() == NOW
    assert (await post(web, "/acts/poll", id="99")).status_code == 422


# ------------------------------------------------------------------------------------------------------- trying


async def test_a_text_is_tried_with_the_watches_in_force_and_said_why(web: Web) -> None:
    said = words(await post(web, "/try", text="Three drones over the Su-350 plant."))
    assert "1 watch finds something, in English" in said
    assert "drones (drones)" in said
    assert "1 finds nothing, and why" in said


async def test_an_edit_is_tried_on_the_archive(web: Web) -> None:
    await web.app.indexer.catch_up()
    said = words(await post(web, "/try", expression='drone AND "harbour talks"', watch="Arms/drones"))
    found = re.search(r"Before the edit (\d+): (\d+) added, (\d+) removed", said)
    assert found
    before, added, removed = map(int, found.groups())
    assert before - removed + added == int(re.search(r"(\d+) of \d+ articles", said)[1])  # type: ignore[index]
    assert removed > 0
    assert "Who would have been tolddesk: " in said


async def test_what_cannot_be_tried_is_said(web: Web) -> None:
    for fields, sentence in (
        ({"expression": "drone racing"}, "drone AND racing"),
        ({}, "paste a text, an address or an expression"),
        ({"text": "http://127.0.0.1:9/secret"}, "127.0.0.1"),
    ):
        answer = await post(web, "/try", **fields)
        assert answer.status_code == 422
        assert sentence in words(answer), fields


async def test_an_address_is_tried_through_the_guard(tmp_path: Path) -> None:
    text = "Three drones crossed the harbour of Port Merrow on Sunday morning, said the port authority. " * 8
    with Site() as site:
        site.pages["/news"] = (
            f"<html lang=en><title>Drones</title><article><h1>Drones</h1><p>{text}</p></article></html>"
        )
        async with pages(tmp_path, web="network: {allow_private: ['127.0.0.1']}") as web:
            said = words(await post(web, "/try", text=site.url("/news")))
    assert "1 watch finds something" in said


# --------------------------------------------------------------------------------------------- evidence, details


async def test_evidence_is_a_download_and_never_a_page(web: Web) -> None:
    from monitor.store import evidence

    sight = evidence.of_page(b"<script>alert(1)</script>", url="https://x.example.org/", status=200)
    with web.app.store.store.write() as connection:
        evidence.keep(connection, 40, sight, NOW)
    async with web.person() as reader:
        page = parser.fromstring((await reader.get(f"/articles/{HIT}")).content)
        (link,) = page.xpath("//a[@download]/@href")
        answer = await reader.get(link)
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_the_report_is_a_file_for_spreadsheets_or_to_be_sent(web: Web) -> None:
    async with web.person() as reader:
        for kind, beginning in (("csv", b"\xef\xbb\xbf"), ("html", b"<!doctype html>")):
            answer = await reader.get(f"/reports/alerts.{kind}")
            assert answer.headers["content-disposition"].startswith("attachment;")
            assert answer.content.lower().startswith(beginning), kind
        assert (await reader.get("/reports/alerts.exe")).status_code == 404


async def test_the_feed_is_put_together_once_until_there_is_a_newer_alert(web: Web) -> None:
    async with web.client() as program:
        first = await program.get("/alerts.atom")
        assert first.content.startswith(b"<?xml")
        again = await program.get("/alerts.atom", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        of_one = await program.get("/alerts.atom", params={"watch": "drones"})
        assert of_one.headers["etag"] != first.headers["etag"]
        assert b"Su-35" not in of_one.content.split(b"<summary")[0]
        assert (await program.get("/alerts.atom", params={"watch": "drnoes"})).status_code == 404


async def test_what_is_not_there_is_said_in_a_sentence(web: Web) -> None:
    async with web.person() as reader:
        for path in ("/stories/S-ZZZZ", "/articles/N-ZZZZZZZZZZZZZZZZ", "/watches/none", "/feeds/99", "/nothing"):
            answer = await reader.get(path)
            assert answer.status_code == 404, path
            assert "Traceback" not in answer.text
        for path in (
            "/?before=x",
            "/?before=9" + "9" * 40,
            "/?feed=-1",
            "/deliveries?before=nonsense",
            "/feeds?from=x",
        ):
            assert (await reader.get(path)).status_code == 200, path


async def test_a_page_that_fails_says_so_without_details(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(queries, "newest_stories", broken)
    async with web.person() as reader:
        answer = await reader.get("/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text


async def test_a_question_to_the_store_that_takes_too_long_is_ended(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import Connection, text

    def endless(connection: Connection) -> int:
        counted = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        return int(connection.execute(text(counted)).scalar_one())

    monkeypatch.setattr("monitor.web.desk.QUERY_S", 0.05)
    monkeypatch.setattr(queries, "newest_hit", endless)
    async with web.person() as reader:
        assert (await reader.get("/")).status_code == 503


def test_marks_in_a_text_stand_where_they_were_found() -> None:
    text = "a drone\n\nand\x07 two drones"
    shown = paragraphs(text, [(2, 7), (4, 7), (18, 24)])
    assert [[(span.text, span.is_marked) for span in one] for one in shown] == [
        [("a ", False), ("drone", True)],
        [("and\ufffd two ", False), ("drones", True)],
    ]


def test_a_chart_says_its_numbers() -> None:
    drawn = str(chart.days({0: 3, 27: 1}, NOW.date(), 28))
    assert "Articles a day in the last 28 days: 4 in all, at most 3 a day." in drawn
    assert "<title>Sun 22 Nov: 3</title>" in drawn
    assert HOSTILE[0] not in drawn
    assert HOST not in drawn


def test_a_sentence_that_repeats_the_headline_is_none() -> None:
    echo = {"field": "text", "snippet": "Drones at  the harbour", "text": "Drones"}
    said = {"field": "text", "snippet": "Two drones flew over.", "text": "drones"}
    assert now.sentence([echo], "Drones at the harbour") == ()
    assert "".join(span.text for span in now.sentence([echo, said], "Drones at the harbour")) == "Two drones flew over."


async def test_a_story_says_how_it_was_read_and_where_another_watch_was_found(web: Web) -> None:
    other = {"watchlist": "Fruit", "watch": "Fruit", "found_at": NOW}
    piece = {"term": "apple", "text": "apples", "field": "text", "start": 0, "end": 6, "snippet": "", "note": ""}
    with web.app.store.store.write() as connection:
        refused = {"matched_on": "summary", "note": "page refused (403)"}
        connection.execute(update(schema.articles).where(schema.articles.c.id == 40).values(**refused))
        connection.execute(schema.hits.insert(), [{"article_id": 39, "evidence": [piece], **other}])
        found = select(schema.alerts).where(schema.alerts.c.article_id == 40)
        told = connection.execute(found).first()
        assert told is not None
        fruit = [*told.watches, ["Fruit", "Fruit", "normal", ""]]
        connection.execute(update(schema.alerts).where(schema.alerts.c.id == told.id).values(watches=fruit))
    with web.app.store.store.read() as connection:
        made = messages.alert(connection, told.id, web.app.rules.name)
        assert [(one.watch, one.words) for one in made.elsewhere] == [("Fruit", ("apples",))]
    async with web.person() as reader:
        for path in ("/", f"/stories/{STORY}", "/watches/Arms%2Fdrones"):
            seen = words(await reader.get(path))
            assert "summary only (page refused, 403)" in seen, path
            assert "Fruit: in another report, " in seen, path
            assert "dated " in seen, path


async def test_a_notice_says_its_words_and_a_browser_has_its_icon(web: Web) -> None:
    with web.app.store.store.write() as connection:
        one = connection.execute(select(schema.deliveries).limit(1)).one()
        notice = {"id": "notice", "kind": "notice", "body": {"title": "desk fails", "lines": []}, "bundle": None}
        connection.execute(schema.deliveries.insert(), [dict(one._mapping) | notice | {"created_at": NOW}])
    async with web.person() as reader:
        assert "about the program: desk fails" in words(await reader.get("/deliveries"))
        assert (await reader.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"


# ----------------------------------------------------------------------------------------------------- questions


async def test_a_question_that_takes_too_long_is_ended_and_keeps_no_page_waiting(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking, "WITHIN_S", 0.3)
    with web.app.store.store.write() as connection:
        newest = schema.texts.update().where(schema.texts.c.article_id > 38)  # not indexed yet
        connection.execute(newest.values(text="zebra " * 42_000))
    dear = " AND ".join(["(zebra NEAR/50 zebra)"] * 38)
    async with web.person() as reader:
        page = await reader.get("/archive", params={"q": dear})
        assert "takes longer than a page may" in words(page)
        answer = await reader.get("/api/articles", params={"q": dear})
        assert (answer.status_code, answer.json()["error"][:13]) == (422, "this question")
        assert (await reader.get("/feeds")).status_code == 200


async def test_no_other_site_can_have_a_question_asked(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeking, "seek", None)  # whoever asks, fails
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    async with web.person() as reader:
        page = await reader.get("/archive?q=drone", headers=visit)
        assert page.status_code == 200
        assert "another site asks this" in words(page)
        assert (await reader.get("/feeds", headers=visit)).status_code == 200
