"""One new watch over an archive of 200,000 articles: seconds and CPU seconds from the command to its answer.

    python -m tests.bench.backtest [--articles 200000] [--store FILE]

The store is made once (some minutes) and used again if it is there. Texts are made up: 3 kB each, words as frequent as
in a language (Zipf), in English, French and Russian; drones in 5 of 100, Su-35 in 5 of 1,000.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from monitor.language.indexing import ToIndex, Words, words_of
from monitor.store import open_store, search
from monitor.store.schema import articles, feeds, stories, texts

NOW = datetime.now(UTC).replace(microsecond=0)
FEEDS = 400
WORDS = 420  # of one article
CONSONANTS = {"en": "bcdfghklmnprstvw", "fr": "bcdfgjlmnpqrstv", "ru": "бвгджзклмнпрстфх"}
VOWELS = {"en": "aeiou", "fr": "aeiouy", "ru": "аеиоуя"}
COMMON = {
    "en": "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they",
    "fr": "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec ils son",
    "ru": "и в не на что с по это он как из за то же от у был для все так его но она о мы или если только еще бы",
}
TOPICS = {
    "en": (("drones", 0.03), ("drone", 0.02), ("Su-35", 0.005), ("NATO", 0.03), ("sanctions", 0.05)),
    "fr": (("drones", 0.05), ("Su-35", 0.005), ("OTAN", 0.03)),
    "ru": (("дронами", 0.05), ("Су-35", 0.005), ("НАТО", 0.03)),
}
WATCHES = """
name: Bench
watches:
  - name: common
    match: "drone OR дрон"
  - name: rare
    match: Su-35
  - name: joined
    match: "(drone OR дрон) AND (Su-35 OR NATO)"
"""


def _words(language: str, chance: random.Random) -> list[str]:
    made = COMMON[language].split()
    while len(made) < 40_000:
        syllables = range(chance.choice((1, 2, 2, 3, 3, 4)))
        made.append("".join(chance.choice(CONSONANTS[language]) + chance.choice(VOWELS[language]) for _ in syllables))
    return made


class Press:
    """Articles without end, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        weights = list(accumulate(1 / rank for rank in range(2, 40_002)))
        self.words = {language: _words(language, random.Random(1)) for language in TOPICS}
        self.weights = weights

    def article(self, number: int) -> ToIndex:
        language = self.chance.choices(("en", "fr", "ru"), (6, 2, 2))[0]
        words = self.chance.choices(self.words[language], cum_weights=self.weights, k=WORDS)
        for topic, share in TOPICS[language]:
            if self.chance.random() < share:
                words[self.chance.randrange(WORDS)] = topic
        sentences = [" ".join(words[at : at + 14]).capitalize() + "." for at in range(0, WORDS, 14)]
        return ToIndex(number, " ".join(words[:9]), " ".join(sentences), f"https://example.org/{number}", "", language)


def _made(span: tuple[int, int]) -> list[tuple[ToIndex, Words]]:
    press = Press(span[0])
    return [(one, words_of(one)) for one in map(press.article, range(*span))]


def make(path: Path, number: int) -> None:
    """The store, indexed."""
    store = open_store(f"sqlite:///{path}", create=True)
    with store.write() as connection:
        rows = [
            {"url": f"https://example.org/{at}.xml", "title": f"Outlet {at}", "added_at": NOW, "next_poll_at": NOW}
            for at in range(FEEDS)
        ]
        connection.execute(feeds.insert(), rows)
    spans = [(start, min(start + 1000, number + 1)) for start in range(1, number + 1, 1000)]
    began = time.monotonic()
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        for done, part in enumerate(pool.imap(_made, spans), 1):
            with store.write() as connection:
                connection.execute(stories.insert(), list(_stories(part)))
                connection.execute(articles.insert(), list(_rows(part, number)))
                connection.execute(
                    texts.insert(), [{"article_id": one.article_id, "text": one.text} for one, _ in part]
                )
                search.enter(connection, [words for _, words in part])
            if done % 20 == 0:
                print(f"  {done * 1000} articles in {time.monotonic() - began:.0f} s", flush=True)
    store.close()


def _stories(part: list[tuple[ToIndex, Words]]) -> Iterator[dict[str, object]]:
    """As the service groups them: here each article is a story of its own."""
    for one, _ in part:
        yield {"id": one.article_id, "title": one.title, "first_seen": NOW, "last_seen": NOW}


def _rows(part: list[tuple[ToIndex, Words]], number: int) -> Iterator[dict[str, object]]:
    for one, _ in part:
        seen = NOW - timedelta(days=30) * (1 - one.article_id / (number + 1))
        yield {
            "id": one.article_id, "feed_id": one.article_id % FEEDS + 1, "url": one.url, "canonical_url": one.url,
            "title": one.title, "published": seen, "first_seen": seen, "language": one.language, "state": "done",
            "matched_on": "full article", "story_id": one.article_id, "relation": "first",
        }  # fmt: skip


def measure(folder: Path, store: Path, *arguments: str) -> tuple[float, float]:
    """Seconds and CPU seconds of a command with everything that it starts."""
    config = folder / "monitor.yaml"
    if not config.exists():
        (folder / "watches.yaml").write_text(WATCHES)
        (folder / "feeds.yaml").write_text("feeds: [https://example.org/0.xml]")
        config.write_text(
            f"store: sqlite:///{store}\nwatchlists: [watches.yaml]\nchannels: {{desk: {{type: console}}}}\n"
        )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    command = [sys.executable, "-m", "monitor", *arguments, "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    took = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("   ", done.stdout.strip().splitlines()[-1])
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--store", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = asked.store or folder / "bench.db"
        if not store.exists():
            print(f"making {asked.articles} articles")
            make(store, asked.articles)
        print(f"store: {store.stat().st_size / 1e6:.0f} MB")
        for watch in ("common", "rare", "joined"):
            took, cpu = measure(folder, store, "backtest", watch, "--since", "31d")
            print(f"backtest {watch}: {took:.1f} s, {cpu:.1f} s of CPU")
        took, cpu = measure(folder, store, "search", "Su-35 AND sanctions", "--json")
        print(f"search: {took:.1f} s, {cpu:.1f} s of CPU")


if __name__ == "__main__":
    main()
