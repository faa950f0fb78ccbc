"""What the API may be asked and what it answers, as models: the OpenAPI document is made of them.

It holds shapes only; keys are only ever added.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

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


class Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Error(Answer):
    """What is wrong, in a sentence."""

    error: str


class AlertsQuery(Query):
    since: AwareDatetime | None = Field(None, description="Decided at or after this; without it, in the last 7 days.")
    limit: Limit = Field(100, description="At most so many.")
    watch: Line = Field("", description="Only those that name this watch.")
    held: Yes = Field(False, description="Only those that no receiver has accepted yet.")


class Alert(Answer):
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


class Alerts(Answer):
    alerts: list[Alert]


class ArticlesQuery(Query):
    q: Line = Field("", description="A question in the watch language; without it, the newest articles.")
    limit: Limit = Field(50, description="At most so many.")
    before: Annotated[str, StringConstraints(pattern=r"^N-[0-9A-Z]{4,12}$")] | None = Field(
        None, description="Go on after the `next` of an earlier answer."
    )


class Article(Answer):
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


class Articles(Answer):
    articles: list[Article]
    next: str | None = Field(description="To be given as `before` for what follows; null at the end.")


class FeedsQuery(Query):
    limit: Limit = Field(100, description="At most so many.")
    start: Annotated[int, Field(ge=0, le=100_000), BeforeValidator(_digits)] = Field(0, description="How many to skip.")


class Feed(Answer):
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


class Feeds(Answer):
    feeds: list[Feed]


class StatusQuery(Query):
    pass


class Status(Answer):
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
