"""Receivers on loopback: a webhook, a Slack that enforces Block Kit's limits, and a real SMTP server.

Their answers are scripted; they know nothing of the program under test.

    with Site() as site:                       # tests/loopback.py
        slack = SlackDouble(site)              # at slack.hook and slack.api; slack.messages
        slack.answers = [Reply(429, {"Retry-After": "30"})]           # used up first, then it accepts
    with MailServer() as mail:                 # mail.url("smtp"), mail.received; STARTTLS if given a context
        mail.answers["RCPT"] = ["451 4.3.0 later", "550 5.1.1 unknown"]
"""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.loopback import Reply, Request, Site

# ---------------------------------------------------------------------------------------------------- Slack

_TEXT_LIMITS = {"section": 3000, "header": 150, "context": 2000}
_BLOCKS = {"section", "header", "context", "divider"}


class SlackDouble:
    """Slack's incoming webhook and chat.postMessage, answering invalid_blocks to any breach of Block
    Kit's limits."""

    def __init__(self, site: Site) -> None:
        self.hook = site.url("/services/T0/B0/secretpath")
        self.api = site.url("/api")
        self.messages: list[dict[str, Any]] = []
        self.updates: list[dict[str, Any]] = []
        self.answers: list[Reply] = []
        self.breaches: list[str] = []
        site.pages["/services/T0/B0/secretpath"] = self._hook
        site.pages["/api/chat.postMessage"] = self._post
        site.pages["/api/chat.update"] = self._update

    def _hook(self, request: Request) -> Reply:
        if self.answers:
            return self.answers.pop(0)
        payload = json.loads(request.body)
        if breach := slack_breach(payload):
            self.breaches.append(breach)
            return Reply(400, body="invalid_blocks" if "blocks" in payload else "no_text")
        self.messages.append(payload)
        return Reply(body="ok")

    def _post(self, request: Request) -> Reply:
        if self.answers:
            return self.answers.pop(0)
        payload = json.loads(request.body)
        if request.headers.get("authorization") != "Bearer xoxb-secret-token":
            return Reply(body='{"ok":false,"error":"invalid_auth"}')
        if breach := slack_breach(payload):
            self.breaches.append(breach)
            return Reply(body='{"ok":false,"error":"invalid_blocks"}')
        self.messages.append(payload)
        stamp = f"1503435956.{len(self.messages):06}"
        return Reply(body=json.dumps({"ok": True, "channel": "C024BE91L", "ts": stamp}))

    def _update(self, request: Request) -> Reply:
        payload = json.loads(request.body)
        self.updates.append(payload)
        return Reply(body=json.dumps({"ok": True, "channel": payload["channel"], "ts": payload["ts"]}))


def slack_breach(payload: dict[str, Any]) -> str:
    """What of Block Kit's limits a payload breaks, "" if nothing (python-slack-sdk's figures, and bolt-js
    #2509)."""
    return next(_breaches(payload), "")


def _breaches(payload: dict[str, Any]) -> Iterator[str]:
    blocks = payload.get("blocks", [])
    if not str(payload.get("text", "")).strip() and not blocks:
        yield "no text"
    if len(str(payload.get("text", ""))) > 40_000:
        yield "text too long"
    if len(blocks) > 50:
        yield "more than 50 blocks"
    total = 0
    for block in blocks:
        if block["type"] not in _BLOCKS:
            yield f"unknown block {block['type']}"
        if len(block.get("block_id", "")) > 255:
            yield "block_id"
        texts = block.get("elements", [block["text"]] if "text" in block else [])
        if len(texts) > 10 or (not texts and block["type"] != "divider"):
            yield "number of elements"
        for text in texts:
            total += len(text["text"])
            yield from _text_breaches(block["type"], text)
    if total > 13_000:
        yield "blocks too long together"


def _text_breaches(block: str, text: dict[str, Any]) -> Iterator[str]:
    if text["type"] not in ("mrkdwn", "plain_text") or (block == "header" and text["type"] != "plain_text"):
        yield f"text of type {text['type']} in {block}"
    if not 1 <= len(text["text"]) <= _TEXT_LIMITS[block]:
        yield f"{block} of {len(text['text'])} characters"
    if not text["text"].strip():
        yield f"{block} without text"


# ----------------------------------------------------------------------------------------------------- mail


@dataclass
class Received:
    """One mail as it arrived, for one envelope."""

    sender: str
    recipients: list[str]
    content: bytes
    is_answered: bool = True  # False: the connection was dropped instead
    at: float = field(default_factory=time.monotonic)

    @property
    def mail(self) -> EmailMessage:
        parsed = message_from_bytes(self.content, policy=SMTP_POLICY)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class MailServer:
    """A real SMTP server on loopback. `answers` are used up command by command; without any it accepts."""

    context: ssl.SSLContext | None = None  # offers STARTTLS
    is_tls: bool = False  # TLS from the start, with `context`
    user: str | None = None  # log-in required
    password: str = ""
    answers: dict[str, list[str]] = field(default_factory=dict)  # RCPT, MAIL, DATA, or DROP after DATA
    received: list[Received] = field(default_factory=list)
    port: int = 0

    def url(self, scheme: str) -> str:
        return f"{scheme}://127.0.0.1:{self.port}"

    def __enter__(self) -> MailServer:
        self._controller = _Controller(self)
        self._controller.start()
        self.port = self._controller.port
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._controller.stop()

    # aiosmtpd's hooks; their names are its own

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if said := self._next("MAIL"):
            return said
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if said := self._next("RCPT"):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        drop, said = self._next("DROP"), self._next("DATA")
        if not said or drop:
            assert isinstance(envelope.content, bytes)
            self.received.append(
                Received(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content, not drop)
            )
        if drop and server.transport is not None:
            server.transport.abort()  # type: ignore[attr-defined]
        return said or f"250 OK queued as {len(self.received)}"

    def _next(self, command: str) -> str:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else ""

    def check(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        is_right = data.login.decode() == self.user and data.password.decode() == self.password
        return AuthResult(success=is_right, handled=False)


class _Controller(Controller):
    def __init__(self, owner: MailServer) -> None:
        self._owner = owner
        super().__init__(
            owner,
            hostname="127.0.0.1",
            port=0,
            ssl_context=owner.context if owner.is_tls else None,
            tls_context=None if owner.is_tls else owner.context,
            authenticator=owner.check if owner.user else None,
            auth_required=bool(owner.user),
            auth_require_tls=False,
        )

    def _trigger_server(self) -> None:
        """Port 0 is not known before the server listens; aiosmtpd would connect to it to prove that it
        does."""
        sockets: Any = getattr(self.server, "sockets", ())
        self.port = sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext] | None:
    """A server's and a client's context for 127.0.0.1 with a certificate of its own; None without openssl."""
    if shutil.which("openssl") is None:
        return None
    key, made = folder / "key.pem", folder / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-keyout", str(key), "-out", str(made), "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    subprocess.run(command, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made, key)
    return server, ssl.create_default_context(cafile=str(made))
