"""The settings of channels, one model a type, told apart by `type`.

It checks what can be known without connecting; secrets are checked when they are set.
"""

from __future__ import annotations

import base64
import binascii
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema, model_validator

from monitor.config.nodes import Items, is_null
from monitor.config.settings import Private, Section, choice, one_of, url_fault
from monitor.config.values import (
    MaybeHours,
    MaybeLine,
    MaybeRate,
    MaybeSecret,
    MaybeWhen,
    as_text,
    maybe_secret,
    meant,
    secret,
    shown,
    texts,
    wrong,
)
from monitor.config.vault import UnsetSecret
from monitor.model import Secret

MAIL_SCHEMES = ("smtp", "smtps", "smtp+starttls")


def _checked(made: Secret, fault: str | None) -> Secret:
    if fault and not isinstance(made, UnsetSecret):
        raise wrong(fault)
    return made


def _address(value: object, info: ValidationInfo) -> Secret:
    made = secret(value, info)
    return _checked(made, url_fault(made.reveal()))


def _maybe_address(value: object, info: ValidationInfo) -> Secret | None:
    made = maybe_secret(value, info)
    return made and _checked(made, url_fault(made.reveal()))


def _apprise(value: object, info: ValidationInfo) -> Secret:
    made = secret(value, info)
    is_url = "://" in made.reveal() and not made.reveal().startswith("://")
    return _checked(made, None if is_url else "an Apprise address begins with a service, like ntfy://ntfy.sh/topic")


def _server(value: object, info: ValidationInfo) -> Secret:
    made = secret(value, info)
    return _checked(made, None if isinstance(made, UnsetSecret) else _server_fault(made.reveal()))


def _server_fault(text: str) -> str | None:
    forms = "smtps://, smtp+starttls:// or smtp:// (plain), like smtp+starttls://user@mail.example.org:587"
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return f"this mail server does not parse; write {forms}"
    if parts.scheme not in MAIL_SCHEMES:
        return f"a mail server is {forms}{meant(parts.scheme, MAIL_SCHEMES) if '://' in text else ''}"
    if not parts.hostname or any(map(str.isspace, text)):
        return f"this mail server has no host; write {forms}"
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        return "a mail server ends with its port; a password that holds / ? or # belongs into `password`"
    return None


def webhook_secret_fault(text: str) -> str | None:
    """What keeps a text from being a Standard Webhooks secret (its "Signature scheme"); None when it is one."""
    form = (
        "a webhook secret is whsec_ and the base64 of 24 to 64 bytes; make one: echo whsec_$(openssl rand -base64 32)"
    )
    if not text.startswith("whsec_"):
        return f"whsec_ is missing; {form}"
    try:
        length = len(base64.b64decode(text.removeprefix("whsec_"), validate=True))
    except (binascii.Error, ValueError):
        return f"what stands behind whsec_ is no base64; {form}"
    return None if 24 <= length <= 64 else f"it holds {length} bytes; {form}"


def _webhook_secrets(value: object, info: ValidationInfo) -> tuple[Secret, ...]:
    if is_null(value):
        return ()
    made = [secret(item, info) for item in (value if isinstance(value, Items | tuple) else (value,))]
    return tuple(_checked(one, webhook_secret_fault(one.reveal())) for one in made)


def _mailbox(value: object) -> str:
    text = as_text(value, "a mail address")
    name, address = parseaddr(text)
    try:
        if not address or address.count("@") != 1 or any(map(str.isspace, address)) or not text.isprintable():
            raise ValueError
        Address(name, addr_spec=address)
    except (ValueError, IndexError):
        raise wrong(f"{shown(text)} is no mail address; write name@example.org or Name <name@example.org>") from None
    if "." not in address.rpartition("@")[2] and address.rpartition("@")[2] != "localhost":
        raise wrong(f"{shown(text)} has no full domain behind its @; write name@example.org")
    return text


def _mailboxes(value: object) -> tuple[str, ...]:
    found = texts(value)
    if not found:
        raise wrong("nobody to send to; write to: [name@example.org]")
    return tuple(map(_mailbox, found))


