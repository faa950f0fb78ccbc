"""How the cost of the steps grows with what is stored: `python -m tests.bench.growth [SIZES…]`.

Milliseconds of CPU for one step at each size, and the ratio to the smallest. Nothing may grow faster than n log n; a
step whose work stays the same should hardly grow. Stories have a bench of their own (`story_growth`).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from monitor.identity import identify, select_new
from monitor.model import Entry, Feed
from monitor.store import Store, articles, bulk, feeds, leases, open_store, outbox
from monitor.store.schema import alerts, deliveries, identities, stories
from monitor.store.schema import articles as article_rows

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TRIALS = 30
FEED = Feed("https://feed.example/")


def filled(folder: Path, size: int) -> Store:
    """`size` articles read, a tenth as many feeds and deliveries that wait in another channel."""
    store = open_store(f"sqlite:///{folder}/{size}.db", create=True)
    with store.write() as connection:
        known = [FEED, *(Feed(f"https://{number}.example/") for number in range(size // 10))]
        feeds.sync(connection, known, {feed.url: NOW + timedelta(days=1) for feed in known}, NOW)
        _articles(connection, size)
        _deliveries(connection, size // 10)
    return store


def _articles(connection: Connection, size: int) -> None:
    names = ("id", "feed_id", "url", "canonical_url", "title", "first_seen", "matched_on", "note", "state", "tries",
             "rematches", "is_first_look")  # fmt: skip
    rows = (
        (n, 1, url, url, "A title", NOW, "summary", "", "done", 0, 0, False)
        for n in range(1, size + 1)
        for url in (f"https://feed.example/{n}",)
    )
    bulk.insert(connection, article_rows, names, rows)
    named = sorted((1, f"{n * 2654435761 % 2**32:08x}", n) for n in range(1, size + 1))
    bulk.insert(connection, identities, ("feed_id", "name", "article_id"), named)


def _deliveries(connection: Connection, count: int) -> None:
    bulk.insert(connection, stories, ("id", "title", "first_seen", "last_seen"), [(1, "A story", NOW, NOW)])
    told = {"story_id": 1, "article_id": 1, "channel": "other", "watches": [], "priority": "normal", "created_at": NOW}
    told |= {"reason": "new story", "why": ""}
    if count:
        connection.execute(alerts.insert(), [told] * count)
        waiting = {"channel": "other", "kind": "alert", "state": "pending", "due_at": NOW}
        # As they come: a few of each moment. Of one moment, all are looked at for the first.
        rows = ({"id": f"msg_{n}", **waiting, "created_at": NOW + timedelta(seconds=n // 10)} for n in range(count))
        connection.execute(deliveries.insert(), list(rows))


def _new_entries(step: int) -> list[tuple[Entry, str]]:
    urls = [f"https://feed.example/new/{step}-{n}" for n in range(30)]
    return [(Entry((f"{step}-{n}",), url, f"News {step} {n}"), url) for n, url in enumerate(urls)]


def _known(connection: Connection, step: int) -> None:
    feeds.known(connection, 1, [f"{step * 31 + n:08x}" for n in range(90)])


def _add(connection: Connection, step: int) -> None:
    made = _new_entries(step)
    ids = articles.add_all_waiting(connection, 1, made, NOW, is_first_look=False)
    feeds.learn(connection, 1, {entry.identities[0]: one for one, (entry, _) in zip(ids, made, strict=True)})
    connection.execute(article_rows.update().where(article_rows.c.id.in_(ids)).values(state="done"))


STEPS: dict[str, Callable[[Connection, int], object]] = {
    "which feeds are due": lambda connection, _: leases.due_feeds(connection, NOW, 200),
    "90 names looked up": _known,
    "30 new entries stored": _add,
    "what is left unread": lambda connection, _: articles.left_over(connection, NOW, 500),
    "an address's twin": lambda connection, step: articles.twin(connection, 1, f"https://feed.example/{step + 1}"),
    "a channel's next delivery": lambda connection, _: outbox.claim(connection, "desk", "bench", NOW),
    "the busy channel's next": lambda connection, _: outbox.claim(connection, "other", "bench", NOW),
}


def cost_ms(store: Store, step: Callable[[Connection, int], object]) -> float:
    times = []
    for number in range(TRIALS):
        with store.write() as connection:
            begun = time.process_time()
            step(connection, number)
            times.append(time.process_time() - begun)
    return 1000 * statistics.median(times)


def _document_ms(count: int) -> float:
    """A document of `count` entries that all have one guid: the worst for telling items apart."""
    entries = [Entry((), "https://feed.example/", f"News {n}", guid="the-same", summary="x" * 80) for n in range(count)]
    begun = time.process_time()
    select_new(identify(entries), set())
    return 1000 * (time.process_time() - begun)


def results(sizes: list[int]) -> dict[str, list[float]]:
    """step -> milliseconds at each size."""
    found: dict[str, list[float]] = {name: [] for name in STEPS}
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            store = filled(Path(folder), size)
            for name, step in STEPS.items():
                found[name].append(cost_ms(store, step))
            store.close()
    found["20, 200, 2,000 entries told apart"] = [_document_ms(count) for count in (20, 200, 2000)[: len(sizes)]]
    return found


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[1:]] or [1000, 10_000, 100_000]
    print("articles".ljust(34) + "".join(f"{size:>22,}" for size in sizes))
    for name, times in results(sizes).items():
        print(name.ljust(34) + "".join(f"{ms:10.2f} ms (x {ms / max(times[0], 0.001):5.1f})" for ms in times))
