"""Digests and quiet hours over daylight saving: once per local day, where clocks change by an hour or half."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting import Quiet, next_digest, quiet_until
from monitor.model import When

# Hypothesis wants the bounds without a zone.
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = [
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/New_York",
    "UTC",
    "Asia/Kathmandu",
]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def digests(when: When, zone: str, start: datetime, end: datetime) -> list[datetime]:
    found: list[datetime] = []
    moment = start
    while (moment := next_digest(when, zone, moment)) < end:
        found.append(moment)
    return found


@pytest.mark.parametrize(
    ("when", "zone", "after", "due"),
    [
        (When("daily", time(7, 30)), "Europe/Paris", utc(2026, 11, 23, 6, 29), utc(2026, 11, 23, 6, 30)),
        (When("daily", time(7, 30)), "Europe/Paris", utc(2026, 11, 23, 6, 30), utc(2026, 11, 24, 6, 30)),
        (When("weekdays", time(7, 30)), "Europe/Paris", utc(2026, 11, 20, 7), utc(2026, 11, 23, 6, 30)),
        (When("weekly", time(8), 0), "Europe/Paris", utc(2026, 11, 23, 7), utc(2026, 11, 30, 7)),
        (When("weekly", time(8), 6), "Europe/Paris", utc(2026, 11, 23, 7), utc(2026, 11, 29, 7)),
        (When("hourly"), "Europe/Paris", utc(2026, 11, 23, 6, 59, 59), utc(2026, 11, 23, 7)),
        (When("hourly"), "Europe/Paris", utc(2026, 11, 23, 7), utc(2026, 11, 23, 8)),
        (When("hourly"), "Asia/Kathmandu", utc(2026, 11, 23, 7), utc(2026, 11, 23, 7, 15)),
        (When("now"), "Europe/Paris", utc(2026, 11, 23, 7, 1), utc(2026, 11, 23, 7, 1)),
        # Monday in Auckland is Sunday in UTC.
        (When("weekly", time(8), 0), "Pacific/Auckland", utc(2026, 11, 22, 12), utc(2026, 11, 22, 19)),
        # 29 March 2026: 02:30 is left out and counts as 03:30 summer time.
        (When("daily", time(2, 30)), "Europe/Berlin", utc(2026, 3, 28, 12), utc(2026, 3, 29, 1, 30)),
        # 25 October 2026: 02:30 comes twice and counts the first time.
        (When("daily", time(2, 30)), "Europe/Berlin", utc(2026, 10, 24, 12), utc(2026, 10, 25, 0, 30)),
        (When("daily", time(2, 30)), "Europe/Berlin", utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)),
    ],
)
def test_next_digest(when: When, zone: str, after: datetime, due: datetime) -> None:
    assert next_digest(when, zone, after) == due


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"])
@pytest.mark.parametrize(
    "at", [time(0), time(1, 45), time(2), time(2, 15), time(2, 30), time(3), time(23, 59)]
)
def test_a_daily_digest_comes_once_on_each_local_day_of_a_year(zone: str, at: time) -> None:
    found = digests(When("daily", at), zone, utc(2026, 1, 1, 12), utc(2027, 1, 1, 12))
    days = Counter(moment.astimezone(ZoneInfo(zone)).date() for moment in found)
    assert set(days.values()) == {1}
    assert len(found) == 365


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_weekday_digests_skip_saturday_and_sunday_all_year(zone: str) -> None:
    found = digests(When("weekdays", time(2, 30)), zone, utc(2026, 1, 1, 12), utc(2027, 1, 1, 12))
    assert {moment.astimezone(ZoneInfo(zone)).weekday() for moment in found} == {0, 1, 2, 3, 4}
    assert len(found) == 261


@given(
    after=MOMENTS,
    zone=st.sampled_from(ZONES),
    at=st.times(timezones=st.none()).map(lambda at: at.replace(second=0, microsecond=0)),
    kind=st.sampled_from(["daily", "weekdays", "weekly", "hourly"]),
)
def test_the_next_digest_is_later_soon_and_the_same_from_any_moment_before_it(
    after: datetime, zone: str, at: time, kind: str
) -> None:
    when = When(kind, at, 2)  # type: ignore[arg-type]
    due = next_digest(when, zone, after)
    assert after < due <= after + timedelta(days=8)
    assert next_digest(when, zone, after + (due - after) / 2) == due


NIGHT = Quiet(time(22), time(6, 30))


@pytest.mark.parametrize(
    ("quiet", "now", "ends"),
    [
        (NIGHT, utc(2026, 11, 23, 20, 59), None),
        (NIGHT, utc(2026, 11, 23, 21), utc(2026, 11, 24, 5, 30)),
        (NIGHT, utc(2026, 11, 24, 5, 29), utc(2026, 11, 24, 5, 30)),
        (NIGHT, utc(2026, 11, 24, 5, 30), None),
        (Quiet(time(12), time(13)), utc(2026, 11, 23, 11, 30), utc(2026, 11, 23, 12)),
        (Quiet(time(12), time(13)), utc(2026, 11, 23, 12), None),
        (Quiet(time(12), time(12)), utc(2026, 11, 23, 11), None),
        (None, utc(2026, 11, 23, 11), None),
        # The night that is an hour longer, and the one that is shorter.
        (NIGHT, utc(2026, 10, 24, 22), utc(2026, 10, 25, 5, 30)),
        (NIGHT, utc(2026, 3, 28, 22), utc(2026, 3, 29, 4, 30)),
        # Quiet until 02:30 on the night that has none: until 03:30.
        (Quiet(time(22), time(2, 30)), utc(2026, 3, 28, 23), utc(2026, 3, 29, 1, 30)),
    ],
)
def test_quiet_until(quiet: Quiet | None, now: datetime, ends: datetime | None) -> None:
    assert quiet_until(quiet, "Europe/Berlin", now) == ends


@given(
    now=MOMENTS,
    zone=st.sampled_from(ZONES),
    start=st.times(),
    end=st.times(),
)
def test_quiet_hours_end_within_a_day_and_are_over_then(
    now: datetime, zone: str, start: time, end: time
) -> None:
    ends = quiet_until(Quiet(start, end), zone, now)
    if ends is not None:
        assert now < ends <= now + timedelta(hours=26)
        assert quiet_until(Quiet(start, end), zone, ends) is None
