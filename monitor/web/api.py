"""The read-only JSON API: alerts, articles, feeds and status, each defined once for answers and the OpenAPI document.

It shows what the commands' `--json` shows; keys are only ever added.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.json_schema import models_json_schema
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor import __version__
from monitor.render.text import inert
from monitor.search import Found, Outlets, question, search
from monitor.shortid import decode, encode
from monitor.store import ask, pages
from monitor.store import feeds as feed_rows
from monitor.web.desk import Desk, Look
from monitor.web.pages import feeds as feed_page
from monitor.web.pages import standing

WEEK = timedelta(days=7)
MOST = 200


def _digits(value: object) -> object:
    """An address has texts: only what is written as a number is one."""
    if isinstance(value, str) and not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise ValueError("not a whole number")
    return value


def _yes(value: object) -> object:
    if isinstance(value, str) and value not in ("true", "false"):
        raise ValueError("neither true nor false")
    return value


Limit = Annotated[int, Field(ge=1, le=MOST), BeforeValidator(_digits)]
Yes = Annotated[bool, BeforeValidator(_yes)]
Line = Annotated[str, StringConstraints(max_length=1000)]


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Error(_Answer):
    """What is wrong, in a sentence."""

    error: str


# ----------------------------------------------------------------------------------------------------- alerts


class AlertsQuery(_Query):
    since: AwareDatetime | None = Field(None, description="Decided at or after this; without it, in the last 7 days.")
    limit: Limit = Field(100, description="At most so many.")
    watch: Line = Field("", description="Only those that name this watch.")
    held: Yes = Field(False, description="Only those that no receiver has accepted yet.")


class Alert(_Answer):
    """A story told, or to be told, to a channel."""

    id: str
    channel: str
    watches: list[str]
    title: str
    url: str | None
    outlet: str
    language: str | None
    published: datetime | None
    first_seen: datetime
    story: str
    priority: str
    reason: str
    why: str
    created_at: datetime
    state: str = Field(description="pending, sent or given up.")
    due_at: datetime
    settled_at: datetime | None
    error: str
    summary: str | None = Field(description="The kind of summary that it goes or went into.")


class Alerts(_Answer):
    alerts: list[Alert]


def _alerts(connection: Connection, look: Look, query: AlertsQuery) -> Alerts:
    since = query.since or look.now - WEEK
    found = ask.told(connection, since, query.limit, look.name, only_held=query.held, watch=query.watch)
    return Alerts(alerts=[Alert.model_validate(one) for one in found])


# --------------------------------------------------------------------------------------------------- articles


class ArticlesQuery(_Query):
    q: Line = Field("", description="A question in the watch language; without it, the newest articles.")
    limit: Limit = Field(50, description="At most so many.")
    before: Annotated[str, StringConstraints(pattern=r"^N-[0-9A-Z]{4,12}$")] | None = Field(
        None, description="Go on after the `next` of an earlier answer."
    )


class Article(_Answer):
    """An article that was read."""

    id: str
    url: str | None
    title: str
    outlet: str
    language: str | None
    published: datetime | None
    first_seen: datetime
    matched_on: str
    story: str | None
    sentences: list[str] = Field(default_factory=list, description="Where the words of the question stand.")


class Articles(_Answer):
    articles: list[Article]
    next: str | None = Field(description="To be given as `before` for what follows; null at the end.")


def _articles(connection: Connection, look: Look, query: ArticlesQuery) -> Articles:
    before = decode(query.before, "N") if query.before else None
    if before is not None and before >= 2**62:
        return Articles(articles=[], next=None)
    if query.q.strip():
        outlets = Outlets.of(look.config.feeds)
        matcher = question(query.q, look.config.watchlists)
        found = search(connection, matcher, outlets, limit=query.limit, before=before, most=MOST)
        going_on = encode("N", found.before) if found.before is not None else None
        return Articles(articles=[_found(one) for one in found.found], next=going_on)
    rows = pages.newest_articles(connection, query.limit + 1, before=before)
    last = rows[query.limit - 1].id if len(rows) > query.limit else None
    newest = [_newest(look, row) for row in rows[: query.limit]]
    return Articles(articles=newest, next=encode("N", last) if last is not None else None)


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


# ------------------------------------------------------------------------------------------------------ feeds


class FeedsQuery(_Query):
    limit: Limit = Field(100, description="At most so many.")
    start: Annotated[int, Field(ge=0, le=100_000), BeforeValidator(_digits)] = Field(0, description="How many to skip.")


class Feed(_Answer):
    """A feed with what the store knows of it."""

    url: str
    name: str
    tags: list[str]
    state: str = Field(description="new, ok, failing or stopped.")
    rhythm: str
    coverage: str
    last_poll_at: datetime | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    next_poll_at: datetime | None
    next_reason: str | None
    failures: int | None
    failing_since: datetime | None
    error: str | None
    held_until: datetime | None
    gaps: int | None
    last_gap_at: datetime | None
    remarks: list[str]


class Feeds(_Answer):
    feeds: list[Feed]


def _feeds(connection: Connection, look: Look, query: FeedsQuery) -> Feeds:
    ids = pages.worst_feeds(connection, query.limit, query.start)
    rows = [feed_page.row(look, state) for state in feed_rows.some(connection, ids)]
    return Feeds(feeds=[Feed.model_validate(row) for row in rows])


# ----------------------------------------------------------------------------------------------------- status


class StatusQuery(_Query):
    pass


class Status(_Answer):
    """Whether all is well; the numbers of `monitor status --json`."""

    well: bool
    worries: list[str]
    feeds: int
    feeds_failing: int
    articles: int
    unread: int
    hits: int
    alerts: int
    pending: int
    failed: int
    gaps: int
    last_poll: datetime | None
    last_article: datetime | None
    next_delivery: datetime | None


def _status(connection: Connection, look: Look, query: StatusQuery) -> Status:
    found = standing.of(connection, look)
    return Status.model_validate(found.numbers | {"well": found.is_well, "worries": list(found.worries)})


# -------------------------------------------------------------------------------------------------- definitions


@dataclass(frozen=True, slots=True)
class Definition:
    """One address: what may be asked, what is answered, and the function between."""

    path: str
    summary: str
    query: type[_Query]
    answer: type[_Answer]
    read: Callable[[Connection, Look, Any], _Answer]

    @property
    def endpoint(self) -> Callable[[Request], Awaitable[Response]]:
        return self._endpoint

    async def _endpoint(self, request: Request) -> Response:
        from monitor.web.routes import look

        pairs = request.query_params.multi_items()
        if len(dict(pairs)) != len(pairs):
            raise HTTPException(400, "a parameter is given twice")
        try:
            query = self.query.model_validate(dict(pairs))
        except ValidationError as error:
            raise HTTPException(400, _in_words(error)) from error
        desk: Desk = request.app.state.desk
        answer = await desk.read(self._read, look(request), query)
        return Response(answer, media_type="application/json")

    def _read(self, connection: Connection, asked: Look, query: _Query) -> bytes:
        return self.read(connection, asked, query).model_dump_json().encode()


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
    answers = [(one.answer, "serialization") for one in ENDPOINTS]
    _, schema = models_json_schema(
        [*answers, (Error, "serialization")],
        ref_template="#/components/schemas/{model}",  # type: ignore[list-item]
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
