"""Slack with a bot's token: reports join the first message in place, follow-ups go into its thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.store import feeds
from tests.loopback import Reply
from tests.news import ARTICLES
from tests.world import World, world

TITLE, TEXT = ARTICLES[0]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Three feeds; one story told to a bot's channel."""
    with world(tmp_path) as made:
        monkeypatch.setattr("monitor.channels.slack.API", made.slack.api)
        made.more = '  bot: {type: slack, token: xoxb-secret-token, channel: news}\nalerts: {to: [bot]}'
        made.watchlist = "watches: [drones, {name: tankers, any: [tankers]}]"
        for name in ("second", "third"):
            made.feeds.append(made.site.url(f"/{name}.xml"))
            empty(made, name)
        made.round()
        made.publish("a", TITLE, TEXT)
        made.round()
        assert len(made.slack.messages) == 1
        yield made


def empty(here: World, name: str) -> None:
    here.serve(f"/{name}.xml", f"{name.title()} Post")


def report(here: World, name: str, text: str = TEXT) -> None:
    """Another outlet has the story, as an article of its own."""
    kept, here._items = here._items, []
    here.publish(f"{name}-a", f"{TITLE}, says {name}", text)
    here.serve(f"/{name}.xml", f"{name.title()} Post")
    here._items = kept
    here.serve()


def test_a_report_that_joins_edits_the_line_of_outlets_and_says_nothing_new(here: World) -> None:
    report(here, "second")
    here.round()
    assert len(here.slack.messages) == 1
    (edit,) = here.slack.updates
    assert edit["ts"] == "1503435956.000001"
    assert "Also in Second Post" in json.dumps(edit)
    here.round()
    assert len(here.slack.updates) == 1


def test_an_edit_that_fails_is_tried_again_over_restarts(here: World) -> None:
    update = here.site.pages["/api/chat.update"]
    here.site.pages["/api/chat.update"] = Reply(503)
    report(here, "second")
    here.round()
    report(here, "third")
    here.round()
    assert here.slack.updates == []
    here.site.pages["/api/chat.update"] = update
    here.round(minutes=60)
    assert "Second Post, Third Post" in json.dumps(here.slack.updates[-1])


def test_an_edit_that_is_refused_is_dropped_without_a_fuss(here: World, capsys: pytest.CaptureFixture[str]) -> None:
    here.site.pages["/api/chat.update"] = Reply(body='{"ok":false,"error":"edit_window_closed"}')
    report(here, "second")
    assert here.round().failures
    assert here.round(minutes=60).failures == ()
    assert here.site.count("/api/chat.update") == 1


def test_a_report_before_the_first_message_went_out_is_part_of_it(here: World) -> None:
    here.slack.answers = [Reply(503)]
    here.publish("b", *ARTICLES[1])
    here.round()
    kept, here._items = here._items, []
    here.publish("second-b", f"{ARTICLES[1][0]} again", ARTICLES[1][1])
    here.serve("/second.xml", "Second Post")
    here._items = kept
    here.serve()
    here.round()
    assert here.slack.updates == []
    assert "Also in Second Post" in json.dumps(here.slack.messages[1])


def test_a_crash_after_the_edit_repeats_it_harmlessly(here: World) -> None:
    report(here, "second")

    async def edited_but_not_recorded() -> None:
        app = await here.open()
        for state in await app.store.look(feeds.everything_active, here.now):
            polled = await app.poller.poll(state)
            await app.reader.read(polled.new)
        app.sender._settle = lambda *arguments: None  # type: ignore[method-assign]
        claimed = await app.store.write(app.sender._claim, app.sender.channels["bot"])
        assert claimed is not None
        await app.sender.send(claimed)
        await app.close()

    here.now += timedelta(minutes=10)
    asyncio.run(edited_but_not_recorded())
    here.round()
    first, again = here.slack.updates
    assert first == again
    assert len(here.slack.messages) == 1


def test_a_follow_up_goes_into_the_thread_and_is_seen_in_the_channel(here: World) -> None:
    more = (
        "Owners of tankers off Halden count their losses after 11 drones over the oil terminal closed the harbour. "
        "Their tankers had waited since dawn, they told this paper, when Captain Rosa Ostrow shut the basin."
    )
    report(here, "second", more)
    here.round()
    first, follow_up = here.slack.messages
    assert follow_up["thread_ts"] == "1503435956.000001"
    assert follow_up["reply_broadcast"] is True
    assert "thread_ts" not in first
