"""The read-only JSON API: alerts, articles, feeds and status, each defined once for answers and the OpenAPI document.

It shows what the commands' `--json` shows; keys are only ever added.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor import __version__
from monitor.render.text import inert
from monitor.search import Found
from monitor.shortid import decode, encode
from monitor.store import ask, feed_pages, numbers, pages, push
from monitor.store import feeds as feed_rows
from monitor.web import seeking
from monitor.web.answers import (
    MOST,
    Alert,
    Alerts,
    AlertsQuery,
    Answer,
    Article,
    Articles,
    ArticlesQuery,
    Error,
    Feed,
    Feeds,
    FeedsQuery,
    Query,
    Status,
    StatusQuery,
)
from monitor.web.asked import look
from monitor.web.desk import Desk, Look
from monitor.web.pages import feeds as feed_page
from monitor.web.pages import standing

WEEK = timedelta(days=7)


def _alerts(connection: Connection, look: Look, query: AlertsQuery) -> Alerts:
    since = query.since or look.now - WEEK
    found = ask.told(connection, since, query.limit, look.name, only_held=query.held, watch=query.watch)
    return Alerts(alerts=[Alert.model_validate(one) for one in found])


def _articles(connection: Connection, look: Look, query: ArticlesQuery) -> Articles:
    before = decode(query.before, "N") if query.before else None
    if before is not None and before >= 2**62:
        return Articles(articles=[], next=None)
    rows = pages.newest_articles(connection, query.limit + 1, before=before)
    last = rows[query.limit - 1].id if len(rows) > query.limit else None
    newest = [_newest(look, row) for row in rows[: query.limit]]
    return Articles(articles=newest, next=encode("N", last) if last is not None else None)


async def _sought(desk: Desk, query: Query) -> Articles | None:
    """What a question finds; None without one."""
    if not isinstance(query, ArticlesQuery) or not query.q.strip():
        return None
    before = decode(query.before, "N") if query.before else None
    found = await seeking.seek(desk, query.q, limit=query.limit, before=before, most=MOST)
    going_on = encode("N", found.before) if found.before is not None else None
    return Articles(articles=[_found(one) for one in found.found], next=going_on)


def _found(one: Found) -> Article:
    said = ["".join(span.text for span in sentence) for sentence in one.sentences]
    same = {name: getattr(one, name) for name in Article.model_fields if name != "sentences"}
    return Article(**same, sentences=said)


def _newest(look: Look, row: Any) -> Article:
    same = ("url", "title", "language", "published", "first_seen", "matched_on")
    return Article(
        id=encode("N", row.id),
        outlet=row.source or look.name(row.feed_url, row.feed_title),
        story=encode("S", row.story_id) if row.story_id else None,
        **{name: getattr(row, name) for name in same},
    )


def _feeds(connection: Connection, look: Look, query: FeedsQuery) -> Feeds:
    ids = feed_pages.worst_feeds(connection, query.limit, query.start)
    pushed = push.listing(connection, ids)
    rows = [feed_page.row(look, state, pushed.get(state.id)) for state in feed_rows.some(connection, ids)]
    return Feeds(feeds=[Feed.model_validate(row) for row in rows])


def _status(connection: Connection, look: Look, query: StatusQuery) -> Status:
    found = standing.of(connection, look)
    there = found.numbers | numbers.totals(connection)
    return Status.model_validate(there | {"well": found.is_well, "worries": list(found.worries)})


# -------------------------------------------------------------------------------------------------- definitions


@dataclass(frozen=True, slots=True)
class Definition:
    """One address: what may be asked, what is answered, and the function between."""

    path: str
    summary: str
    query: type[Query]
    answer: type[Answer]
    read: Callable[[Connection, Look, Any], Answer]

    @property
    def endpoint(self) -> Callable[[Request], Awaitable[Response]]:
        return self._endpoint

    async def _endpoint(self, request: Request) -> Response:
        pairs = request.query_params.multi_items()
        if len(dict(pairs)) != len(pairs):
            raise HTTPException(400, "a parameter is given twice")
        try:
            query = self.query.model_validate(dict(pairs))
        except ValidationError as error:
            raise HTTPException(400, _in_words(error)) from error
        desk: Desk = request.app.state.desk
        sought = await _sought(desk, query)
        answer = _bytes(sought) if sought else await desk.read(self._read, look(request), query)
        return Response(answer, media_type="application/json")

    def _read(self, connection: Connection, asked: Look, query: Query) -> bytes:
        return _bytes(self.read(connection, asked, query))


def _bytes(answer: Answer) -> bytes:
    return answer.model_dump_json().encode()


ENDPOINTS = (
    Definition("/api/alerts", "Alerts, newest first, each with what became of it.", AlertsQuery, Alerts, _alerts),
    Definition(
        "/api/articles", "Articles, newest first, or what a question finds.", ArticlesQuery, Articles, _articles
    ),
    Definition("/api/feeds", "Feeds in force, those in most trouble first.", FeedsQuery, Feeds, _feeds),
    Definition("/api/status", "Whether all is well.", StatusQuery, Status, _status),
)


def failed(status: int, said: str) -> Response:
    return JSONResponse({"error": said}, status)


def _in_words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the question"
    return f"{inert(where)[:50]}: {first['msg']}"


async def document(request: Request) -> Response:
    return JSONResponse(openapi())


def openapi() -> dict[str, Any]:
    """The OpenAPI document, made of the definitions."""
    models: list[type[BaseModel]] = [*(one.answer for one in ENDPOINTS), Error]
    _, schema = models_json_schema(
        [(one, "serialization") for one in models], ref_template="#/components/schemas/{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "News monitor", "version": __version__, "description": (__doc__ or "").split("\n", 1)[0]},
        "paths": {one.path: {"get": _operation(one)} for one in ENDPOINTS},
        "components": {
            "schemas": schema["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _operation(one: Definition) -> dict[str, Any]:
    wrong = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    good = {"application/json": {"schema": {"$ref": f"#/components/schemas/{one.answer.__name__}"}}}
    refusals = {"400": "A parameter is wrong.", "401": "The token is missing.", "422": "The question cannot be read."}
    return {
        "operationId": one.path.rpartition("/")[2],
        "summary": one.summary,
        "parameters": list(_parameters(one.query.model_json_schema()["properties"])),
        "responses": {"200": {"description": one.summary, "content": good}}
        | {status: {"description": said, "content": wrong} for status, said in refusals.items()}
        | {"503": {"description": "Too much is asked at once, or the store cannot be read.", "content": wrong}},
    }


def _parameters(properties: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for name, schema in properties.items():
        shown = {key: value for key, value in schema.items() if key not in ("title", "description")}
        if "anyOf" in shown:  # what may be left out has no null in an address
            shown = next(dict(part) for part in shown["anyOf"] if part.get("type") != "null")
        found.append(
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": schema.get("description", ""),
                "schema": shown,
            }
        )
    return found
