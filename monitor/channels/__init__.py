"""The places messages go, one file a kind, and the registry that opens them.

A channel renders, sends and says how it went; it must not decide what is told, retry, or remember.
"""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, runtime_checkable

from monitor.model import Alert, Message, Receipt
from monitor.render import Style

if TYPE_CHECKING:
    from monitor.fetch import Network

#: kind -> module; a new channel is one file and one line here. Modules are imported when first used.
REGISTRY = {
    "apprise": "monitor.channels.apprise",
    "console": "monitor.channels.console",
    "email": "monitor.channels.email",
    "slack": "monitor.channels.slack",
    "webhook": "monitor.channels.webhook",
}


class Channel(Protocol):
    """A place that messages go to.

    `of_people` says whether floods must be folded (slack, email, apprise) or not (webhook, console).
    `recipients` are the targets of `send`, one delivery each: the addresses of a mail channel, `("",)`
    for all others.
    """

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def of_people(self) -> bool: ...
    @property
    def recipients(self) -> tuple[str, ...]: ...

    async def send(self, message: Message, *, delivery_id: str, target: str, now: datetime) -> Receipt:
        """Send once and return the receiver's acceptance. `delivery_id` stays the same over retries.

        Raises Refused (never accepted as it is), ChannelDown (the channel itself fails) or DeliveryFailed
        (try later).
        """
        ...


@runtime_checkable
class Amending(Channel, Protocol):
    """A channel that can edit what it sent, if `can_amend` says so of this one."""

    @property
    def can_amend(self) -> bool: ...

    async def amend(self, alert: Alert, *, reference: str, now: datetime) -> Receipt:
        """Write the message that `reference` names anew, with the outlets the story has by now. Raises as `send`."""
        ...


def can_amend(channel: Channel) -> TypeGuard[Amending]:
    """Whether messages of this channel can be edited in place."""
    return isinstance(channel, Amending) and channel.can_amend


def open_channel(name: str, settings: Any, network: Network, *, style: Style | None = None) -> Channel:
    """The channel `name` as `settings` (one of the config models) describe it. Nothing is connected yet."""
    module = import_module(REGISTRY[settings.type])
    channel: Channel = module.open_channel(name, settings, network, style or Style())
    return channel
