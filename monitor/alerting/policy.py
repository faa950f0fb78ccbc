"""The values that decisions are made from and of: sightings, policies, what was told, and the decision itself.

It holds no rule beyond how a watch's policy is read from its watchlist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal

from monitor.model import AlertReason, Priority, SummaryReason, Watch, Watchlist, WatchRef, When

Relation = Literal["first", "report", "copy"]
Action = Literal["tell", "bundle", "join", "archive"]
#: Why what is archived was not told, for whoever counts; `Decision.why` says it to people.
Cause = Literal["silenced", "long ago", "first poll", "not fresh"]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Local hours in which a channel holds all but urgent alerts; may pass midnight; `start == end` is never quiet."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` alerts, not counting urgent ones, in any `window` up to the summary that ends it."""

    count: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """A watch as decisions need it. `to` and `when` are None where neither the watch nor its watchlist has one."""

    ref: WatchRef
    to: tuple[str, ...] | None = None
    when: When | None = None
    confirm: tuple[str, ...] = ()  # feed names, or tag:NAME

    @property
    def key(self) -> str:
        """The watch's name among all watchlists: names are unique in one file only."""
        return f"{self.ref.watchlist}/{self.ref.name}"


def watch_policy(watch: Watch, watchlist: Watchlist) -> WatchPolicy:
    """A watch's policy: its own `to` replaces its watchlist's."""
    ref = WatchRef(watch.name, watchlist.name, watch.priority, watch.where)
    return WatchPolicy(ref, watch.to if watch.to is not None else watchlist.to, watch.when, watch.confirm)


@dataclass(frozen=True, slots=True)
class Report:
    """One article of a story: which outlet showed it first to us, and when."""

    outlet: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sighting:
    """A new article of a story, with the watches found in it.

    `story_watches` are the policies of watches that earlier articles of the story hit: a report that hits nothing
    itself may still confirm them or make the story spread. `reports` are the story's articles, this one included.
    """

    article_id: int
    story_id: str
    relation: Relation
    watches: tuple[WatchPolicy, ...]
    first_seen: datetime
    published: datetime | None
    feed_name: str
    feed_url: str = ""
    feed_tags: frozenset[str] = frozenset()
    is_first_poll: bool = False  # or an import
    is_story_closed: bool = False  # a late copy of a story that no longer takes reports
    story_watches: tuple[WatchPolicy, ...] = ()
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertsPolicy:
    """The `alerts` section without what channels take over from it. `to` None is all channels."""

    to: tuple[str, ...] | None = None
    group: Literal["story", "article"] = "story"
    fresh: timedelta | None = timedelta(hours=48)  # None: a first poll's articles are fresh whatever their age
    first: Literal["summary", "alert", "archive"] = "summary"
    late: Literal["alert", "digest", "archive"] = "alert"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class ChannelPolicy:
    """A channel as decisions need it, with what holds for it whether it says so itself or `alerts` does.

    `watches` is how many watches are routed to it; with more than one a part of `at_most` is kept from the
    noisiest.
    """

    name: str
    when: When = field(default_factory=When)
    only_urgent: bool = False
    quiet: Quiet | None = None
    at_most: Limit | None = None
    watches: int = 1


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that a channel was told, or that waits for it in a bundle, about one story."""

    alert_id: str
    watches: frozenset[str]  # WatchPolicy.key
    outlet: str
    at: datetime
    level: int = 0  # outlets the story had then, as a step of spreading: 0, 5 or 20
    waits_until: datetime | None = None  # when the bundle that it still waits in is due; None: it was sent


@dataclass(frozen=True, slots=True)
class Sent:
    """An alert that is not urgent and went to a channel by itself, for its limit."""

    at: datetime
    watches: frozenset[str]


@dataclass(frozen=True, slots=True)
class ChannelState:
    """What a channel knows: what it was told of this story (oldest first), and its recent sends.

    `sent` are those of the last window of its limit. `over_limit_due` is when its latest over-limit summary is or
    was due. `first_look_due` is when its first-look summary that still waits is due. `digest_due` is when its latest
    digest that was sent was due: in the future, where the clock was put back over it.
    """

    told: tuple[Told, ...] = ()
    sent: tuple[Sent, ...] = ()
    over_limit_due: datetime | None = None
    first_look_due: datetime | None = None
    digest_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Something a reader does not want to hear of until then. `name` is a WatchPolicy.key or bare watch name, a
    story id, or a feed's name or URL; "" for everything.
    """

    kind: Literal["watch", "story", "feed", "everything"]
    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Bundle:
    """The summary that an alert waits for: alerts of one channel with one key share one delivery."""

    kind: SummaryReason
    due: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a sighting on one channel, and why.

    tell: an alert of its own, due now. bundle: an alert inside `bundle`'s summary. join: the story was told; the
    article joins it quietly (`follows` is the alert it joins; if that still waits, `watches` are to be added to
    it). archive: kept, not told. `level` is for Told. A bundle is held until it is `due`.
    """

    channel: str
    action: Action
    why: str
    due: datetime
    watches: tuple[WatchRef, ...] = ()
    priority: Priority = "normal"
    reason: AlertReason = "new story"
    follows: str | None = None
    bundle: Bundle | None = None
    level: int = 0
    cause: Cause | None = None  # of what is archived
