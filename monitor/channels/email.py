"""Mail by SMTP, one message a recipient: connects through the gate, says what each server's answer means.

It must not write mail (`monitor.render.mail` does) nor retry. TLS is there from the start (smtps://),
required (smtp+starttls://) or, as the address says, not used (smtp://).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from monitor import guard
from monitor.channels.answers import scrub
from monitor.channels.degrade import best
from monitor.channels.settings import allowed, secret_of
from monitor.errors import ChannelDown, DeliveryFailed, FetchFailed, InputError, Refused
from monitor.fetch import Network
from monitor.guard import Allowed
from monitor.model import Message, Receipt, Secret
from monitor.render import Style, mail
from monitor.render.text import plain, shorten

if TYPE_CHECKING:
    from aiosmtplib import SMTP

DEADLINE_S = 50.0
CONNECT_S = 20.0
_PORTS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `context` replaces the system's trust in tests and for private authorities."""

    host: str
    port: int
    scheme: str
    user: str | None = None
    password: Secret | None = None
    context: ssl.SSLContext | None = None

    @classmethod
    def parse(cls, url: str, password: Secret | None = None, user: str | None = None) -> Server:
        """From `smtp+starttls://user@mail.example.org:587`; InputError where that is no such address."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise InputError("a mail server is written smtps://, smtp+starttls:// or smtp:// and its host")
        named = user or (unquote(parts.username) if parts.username else None)
        word = password or (Secret(unquote(parts.password)) if parts.password else None)
        return cls(parts.hostname, port or _PORTS[parts.scheme], parts.scheme, named, word)


@dataclass(frozen=True)
class Email:
    """A mail channel. Each address in `to` is a delivery of its own."""

    name: str
    server: Server
    sender: Address
    to: tuple[Address, ...]
    allowed: Allowed
    style: Style
    deadline_s: float = DEADLINE_S
    kind: str = field(default="email", init=False)
    of_people: bool = field(default=True, init=False)

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(address.addr_spec for address in self.to)

    async def send(self, message: Message, *, delivery_id: str, target: str, now: datetime) -> Receipt:
        """See `Channel.send`. `target` is one of `recipients`; the Message-ID is made from `delivery_id`."""
        recipient = next((one for one in self.to if one.addr_spec == target), None) or address_of(target)
        envelope = mail.Envelope(self.sender, recipient, delivery_id, now, self.name)
        content = best(
            self.name,
            lambda: mail.compose(message, envelope, self.style).as_bytes(),
            lambda: mail.plain_mail(message, envelope, self.style).as_bytes(),
        )
        try:
            async with asyncio.timeout(self.deadline_s):
                return await self._deliver(content, recipient.addr_spec)
        except TimeoutError:
            reason = f"{self.name}: the mail server did not answer in time"
            raise ChannelDown(reason, answer="timeout", in_doubt=True) from None

    async def _deliver(self, content: bytes, recipient: str) -> Receipt:
        client = await self._connected()
        try:
            with self._judged(is_connecting=True):
                await client.connect()
            with self._judged(is_connecting=False):
                _, said = await client.sendmail(self.sender.addr_spec, [recipient], content)
            # The server has the mail now: whatever it says to QUIT changes nothing, so it is not waited
            # for long.
            return Receipt(self._told(said) or "accepted")
        finally:
            await _leave(client)

    async def _connected(self) -> SMTP:
        from aiosmtplib import SMTP

        server = self.server
        try:
            connection = await guard.connect(server.host, server.port, self.allowed, CONNECT_S)
        except FetchFailed as error:
            # A mail server's host and port are no secret, and they are what has to be looked at.
            raise ChannelDown(f"{self.name}: {error}", answer=str(error), wait=error.wait) from None
        return SMTP(
            hostname=server.host,
            sock=connection,
            use_tls=server.scheme == "smtps",
            start_tls=server.scheme == "smtp+starttls",
            tls_context=server.context,
            username=server.user,
            password=server.password.reveal() if server.password and server.user else None,
            local_hostname=_own_name(self.sender.domain),
            timeout=CONNECT_S,
        )

    @contextmanager
    def _judged(self, *, is_connecting: bool) -> Iterator[None]:
        """Foreign errors become ours; they are raised outside their handlers and so never carry a
        password along."""
        failure: DeliveryFailed | None = None
        try:
            yield
        except Exception as error:
            failure = self._failure(error, is_connecting=is_connecting)
            if failure is None:
                raise
        if failure is not None:
            raise failure

    def _failure(self, error: Exception, *, is_connecting: bool) -> DeliveryFailed | None:
        import aiosmtplib

        if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
            error = error.recipients[0]
        if isinstance(error, aiosmtplib.SMTPResponseException):
            said = f"{error.code} {self._told(error.message)}".strip()
            is_channel = is_connecting or isinstance(error, aiosmtplib.SMTPSenderRefused)
            return self._answered(error.code, said, is_channel=is_channel)
        if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
            return ChannelDown(f"{self.name}: the mail server's TLS is not to be trusted", answer="TLS failed")
        if isinstance(error, aiosmtplib.SMTPException | OSError):
            said = self._told(str(error)) or type(error).__name__
            if is_connecting:
                return ChannelDown(f"{self.name}: no working connection to the mail server ({said})", answer=said)
            reason = f"{self.name}: the connection broke while the mail was sent ({said})"
            return DeliveryFailed(reason, answer=said, in_doubt=True)
        if isinstance(error, ValueError | UnicodeError):
            return Refused(f"{self.name}: the mail server cannot take this address or mail", answer="cannot be sent")
        return None

    def _answered(self, code: int, said: str, *, is_channel: bool) -> DeliveryFailed:
        """4yz is tried again, 5yz never for this recipient (RFC 5321 section 4.2.1); what concerns the
        server or the account is the channel's trouble."""
        if code in (530, 534, 535, 538, 454) and is_channel:
            return ChannelDown(f"{self.name}: the mail server refuses the log-in ({said})", answer=said)
        if is_channel or code in (421, 530, 535):
            return ChannelDown(f"{self.name}: the mail server takes no mail now ({said})", answer=said)
        if 500 <= code < 600:
            return Refused(f"{self.name}: the mail server refuses this mail ({said})", answer=said)
        return DeliveryFailed(f"{self.name}: the mail server asks to try later ({said})", answer=said)

    def _told(self, text: str) -> str:
        secrets = [self.server.password] if self.server.password else []
        return scrub(shorten(plain(text), 200), secrets)


