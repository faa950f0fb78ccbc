"""How well articles are put into stories, beside a TF-IDF nearest neighbour: `python -m tests.bench.stories`.

It reports the half of the stories that thresholds were not chosen on, whole and thinned to about eight headlines.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from monitor.stories import Head, Index, fingerprint
from tests.events import EVENTS

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "stories"
FLOOR_THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
Row = dict[str, Any]


def bcubed(found: Sequence[Hashable], labels: Sequence[Hashable]) -> tuple[float, float, float]:
    """BCubed precision, recall and F (Bagga and Baldwin 1998)."""
    sizes, truths, both = Counter(found), Counter(labels), Counter(zip(found, labels, strict=True))
    precision = sum(count * count / sizes[story] for (story, _), count in both.items()) / len(found)
    recall = sum(count * count / truths[label] for (_, label), count in both.items()) / len(found)
    return precision, recall, 2 * precision * recall / (precision + recall)


def ours(rows: Sequence[Row]) -> list[str | None]:
    index = Index()
    return [index.add(row["id"], _seen(row), fingerprint(row["title"])).story_id for row in rows]


def _seen(row: Row) -> datetime:
    return datetime.fromtimestamp(row["published_ms"] / 1000, UTC)


def floor(rows: Sequence[Row], threshold: float) -> list[int]:
    """Each headline joins the story of its nearest earlier one by TF-IDF cosine, if that is near enough."""
    nearest = _nearest(_vectors([row["title"] for row in rows]))
    stories: list[int] = []
    for place, (likeness, earlier) in enumerate(nearest):
        stories.append(stories[earlier] if likeness >= threshold else place)
    return stories


def _vectors(titles: Sequence[str]) -> list[dict[str, float]]:
    """As scikit-learn's TfidfVectorizer: words of two letters, smoothed idf, unit length."""
    counts = [Counter(re.findall(r"\w\w+", title.casefold())) for title in titles]
    known = Counter(word for count in counts for word in count)
    vectors: list[dict[str, float]] = []
    for count in counts:
        weights = {w: n * (math.log((1 + len(titles)) / (1 + known[w])) + 1) for w, n in count.items()}
        norm = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        vectors.append({word: weight / norm for word, weight in weights.items()})
    return vectors


def _nearest(vectors: Sequence[dict[str, float]]) -> list[tuple[float, int]]:
    holders: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    nearest: list[tuple[float, int]] = []
    for place, vector in enumerate(vectors):
        likeness: defaultdict[int, float] = defaultdict(float)
        for word, weight in vector.items():
            for earlier, other in holders[word]:
                likeness[earlier] += weight * other
            holders[word].append((place, weight))
        nearest.append(max(((value, earlier) for earlier, value in likeness.items()), default=(0.0, 0)))
    return nearest


def half(rows: Sequence[Row], which: int) -> list[Row]:
    """One half of the stories: 0 is the one to choose thresholds on, 1 the one to report."""
    stories = sorted({row["story"] for row in rows})
    random.Random(5).shuffle(stories)
    middle = len(stories) // 2
    kept = set(stories[:middle] if which == 0 else stories[middle:])
    return [row for row in rows if row["story"] in kept]


def thinned(rows: Sequence[Row], size: int, seed: int) -> list[Row]:
    """Stories cut down at random to about `size` headlines (log-normal), as most stories are small."""
    chance = random.Random(seed)
    by_story: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_story[row["story"]].append(row)
    kept: list[Row] = []
    for story in sorted(by_story):
        many = max(2, int(chance.lognormvariate(math.log(size), 0.8)))
        kept += chance.sample(by_story[story], min(many, len(by_story[story])))
    return sorted(kept, key=lambda row: (row["published_ms"], int(row["id"])))


def pairs(path: Path, *, with_texts: bool) -> tuple[float, float, float]:
    """Precision, recall and F1 of saying that two articles report the same event."""
    right = wrong = missed = 0
    for pair in json.loads(path.read_text("utf-8")):
        index, now = Index(), datetime(2026, 1, 1, tzinfo=UTC)
        texts = (pair["x1"], pair["x2"]) if with_texts else ("", "")
        places = [index.add(str(n), now, fingerprint(pair[f"t{n + 1}"], text)).story_id for n, text in enumerate(texts)]
        is_said, is_so = places[0] == places[1], pair["label"] == "OK"
        right, wrong, missed = (
            right + (is_said and is_so),
            wrong + (is_said > is_so),
            missed + (is_said < is_so),
        )
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    return precision, recall, 2 * right / max(1, 2 * right + wrong + missed)


def languages(orders: int = 20) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs of articles in different languages, in many orders of their coming."""
    articles = [(event, language) for event, told in EVENTS.items() for language in told]
    right = wrong = missed = 0
    for seed in range(orders):
        random.Random(seed).shuffle(articles)
        index, now = Index(), datetime(2026, 1, 1, tzinfo=UTC)
        story = {
            one: _told(index, one, now + n * timedelta(minutes=5)) for n, one in enumerate(articles)
        }
        for one, other in combinations(articles, 2):
            if one[1] != other[1]:
                is_said, is_so = story[one] == story[other], one[0] == other[0]
                right, wrong = right + (is_said and is_so), wrong + (is_said > is_so)
                missed += is_said < is_so
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    return precision, recall, 2 * right / max(1, 2 * right + wrong + missed)


def _told(index: Index, one: tuple[str, str], at: datetime) -> str | None:
    event, language = one
    title, text = EVENTS[event][language]
    return index.add("/".join(one), at, fingerprint(title, text), Head(title, language)).story_id


def report(name: str, rows: Sequence[Row]) -> None:
    labels = [row["story"] for row in rows]
    start = time.perf_counter()
    score = bcubed(ours(rows), labels)
    each_ms = (time.perf_counter() - start) / len(rows) * 1000
    floors = [bcubed(floor(rows, threshold), labels) for threshold in FLOOR_THRESHOLDS]
    best = max(floors, key=lambda one: one[2])
    as_precise = max((one for one in floors if one[0] >= score[0]), key=lambda one: one[2], default=floors[-1])
    print(f"{name:28} {len(rows):5} headlines  ours {_shown(score)}  {each_ms:.2f} ms each")
    print(f"{'':44} floor {_shown(best)} at its best, {_shown(as_precise)} where as precise")


def _shown(score: tuple[float, float, float]) -> str:
    return "P {:.3f} R {:.3f} F {:.3f}".format(*score)


def main() -> None:
    if not DATA.exists():
        sys.exit(f"the data is not here: {DATA}")
    lines = (DATA / "headlines.jsonl").read_text("utf-8").splitlines()
    rows = sorted(map(json.loads, lines), key=lambda row: (row["published_ms"], int(row["id"])))
    for which, name in ((0, "chosen on"), (1, "reported")):
        part = half(rows, which)
        report(f"{name}: half", part)
        for seed in (1, 2):
            report(f"{name}: stories of 8, #{seed}", thinned(part, 8, seed))
    report("all, stories of 8", thinned(rows, 8, 3))
    print("pairs with texts", _shown(pairs(DATA / "pairs.json", with_texts=True)))
    print("invented events over languages", _shown(languages()))
    print("pairs, titles only", _shown(pairs(DATA / "pairs.json", with_texts=False)))


if __name__ == "__main__":
    main()
