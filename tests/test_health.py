"""What `health.to` hears: messages given up, watches that fell silent; and surges in digests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model import Entry, Hit, Reading
from monitor.store import articles, open_store, stories
from tests.loopback import Reply
from tests.news import ARTICLES
from tests.world import World, world

DAY = timedelta(days=1)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.more = "health: {to: [hook, boss]}"
        made.round()
        yield made


@pytest.fixture
def both(tmp_path: Path, store_url: str) -> Iterator[World]:
    """On both databases one after the other."""
    with world(tmp_path, store_url) as made:
        made.more = "health: {to: [hook, boss]}"
        made.round()
        yield made


def publish(here: World, first: int, count: int = 1) -> None:
    for number, (title, text) in enumerate(ARTICLES[first : first + count], first):
        here.publish(f"n{number}", title, text)


def notices(here: World) -> list[str]:
    subjects = ("given up", "silent")
    return [str(mail) for mail in here.mails() if any(word in str(mail["Subject"]) for word in subjects)]


def seed(here: World, per_day: Sequence[int], *, was_up: bool = True) -> None:
    """Stories of the watch `drones`, a day each, the last being today; and another article a day if it `was_up`."""
    store = open_store(here.store_url, create=False)
    with store.write() as connection:
        for age, count in enumerate(reversed(per_day)):
            at = here.now - age * DAY - timedelta(hours=1)
            if was_up:
                articles.add_waiting(connection, 1, Entry((), None, "Rain"), None, at, is_first_look=False)
            for number in range(count):
                title = f"Story {age}-{number}"
                entry = Entry((), None, title)
                article = articles.add_waiting(connection, 1, entry, None, at, is_first_look=False)
                articles.finish(connection, article, Reading(title, "text", "summary"), "en", None)
                articles.place(connection, article, stories.begin(connection, title, at), "first", None)
                articles.add_hits(connection, article, [Hit("drones", "arms", ())], at)
    store.close()


# ----------------------------------------------------------------------------------------------- dead letters


def test_what_a_channel_refuses_is_told_once_through_the_others(here: World) -> None:
    here.slack.answers = [Reply(400, body="invalid_payload")] * 9
    publish(here, 0, 2)
    here.round()
    (notice,) = notices(here)
    assert "2 messages to desk were given up" in notice
    assert "invalid_payload" in notice
    assert ARTICLES[0][0] in notice
    assert "monitor deliveries retry msg_" in notice
    assert [body["type"] for body in here.bodies()].count("notice") == 1
    publish(here, 2)
    here.round()
    assert len(notices(here)) == 1, "not more than once an hour a channel"
    here.round(minutes=60)
    assert len(notices(here)) == 2
    assert "1 message to desk was given up" in notices(here)[1]


def test_a_channel_that_failed_does_not_hear_of_itself_and_a_failed_notice_makes_none(here: World) -> None:
    here.hook_answers = [Reply(400)] * 50
    here.mail.answers["RCPT"] = ["550 no"] * 50
    publish(here, 0)
    for _ in range(4):
        here.round(minutes=61)
    kinds = [body["type"] for body in here.bodies()]
    assert kinds.count("alert.created") == 1
    assert kinds.count("notice") == 1, "that the mail was refused; that this notice was refused makes no further one"


def test_without_another_channel_nothing_is_told_and_all_is_kept(here: World) -> None:
    here.more = "health: {to: [desk]}"
    here.slack.answers = [Reply(400, body="invalid_payload")]
    publish(here, 0)
    here.round()
    here.round(minutes=90)
    assert notices(here) == []
    assert here.slack.messages == []


# ------------------------------------------------------------------------------------------ surges and silence


def test_a_watch_that_fell_silent_is_told_once(both: World) -> None:
    here = both
    seed(here, [2] * 20 + [0] * 9)
    for _ in range(3):
        here.round(minutes=24 * 60)
    (notice,) = notices(here)
    assert "drones: no story in" in notice


def test_days_on_which_the_program_did_not_look_say_nothing_of_a_watch(here: World) -> None:
    seed(here, [2] * 20 + [0] * 9, was_up=False)
    here.round()
    assert notices(here) == []


def test_a_watch_that_still_finds_is_not_told(here: World) -> None:
    seed(here, [2] * 20)
    here.round()
    assert notices(here) == []


def test_a_surge_stands_in_the_next_digest(here: World) -> None:
    here.more = 'alerts: {to: [boss], when: "daily 13:00"}'
    seed(here, [1] * 14 + [12])
    publish(here, 0)
    here.round()
    here.round(minutes=60)
    (mail,) = here.mails()
    assert "drones: 13 stories today, usually 1 a " in str(mail.get_body(("plain",))).replace("\n", " ") or (
        "drones: 13 stories today" in str(mail)
    )


# ------------------------------------------------------------------------------------------------------- pages


def test_pages_that_turned_to_summaries_are_told_once(both: World) -> None:
    here = both
    here.more = "health: {to: [boss]}"
    store = open_store(here.store_url, create=False)
    with store.write() as connection:
        for number in range(12):
            at = here.now - (timedelta(hours=1) if number < 6 else 3 * DAY)
            entry = Entry((), None, f"Story {number}")
            article = articles.add_waiting(connection, 1, entry, None, at, is_first_look=False)
            reading = Reading(entry.title, "text", "summary" if number < 6 else "full article")
            articles.finish(connection, article, reading, "en", None)
    store.close()
    for _ in range(3):
        here.round(minutes=25 * 60 if here.mails() else 10)
    told = [str(mail["Subject"]) for mail in here.mails() if "Summaries only" in str(mail["Subject"])]
    assert told == ["Summaries only: Example News"]
