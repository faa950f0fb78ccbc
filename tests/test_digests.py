"""Digests on the whole way: on time, empty or not, once after a time in which the program was down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.test_main_way import text_with
from tests.world import World, world

DIGEST = "  late: {type: email, server: %r, from: m@example.org, to: [late@example.org], when: daily 07:30}\n"


@pytest.fixture
def here(tmp_path: Path, store_url: str) -> Iterator[World]:
    with world(tmp_path, store_url) as made:
        made.more = DIGEST % made.mail.url("smtp")
        made.now = datetime(2026, 11, 22, 12, tzinfo=UTC)
        made.round()
        yield made


def digests(here: World) -> list[str]:
    return [str(mail["Subject"]) for mail in here.mails() if str(mail["Subject"]).startswith("News digest")]


def at(here: World, moment: datetime) -> None:
    here.round(minutes=(moment - here.now) / timedelta(minutes=1))


def test_a_digest_waits_for_its_hour_and_comes_also_when_it_is_empty(here: World) -> None:
    here.publish("a", "Drones at sea", text_with("Drones were seen at sea."))
    here.round()
    at(here, datetime(2026, 11, 23, 7, 29, tzinfo=UTC))
    assert digests(here) == []
    at(here, datetime(2026, 11, 23, 7, 31, tzinfo=UTC))
    assert digests(here) == ["News digest, Mon 23 Nov 2026: 1 story · Drones at sea"]
    at(here, datetime(2026, 11, 24, 7, 31, tzinfo=UTC))
    assert digests(here)[1:] == ["News digest, Tue 24 Nov 2026: no stories"]


def test_a_digest_missed_while_down_comes_at_start_up_and_once(here: World) -> None:
    here.publish("a", "Drones at sea", text_with("Drones were seen at sea."))
    here.round()
    at(here, datetime(2026, 11, 25, 15, 0, tzinfo=UTC))  # the mornings of three days have passed
    assert len(digests(here)) == 1
    assert digests(here)[0].endswith("1 story · Drones at sea")
    here.round()
    assert len(digests(here)) == 1
    at(here, datetime(2026, 11, 26, 7, 31, tzinfo=UTC))
    assert len(digests(here)) == 2
