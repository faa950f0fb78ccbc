"""What a claimed delivery says: its alert, its summary with the sentences around it, or its notice.

It only reads, so that a long summary keeps no writer waiting; a summary's sentences are for the caller to keep with
its first attempt, so that a repeat says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor import summaries
from monitor.alerting import heard_by, summary_order, surge
from monitor.model import Alert, Message, Notice, Summary, SummaryReason
from monitor.render.summaries import ranked
from monitor.render.webhook import MOST_ALERTS
from monitor.rules import Rules
from monitor.store import alerts as alert_rows
from monitor.store import messages, outbox, tallies
from monitor.store.outbox import Claimed

FIRST_LOOK_HOURS = 48


def compose(connection: Connection, claimed: Claimed, rules: Rules, now: datetime) -> Message:
    """The message. That of an `amend` is the first alert of a story, its `thread` naming the message to edit."""
    if claimed.kind in ("notice", "trial"):
        body = claimed.body
        return Notice(body["title"], datetime.fromisoformat(body["created"]), tuple(body["lines"]))
    ids = outbox.alert_ids(connection, claimed.id)
    if claimed.kind == "amend":
        first = messages.alert(connection, ids[0], rules.name)
        return replace(first, thread=alert_rows.reference_of(connection, ids[0], only_alone=True))
    return (
        messages.alert(connection, ids[0], rules.name)
        if claimed.kind == "alert"
        else _summary(connection, claimed, ids, rules, now)
    )


def said(summary: Summary) -> dict[str, Any]:
    """What is kept of a summary: its sentences, which count what was true when they were written."""
    return {"created": summary.created.isoformat(), "intro": list(summary.intro), "lines": list(summary.lines)}


def _summary(connection: Connection, claimed: Claimed, ids: Sequence[int], rules: Rules, now: datetime) -> Summary:
    reason = next(one for one in messages.SUMMARY_REASONS if one == claimed.reason)
    alerts = _alerts(connection, reason, ids, rules)
    if body := claimed.body:
        created = datetime.fromisoformat(body["created"])
        return Summary(reason, "", created, alerts, tuple(body["intro"]), tuple(body["lines"]))
    intro, lines = _sentences(connection, claimed, len(alerts), rules, now)
    return Summary(reason, "", now, alerts, intro, lines)


def _alerts(connection: Connection, reason: SummaryReason, ids: Sequence[int], rules: Rules) -> tuple[Alert, ...]:
    """In the order they are told. No receiver is shown more than the first `MOST_ALERTS` in full; of the others
    there is what a line each needs."""
    heads = messages.heads(connection, ids, rules.name)
    numbers = {alert.id: number for number, alert in heads.items()}
    alerts = ranked(reason, summary_order(list(heads.values()), lambda alert: [watch.name for watch in alert.watches]))
    full = (messages.alert(connection, numbers[alert.id], rules.name) for alert in alerts[:MOST_ALERTS])
    return (*full, *alerts[MOST_ALERTS:])


def _sentences(
    connection: Connection, claimed: Claimed, stories: int, rules: Rules, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    watches = len(rules.watch_policies)
    if claimed.reason == "first look":
        counts = messages.counts(connection, now, FIRST_LOOK_HOURS, watches, rules.name)
        return summaries.first_look(counts, stories), summaries.first_look_end(stories)
    lines = surges(connection, claimed.channel, rules, now)
    if claimed.reason == "digest":
        silenced = summaries.silenced(tallies.silenced(connection, claimed.channel, now - timedelta(hours=24)))
        proof = summaries.proof_of_life(messages.counts(connection, now, 24, watches, rules.name))
        return (), (*lines, *silenced, *proof)
    return summaries.held(claimed.reason, stories), lines


def surges(connection: Connection, channel: str, rules: Rules, now: datetime) -> tuple[str, ...]:
    """A line for each watch of the channel that finds many more stories than it usually does."""
    policy = next((one for one in rules.channels if one.name == channel), None)
    heard = heard_by(rules.watch_policies.values(), policy, rules.alerts) if policy else ()
    found = tallies.per_day(connection, now) if heard else {}
    keys = [(watch.ref.watchlist, watch.ref.name) for watch in heard]
    said = (surge(name, found[of, name].history, found[of, name].today) for of, name in keys if (of, name) in found)
    return tuple(line for line in said if line)
