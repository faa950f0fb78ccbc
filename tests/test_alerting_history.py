"""Decisions one after the other, each recorded before the next: nothing twice, nothing lost in a flood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerting import (
    AlertsPolicy,
    ChannelPolicy,
    ChannelState,
    Decision,
    Limit,
    Quiet,
    Report,
    Sent,
    Sighting,
    Told,
    WatchPolicy,
    decide,
    fell_silent,
    summary_order,
    surge,
)
from monitor.model import WatchRef, When

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
WATCHES = {
    name: WatchPolicy(WatchRef(name, "arms", priority), confirm=confirm)  # type: ignore[arg-type]
    for name, priority, confirm in [
        ("a", "normal", ("tag:agency",)),
        ("b", "normal", ()),
        ("c", "urgent", ()),
    ]
}


@dataclass
class Record:
    """What a store would keep: alerts told by story and channel, sends, and summaries by key."""

    told: dict[tuple[str, str], list[Told]] = field(default_factory=dict)
    sent: dict[str, list[Sent]] = field(default_factory=dict)
    over_limit: dict[str, datetime] = field(default_factory=dict)
    decisions: list[tuple[datetime, str, Decision]] = field(default_factory=list)

    def state(self, channel: str, story: str) -> ChannelState:
        told = tuple(self.told.get((channel, story), ()))
        return ChannelState(told, tuple(self.sent.get(channel, ())), self.over_limit.get(channel))

    def keep(self, decision: Decision, sighting: Sighting, now: datetime) -> None:
        self.decisions.append((now, sighting.story_id, decision))
        if decision.action not in ("tell", "bundle"):
            return
        told = self.told.setdefault((decision.channel, sighting.story_id), [])
        waits = decision.due if decision.bundle else None
        alert_id = f"A-{decision.channel}-{sighting.article_id}"
        keys = frozenset(WatchPolicy(ref).key for ref in decision.watches)
        told.append(Told(alert_id, keys, sighting.feed_name, now, decision.level, waits))
        if decision.action == "tell" and decision.priority == "normal":
            self.sent.setdefault(decision.channel, []).append(Sent(now, keys))
        if decision.bundle and decision.bundle.kind == "over limit":
            self.over_limit[decision.channel] = decision.bundle.due


def replay(
    sightings: Sequence[tuple[Sighting, datetime]], alerts: AlertsPolicy, channels: Sequence[ChannelPolicy]
) -> Record:
    record = Record()
    for sighting, now in sightings:
        states = {channel.name: record.state(channel.name, sighting.story_id) for channel in channels}
        for decision in decide(sighting, (alerts, channels), states, (), now):
            record.keep(decision, sighting, now)
    return record


DESK = ChannelPolicy("desk", at_most=Limit(20, timedelta(hours=1)))
CHANNELS = [
    replace(DESK, watches=3),
    ChannelPolicy("boss", when=When("weekdays", time(7, 30))),
    ChannelPolicy(
        "phone", only_urgent=True, quiet=Quiet(time(22), time(6, 30)), at_most=Limit(2, timedelta(hours=1))
    ),
    ChannelPolicy("siem"),
]

steps = st.lists(
    st.tuples(
        st.sampled_from(["S-1", "S-2"]),
        st.sets(st.sampled_from(sorted(WATCHES)), max_size=3),
        st.sampled_from(["AFP", "Reuters", "NBC", "CNN", "BBC", "NHK"]),
        st.sampled_from(["report", "copy"]),
        st.integers(0, 300),
    ),
    max_size=40,
)


def sightings_of(drawn: Sequence[tuple[str, set[str], str, str, int]]) -> list[tuple[Sighting, datetime]]:
    now, reports, known = START, dict[str, list[Report]](), dict[str, set[str]]()
    found: list[tuple[Sighting, datetime]] = []
    for number, (story, names, outlet, relation, minutes) in enumerate(drawn):
        now += timedelta(minutes=minutes)
        before = known.setdefault(story, set())
        reports.setdefault(story, []).append(Report(outlet, now))
        sighting = Sighting(
            article_id=number,
            story_id=story,
            relation="first" if len(reports[story]) == 1 else relation,  # type: ignore[arg-type]
            watches=tuple(WATCHES[name] for name in sorted(names)),
            first_seen=now,
            published=now,
            feed_name=outlet,
            feed_tags=frozenset({"agency"}) if outlet in ("AFP", "Reuters") else frozenset(),
            story_watches=tuple(WATCHES[name] for name in sorted(before)),
            reports=tuple(reports[story]),
        )
        before |= names
        found.append((sighting, now))
    return found


@given(drawn=steps)
@settings(max_examples=150, deadline=None)
def test_a_story_is_told_once_to_a_channel_but_for_three_follow_ups_with_a_reason(
    drawn: list[tuple[str, set[str], str, str, int]],
) -> None:
    record = replay(sightings_of(drawn), AlertsPolicy(zone="Europe/Berlin"), CHANNELS)
    for channel, story in {(decision.channel, story) for _, story, decision in record.decisions}:
        told = [
            decision
            for _, about, decision in record.decisions
            if (about, decision.channel) == (story, channel) and decision.action in ("tell", "bundle")
        ]
        assert len(told) <= 4
        assert [decision.reason for decision in told[:1]] in ([], ["new story"])
        assert all(decision.reason != "new story" and decision.follows for decision in told[1:])


@given(drawn=steps)
@settings(max_examples=100, deadline=None)
def test_every_watch_that_hits_is_told_joined_or_silent_by_a_reason(
    drawn: list[tuple[str, set[str], str, str, int]],
) -> None:
    record = replay(sightings_of(drawn), AlertsPolicy(zone="Europe/Berlin"), CHANNELS)
    assert all(decision.why and decision.due >= now for now, _, decision in record.decisions)
    hits = sum(1 for sighting, _ in sightings_of(drawn) if sighting.watches)
    assert sum(1 for _, _, decision in record.decisions if decision.channel == "siem") >= hits


@given(drawn=steps)
@settings(max_examples=50, deadline=None)
def test_the_same_input_gives_the_same_decisions(drawn: list[tuple[str, set[str], str, str, int]]) -> None:
    alerts = AlertsPolicy(zone="Europe/Berlin")
    first, second = (replay(sightings_of(drawn), alerts, CHANNELS) for _ in range(2))
    assert first.decisions == second.decisions


def flood(count: int, over: timedelta, quiet_watch_every: int = 0) -> list[tuple[Sighting, datetime]]:
    found: list[tuple[Sighting, datetime]] = []
    for number in range(count):
        now = START + over * (number / count)
        name = "b" if quiet_watch_every and number % quiet_watch_every == quiet_watch_every - 1 else "a"
        sighting = Sighting(number, f"S-{number}", "first", (WATCHES[name],), now, now, "NBC")
        found.append((sighting, now))
    return found


def test_ten_thousand_matches_in_a_minute_are_twenty_alerts_and_one_summary_with_the_rest() -> None:
    record = replay(flood(10_000, timedelta(minutes=1)), AlertsPolicy(), [DESK])
    actions = Counter(decision.action for _, _, decision in record.decisions)
    assert actions == {"tell": 20, "bundle": 9_980}
    assert len({decision.bundle.key for _, _, decision in record.decisions if decision.bundle}) == 1


def test_a_flood_of_hours_is_twenty_alerts_and_one_summary_an_hour() -> None:
    record = replay(flood(1_200, timedelta(hours=6)), AlertsPolicy(), [DESK])
    messages = [now for now, _, decision in record.decisions if decision.action == "tell"]
    summaries = {decision.bundle.key: decision.due for _, _, decision in record.decisions if decision.bundle}
    assert len(messages) <= 7 * 20
    assert 5 <= len(summaries) <= 7
    assert len(record.decisions) == 1_200


def test_a_second_watch_is_heard_through_the_flood_of_a_first() -> None:
    channel = replace(DESK, watches=2)
    record = replay(flood(400, timedelta(minutes=30), quiet_watch_every=100), AlertsPolicy(), [channel])
    told = Counter(
        decision.watches[0].name for _, _, decision in record.decisions if decision.action == "tell"
    )
    assert told == {"a": 15, "b": 4}


def test_a_summary_gives_each_watch_its_turn_the_noisiest_first() -> None:
    items = [("a", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5), ("b", 6)]
    ordered = summary_order(items, lambda item: [item[0]])
    assert ordered == [("a", 1), ("b", 3), ("c", 5), ("a", 2), ("b", 6), ("a", 4)]
    assert summary_order([("x", 1)], lambda item: []) == [("x", 1)]


def test_channels_do_not_change_each_others_decisions() -> None:
    drawn = sightings_of([("S-1", {"a", "c"}, "AFP", "report", 5), ("S-1", {"b"}, "CNN", "report", 5)])
    alerts = AlertsPolicy()
    together = replay(drawn, alerts, CHANNELS)
    for channel in CHANNELS:
        alone = replay(drawn, alerts, [channel])
        mine = [decision for _, _, decision in together.decisions if decision.channel == channel.name]
        assert [decision for _, _, decision in alone.decisions] == mine


# --------------------------------------------------------------------------------- surges and silence


def test_many_more_stories_than_usual_are_a_surge() -> None:
    assert surge("drones", [5, 7, 6, 4, 8, 6, 6], 34) == "drones: 34 stories today, usually 6 a day"
    assert surge("drones", [0, 0, 1, 0, 0, 0, 1], 9) == "drones: 9 stories today, usually 2 a week"


def test_what_chance_and_the_watchs_own_swings_explain_is_none() -> None:
    assert surge("drones", [5, 7, 6, 4, 8, 6, 6], 12) is None
    assert surge("drones", [0, 40, 0, 0, 35, 0, 2], 40) is None
    assert surge("drones", [0] * 7, 4) is None
    assert surge("drones", [1, 1], 100) is None


def test_a_watch_that_used_to_hit_and_stopped_is_reported() -> None:
    line = fell_silent("drones", [5, 7, 6, 4, 8, 6, 6, 0, 0, 0])
    assert line is not None
    assert line.startswith("drones: no story in 3 days, usually 6 a day")


def test_a_rare_watch_and_a_usual_pause_are_no_silence() -> None:
    assert fell_silent("drones", [1, 0, 0, 0, 1, 0, 0, 0, 0]) is None
    assert fell_silent("drones", [9, 0, 0, 9, 9, 9, 9, 9, 9, 0, 0]) is None
    assert fell_silent("drones", [0] * 30) is None
    assert fell_silent("drones", [5] * 30) is None


def test_a_later_window_does_not_count_what_a_past_summary_closed() -> None:
    channel = replace(DESK, at_most=Limit(2, timedelta(hours=1)))
    record = replay(flood(10, timedelta(hours=2)), AlertsPolicy(), [channel])
    told = [now for now, _, decision in record.decisions if decision.action == "tell"]
    assert len(told) == 4