_TEXT: dict[str, Any] = {"type": "string"}
SecretAddress = Annotated[Secret, PlainValidator(_address), WithJsonSchema(_TEXT)]
MaybeSecretAddress = Annotated[
    Secret | None, PlainValidator(_maybe_address), WithJsonSchema({"type": ["string", "null"]})
]
AppriseAddress = Annotated[Secret, PlainValidator(_apprise), WithJsonSchema(_TEXT)]
Server = Annotated[Secret, PlainValidator(_server), WithJsonSchema({"type": "string"})]
WebhookSecrets = Annotated[
    tuple[Secret, ...],
    PlainValidator(_webhook_secrets),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT}, {"type": "null"}]}),
]
Mailbox = Annotated[str, PlainValidator(_mailbox), WithJsonSchema(_TEXT)]
Mailboxes = Annotated[
    tuple[str, ...],
    PlainValidator(_mailboxes),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}),
]
Only = Annotated[
    Literal["urgent"] | None,
    PlainValidator(lambda value: None if is_null(value) else one_of("urgent")(value)),
    WithJsonSchema({"enum": ["urgent", None]}),
]
Empty = Annotated[Literal["send", "skip"], *choice("send", "skip")]


class _Channel(Section):
    """What every channel may have. After loading, `when`, `quiet` and `at_most` hold what is in force for it."""

    when: MaybeWhen = Field(None, description="When it speaks: now, hourly, daily 07:30, weekdays 07:30 or mon 08:00.")
    only: Only = Field(None, description="urgent: only urgent watches are told here.")
    quiet: MaybeHours = Field(None, description='Hours like "22:00-06:30" in which it holds all but urgent alerts.')
    at_most: MaybeRate = Field(None, description="Alerts one by one, like 6 per hour; the rest comes as one summary.")
    empty: Empty = Field("send", description="Whether a digest without alerts is sent: send or skip.")
    allow_private: Private = Field(
        (), description="Private addresses this channel may reach, besides network.allow_private."
    )


class Console(_Channel):
    """The terminal, or the journal."""

    type: Literal["console"]


class Slack(_Channel):
    """Slack, by an incoming webhook (`url`) or by a bot (`token` and `channel`, for threads)."""

    type: Literal["slack"]
    url: MaybeSecretAddress = Field(None, description="Incoming webhook; any http(s) address that speaks the format.")
    token: MaybeSecret = Field(None, description="Bot token, xoxb-…, with the scope chat:write; for threads.")
    channel: MaybeLine = Field(None, description="Channel of the bot, by name or id.")

    @model_validator(mode="after")
    def _one_way(self) -> Slack:
        if self.url is None and self.token is None:
            raise wrong("a slack channel needs url, or token and channel")
        if self.url is not None and self.token is not None:
            raise wrong("url stands beside token; keep one: url for an incoming webhook, token and channel for a bot")
        if self.token is not None and not self.channel:
            raise wrong("token needs channel beside it: the channel's name or id")
        if self.url is not None and self.channel:
            raise wrong("an incoming webhook has its channel built in; remove channel, or write token in place of url")
        return self


class Email(_Channel):
    """Mail, one message a recipient."""

    type: Literal["email"]
    server: Server = Field(
        description="smtps://, smtp+starttls:// (refused without TLS) or smtp:// (plain), with user and port."
    )
    user: MaybeLine = Field(None, description="User at the server, when it does not stand in its address.")
    password: MaybeSecret = Field(None, description="Password at the server.")
    sender: Mailbox = Field(alias="from", description="The sender: Name <name@example.org>.")
    to: Mailboxes = Field(description="Recipients; each gets a message of their own.")


class Webhook(_Channel):
    """JSON by HTTP POST, signed by the Standard Webhooks specification when it has a secret."""

    type: Literal["webhook"]
    url: SecretAddress = Field(description="Where to post.")
    secret: WebhookSecrets = Field(
        (), description="whsec_ and the base64 of 24 to 64 bytes; a list while secrets are exchanged."
    )


class Apprise(_Channel):
    """Any of the services that Apprise knows."""

    type: Literal["apprise"]
    url: AppriseAddress = Field(description="An Apprise address, like ntfy://ntfy.example.org/news.")


ChannelSettings = Console | Slack | Email | Webhook | Apprise
AnyChannel = Annotated[ChannelSettings, Field(discriminator="type")]
TYPES = ("console", "slack", "email", "webhook", "apprise")
