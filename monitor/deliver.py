"""The way out: claim -> render -> send -> settle (recorded after the receiver accepted).

One delivery at a time a channel, channels beside each other, so that a dead one delays no other. It must not decide
what is told, only carry it and record what became of it. A catch-all stands around one delivery.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from monitor import retry, summaries
from monitor.channels import Channel
from monitor.errors import ChannelDown, DeliveryFailed, Refused
from monitor.model import Alert, Message, Notice, Receipt, Summary
from monitor.rules import Rules
from monitor.store import AsyncStore, messages, outbox
from monitor.store.outbox import Claimed

log = logging.getLogger(__name__)

SEND_DEADLINE_S = 60.0  # below the lease, so that a claim never runs out while its holder still sends
FIRST_LOOK_HOURS = 48


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one attempt."""

    delivery: str
    channel: str
    target: str
    state: str
    answer: str


class Sender:
    """Sends what is due. `owner` names this process in its claims."""

    def __init__(
        self,
        store: AsyncStore,
        channels: Mapping[str, Channel],
        rules: Rules,
        *,
        owner: str,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
    ) -> None:
        self.store = store
        self.channels = channels
        self.rules = rules
        self.owner = owner
        self.clock = clock
        self.chance = chance
        self._draining: set[str] = set()

    async def deliver_due(self) -> list[Sent]:
        """Send everything that is due on channels that nobody drains yet; what became of each."""
        due = await self.store.look(outbox.due_channels, self.clock(), tuple(self.channels))
        free = [name for name in due if name not in self._draining]
        self._draining.update(free)
        done = await asyncio.gather(*(self._drain(name) for name in free))
        return [sent for part in done for sent in part]

    async def _drain(self, name: str) -> list[Sent]:
        done = []
        try:
            while claimed := await self.store.write(outbox.claim, name, self.owner, self.clock()):
                done.append(await self.send(claimed))
        finally:
            self._draining.discard(name)
        return done

    async def send(self, claimed: Claimed) -> Sent:
        """Render, send and settle one claimed delivery."""
        channel = self.channels[claimed.channel]
        attempt, answer, reference = await self._attempt(channel, claimed)
        record = retry.Record(
            channel.kind, claimed.attempts, claimed.trying_since or self.clock(), claimed.channel_failures
        )
        verdict = retry.after(attempt, record, self.clock(), self.chance())
        await self.store.write(self._settle, claimed, verdict, answer, reference)
        level = logging.INFO if verdict.state == "sent" else logging.WARNING
        again = f", next try {verdict.at:%H:%M:%SZ}" if verdict.at else ""
        log.log(
            level,
            "delivery %s to %s: %s%s%s",
            claimed.id,
            claimed.channel,
            verdict.state,
            again,
            f" ({answer})" if answer else "",
        )
        return Sent(claimed.id, claimed.channel, claimed.target, verdict.state, answer)

    async def _attempt(self, channel: Channel, claimed: Claimed) -> tuple[retry.Attempt, str, str | None]:
        try:
            message = await self.store.write(self._compose, claimed)
            receipt = await self._accepted(channel, message, claimed)
        except Refused as error:
            return retry.Attempt("refused"), _said(error), None
        except ChannelDown as error:
            return retry.Attempt("channel gone" if error.is_gone else "channel down", error.wait), _said(error), None
        except DeliveryFailed as error:
            return retry.Attempt("failed", error.wait), _said(error), None
        except TimeoutError:
            return retry.Attempt("channel down"), f"no answer within {SEND_DEADLINE_S:g} s", None
        except Exception as error:
            log.exception("delivery %s to %s: unexpected error", claimed.id, claimed.channel)
            return retry.Attempt("failed"), f"unexpected {type(error).__name__}", None
        return retry.Attempt("accepted"), receipt.answer, receipt.reference

    async def _accepted(self, channel: Channel, message: Message, claimed: Claimed) -> Receipt:
        async with asyncio.timeout(SEND_DEADLINE_S):
            return await channel.send(message, delivery_id=claimed.id, target=claimed.target, now=self.clock())

    def _settle(
        self, connection: Connection, claimed: Claimed, verdict: retry.Verdict, answer: str, reference: str | None
    ) -> None:
        now = self.clock()
        outbox.settle(
            connection,
            claimed.id,
            self.owner,
            now,
            state=verdict.state,
            answer=answer,
            at=verdict.at,
            reference=reference,
        )
        is_down = verdict.pause is not None
        if is_down or verdict.state == "sent":
            outbox.note_channel(connection, claimed.channel, now, pause=verdict.pause, error=answer if is_down else "")

    # ------------------------------------------------------------------------------------------------ compose

    def _compose(self, connection: Connection, claimed: Claimed) -> Message:
        if claimed.kind == "notice":
            body = claimed.body
            return Notice(body["title"], datetime.fromisoformat(body["created"]), tuple(body["lines"]))
        alerts = tuple(
            messages.alert(connection, one, self.rules.name) for one in outbox.alert_ids(connection, claimed.id)
        )
        if claimed.kind == "alert":
            return alerts[0]
        return self._summary(connection, claimed, alerts)

    def _summary(self, connection: Connection, claimed: Claimed, alerts: tuple[Alert, ...]) -> Summary:
        """A summary's sentences are kept with its first attempt, so that a repeat says the same."""
        body = claimed.body
        if not body:
            intro, lines = self._sentences(connection, claimed.reason, len(alerts))
            body = {"created": self.clock().isoformat(), "intro": list(intro), "lines": list(lines)}
            outbox.set_body(connection, claimed.id, body)
        reason = next(one for one in messages.SUMMARY_REASONS if one == claimed.reason)
        created = datetime.fromisoformat(body["created"])
        return Summary(reason, "", created, alerts, tuple(body["intro"]), tuple(body["lines"]))

    def _sentences(self, connection: Connection, reason: str, stories: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        watches = len(self.rules.watch_policies)
        if reason == "first look":
            counts = messages.counts(connection, self.clock(), FIRST_LOOK_HOURS, watches, self.rules.name)
            return summaries.first_look(counts, stories), summaries.first_look_end(stories)
        if reason == "digest":
            return (), summaries.proof_of_life(messages.counts(connection, self.clock(), 24, watches, self.rules.name))
        return summaries.held(reason, stories), ()


def _said(error: DeliveryFailed) -> str:
    return error.answer or str(error)
