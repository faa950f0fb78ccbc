"""Messages to render and send: one real alert, and builders that put any text into any field.

It holds no expectation of how they come out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.model import Alert, Article, Elsewhere, Evidence, Hit, Notice, StoryArticle, Summary, WatchRef

NOW = datetime(2026, 11, 22, 13, 2, tzinfo=UTC)

TEXT = (
    "Moscou a livré en secret un prisonnier, ses drones et de l'argent. "
    "L'Iran a fourni des drones à la Russie pour qu'elle les utilise en Ukraine. "
    "La Russie pourrait fournir à l'Iran des avions de chasse Su-35, ont déclaré des responsables."
)


def evidence(term: str, text: str, snippet: str, start: int = 0, field: str = "text") -> Evidence:
    return Evidence(term, text, field, start, start + len(text), snippet)


def alert(**changes: object) -> Alert:
    """The seed article's alert, with `changes`."""
    drones = "L'Iran a fourni des drones à la Russie pour qu'elle les utilise en Ukraine."
    fighters = "La Russie pourrait fournir à l'Iran des avions de chasse Su-35, ont déclaré des responsables."
    hits = (
        Hit("$uav", "Arms transfers", (evidence("drone", "drones", drones, TEXT.index("drones à")),)),
        Hit("Su-35", "Arms transfers", (evidence("Su-35", "Su-35", fighters, TEXT.index("Su-35")),)),
    )
    made = Alert(
        id="A-7Q2K",
        created=NOW,
        watches=(
            WatchRef("Su-35", "Arms transfers", "normal", "arms.yaml:8:5"),
            WatchRef("$uav", "Arms transfers", "normal", "arms.yaml:7:5"),
        ),
        hits=hits,
        article=article(),
        feed_name="Monde & Cie",
        feed_url="https://feeds.example.org/rss",
        story_id="S-19",
        story_first_seen=NOW,
        story_articles=(
            StoryArticle("1", "https://example.org/moscou", "Moscou a livré des armes", "Monde & Cie"),
            StoryArticle("2", "https://nbc.example.com/x", "Russia sent Iran cash", "NBC News"),
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def article(**changes: object) -> Article:
    made = Article(
        id=1,
        feed_id=1,
        url="https://example.org/moscou?a=1&b=2",
        title="Moscou a envoyé à Téhéran de l'argent et des armes saisies en Ukraine",
        text=TEXT,
        matched_on="full article",
        first_seen=NOW,
        author="A. Dubois",
        published=datetime(2023, 3, 25, 9, 0, tzinfo=UTC),
        language="fr",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def many(count: int) -> tuple[Alert, ...]:
    """`count` alerts of different stories, every fifth urgent."""
    return tuple(
        alert(
            id=f"A-{number:04}",
            story_id=f"S-{number}",
            created=NOW - timedelta(minutes=number),
            priority="urgent" if number % 5 == 4 else "normal",
            article=article(
                id=number,
                title=f"Story number {number} about drones",
                first_seen=NOW - timedelta(minutes=number),
            ),
        )
        for number in range(count)
    )


def summary(count: int, **changes: object) -> Summary:
    made = Summary(
        "digest",
        "",
        NOW,
        many(count),
        lines=(
            "2 late copies, 3 stories of silenced watches.",
            "312 feeds watched, 4,021 articles read, no gap known, 2 feeds down, 120 pages read as summary.",
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def notice(**changes: object) -> Notice:
    return replace(Notice("Test message", NOW, ("If you read this, the channel works.",)), **changes)  # type: ignore[arg-type]


PAYLOADS = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "<!channel> <!here> <@U1> <#C1|x> <!subteam^S1> <http://evil.example|bank>",
    "*bold* _italic_ ~struck~ `code` ```block``` ||spoiler||",
    "[x](https://evil.example) https://evil.example/x www.evil.example",
    "@everyone @here @channel <@&1> :tada: :+1:",
    "a\r\nBcc: victim@example.org\r\n\r\nbody",
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "abc\u202egpj.exe \u2066x\u2069 \u200f",
    "nul \x00 esc \x1b[31m bell \x07 \x85 \x0b",
    "line\u2028separator\u2029paragraph",
    "👨‍👩‍👧‍👦🏳️‍🌈🇫🇷" * 5,
    "&amp;&<>\"'" * 5,
    "lone \ud800 surrogate \udfff",
    "Z" + "\u0301" * 300,
    "x" * 10_000,
    "é " * 5_000,
    "&" * 10_000,
    "",
    " ",
)


def poisoned(payload: str) -> Iterator[Alert]:
    """Alerts with `payload` in every field that a feed or a user writes: in all at once, then field by
    field."""
    story = StoryArticle(payload, payload, payload, payload, NOW)
    watch = WatchRef(payload, payload, "urgent", payload)
    hit = Hit(payload, payload, (
        Evidence(payload, payload, "text", 0, len(payload), payload + " around"),
        Evidence(payload, payload, "title", 0, len(payload), payload),
        Evidence(payload, payload, payload, 0, len(payload), ""),
    ))  # fmt: skip
    fields: dict[str, object] = {
        "id": payload, "watches": (watch,), "hits": (hit,), "feed_name": payload, "feed_url": payload,
        "story_id": payload, "story_articles": (story, story), "follows": payload, "copy_of": story,
        "elsewhere": (Elsewhere(payload, payload, payload, (payload,)),),
    }  # fmt: skip
    texts = ("title", "text", "url", "canonical_url", "author", "language", "note")
    poison = article(**dict.fromkeys(texts, payload), matched_on="summary")
    yield alert(**fields, article=poison, reason="new watch", priority="urgent")
    for name in texts:
        yield alert(article=article(**{name: payload}))
    for name, value in fields.items():
        yield alert(**{name: value})


_ALPHABETS = (
    "abc XYZ 019", "&<>\"'|", "*_~`#:@![]()/\\=+-", "дрон Шахед ё й", "שלום עולם", "طائرة مسيّرة ‌",
    "無人機 ドローン 드론", "👨‍👩‍👧‍👦🏳️‍🌈🇫🇷🇩🇪👍🏽", "e\u0301o\u0308\u0323",
    "\u202e\u2066\u200b\u200d\ufeff\u2028\x00\x1b\n\t", "<!channel> &amp; <@U1> ",
)  # fmt: skip


def fuzzed_titles(count: int, seed: int = 7) -> Iterator[str]:
    """Titles of 0 to 4,000 characters from alphabets that are hard on receivers; the same for the same
    seed."""
    chance = random.Random(seed)
    for _ in range(count):
        alphabet = "".join(chance.sample(_ALPHABETS, chance.randint(1, 3)))
        length = min(4000, int(chance.expovariate(1 / chance.choice((20, 150, 2000)))))
        yield "".join(chance.choices(alphabet, k=length))
