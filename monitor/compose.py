"""What a claimed delivery says: its alert, its summary with the sentences around it, or its notice.

It must not send or settle; a summary's sentences are kept with its first attempt, so that a repeat says the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from monitor import summaries
from monitor.model import Alert, Message, Notice, Summary
from monitor.rules import Rules
from monitor.store import alerts as alert_rows
from monitor.store import messages, outbox
from monitor.store.outbox import Claimed

FIRST_LOOK_HOURS = 48


def compose(connection: Connection, claimed: Claimed, rules: Rules, now: datetime) -> Message:
    """The message. That of an `amend` is the first alert of a story, its `thread` naming the message to edit."""
    if claimed.kind == "notice":
        body = claimed.body
        return Notice(body["title"], datetime.fromisoformat(body["created"]), tuple(body["lines"]))
    ids = outbox.alert_ids(connection, claimed.id)
    alerts = tuple(messages.alert(connection, one, rules.name) for one in ids)
    if claimed.kind == "amend":
        return replace(alerts[0], thread=alert_rows.reference_of(connection, ids[0], only_alone=True))
    return alerts[0] if claimed.kind == "alert" else _summary(connection, claimed, alerts, rules, now)


def _summary(
    connection: Connection, claimed: Claimed, alerts: tuple[Alert, ...], rules: Rules, now: datetime
) -> Summary:
    body = claimed.body
    if not body:
        intro, lines = _sentences(connection, claimed, len(alerts), rules, now)
        body = {"created": now.isoformat(), "intro": list(intro), "lines": list(lines)}
        outbox.set_body(connection, claimed.id, body)
    reason = next(one for one in messages.SUMMARY_REASONS if one == claimed.reason)
    created = datetime.fromisoformat(body["created"])
    return Summary(reason, "", created, alerts, tuple(body["intro"]), tuple(body["lines"]))


def _sentences(
    connection: Connection, claimed: Claimed, stories: int, rules: Rules, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    watches = len(rules.watch_policies)
    if claimed.reason == "first look":
        counts = messages.counts(connection, now, FIRST_LOOK_HOURS, watches, rules.name)
        return summaries.first_look(counts, stories), summaries.first_look_end(stories)
    if claimed.reason == "digest":
        return (), summaries.proof_of_life(messages.counts(connection, now, 24, watches, rules.name))
    return summaries.held(claimed.reason, stories), ()
