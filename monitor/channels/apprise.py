"""The other hundred services, by Apprise, in a process of its own for each message.

Apprise opens its own sockets and can hang: the process is killed at the deadline and confined by the
gate's audit hook, which sees every connection made from Python, redirects included, but not look-ups of
names nor what a C library connects. It must not hold a secret where other processes of the machine see
it: the address travels by standard input.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.channels.answers import scrub
from monitor.channels.settings import allowed, secrets_of
from monitor.errors import ChannelDown, DeliveryFailed, Refused
from monitor.fetch import Network
from monitor.guard import Allowed
from monitor.model import Message, Receipt, Secret
from monitor.render import Style, plain
from monitor.render.text import plain as clean
from monitor.render.text import shorten

DEADLINE_S = 45.0
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
BODY = 6000  # characters; services cut or split what is too long for them


@dataclass(frozen=True)
class AppriseChannel:
    """One or several of Apprise's addresses, told together."""

    name: str
    urls: tuple[Secret, ...]
    network: Network = field(repr=False)  # its proxy may hold a password
    allowed: Allowed
    style: Style
    deadline_s: float = DEADLINE_S
    kind: str = field(default="apprise", init=False)
    of_people: bool = field(default=True, init=False)
    recipients: tuple[str, ...] = field(default=("",), init=False)

    async def send(self, message: Message, *, delivery_id: str, target: str, now: datetime) -> Receipt:
        """See `Channel.send`. Apprise says only whether it worked, so that a failure is always tried
        again."""
        title, body = plain.title_and_body(message, self.style)
        order = {
            "urls": [url.reveal() for url in self.urls],
            "title": title,
            "body": shorten(body, BODY),
            "is_urgent": getattr(message, "priority", "normal") == "urgent",
            "allowed": [[str(network), port] for network, port in self.allowed.rules],
            "user_agent": self.network.user_agent,
        }
        answer = await self._run(json.dumps(order).encode("ascii"))
        said = scrub(shorten(clean(answer.get("said", "")), 200), self.urls)
        if answer.get("state") == "sent":
            return Receipt(said or "accepted by Apprise")
        if answer.get("state") == "no address":
            reason = f"{self.name}: Apprise does not know this kind of address"
            raise ChannelDown(reason, answer="not an address Apprise knows", is_gone=True)
        if answer.get("state") == "refused":
            raise Refused(f"{self.name}: {said}", answer=said)
        reason = f"{self.name}: Apprise could not deliver ({said or 'it does not say why'})"
        raise DeliveryFailed(reason, answer=said, in_doubt=True)

    async def _run(self, order: bytes) -> dict[str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "monitor.channels.apprise_process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environment(),
        )
        try:
            async with asyncio.timeout(self.deadline_s):
                out, _ = await process.communicate(order)
        except TimeoutError:
            reason = f"{self.name}: no answer within {self.deadline_s:g} s"
            raise ChannelDown(reason, answer="timeout", in_doubt=True) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return _answer(out)

    def _environment(self) -> dict[str, str]:
        """What Python and TLS need, and no secret that the service was given."""
        kept = {name: value for name in _KEPT if (value := os.environ.get(name))}
        return kept | dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), self.network.proxy) if self.network.proxy else kept


def _answer(out: bytes) -> dict[str, str]:
    try:
        document = json.loads(out.decode("utf-8").strip().rpartition("\n")[2])
    except (ValueError, UnicodeDecodeError):
        return {"state": "failed", "said": "its process ended without an answer"}
    return {str(name): str(value) for name, value in document.items()} if isinstance(document, dict) else {}


def open_channel(name: str, settings: Any, network: Network, style: Style) -> AppriseChannel:
    """From `url` (one or several) and `allow_private`."""
    return AppriseChannel(name, secrets_of(settings.url), network, allowed(settings, network), style)
