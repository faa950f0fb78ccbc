"""Replays real snapshots of feeds through the parser and the choice of new entries; prints items missed and
repeated.

    python tests/bench/exactly_once.py [--shuffle] [FEED…]

Data: shared/data/timelapse beside the checkout (a broadcaster's feeds over weeks, with an oracle of every
item). The bar: missed + repeated = 0 + 0. It keeps the known names in memory only; the store has its own
tests.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from monitor.identity import select_new
from monitor.model import Entry
from monitor.parse import parse_feed

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "timelapse"


def snapshots(folder: Path = DATA) -> Iterator[tuple[str, int, bytes]]:
    """(feed, unix time, body) of every snapshot, a feed's in order of time."""
    with tarfile.open(folder / "bbc.tar.xz") as archive:
        found: dict[tuple[str, int], bytes] = {}
        for member in archive:
            path = Path(member.name)
            if member.isfile() and path.suffix == ".xml" and path.stem.isdigit():
                stream = archive.extractfile(member)
                assert stream is not None
                found[path.parent.name, int(path.stem)] = stream.read()
    for (feed, at), body in sorted(found.items()):
        yield feed, at, body


def item_of(entry: Entry) -> str:
    """The oracle's name of an item: its link without a query or fragment."""
    return (entry.url or entry.guid or entry.title).partition("?")[0].partition("#")[0]


def replay(feeds: set[str], *, is_shuffled: bool) -> dict[str, tuple[int, int, int, int]]:
    """feed -> (snapshots, items, missed, repeated)."""
    oracle = json.loads(gzip.decompress((DATA / "oracle.json.gz").read_bytes()))
    known: dict[str, set[str]] = {}
    alerts: dict[str, list[str]] = {}
    polls: dict[str, int] = {}
    chance = random.Random(7)
    for feed, _, body in snapshots():
        if feeds and feed not in feeds:
            continue
        entries = list(parse_feed(body, url=f"https://feeds.example/{feed}/rss.xml").entries)
        if is_shuffled:
            chance.shuffle(entries)
        selection = select_new(entries, known.setdefault(feed, set()))
        known[feed].update(name for entry in selection.new for name in entry.identities)
        known[feed].update(selection.learned)
        alerts.setdefault(feed, []).extend(map(item_of, selection.new))
        polls[feed] = polls.get(feed, 0) + 1
    return {
        feed: (polls[feed], len(oracle[feed]), len(set(oracle[feed]) - set(told)), len(told) - len(set(told)))
        for feed, told in alerts.items()
    }


def main() -> int:
    feeds = {argument for argument in sys.argv[1:] if not argument.startswith("-")}
    results = replay(feeds, is_shuffled="--shuffle" in sys.argv)
    for feed, (polls, items, missed, repeated) in results.items():
        print(f"{feed:28} {polls:5} snapshots {items:6} items  missed {missed:4}  repeated {repeated:4}")
    missed, repeated = (sum(result[place] for result in results.values()) for place in (2, 3))
    print(f"all {len(results)} feeds: missed {missed} + repeated {repeated} (bar: 0 + 0)")
    return int(missed + repeated > 0)


if __name__ == "__main__":
    sys.exit(main())
