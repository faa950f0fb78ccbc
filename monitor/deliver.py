"""The way out: claim -> render -> send -> settle (recorded after the receiver accepted).

One delivery at a time a channel, channels beside each other, so that a dead one delays no other. It must not decide
what is told, only carry it and record what became of it. A catch-all stands around one delivery.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal

from sqlalchemy import Connection

from monitor import retry
from monitor.channels import Channel, can_amend
from monitor.compose import compose, said
from monitor.errors import ChannelDown, DeliveryFailed, Refused, StoreError
from monitor.model import Alert, Message, Notice, Receipt, Summary
from monitor.rules import Rules
from monitor.store import AsyncStore, backlog, outbox
from monitor.store.outbox import Claimed

log = logging.getLogger(__name__)

SEND_DEADLINE_S = 60.0  # below the lease, so that a claim never runs out while its holder still sends
#: Between tries to record an outcome. A try may take the store's 10 s, so that all end within the lease of 5 minutes.
SETTLE_WAITS_S = (0.1, 1, 5, 10, 20, 30, 30)


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
        self.may_send: Callable[[Connection, str], bool] = lambda connection, name: True  # no other machine does now
        self.during: Callable[[], AbstractContextManager[object]] = nullcontext  # an attempt is under way
        self.on_sent: Callable[[Sent], None] = lambda sent: None  # however it ended

    async def deliver_due(self) -> list[Sent]:
        """Send everything that is due on channels that nobody drains yet; what became of each."""
        due = await self.store.look(outbox.due_channels, self.clock(), tuple(self.channels))
        free = [name for name in due if name not in self._draining]
        self._draining.update(free)
        done = await asyncio.gather(*(self._drain(name) for name in free))
        return [sent for part in done for sent in part]

    async def deliver(self, name: str) -> list[Sent]:
        """As `deliver_due`, on one channel."""
        if name in self._draining or name not in self.channels:
            return []
        self._draining.add(name)
        return await self._drain(name)

    async def _drain(self, name: str) -> list[Sent]:
        done = []
        try:
            # An edit may take the channel away meanwhile: what was claimed for it still goes through it.
            while channel := self.channels.get(name):
                claimed = await self.store.write_first(self._claim, channel)
                if claimed is None:
                    break
                with self.during():
                    done.append(await self._send(claimed, channel))
        finally:
            self._draining.discard(name)
        return done

    def _claim(self, connection: Connection, channel: Channel) -> Claimed | None:
        """The next delivery. Before a failing channel is tried again, what waits there is gathered."""
        name = channel.name
        if not self.may_send(connection, name):
            return None
        if channel.of_people:
            backlog.gather(connection, name, self.clock())
        return outbox.claim(connection, name, self.owner, self.clock())

    async def send(self, claimed: Claimed) -> Sent:
        """Render, send and settle one claimed delivery."""
        return await self._send(claimed, self.channels[claimed.channel])

    async def _send(self, claimed: Claimed, channel: Channel) -> Sent:
        attempt, answer, reference = await self._attempt(channel, claimed)
        verdict = retry.after(attempt, self._record(channel, claimed), self.clock(), self.chance())
        outcome = outbox.Outcome(
            verdict.state,
            answer,
            verdict.at,
            reference,
            is_failed=attempt.outcome == "failed" and verdict.pause is None,
            in_doubt=claimed.in_doubt or attempt.in_doubt,
            is_gone=attempt.outcome == "channel gone",
        )
        is_stumble = attempt.outcome == "failed" and attempt.is_answered
        await self._record_surely((claimed, channel), outcome, verdict.pause, is_stumble)
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
        sent = Sent(claimed.id, claimed.channel, claimed.target, verdict.state, answer)
        self.on_sent(sent)
        return sent

    async def send_unrecorded(self, notice: Notice, name: str, target: str) -> None:
        """One attempt without the store, for what is to be said of the store itself."""
        delivery = "msg_" + blake2b(f"{name} {target} {notice}".encode(), digest_size=15).hexdigest()
        try:
            async with asyncio.timeout(SEND_DEADLINE_S):
                await self.channels[name].send(notice, delivery_id=delivery, target=target, now=self.clock())
        except (DeliveryFailed, TimeoutError) as error:
            log.warning("%s could not be told that the store fails: %s", name, error)
        except Exception:
            log.exception("%s could not be told that the store fails", name)

    def _record(self, channel: Channel, claimed: Claimed) -> retry.Record:
        others = sum(one != claimed.id for one in claimed.stumbled)
        since = claimed.trying_since or self.clock()
        return retry.Record(channel.kind, claimed.failed, since, claimed.channel_failures, others)

    async def _attempt(self, channel: Channel, claimed: Claimed) -> tuple[retry.Attempt, str, str | None]:
        try:
            message = await self._composed(claimed)
            receipt = await self._accepted(channel, message, claimed)
        except Refused as error:
            return retry.Attempt("refused"), _said(error), None
        except ChannelDown as error:
            outcome: Literal["channel gone", "channel down"] = "channel gone" if error.is_gone else "channel down"
            return retry.Attempt(outcome, error.wait, error.in_doubt), _said(error), None
        except DeliveryFailed as error:
            return retry.Attempt("failed", error.wait, error.in_doubt), _said(error), None
        except TimeoutError:
            return retry.Attempt("channel down", in_doubt=True), f"no answer within {SEND_DEADLINE_S:g} s", None
        except Exception as error:
            log.exception("delivery %s to %s: unexpected error", claimed.id, claimed.channel)
            failed = retry.Attempt("failed", in_doubt=True, is_answered=False)
            return failed, f"unexpected {type(error).__name__}", None
        return retry.Attempt("accepted"), receipt.answer, receipt.reference

    async def _composed(self, claimed: Claimed) -> Message:
        message = await self.store.look(compose, claimed, self.rules, self.clock())
        if isinstance(message, Summary) and not claimed.body:
            await self.store.write(outbox.set_body, claimed.id, said(message))
        return message

    async def _accepted(self, channel: Channel, message: Message, claimed: Claimed) -> Receipt:
        async with asyncio.timeout(SEND_DEADLINE_S):
            if claimed.kind == "amend":
                return await _amended(channel, message, self.clock())
            return await channel.send(message, delivery_id=claimed.id, target=claimed.target, now=self.clock())

    async def _record_surely(
        self, sent: tuple[Claimed, Channel], outcome: outbox.Outcome, pause: datetime | None, is_stumble: bool
    ) -> None:
        """The outcome is in hand: were it lost because the store was busy, the message would go out again."""
        for wait in SETTLE_WAITS_S:
            try:
                return await self.store.write_first(self._settle, sent, outcome, pause, is_stumble)
            except StoreError as error:
                log.warning("delivery %s: not recorded yet, next try in %g s: %s", sent[0].id, wait, error)
                await asyncio.sleep(wait)
        return await self.store.write_first(self._settle, sent, outcome, pause, is_stumble)

    def _settle(
        self,
        connection: Connection,
        sent: tuple[Claimed, Channel],
        outcome: outbox.Outcome,
        pause: datetime | None,
        is_stumble: bool,
    ) -> None:
        claimed, channel = sent
        now, name = self.clock(), claimed.channel
        outbox.settle(connection, claimed.id, self.owner, now, outcome)
        if is_stumble:
            outbox.note_stumble(connection, name, dict.fromkeys((*claimed.stumbled, claimed.id)))
        if pause is not None:
            outbox.note_channel(connection, name, now, pause=pause, error=outcome.answer, is_gone=outcome.is_gone)
        elif outcome.state == "sent":
            if claimed.channel_failures and channel.of_people:
                backlog.gather(connection, name, now)
            outbox.note_channel(connection, name, now, pause=None, error="")


async def _amended(channel: Channel, message: Message, now: datetime) -> Receipt:
    """Edit the story's first message, which `thread` names. Raises as a channel's `send` does."""
    if not isinstance(message, Alert) or message.thread is None:
        return Receipt("nothing to edit: it was not sent alone")
    if not can_amend(channel):
        raise Refused(f"{channel.name} cannot edit messages")
    return await channel.amend(message, reference=message.thread, now=now)


def _said(error: DeliveryFailed) -> str:
    return error.answer or str(error)
