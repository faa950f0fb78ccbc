"""The JSON API is what its OpenAPI document says: tried with what schemathesis makes of the document."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from monitor.web import api
from tests.stocked import hostile_title, stock
from tests.web_clients import NOW, Web, pages

schemathesis = pytest.importorskip("schemathesis")
from schemathesis.specs.openapi.checks import positive_data_acceptance  # noqa: E402

MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
FEW = settings(
    max_examples=3, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    async with pages(tmp_path) as made:
        stock(made.app.store.store, NOW, title=hostile_title)
        yield made


async def get(web: Web, path: str, **query: Any) -> httpx.Response:
    async with web.client() as client:
        return await client.get(path, params=query)


async def test_the_document_is_complete_and_valid(web: Web) -> None:
    from jsonschema import Draft202012Validator

    document = (await get(web, "/api/openapi.json")).json()
    assert set(document["paths"]) == {one.path for one in api.ENDPOINTS}
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_what_is_answered_is_what_the_document_says(tmp_path: Path) -> None:
    """Good questions and bad ones: no answer of 500, none that the document does not know."""
    document = schemathesis.openapi.from_dict(api.openapi())
    operations = [operation.ok() for operation in document.get_all_operations()]
    assert len(operations) == len(api.ENDPOINTS)
    with asyncio.Runner() as runner:
        opened = pages(tmp_path)
        made = runner.run(opened.__aenter__())
        stock(made.app.store.store, NOW, title=hostile_title)

        def ask(case: Any) -> None:
            answer = runner.run(get(made, case.path, **(case.query or {})))
            # Whether a question can be read is more than a schema can say.
            excluded = [positive_data_acceptance] if "q" in (case.query or {}) else []
            response = schemathesis.Response.from_httpx(answer, verify=False)
            case.validate_response(response, excluded_checks=excluded)

        try:
            for operation in operations:
                for mode in MODES if operation.path == "/api/alerts" else MODES[:1]:  # bad ones cost a second
                    FEW(given(case=operation.as_strategy(generation_mode=mode))(ask))()
        finally:
            runner.run(opened.__aexit__(None, None, None))


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/alerts", {"limit": "0"}),
        ("/api/alerts", {"limit": "1_0"}),
        ("/api/alerts", {"held": "yes"}),
        ("/api/alerts", {"since": "yesterday"}),
        ("/api/alerts", {"since": "2026-11-22T12:00:00"}),  # without a zone
        ("/api/alerts", {"nosuch": "1"}),
        ("/api/alerts", {"limit": ["1", "2"]}),
        ("/api/articles", {"before": "A-0001"}),
        ("/api/feeds", {"start": "-1"}),
    ],
)
async def test_a_question_that_is_wrong_is_answered_in_words(web: Web, path: str, query: dict[str, Any]) -> None:
    answer = await get(web, path, **query)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_articles_are_paged_each_once(web: Web) -> None:
    seen: list[str] = []
    before: dict[str, str] = {}
    while True:
        answer = (await get(web, "/api/articles", limit=7, **before)).json()
        seen += [one["id"] for one in answer["articles"]]
        if answer["next"] is None:
            break
        before = {"before": answer["next"]}
    assert len(seen) == len(set(seen)) == 40


async def test_the_archive_is_asked_in_the_watch_language(web: Web) -> None:
    await web.app.indexer.catch_up()
    found = (await get(web, "/api/articles", q='"Twelve Su-35"', limit=5)).json()["articles"]
    assert len(found) == 5
    assert "Su-35" in found[0]["sentences"][0]
    assert (await get(web, "/api/articles", q="drone harbour")).status_code == 422


async def test_status_is_that_of_the_command(web: Web) -> None:
    status = (await get(web, "/api/status")).json()
    assert (status["articles"], status["feeds"]) == (40, 4)
    assert status["well"] is False
    assert any("given up" in worry for worry in status["worries"])
