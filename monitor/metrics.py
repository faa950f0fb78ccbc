"""What is counted for Prometheus: how long news takes from stage to stage, what was polled, read, sent, what waits.

Every label has a bounded set of values (channels are the user's own); it must not hold an address, a title or a name
of a feed or a watch.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: From a tenth of a second to two days: what is quick and what was missed both fall between two bounds.
LAG_BUCKETS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 3 * 3600, 12 * 3600, 48 * 3600)
STAGES = ("published_to_seen", "seen_to_read", "read_to_matched", "matched_to_delivered", "seen_to_delivered")
#: What the store is asked for when somebody looks, with what each means.
GAUGES = {
    "feeds": "Feeds that are polled.",
    "feeds_failing": "Feeds whose last poll failed.",
    "feeds_overdue": "Feeds that should have been polled more than ten minutes ago.",
    "articles": "Articles kept.",
    "unread": "Articles that wait to be read.",
    "pending": "Messages that wait to be sent, summaries that still gather included.",
    "overdue": "Messages that are due and not yet sent.",
    "failed": "Messages that were given up.",
    "gaps": "Polls that may have missed something.",
    "store_bytes": "Size of the store on disk.",
    "last_poll_timestamp_seconds": "When a poll last went well.",
    "last_article_timestamp_seconds": "When an article was last first seen.",
}


class Metrics:
    """One process's numbers. Counters count since its start."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        name = "news_monitor_{}".format
        self._lag = Histogram(
            name("lag_seconds"), "From one stage to the next.", ("stage",), buckets=LAG_BUCKETS, registry=self.registry
        )
        self._counters = {
            key: Counter(name(key), words, labels, registry=self.registry)
            for key, words, labels in (
                ("polls", "Polls by how they ended.", ("outcome",)),
                ("articles_new", "New articles.", ()),
                ("articles_read", "Articles read, by what text was got.", ("matched_on",)),
                ("alerts", "Alerts decided.", ()),
                ("sends", "Attempts to send a message, by what became of it.", ("channel", "state")),
                ("worker_kills", "Worker processes that were killed or died.", ()),
                ("ticks_missed", "Ticks of the scheduler that failed or were missed.", ()),
                ("reloads", "Edits of the configuration, by what became of them.", ("outcome",)),
                ("notices", "Notices about the program's own health.", ()),
            )
        }
        self._gauges = {key: Gauge(name(key), words, registry=self.registry) for key, words in GAUGES.items()}
        for stage in STAGES:  # a stage that never happened yet is there with zeros
            self._lag.labels(stage)

    def lag(self, stage: str, seconds: float) -> None:
        """How long one article or message took; a clock that was put back counts as no time."""
        self._lag.labels(stage).observe(max(0.0, seconds))

    def count(self, name: str, *labels: str, by: float = 1) -> None:
        """Add to a counter."""
        counter = self._counters[name]
        (counter.labels(*labels) if labels else counter).inc(by)

    def set(self, values: Mapping[str, float]) -> None:
        """Take what was just looked up; names that are not GAUGES are left out."""
        for key in self._gauges.keys() & values.keys():
            self._gauges[key].set(values[key])

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)
