"""Reads every file of a folder of real and awkward feeds; prints what was lost, merged, new again or unreadable.

    python tests/bench/feeds_read.py [FOLDER]

Data: shared/data/feeds beside the checkout, with MANIFEST.json (entry counts by two independent readers). The bar: no
crash, no item lost or merged, a second identical or shuffled poll yields nothing new.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

from monitor.errors import ParseFailed
from monitor.identity import select_new
from monitor.model import Entry
from monitor.parse import parse_feed

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "feeds"


def _content(entry: Entry) -> tuple[object, ...]:
    return entry.guid, entry.url, entry.title, entry.published, entry.summary, entry.content


def examine(path: Path, expected: int | None, found: Counter[str]) -> None:
    try:
        feed = parse_feed(path.read_bytes(), url="https://example.org/feed.xml")
    except ParseFailed as failure:
        found["not a feed"] += 1
        print(f"{path.name}: {failure}")
        return
    except Exception as error:
        found["crashes"] += 1
        print(f"{path.name}: CRASH {error!r}")
        return
    entries = feed.entries
    lost = max(0, (expected or 0) - len(entries))
    first = select_new(entries, set())
    merged = len(set(map(_content, entries))) - len(first.new)
    known = {name for entry in first.new for name in entry.identities}
    shuffled = random.Random(path.name).sample(entries, len(entries))
    again = len(select_new(entries, known).new) + len(select_new(shuffled, known).new)
    found.update({"feeds": 1, "items": len(entries), "lost": lost, "merged": max(0, merged), "new again": again})
    found["not well-formed"] += "is not well-formed XML" in feed.warnings
    if lost or merged > 0 or again:
        print(f"{path.name}: {len(entries)} items of {expected}, {lost} lost, {merged} merged, {again} new again")


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    manifest = folder / "MANIFEST.json"
    counts = {}
    if manifest.is_file():
        counts = {record["id"]: record["feedparser_entries"] for record in json.loads(manifest.read_text())}
    found: Counter[str] = Counter()
    started = time.process_time()
    for path in sorted(path for path in folder.iterdir() if path != manifest and path.is_file()):
        examine(path, counts.get(path.stem), found)
    names = ("feeds", "items", "not a feed", "not well-formed", "crashes", "lost", "merged", "new again")
    print(", ".join(f"{name} {found[name]}" for name in names), f"({time.process_time() - started:.1f} s of CPU)")
    return int(any(found[name] for name in ("crashes", "lost", "merged", "new again")))


if __name__ == "__main__":
    sys.exit(main())
