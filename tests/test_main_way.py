"""The main job, whole: news in, alert out, on real input, over restarts."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from standardwebhooks import Webhook

from monitor import tasks
from monitor.store import articles
from monitor.tasks import Job, Missing, Studied, Watches
from tests.loopback import Reply, Request
from tests.world import SECRET, World, article_page, world

SEED = Path(__file__).parents[1].parent / "shared" / "data" / "seed" / "article.fr.txt"
_STUDY = tasks.study


def poisoned(jobs: Sequence[Job], watches: Watches, *, can_wait: bool = False) -> list[Studied] | Missing:
    """A study that dies of one article's text, as a parser might."""
    if any("doom" in job.entry.title and not job.is_bare for job in jobs):
        os._exit(1)
    return _STUDY(jobs, watches, can_wait=can_wait)


PARAGRAPH = (
    "The ministry said on Friday that the delivery would be examined by a committee before any decision is taken. "
    "Officials in the capital declined to comment further, and the opposition asked for a debate in parliament. "
    "The committee is to report within three weeks, after hearing experts from the industry and the armed forces."
)


@pytest.fixture
def here(tmp_path: Path, store_url: str) -> Iterator[World]:
    with world(tmp_path, store_url) as made:
        yield made


def text_with(sentence: str) -> str:
    return f"{PARAGRAPH}\n{sentence}\n{PARAGRAPH}"


@pytest.mark.skipif(not SEED.exists(), reason="the seed article is not on this machine")
def test_the_seed_article_makes_one_message_a_channel_over_three_polls_and_restarts(here: World) -> None:
    text = SEED.read_text(encoding="utf-8")
    title = "La Russie fournit un soutien militaire sans précédent à l'Iran"
    assert here.round().failures == ()
    here.publish("seed", title, text)
    for _ in range(3):
        assert here.round().failures == ()
    assert [body["type"] for body in here.bodies()] == ["alert.created"]
    assert len(here.slack.messages) == 1
    assert len(here.mails()) == 1
    assert {watch["name"] for watch in here.bodies()[0]["data"]["watches"]} == {"drones", "Su-35"}
    assert "drones" in here.slack.messages[0]["text"]
    assert "Su-35" in here.slack.messages[0]["text"]
    assert "drones" in here.mails()[0]["Subject"]
    assert here.bodies()[0]["data"]["article"]["matched_on"] == "full article"


