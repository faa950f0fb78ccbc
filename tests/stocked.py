"""A store with a newsroom's past in it, written in seconds: feeds, articles, stories, hits, alerts, deliveries.

For tests of what reads the store; how such rows come about is tested elsewhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.model import Miss
from monitor.store import Store, near_misses, search
from monitor.store import schema as t

#: Larger stores are left out of the search's index, which takes minutes to make.
MOST_INDEXED = 1000
LANGUAGES = ("en", "en", "fr", "de", "ru", "ar")
_WORDS = (
    "minister harbour talks drone border council treaty fuel river crossing patrol market court appeal storm grain "
    "convoy airfield pilot engine budget strike union school bridge radar export licence"
)
WORDS = _WORDS.split()
#: What an attacker would put into every field that a feed controls.
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "\u202eevil\u202c\u2066x\u2069",
    "\x1b[31mred\x07\x00",
    "{{ 7*7 }}{% raw %}",
    "\"><svg onload=alert(1)>' onmouseover='alert(1)",
    "a" * 5000,
    "e" + "\u0301" * 300,
)

Title = Callable[[random.Random, int], str]


def plain_title(chance: random.Random, number: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(8)).capitalize() + f" {number}"


def hostile_title(chance: random.Random, number: int) -> str:
    return HOSTILE[number % len(HOSTILE)] + f" {number}"


def stock(
    store: Store,
    now: datetime,
    *,
    articles: int = 40,
    feeds: int = 4,
    watches: tuple[tuple[str, str], ...] = (("Arms", "drones"), ("Arms", "Su-35")),
    hit_each: int = 4,
    title: Title = plain_title,
    url: str = "https://news.example.org/{}",
    urls_of_feeds: tuple[str, ...] = (),
    text_words: int = 120,
) -> None:
    """Fill an empty store; every `hit_each`th article is a hit, two articles a story, every other story is told."""
    chance = random.Random(35)
    with store.write() as connection:
        _feeds(connection, now, feeds, title, chance, urls_of_feeds)
        step = timedelta(days=90) / max(articles, 1)
        for start in range(1, articles + 1, 5000):
            numbers = range(start, min(start + 5000, articles + 1))
            rows = [_article(n, feeds, now - step * (articles - n), title, url, chance) for n in numbers]
            connection.execute(t.stories.insert(), _stories(rows))
            connection.execute(t.articles.insert(), rows)
            connection.execute(
                t.texts.insert(),
                [{"article_id": row["id"], "text": _text(row, title, chance, text_words)} for row in rows],
            )
            _hits(connection, rows, watches, hit_each)
        _near(connection, now, watches, title, chance)
        if articles <= MOST_INDEXED:
            search.queue(connection, range(1, articles + 1))


def _feeds(
    connection: Connection, now: datetime, count: int, title: Title, chance: random.Random, urls: tuple[str, ...]
) -> None:
    rows = []
    for number in range(1, count + 1):
        is_failing = number % 9 == 2
        rows.append(
            {
                "id": number,
                "url": urls[number - 1] if number <= len(urls) else f"https://feed{number}.example.org/rss.xml",
                "title": title(chance, number)[:400],
                "is_active": True,
                "added_at": now - timedelta(days=100),
                "next_poll_at": now + timedelta(minutes=number % 30),
                "next_reason": "brings 12 a day",
                "first_success_at": now - timedelta(days=99),
                "last_poll_at": now - timedelta(minutes=3),
                "last_success_at": now - timedelta(minutes=3),
                "failures": 3 if is_failing else 0,
                "failing_since": now - timedelta(hours=7) if is_failing else None,
                "error": title(chance, number) if is_failing else "",
                "gaps": number % 4 == 3,
                "last_gap_at": now - timedelta(days=2),
                "overlaps": 40,
                "entries": 20,
            }
        )
    connection.execute(t.feeds.insert(), rows)


def _article(number: int, feeds: int, seen: datetime, title: Title, url: str, chance: random.Random) -> dict[str, Any]:
    return {
        "id": number,
        "feed_id": number % feeds + 1,
        "url": url.format(number),
        "canonical_url": url.format(number),
        "title": title(chance, number),
        "author": title(chance, number)[:80],
        "published": seen - timedelta(minutes=number % 50),
        "first_seen": seen,
        "language": LANGUAGES[number % len(LANGUAGES)],
        "matched_on": "summary" if number % 7 == 0 else "full article",
        "note": "page refused (403)" if number % 7 == 0 else "",
        "state": "done",
        "story_id": (number + 1) // 2,
        "relation": "first" if number % 2 else "report",
    }


def _stories(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    begun = [row for row in rows if row["relation"] == "first"]
    return [
        {"id": row["story_id"], "title": row["title"], "first_seen": row["first_seen"], "last_seen": row["first_seen"]}
        for row in begun
    ]


def _text(row: dict[str, Any], title: Title, chance: random.Random, words: int) -> str:
    body = " ".join(chance.choice(WORDS) for _ in range(words))
    return f"{title(chance, row['id'])} The drone flew on. {body}\nTwelve Su-35 jets came after the drone."


def _hits(connection: Connection, rows: list[dict[str, Any]], watches: tuple[tuple[str, str], ...], each: int) -> None:
    hits, alerts, deliveries, carried, decided = [], [], [], [], []
    for row in rows:
        if row["id"] % each:
            continue
        watchlist, watch = watches[row["id"] // each % len(watches)]
        at = row["first_seen"] + timedelta(seconds=20)
        hits.append(_hit(row, watchlist, watch, at))
        if row["id"] % (2 * each):
            decided.append(_decision(row, at))
            continue
        for channel in ("desk", "boss"):
            number = 2 * row["id"] + (channel == "boss")
            state = _state(number)
            alerts.append(_alert(number, row, channel, (watchlist, watch), at))
            deliveries.append(_delivery(number, channel, state, at))
            carried.append({"delivery_id": f"msg_{number:08}", "alert_id": number})
    for table, values in (
        (t.hits, hits), (t.decisions, decided), (t.alerts, alerts), (t.deliveries, deliveries),
        (t.delivery_alerts, carried),
    ):  # fmt: skip
        if values:
            connection.execute(table.insert(), values)


def _near(
    connection: Connection, now: datetime, watches: tuple[tuple[str, str], ...], title: Title, chance: random.Random
) -> None:
    """A month in which every watch was missed by a little, each day in a few ways."""
    for day in range(30):
        causes = ("none: drone racing", "not within 30 words: Shahed, Iran", f"without {title(chance, day % 9)}")
        misses = [Miss(name, watchlist, cause) for watchlist, name in watches for cause in causes]
        near_misses.count(connection, day + 1, misses, now - timedelta(days=day))


def _state(number: int) -> str:
    """Of a delivery: most were accepted; small stores have one that waits and one that was given up, too."""
    if number % 97 == 0 or number == 17:
        return "pending"
    return "given up" if number % 89 == 0 or number == 33 else "sent"


def _hit(row: dict[str, Any], watchlist: str, watch: str, at: datetime) -> dict[str, Any]:
    snippet = f"{row['title'][:400]} The drone flew on."
    start = snippet.index("drone flew")
    pieces = [
        {
            "term": watch,
            "text": "drone",
            "field": "text",
            "start": start,
            "end": start + 5,
            "snippet": snippet,
            "note": "",
        },
        {"term": watch, "text": row["title"][:7], "field": "title", "start": 0, "end": 7, "snippet": "", "note": ""},
    ]
    return {
        "article_id": row["id"], "watchlist": watchlist, "watch": watch, "evidence": pieces, "found_at": at,
    }  # fmt: skip


def _decision(row: dict[str, Any], at: datetime) -> dict[str, Any]:
    why = "first shown by its feed's first poll"
    return {"article_id": row["id"], "channel": "desk", "action": "archive", "why": why, "decided_at": at}


def _alert(number: int, row: dict[str, Any], channel: str, watch: tuple[str, str], at: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "story_id": row["story_id"],
        "article_id": row["id"],
        "channel": channel,
        "watches": [[watch[1], watch[0], "urgent" if number % 10 == 0 else "normal", "arms.yaml:3"]],
        "priority": "urgent" if number % 10 == 0 else "normal",
        "reason": "new story",
        "why": "new story",
        "outlet": row["title"][:40],
        "created_at": at,
    }


def _delivery(number: int, channel: str, state: str, at: datetime) -> dict[str, Any]:
    return {
        "id": f"msg_{number:08}",
        "channel": channel,
        "kind": "alert",
        "state": state,
        "due_at": at,
        "attempts": 1,
        "created_at": at,
        "settled_at": at + timedelta(seconds=1) if state != "pending" else None,
        "answer": "200 ok" if state == "sent" else "500 <b>no</b>",
    }
