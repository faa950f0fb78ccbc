"""Slack by incoming webhook (any http(s) address that speaks its format) or by bot token, with threads.

It must not format (`monitor.render.slack` does) nor retry; what Slack answers is judged in `answers`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.channels import answers
from monitor.channels.degrade import best
from monitor.channels.settings import allowed, secret_of
from monitor.errors import ChannelDown, FetchFailed, InputError
from monitor.fetch import Answer, Network, post
from monitor.guard import Allowed
from monitor.model import Alert, Message, Receipt, Secret
from monitor.render import Style, slack

API = "https://slack.com/api"
TIMEOUT_S = 20.0
PACE_S = 1.0  # a message a second (docs.slack.dev, rate limits)


@dataclass
class Slack:
    """A Slack channel. With a token, `url` is the API's base and `room` the channel's name or id."""

    name: str
    url: Secret
    network: Network = field(repr=False)  # its proxy may hold a password
    allowed: Allowed
    style: Style
    token: Secret | None = None
    room: str = ""
    pace_s: float = PACE_S
    timeout_s: float = TIMEOUT_S
    kind: str = field(default="slack", init=False)
    of_people: bool = field(default=True, init=False)
    recipients: tuple[str, ...] = field(default=("",), init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _free_at: float = field(default=0.0, init=False, repr=False)

    async def send(self, message: Message, *, delivery_id: str, target: str, now: datetime) -> Receipt:
        """See `Channel.send`. What Slack finds wrong with the blocks goes once more as plain text, with
        the thread once more without it.

        The receipt's reference (with a token) names the message for threads and for `amend`.
        """
        payload = best(
            self.name,
            lambda: slack.payload(message, self.style),
            lambda: slack.plain_payload(message, self.style),
        )
        thread = message.thread if isinstance(message, Alert) else None
        answer = await self._call("chat.postMessage", self._to_room(payload, thread))
        meaning = answers.SLACK.get(answers.slack_word(answer))
        if meaning == "blocks":
            payload = slack.plain_payload(message, self.style)
        if meaning in ("blocks", "thread"):
            again = self._to_room(payload, thread if meaning == "blocks" else None)
            answer = await self._call("chat.postMessage", again)
        return self._receipt(answer, now)

    @property
    def can_amend(self) -> bool:
        return self.token is not None

    async def amend(self, alert: Alert, *, reference: str, now: datetime) -> Receipt:
        """Write the story's first message anew, with the outlets it has by now (only with a token).

        Raises as `send` does; InputError without a token.
        """
        if self.token is None:
            raise InputError(f"{self.name} has no token, so its messages cannot be edited")
        room, _, moment = reference.rpartition(":")
        payload = slack.payload(alert, self.style) | {"channel": room or self.room, "ts": moment}
        return self._receipt(await self._call("chat.update", payload), now)

    def _to_room(self, payload: Mapping[str, Any], thread: str | None) -> dict[str, Any]:
        if self.token is None:
            return dict(payload)
        room, _, moment = (thread or "").rpartition(":")
        found = dict(payload) | {"channel": room or self.room}
        # A follow-up has something new to say, so the channel sees it too; further reports join quietly,
        # by amend.
        return found | {"thread_ts": moment, "reply_broadcast": True} if moment else found

    async def _call(self, method: str, payload: Mapping[str, Any]) -> Answer:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        url = self.url.reveal()
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token.reveal()}"
            url = f"{url.rstrip('/')}/{method}"
        content = json.dumps(payload).encode("ascii")
        try:
            return await self._in_turn(lambda: self._post(url, content, headers))
        except FetchFailed as error:
            failure = answers.not_reached(self.name, error)
        raise failure  # outside the handler, so that no address hangs on it as its context

    async def _post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        return await post(
            url,
            content=content,
            headers=headers,
            allowed=self.allowed,
            timeout=self.timeout_s,
            user_agent=self.network.user_agent,
            proxy=self.network.proxy,
        )

    async def _in_turn(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """One call after the other, `pace_s` between an answer and the next call: never faster than Slack
        asks."""
        async with self._turn:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(max(0.0, self._free_at - loop.time()))
            try:
                return await call()
            finally:
                self._free_at = loop.time() + self.pace_s

    def _receipt(self, answer: Answer, now: datetime) -> Receipt:
        secrets = [self.url, *([self.token] if self.token else [])]
        failure = answers.slack(self.name, answer, now, secrets)
        if failure is not None:
            raise failure
        reference = None
        if self.token is not None:
            document = _document(answer)
            if not document.get("ts"):
                raise ChannelDown(f"{self.name} did not answer as Slack does", answer=answers.told(answer, secrets))
            reference = f"{document.get('channel') or self.room}:{document['ts']}"
        said = f"{answer.status} ok" if reference else answers.told(answer, secrets)
        return Receipt(said, reference)


def _document(answer: Answer) -> dict[str, Any]:
    try:
        document = json.loads(answer.text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def open_channel(name: str, settings: Any, network: Network, style: Style) -> Slack:
    """From `url`, or from `token` and `channel` (and then `url` is the API's base, for servers other than
    Slack's)."""
    token, room = secret_of(getattr(settings, "token", None)), str(getattr(settings, "channel", None) or "")
    url = secret_of(getattr(settings, "url", None)) or Secret(API)
    return Slack(name, url, network, allowed(settings, network), style, token=token, room=room)
