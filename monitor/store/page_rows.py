"""Single rows that a page shows whole: a story, what a notice says.

It reads only; lists are `monitor.store.pages`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, select

from monitor.store.schema import deliveries, stories


def story(connection: Connection, story_id: int) -> Row[Any]:
    """A story that is there."""
    return connection.execute(select(stories).where(stories.c.id == story_id)).one()


def notices(connection: Connection, delivery_ids: Collection[str]) -> dict[str, str]:
    """The titles of the notices among these deliveries."""
    query = select(deliveries.c.id, deliveries.c.body).where(deliveries.c.id.in_(list(delivery_ids)))
    return {row.id: str(row.body.get("title", "")) for row in connection.execute(query) if row.body}
