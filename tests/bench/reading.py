"""Reading a page to the end, beside trafilatura alone in the same run: `python -m tests.bench.reading [PAGES]`.

Ours is what a worker does (extract, detect the language, match, fingerprint) and what the store does with it;
trafilatura is asked for the same text and facts, fast. CPU of each, in turn page by page, and in turn first: who reads
a page second finds caches filled, trafilatura's own among them. The bar: at most 1.15 times its CPU.
"""

from __future__ import annotations

import gc
import logging
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median

from monitor.assemble import load_checked, make_rules
from monitor.conclude import conclude
from monitor.model import Entry, Feed
from monitor.store import articles, feeds, open_store
from monitor.tasks import Job, study
from tests.bench.extract import DATA, Case, alone, cases


class Ours:
    """A store and rules of their own, and pages studied and concluded one by one."""

    def __init__(self, folder: Path) -> None:
        (folder / "watches.yaml").write_text("watches: [drones, Su-35, Shahed, election, minister]\n")
        (folder / "feeds.yaml").write_text("feeds: [https://news.example/feed.xml]\n")
        config = folder / "monitor.yaml"
        config.write_text(
            f"store: sqlite:///{folder}/monitor.db\nfeeds: [feeds.yaml]\nwatchlists: [watches.yaml]\n"
            "channels:\n  console: {type: console}\n"
        )
        loaded = load_checked(str(config))
        self.rules = make_rules(loaded, {}, folder)
        self.store = open_store(loaded.store, create=True)
        self.now = datetime.now(UTC)
        with self.store.write() as connection:
            feed = Feed("https://news.example/feed.xml")
            feeds.sync(connection, [feed], {feed.url: self.now}, self.now)

    def read(self, case: Case, number: int) -> None:
        entry = Entry((f"n{number}",), f"https://news.example/{number}", case.title or "Untitled")
        job = Job(entry, "News", frozenset(), "auto", body=case.html, url=entry.url or "")
        studied = study([job], self.rules.watches, can_wait=True)
        assert isinstance(studied, list)
        with self.store.write() as connection:
            article = articles.add_waiting(connection, 1, entry, entry.url, self.now, is_first_look=False)
            waiting = articles.waiting(connection, 1, [article])[0]
            conclude(connection, replace(waiting), studied[0], self.rules, self.now)


def results(most: int = 200) -> tuple[int, float, float]:
    """(pages, our CPU seconds, trafilatura's)."""
    costs = measured(most)
    return len(costs), sum(mine for mine, _ in costs), sum(theirs for _, theirs in costs)


def measured(most: int) -> list[tuple[float, float]]:
    """(our CPU seconds, trafilatura's), page by page."""
    logging.disable(logging.CRITICAL)
    found = list(islice((case for folder in sorted(DATA.iterdir()) if folder.is_dir() for case in cases(folder)), most))
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(Path(folder))
        for number, case in enumerate(found[:5]):  # imports, caches, tables of forms
            alone(case)
            ours.read(case, -1 - number)
        gc.collect()
        gc.freeze()  # as workers do once they have imported everything
        readers = (ours.read, lambda case, _: alone(case))
        costs = [[0.0, 0.0] for _ in found]
        for number, case in enumerate(found):
            for at in (0, 1) if number % 2 else (1, 0):
                begun = time.process_time()
                readers[at](case, number)
                costs[number][at] = time.process_time() - begun
    return [(mine, theirs) for mine, theirs in costs]


if __name__ == "__main__":
    costs = measured(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    pages, mine, theirs = len(costs), sum(mine for mine, _ in costs), sum(theirs for _, theirs in costs)
    print(f"{pages} pages: ours {pages / mine:.1f} a second and core, trafilatura alone {pages / theirs:.1f}")
    middle = median(mine / theirs for mine, theirs in costs)
    print(f"CPU ratio {mine / theirs:.2f} (bar 1.15), of the median page {middle:.2f}")
