"""Webhooks by the Standard Webhooks specification 1.0.0 (github.com/standard-webhooks/standard-webhooks).

It must not follow redirects or try twice; the body is `monitor.render.webhook`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.channels import answers
from monitor.channels.settings import allowed, secrets_of
from monitor.errors import FetchFailed
from monitor.fetch import Network, post
from monitor.guard import Allowed
from monitor.model import Message, Receipt, Secret
from monitor.render import Style, signature, webhook

TIMEOUT_S = 20.0  # the specification asks for 15 to 30


@dataclass(frozen=True)
class Webhook:
    """An address that is posted signed JSON. Without secrets the id and the timestamp still go with it."""

    name: str
    url: Secret
    secrets: Sequence[Secret]
    network: Network = field(repr=False)  # its proxy may hold a password
    allowed: Allowed
    timeout_s: float = TIMEOUT_S
    kind: str = field(default="webhook", init=False)
    of_people: bool = field(default=False, init=False)
    recipients: tuple[str, ...] = field(default=("",), init=False)

    async def send(self, message: Message, *, delivery_id: str, target: str, now: datetime) -> Receipt:
        """See `Channel.send`. `delivery_id` is the webhook-id, the same on every retry."""
        content = webhook.body(message)
        headers = {"Content-Type": "application/json"} | signature.headers(self.secrets, delivery_id, now, content)
        failure = None
        try:
            answer = await post(
                self.url.reveal(),
                content=content,
                headers=headers,
                allowed=self.allowed,
                timeout=self.timeout_s,
                user_agent=self.network.user_agent,
                proxy=self.network.proxy,
            )
        except FetchFailed as error:
            failure = answers.not_reached(self.name, error)
        else:
            failure = answers.http(self.name, answer, now, [self.url, *self.secrets])
        if failure is not None:  # raised here, so that no address hangs on it as its context
            raise failure
        return Receipt(answers.told(answer, [self.url, *self.secrets]))


def open_channel(name: str, settings: Any, network: Network, style: Style) -> Webhook:
    """From `url`, `secret` (one or several) and `allow_private`; InputError for a secret that is none."""
    secrets = secrets_of(settings.secret)
    for secret in secrets:
        signature.key_of(secret)
    return Webhook(name, secrets_of(settings.url)[0], secrets, network, allowed(settings, network))