def test_an_alert_carries_its_evidence_and_a_signature_that_verifies(here: World) -> None:
    here.round()
    here.publish("a", "Jets for the coast guard", text_with("A Su-35SE was seen over the base at noon."))
    here.round()
    (request,) = here.hooks
    headers = {name: request.headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    # The reference library checks the timestamp against the real clock, so it is given the signature's own part only.
    assert Webhook(SECRET).sign(headers["webhook-id"], here.now, request.body.decode()) == headers["webhook-signature"]
    data = json.loads(request.body)["data"]
    (hit,) = data["hits"]
    assert (hit["watch"], hit["text"], hit["field"]) == ("Su-35", "Su-35SE", "text")
    assert "seen over the base" in hit["snippet"]


def test_nothing_is_told_of_articles_that_do_not_match(here: World) -> None:
    here.round()
    here.publish("a", "A crisis in the rain", text_with("Nothing of interest happened."))
    assert here.round().alerts == 0
    assert here.hooks == []


def test_a_first_poll_gives_one_summary_and_old_articles_stay_silent(here: World) -> None:
    for number in range(3):
        here.publish(
            f"new{number}", f"Drones over harbour {number}", text_with(f"Drones were seen at pier {number * 7}.")
        )
    here.publish("old", "Drones of last month", text_with("Drones flew."), age_h=700)
    here.round()
    here.round()
    (body,) = here.bodies()
    assert body["type"] == "alert.summary"
    assert body["data"]["reason"] == "first look"
    assert len(here.mails()) == len(here.slack.messages) == 1
    assert here.site.count("/old") == 0, "the page of what is too old to alert is not fetched"


def test_two_feeds_with_one_article_give_one_alert_and_one_page_fetch(here: World) -> None:
    here.feeds.append(here.site.url("/second.xml"))
    here.serve("/second.xml", "Second")
    here.round()
    here.publish("a", "Drones at sea", text_with("Drones were seen at sea."))
    here.serve("/second.xml", "Second")
    here.round()
    here.round()
    assert len(here.hooks) == 1
    assert here.site.count("/a") <= 2


@pytest.mark.parametrize(
    ("page", "note"),
    [(Reply(403), "page refused, 403"), (Reply(500), "page refused, 500"), ("<html><body></body></html>", "")],
)
def test_a_page_that_cannot_be_read_is_matched_on_what_the_feed_had(here: World, page: Reply | str, note: str) -> None:
    here.round()
    here.publish("a", "Drones at sea", text_with("x"), page=page)
    here.round()
    article = here.bodies()[0]["data"]["article"]
    assert article["matched_on"] == "summary"
    assert note in here.slack.messages[0]["blocks"].__str__()


@pytest.mark.parametrize("is_publisher_first", [True, False])
def test_a_headline_of_an_aggregator_and_the_publishers_article_are_one_story(
    here: World, is_publisher_first: bool
) -> None:
    title, closed = "Su-35 sold to Ruritania, ministers say", "https://news.google.com/rss/articles/CBMi?oc=5"
    rounds: list[Callable[[], None]] = [
        lambda: here.publish("own", title, text_with("The Su-35 was sold.")),
        lambda: here.site.pages.update({"/google.xml": google(title, closed)}),
    ]
    here.site.pages["/google.xml"] = google("Weather", closed + "2")
    here.feeds = [here.site.url("/feed.xml"), here.site.url("/google.xml")]
    here.round()
    for happens in rounds if is_publisher_first else reversed(rounds):
        happens()
        assert here.round().failures == ()
    (body,) = here.bodies()
    assert body["data"]["article"]["matched_on"] == ("full article" if is_publisher_first else "headline")


def google(title: str, link: str) -> str:
    """A document as Google News makes them."""
    return (
        "<rss version='2.0'><channel><title>Google News</title>"
        f"<item><title>{title} - Example News</title><link>{link}</link><guid isPermaLink='false'>{link[-9:]}</guid>"
        "<source url='https://example.org'>Example News</source></item></channel></rss>"
    )


def test_an_edited_title_a_moved_date_and_another_order_are_no_news(here: World) -> None:
    here.round()
    here.publish("a", "Drones at sea", text_with("Drones were seen."))
    here.publish("b", "Drones on land", text_with("Drones were also on land, 17 of them, in Ruritania."))
    here.round()
    told = len(here.hooks)
    here._items = [item.replace("Drones at", "UPDATED: drones at") for item in reversed(here._items)]
    here.now += timedelta(hours=3)
    here.serve()
    here.round()
    assert len(here.hooks) == told


def test_every_poll_after_the_first_good_one_is_conditional_over_restarts(here: World) -> None:
    seen: list[tuple[str | None, str | None]] = []
    page = here.site.pages["/feed.xml"]

    def conditional(request: Request) -> Reply:
        seen.append((request.headers.get("if-none-match"), request.headers.get("if-modified-since")))
        stamp = f'W/"{len(seen)}"'
        status = 304 if request.headers.get("if-none-match") else 200
        body = b"" if status == 304 else str(page)
        return Reply(status, {"ETag": stamp, "Last-Modified": "Thu, 01 Jan 1970 08:00:00 WST"}, body)

    here.site.pages["/feed.xml"] = conditional
    for _ in range(4):
        assert here.round().failures == ()
    assert seen[0] == (None, None)
    assert seen[1:] == [(f'W/"{number}"', "Thu, 01 Jan 1970 08:00:00 WST") for number in (1, 2, 3)]


def test_a_failing_feed_is_named_tried_again_and_recovers(here: World) -> None:
    good = here.site.pages["/feed.xml"]
    here.site.pages["/feed.xml"] = Reply(503)
    assert "503" in here.round().failures[0]
    assert here.round(is_all=False, minutes=1).polled == (), "backed off"
    here.now += timedelta(days=1)
    here.site.pages["/feed.xml"] = good
    assert here.round(is_all=False).failures == ()


def test_a_validator_of_a_body_that_was_no_feed_is_not_kept(here: World) -> None:
    good = here.site.pages["/feed.xml"]
    assert isinstance(good, str)
    here.site.pages["/feed.xml"] = Reply(200, {"ETag": '"same"'}, b"<html><body>maintenance</body></html>")
    assert here.round().failures
    here.site.pages["/feed.xml"] = lambda request: Reply(
        304 if "if-none-match" in request.headers else 200, {"ETag": '"same"'}, good
    )
    assert here.round().failures == ()


def test_a_dead_channel_delays_no_other_and_loses_nothing(here: World) -> None:
    here.round()
    here.hook_answers = [Reply(503)] * 3
    here.publish("a", "Drones at sea", text_with("Drones were seen."))
    assert any("hook" in failure for failure in here.round().failures)
    assert len(here.slack.messages) == len(here.mails()) == 1
    first = here.hooks[0].headers["webhook-id"]
    for _ in range(3):
        here.now += timedelta(hours=1)
        here.round()
    assert here.hook_answers == []
    assert {request.headers["webhook-id"] for request in here.hooks} == {first}
    here.now += timedelta(hours=1)
    here.round()
    assert len(here.hooks) == 4, "accepted once, and never sent again"


def test_a_killed_round_loses_nothing(here: World) -> None:
    """The poll was stored, the page not yet read: the next start takes it up."""
    here.round()
    here.publish("a", "Drones at sea", text_with("Drones were seen."))

    async def poll_only() -> None:
        from monitor.store import feeds

        app = await here.open()
        for state in await app.store.look(feeds.everything_active, here.now):
            await app.poller.poll(state)
        await app.close()

    asyncio.run(poll_only())
    assert here.hooks == []
    here.round(is_all=False)
    assert len(here.hooks) == 1


def test_entries_that_share_an_address_are_not_one_article(here: World) -> None:
    """A feed whose entries all lead to its home page: the page is nobody's, and one entry's news hides no other's."""
    here.round()
    here.site.pages["/live"] = article_page("Live", text_with("Drones were seen."))
    entries = [("Drones over the harbour", "g1"), ("Su-35 lands at the airport of Ruritania", "g2"), ("Rain", "g3")]
    link = f"<link>{here.site.url('/live')}</link>"
    items = "".join(
        f"<item><title>{title}</title>{link}<guid isPermaLink='false'>{guid}</guid></item>"
        for title, guid in entries
    )
    here._items = [items]
    here.serve()
    here.round()
    told = [
        (body["data"]["article"]["title"], [watch["name"] for watch in body["data"]["watches"]])
        for body in here.bodies()
    ]
    assert sorted(told) == [
        ("Drones over the harbour", ["drones"]),
        ("Su-35 lands at the airport of Ruritania", ["Su-35"]),
    ]
    assert here.site.count("/live") == 0


def test_a_copy_with_an_added_sentence_is_told_for_the_watch_that_it_adds(here: World) -> None:
    here.feeds.append(here.site.url("/second.xml"))
    here.serve("/second.xml", "Second")
    here.round()
    agency = text_with("Drones were seen over the harbour of Port Merrow at noon, said captain Ferrier.")
    here.publish("a", "Drones over Port Merrow", agency)
    here.serve("/second.xml", "Second")
    here.round()
    told = len(here.hooks)
    here.publish("b", "Drones over Port Merrow", agency + "\nA Su-35 was scrambled.")
    here.round()
    new = [{watch["name"] for watch in body["data"]["watches"]} for body in here.bodies()[told:]]
    assert len(new) == 1
    assert "Su-35" in new[0]


def test_an_article_that_ends_its_worker_is_told_by_its_headline_in_the_end(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends the worker, others of its feed are not held up, and it is not lost without a word."""
    here.round()
    here.publish("bad", "Drones of doom", text_with("POISON drones."))
    here.publish("good", "A Su-35 for Ruritania", text_with("A Su-35 landed in Ruritania."))
    monkeypatch.setattr(articles, "TRIES", 2)
    with patch.object(tasks, "study", poisoned):
        for _ in range(3):
            here.round(minutes=60)
    told = {body["data"]["article"]["title"]: body["data"]["article"]["matched_on"] for body in here.bodies()}
    assert told == {"A Su-35 for Ruritania": "full article", "Drones of doom": "headline"}


async def test_what_was_read_and_sent_is_counted(here: World) -> None:
    app = await here.open()
    try:
        await app.once(is_all=True)
        here.publish("a", "A Su-35 over the sea", text_with("A Su-35 flew over the sea."))
        await app.once(is_all=True)
        text = app.metrics.text().decode()
    finally:
        await app.close()
    assert 'news_monitor_articles_read_total{matched_on="full article"} 1.0' in text
    assert 'news_monitor_sends_total{channel="hook",state="sent"} 1.0' in text
