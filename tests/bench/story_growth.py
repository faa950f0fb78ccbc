"""How long it takes to find an article's story among a million others: `python -m tests.bench.story_growth [N…]`.

Titles follow Zipf's law, as real ones do, so that some words are shared by a hundred thousand. Texts are distinct. It
prints milliseconds of CPU for the look-up of candidates and for placing among them, and the ratio to the smallest N.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from monitor import stories
from monitor.model import Feed
from monitor.store import feeds, open_store
from monitor.store import stories as story_rows

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
VOCABULARY = 60_000
SAMPLES = 2000  # fingerprints that the articles take turns with; their keys are drawn anew
TRIALS = 300


def words(chance: random.Random, count: int) -> str:
    """Drawn by Zipf's law: the rank is log-uniform. Only the first letters of a word count."""
    return " ".join(word(int(VOCABULARY ** chance.random())) for _ in range(count))


def word(rank: int) -> str:
    parts = ("ba", "do", "fi", "gu", "ke", "la", "mo", "ni", "pu", "re", "sa", "to", "vi", "wu", "ze", "cha", "tri")
    found = ""
    while rank:
        rank, place = divmod(rank, len(parts))
        found += parts[place]
    return found + "sten"


def article(chance: random.Random) -> stories.Fingerprint:
    numbers = " ".join(str(chance.randrange(1001, 99_999) | 1) for _ in range(6))
    return stories.fingerprint(words(chance, 10), f"{words(chance, 300)} {numbers}")


def rows(count: int, chance: random.Random, samples: list[stories.Fingerprint]) -> Iterator[tuple[int, int]]:
    """(key, article): the title's words as they are in a sample, the rest unique to the article."""
    for number in range(1, count + 1):
        sample = samples[chance.randrange(len(samples))]
        copies = set(sample.copy_keys)
        yield from ((key, number) for key in sample.keys if key not in copies)
        yield from ((chance.getrandbits(62), number) for _ in copies)


def filled(folder: Path, count: int, chance: random.Random) -> str:
    url = f"sqlite:///{folder}/store.db"
    store = open_store(url, create=True)
    with store.write() as connection:
        feeds.sync(connection, [Feed("https://example.org/feed")], {"https://example.org/feed": NOW}, NOW)
    store.close()
    samples = [article(chance) for _ in range(SAMPLES)]
    blobs = [sample.to_bytes() for sample in samples]
    raw = sqlite3.connect(folder / "store.db")
    raw.execute("PRAGMA synchronous=OFF")
    start = int((NOW - timedelta(days=400)).timestamp() * 1e6)
    step = int(400 * 86400 * 1e6 / count)
    numbers = range(1, count + 1)
    times = [start + step * number for number in numbers]
    raw.executemany("INSERT INTO stories VALUES (?, 't', ?, ?)", zip(numbers, times, times, strict=True))
    raw.executemany(
        "INSERT INTO articles (id, feed_id, title, first_seen, matched_on, note, state, tries, is_first_look,"
        " rematches, story_id, relation) VALUES (?, 1, 't', ?, 'summary', '', 'done', 0, 0, 0, ?, 'first')",
        zip(numbers, times, numbers, strict=True),
    )
    raw.executemany("INSERT INTO fingerprints VALUES (?, ?)", ((n, blobs[n % SAMPLES]) for n in numbers))
    raw.executemany("INSERT OR IGNORE INTO story_keys VALUES (?, ?)", sorted(rows(count, chance, samples)))
    raw.commit()
    raw.close()
    return url


def timed(connection: Connection, chance: random.Random) -> tuple[list[float], list[float], float]:
    looked, placed, found = [], [], 0
    for _ in range(TRIALS):
        new = article(chance)
        begun = time.process_time()
        near = story_rows.candidates(connection, new.keys, None)
        middle = time.process_time()
        candidates = [
            stories.Candidate(
                str(one.article_id),
                str(one.story_id),
                one.first_seen,
                stories.Fingerprint.from_bytes(one.data),
                one.story_first_seen,
                one.story_last_seen,
                one.story_size,
            )
            for one in near
        ]
        stories.place(new, NOW, candidates)
        looked.append((middle - begun) * 1000)
        placed.append((time.process_time() - middle) * 1000)
        found += len(near)
    return looked, placed, found / TRIALS


def main() -> None:
    smallest = None
    for count in [int(text) for text in sys.argv[1:]] or [100_000, 1_000_000]:
        chance = random.Random(7)
        with tempfile.TemporaryDirectory(prefix="growth-") as folder:
            store = open_store(filled(Path(folder), count, chance), create=False)
            with store.read() as connection:
                looked, placed, found = timed(connection, chance)
            store.close()
            size = (Path(folder) / "store.db").stat().st_size / 1e6
        median = statistics.median(looked)
        smallest = smallest or median
        print(
            f"{count:>9} articles ({size:.0f} MB): look-up {median:.1f} ms,"
            f" 95th {statistics.quantiles(looked, n=20)[18]:.1f} ms, {median / smallest:.1f} times the smallest;"
            f" placing {statistics.median(placed):.1f} ms among {found:.0f}"
        )


if __name__ == "__main__":
    main()
