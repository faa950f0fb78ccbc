"""Outages of receivers, as receivers see them: nothing lost, nothing repeated, no flood afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting import Held, catch_up
from tests.loopback import Reply
from tests.news import ARTICLES
from tests.world import World, world

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONLY_HOOK = "alerts: {to: [hook]}"  # Slack takes a message a second


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.round()
        yield made


def publish(here: World, count: int, first: int = 0) -> list[str]:
    """Different stories about drones; their titles."""
    chosen = ARTICLES[first : first + count]
    for number, (title, text) in enumerate(chosen, first):
        here.publish(f"n{number}", title, text)
    return [title for title, _ in chosen]


# ------------------------------------------------------------------------------------------------ the decision


def held(count: int, urgent: int = 0) -> list[Held]:
    return [Held(str(number), number < urgent) for number in range(count)]


def test_after_a_short_outage_alerts_come_one_by_one() -> None:
    assert catch_up(held(10), NOW - HOUR, NOW) == ()


@pytest.mark.parametrize(("count", "hours"), [(2, 1.1), (11, 0.1), (300, 70.0)])
def test_after_a_long_outage_or_with_many_waiting_they_are_gathered(count: int, hours: float) -> None:
    assert len(catch_up(held(count), NOW - hours * HOUR, NOW)) == count


def test_one_alert_needs_no_summary_unless_there_is_one() -> None:
    assert catch_up(held(1), NOW - 5 * HOUR, NOW) == ()
    assert len(catch_up(held(1), NOW - 5 * HOUR, NOW, has_begun=True)) == 1


def test_few_urgent_alerts_stay_alone_and_many_do_not() -> None:
    assert [one.key for one in catch_up(held(6, urgent=3), NOW - 5 * HOUR, NOW)] == ["3", "4", "5"]
    assert len(catch_up(held(6, urgent=4), NOW - 5 * HOUR, NOW)) == 6


@given(st.lists(st.booleans(), max_size=40), st.floats(0, 100), st.booleans())
def test_what_is_gathered_is_part_of_what_waits_in_its_order(urgent: list[bool], hours: float, begun: bool) -> None:
    waiting = [Held(str(number), is_urgent) for number, is_urgent in enumerate(urgent)]
    taken = catch_up(waiting, NOW - hours * HOUR, NOW, has_begun=begun)
    assert [one for one in waiting if one in taken] == list(taken)


# -------------------------------------------------------------------------------------------------- whole ways


def test_a_long_outage_ends_in_one_summary_for_people_and_in_every_alert_for_machines(here: World) -> None:
    here.slack.answers = [Reply(503)] * 200
    here.hook_answers = [Reply(503)] * 200
    titles = []
    for number in range(6):
        titles += publish(here, 1, number)
        here.round(minutes=30)
    here.slack.answers.clear()
    here.hook_answers.clear()
    here.hooks.clear()
    for _ in range(3):
        here.round(minutes=60)
    (message,) = here.slack.messages
    assert "6 stories while this channel could not be reached" in str(message)
    assert [title for title in titles if title not in str(message)] == []
    assert sorted(body["data"]["article"]["title"] for body in here.bodies()) == sorted(titles)
    assert len({request.headers["webhook-id"] for request in here.hooks}) == 6
    assert len(here.mails()) == 6, "a channel that worked was told at once"


def test_after_a_short_outage_nothing_is_gathered(here: World) -> None:
    here.slack.answers = [Reply(503)]
    publish(here, 3)
    here.round()
    here.slack.answers.clear()
    here.round(minutes=5)
    assert len(here.slack.messages) == 3


def test_an_alert_that_may_have_arrived_keeps_its_own_id(here: World) -> None:
    """A gateway that gave up waiting may have passed the message on; only what surely did not arrive is gathered."""
    here.mail.answers["MAIL"] = ["421 closing"] * 200
    here.slack.answers = [Reply(504)]
    publish(here, 1)
    here.round()
    here.slack.answers = [Reply(503)] * 200
    publish(here, 3, 1)
    here.round(minutes=90)
    here.slack.answers.clear()
    here.mail.answers.clear()
    for _ in range(3):
        here.round(minutes=90)
    assert len(here.slack.messages) == 2
    assert sum("3 stories while" in str(message) for message in here.slack.messages) == 1
    (mail,) = here.mails()
    assert "4 stories" in str(mail["Subject"])


def test_a_message_that_fails_by_itself_holds_up_no_other(here: World) -> None:
    here.more = ONLY_HOOK
    poison, *_ = publish(here, 1)
    good = publish(here, 20, 1)
    told: list[str] = []
    answer = here.site.pages["/hook"]
    assert callable(answer)

    def picky(request: object) -> Reply:
        told.append(str(getattr(request, "body", b""), "utf-8"))
        return Reply(500) if poison in told[-1] else Reply(204)

    here.site.pages["/hook"] = picky
    here.round()
    assert [title for title in good if not any(title in body for body in told)] == []
    assert sum(poison in body for body in told) == 1
    here.round()
    assert sum(poison in body for body in told) == 2
    assert len(told) == 22


@pytest.mark.parametrize("status", [500, 501, 429])
def test_a_channel_that_fails_at_every_message_is_paused_and_probed(here: World, status: int) -> None:
    """500 and 501 speak of one message, until the third in a row; 429 speaks of the channel, with or without a wait."""
    here.more = ONLY_HOOK
    here.hook_answers = [Reply(status)] * 100
    publish(here, 12)
    here.round()
    assert len(here.hooks) == (1 if status == 429 else 3)
    here.round(minutes=0.5)
    assert len(here.hooks) <= 5, "probed, not hammered"
    here.hook_answers.clear()
    for _ in range(3):
        here.round(minutes=60)
    told = [body["data"]["article"]["title"] for body in here.bodies()]
    assert set(told) == {title for title, _ in ARTICLES[:12]}
