"""How well and how fast pages are read, against trafilatura alone in the same run.

    python tests/bench/extract.py [FOLDER…]     folders of <Publisher>.json with <Publisher>_<date>.html.gz
    beside them

F1 counts shingles of four words of the expected text (as article-extraction-benchmark does); date: the same
day; title and authors: the same words. CPU is process time, both readers in turn page by page.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.extract import extract

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "pages"
_WORD = re.compile(r"\w+")


@dataclass
class Case:
    name: str
    html: bytes
    url: str
    title: str
    text: str
    day: datetime | None
    authors: list[str]


@dataclass
class Found:
    title: str
    text: str
    day: str
    author: str


@dataclass
class Score:
    seconds: float = 0.0
    f1: list[float] = field(default_factory=list)
    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    days: list[bool] = field(default_factory=list)
    titles: list[bool] = field(default_factory=list)
    authors: list[float] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)


def cases(folder: Path) -> Iterator[Case]:
    """Each expectation with the page nearest to its date."""
    for listing in sorted(folder.rglob("*.json")):
        pages = {path: _page_day(path) for path in listing.parent.glob(f"{listing.stem}_20*.html.gz")}
        for key, wanted in sorted(json.loads(listing.read_text()).items()):
            day = datetime.fromisoformat(wanted["publishing_date"]) if wanted.get("publishing_date") else None
            path = _nearest(pages, day)
            if path is not None:
                del pages[path]
                yield _case(f"{listing.stem} {key}", path, wanted, day)


def _page_day(path: Path) -> datetime:
    return datetime.strptime("_".join(path.name.split(".")[0].split("_")[-3:]), "%Y_%m_%d")  # noqa: DTZ007


def _nearest(pages: dict[Path, datetime], day: datetime | None) -> Path | None:
    if day is None:
        return next(iter(sorted(pages)), None)
    plain = day.replace(tzinfo=None)
    after = {path: seen for path, seen in pages.items() if seen >= plain - timedelta(days=2)} or pages
    return min(after, key=lambda path: abs(after[path] - plain), default=None)


def _case(name: str, path: Path, wanted: dict[str, Any], day: datetime | None) -> Case:
    body = wanted.get("body") or {}
    parts = list(body.get("summary") or [])
    for section in body.get("sections") or []:
        parts += [*section.get("headline", []), *section.get("paragraphs", [])]
    authors = wanted.get("authors") or []
    return Case(
        name,
        gzip.decompress(path.read_bytes()),
        "",
        wanted.get("title") or "",
        "\n".join(parts),
        day,
        authors,
    )


def ours(case: Case) -> Found:
    page = extract(case.html, url=case.url)
    return Found(page.title, page.text, page.published.isoformat() if page.published else "", page.author or "")


def alone(case: Case) -> Found:
    from trafilatura import bare_extraction

    found: Any = bare_extraction(case.html, url=case.url or None, fast=True, with_metadata=True, include_comments=False)
    if found is None:
        return Found("", "", "", "")
    return Found(found.title or "", found.text or "", found.date or "", found.author or "")


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def mark(score: Score, case: Case, found: Found) -> None:
    wanted, got = _shingles(case.text), _shingles(found.text)
    common = sum((wanted & got).values())
    precision, recall = common / max(1, sum(got.values())), common / max(1, sum(wanted.values()))
    score.precision.append(precision)
    score.recall.append(recall)
    score.f1.append(2 * precision * recall / (precision + recall) if common else 0.0)
    if case.day is not None:
        score.days.append(_same_day(case.day, found.day))
        if not score.days[-1]:
            score.misses.append(f"{case.name}: {case.day} but {found.day or 'nothing'}")
    score.titles.append(_words(case.title) == _words(found.title))
    if case.authors:
        names = [bool(_words(name)) and _words(name) <= _words(found.author) for name in case.authors]
        score.authors.append(sum(names) / len(names))


def _same_day(wanted: datetime, got: str) -> bool:
    """A bare day is right if it is the wanted day; a moment if it is that where the publisher is."""
    if len(got) <= 10 or wanted.tzinfo is None or got.endswith("T00:00:00+00:00"):
        return got[:10] == wanted.date().isoformat()
    return datetime.fromisoformat(got).astimezone(wanted.tzinfo).date() == wanted.date()


def run(found: list[Case], readers: dict[str, Callable[[Case], Found]]) -> dict[str, Score]:
    scores = {name: Score() for name in readers}
    for case in found:
        for name, reader in readers.items():
            begun = time.process_time()
            answer = reader(case)
            scores[name].seconds += time.process_time() - begun
            mark(scores[name], case, answer)
    return scores


def _mean(values: list[Any]) -> float:
    return sum(values) / len(values) if values else 0.0


def main(arguments: list[str]) -> None:
    import logging

    logging.disable(logging.CRITICAL)
    folders = [Path(argument) for argument in arguments if not argument.startswith("-")]
    for folder in folders or sorted(path for path in DATA.iterdir() if path.is_dir()):
        found = list(cases(folder))
        alone(found[0]), ours(found[0])  # imports and caches
        scores = run(found, {"trafilatura": alone, "ours": ours})
        print(f"{folder.name}: {len(found)} pages")
        for name, score in scores.items():
            print(
                f"  {name:12} F1 {_mean(score.f1):.4f} precision {_mean(score.precision):.4f} recall"
                f" {_mean(score.recall):.4f} date {_mean(score.days):.4f} title {_mean(score.titles):.4f}"
                f" author {_mean(score.authors):.4f} ms/page {1000 * score.seconds / len(found):.1f}"
            )
            if "-v" in arguments:
                print("    " + "\n    ".join(score.misses))
        print(f"  CPU ratio {scores['ours'].seconds / scores['trafilatura'].seconds:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
