"""Silences as rows: what readers do not want to hear of, until when.

What a silence does is decided elsewhere; here it is only written, listed and ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select, update

from monitor.alerting import Silence
from monitor.shortid import decode, encode
from monitor.store.schema import alerts, silences, stories

Kind = Literal["watch", "story", "feed", "everything"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is silenced. `value` is what decisions compare: a watch's name, a story's id, a feed's URL, or ""."""

    kind: Kind
    value: str = ""


def active(connection: Connection, now: datetime) -> list[Silence]:
    """Silences in force, those that end first in front."""
    query = select(silences).where(silences.c.until > now).order_by(silences.c.until, silences.c.id)
    return [Silence(row.kind, row.value, row.until) for row in connection.execute(query)]


def begin(connection: Connection, subject: Subject, until: datetime, now: datetime) -> None:
    """Silence the subject until then, in place of a silence of the same subject that is in force."""
    end(connection, subject, now)
    row = {"kind": subject.kind, "value": subject.value, "until": until, "created_at": now}
    connection.execute(silences.insert().values(**row))


def end(connection: Connection, subject: Subject, now: datetime) -> bool:
    """End the subject's silence now; False if there was none."""
    mine = (silences.c.kind == subject.kind) & (silences.c.value == subject.value) & (silences.c.until > now)
    return connection.execute(update(silences).where(mine).values(until=now)).rowcount > 0


def story_of(connection: Connection, text: str) -> tuple[str, str] | None:
    """(id, title) of the story that a story's or an alert's short id names; None if there is none."""
    story: int | None = decode(text, "S")
    if text.strip().upper().startswith("A-"):
        alert = decode(text, "A")
        story = connection.execute(select(alerts.c.story_id).where(alerts.c.id == alert)).scalar()
    row = connection.execute(select(stories.c.id, stories.c.title).where(stories.c.id == story)).first()
    return (encode("S", row.id), row.title) if row else None
