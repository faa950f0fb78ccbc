"""Deliveries: what was sent, waits or was given up, with the receiver's answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from monitor.store import ask, page_rows, pages
from monitor.web.desk import Look
from monitor.web.pages import filters

STATES = {"": "all", "pending": "waiting", "given up": "given up", "sent": "sent"}
AT_ONCE = 50


def read(connection: Connection, look: Look) -> Mapping[str, Any]:
    state = look.query.get("state", "")
    found = ask.sendings(connection, AT_ONCE + 1, state or None, before=_before(look))
    rows = [one | {"is_configured": one["channel"] in look.config.channels} for one in found[:AT_ONCE]]
    last = rows[-1] if len(found) > AT_ONCE else None
    return {
        "rows": rows,
        "notices": page_rows.notices(connection, [row["id"] for row in rows if row["kind"] == "notice"]),
        "titles": pages.titles(connection, [alert for row in rows for alert in row["alerts"][:3]]),
        "before": f"{last['created_at'].isoformat()} {last['id']}" if last else None,
        "state": state,
        "states": STATES,
        "unknown": filters.unknown(look.query, {"state": STATES}),
        "channels": ask.failing_channels(connection),
        "nobody": ask.waiting_for_nobody(connection, tuple(look.config.channels)),
    }


def _before(look: Look) -> tuple[datetime, str] | None:
    at, _, name = look.query.get("before", "").partition(" ")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), name