async def _leave(client: SMTP) -> None:
    import aiosmtplib

    try:
        if client.is_connected:
            await client.quit(timeout=2)
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        pass
    finally:
        client.close()


def _own_name(domain: str) -> str:
    """A full name for EHLO without asking the name service, which may hang."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else (domain or "localhost.localdomain")


def address_of(text: str) -> Address:
    """An address as `Name <a@b.org>` or `a@b.org`; InputError where it is none, or holds what a header
    must not."""
    if plain(text) != text.strip():
        raise InputError(f"'{plain(text)}' is no mail address")
    name, spec = parseaddr(text)
    try:
        address = Address(display_name=name, addr_spec=spec)
    except (ValueError, IndexError, TypeError) as error:
        raise InputError(f"'{text}' is no mail address") from error
    except Exception as error:  # email.errors.HeaderParseError and what the parser trips over
        raise InputError(f"'{text}' is no mail address") from error
    if not address.username or not address.domain or not spec.isascii():
        raise InputError(f"'{text}' is no mail address in ASCII; write name@host.example")
    return address


def open_channel(name: str, settings: Any, network: Network, style: Style) -> Email:
    """From `server`, `password`, `user`, `from` and `to`; InputError where one of them is none."""
    password = secret_of(getattr(settings, "password", None))
    url = secret_of(settings.server) or Secret("")
    server = Server.parse(url.reveal(), password, getattr(settings, "user", None))
    sender = getattr(settings, "from_", None) or getattr(settings, "sender", None) or ""
    to = settings.to if isinstance(settings.to, list | tuple) else [settings.to]
    people = {address.addr_spec: address for address in (address_of(str(one)) for one in to)}
    return Email(name, server, address_of(str(sender)), tuple(people.values()), allowed(settings, network), style)
