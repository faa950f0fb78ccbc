"""What came near a watch: its cause in words, counted as articles come in, shown by the page and the command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from monitor.model import Document, Miss
from monitor.store import Store, near_misses, open_store
from tests.matchers import watching
from tests.web_clients import NOW

CAUSES = [
    ({"any": ("drone",), "none": ("drone racing",)}, "A drone racing league opens.", "none: drone racing"),
    ({"match": 'drone AND NOT ("air show" OR parade)'}, "A drone at the parade.", "none: parade"),
    ({"match": "drone NEAR/2 Tehran"}, "A drone was seen a long way from Tehran.", "not within 2 words: drone, Tehran"),
    ({"match": "title:drone"}, "A drone was seen.", "only in text: drone"),
    ({"any": ("drone",), "languages": frozenset({"fr"})}, "A drone was seen over the town.", "languages: fr"),
    ({"any": ("drone",), "feeds": ("tag:press",)}, "A drone was seen.", "feeds: tag:press"),
    ({"all": ("drone",), "any": ("Iran", "Tehran")}, "A drone was seen.", "without Iran or Tehran"),
    ({"match": "drone NEAR/2 Tehran"}, "A drone was seen.", "without Tehran"),
    ({"match": "(drone AND Tehran) OR (drone AND NOT parade)"}, "A drone at the parade.", "none: parade"),
    ({"all": ("drone", "Tehran"), "none": ("parade",)}, "A drone at the parade.", None),  # two things, not one
    ({"all": ("drone", "Tehran")}, "A parade.", None),
    ({"any": ("drone",), "none": ("parade",)}, "A parade.", None),
    ({"any": ("drone",)}, "Nothing of the kind.", None),
]


@pytest.mark.parametrize(("watch", "text", "cause"), CAUSES, ids=[str(cause) for _, _, cause in CAUSES])
def test_one_thing_that_kept_a_watch_from_being_met_is_named(
    watch: dict[str, object], text: str, cause: str | None
) -> None:
    hits, misses = watching(**watch).judge(Document("News", text, language="en"))
    assert hits == ()
    assert misses == ((Miss("w", "test", cause),) if cause else ())


def test_what_is_found_is_no_near_miss() -> None:
    matcher = watching(all=("drone", "Tehran"))
    document = Document("News", "A drone over Tehran.", language="en")
    assert matcher.judge(document) == (matcher.find(document), ())


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url, create=True)
    yield opened
    opened.close()


def test_near_misses_are_counted_by_cause_and_forgotten_with_age(store: Store) -> None:
    both = [Miss("Drones", "Arms", "without Iran"), Miss("Drones", "Arms", "none: drone racing")]
    with store.write() as connection:
        near_misses.count(connection, 1, both, NOW - timedelta(days=40))
        near_misses.count(connection, 2, both, NOW - timedelta(days=1))
        near_misses.count(connection, 3, [*both[:1], Miss("Su-35", "Arms", "without Iran")], NOW)
        near_misses.expire(connection, NOW)
        found = near_misses.of_watch(connection, ("Arms", "Drones"), NOW, 60)
    assert [(one.cause, one.articles, one.newest) for one in found] == [
        ("none: drone racing", 1, 2),
        ("without Iran", 2, 3),
    ]
    with store.write() as connection:
        near_misses.forget(connection, ("Arms", "Drones"))
        assert near_misses.of_watch(connection, ("Arms", "Drones"), NOW, 60) == []
        assert [one.articles for one in near_misses.of_watch(connection, ("Arms", "Su-35"), NOW, 7)] == [1]
