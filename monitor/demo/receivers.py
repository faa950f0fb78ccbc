"""Where the demo's alerts arrive: a webhook receiver that verifies signatures, a mail server that keeps what it gets.

They are written from the specifications and share no code with the channels that send to them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socketserver
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self

from monitor.demo.server import Server

TOLERANCE_S = 300  # how far a webhook's timestamp may be off


@dataclass(frozen=True, slots=True)
class Call:
    """A webhook request whose signature was right: its id and its JSON."""

    id: str
    body: Mapping[str, Any]

    @property
    def headlines(self) -> list[str]:
        """The headline of an alert, or those of a summary's alerts."""
        data = self.body["data"]
        alerts = data["alerts"] if self.body["type"] == "alert.summary" else [data]
        return [alert["article"]["title"] for alert in alerts]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it arrived: envelope and message."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])


class WebhookReceiver(Server):
    """Takes POST requests by the Standard Webhooks specification; `told` is called with each."""

    def __init__(self, secret: str, told: Callable[[Call], None] = lambda call: None) -> None:
        super().__init__(_WebhookHandler)
        self.calls: list[Call] = []
        self.refused = 0
        self.told = told
        self._key = base64.b64decode(secret.removeprefix("whsec_"))

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether one of the signatures is ours and fresh (github.com/standard-webhooks/standard-webhooks)."""
        try:
            age = abs(time.time() - int(headers["webhook-timestamp"]))
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            given = headers["webhook-signature"].split()
        except (KeyError, ValueError):
            return False
        right = "v1," + base64.b64encode(hmac.new(self._key, signed, hashlib.sha256).digest()).decode()
        return age <= TOLERANCE_S and any(hmac.compare_digest(one.encode(), right.encode()) for one in given)


class _WebhookHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: WebhookReceiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        is_signed = self.server.is_signed(headers, body)
        if is_signed:
            call = Call(headers["webhook-id"], json.loads(body))
            self.server.calls.append(call)
            self.server.told(call)
        else:
            self.server.refused += 1
        self.send_response(204 if is_signed else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the demo says what arrived."""


class MailReceiver(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP (RFC 5321) as one honest client needs; `told` is called with each mail."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, told: Callable[[Mail], None] = lambda mail: None) -> None:
        super().__init__(("127.0.0.1", 0), _MailHandler)
        self.mails: list[Mail] = []
        self.told = told

    @property
    def port(self) -> int:
        port: int = self.server_address[1]
        return port

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True, name="MailReceiver").start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.shutdown()
        self.server_close()


class _MailHandler(socketserver.StreamRequestHandler):
    server: MailReceiver

    def handle(self) -> None:
        self._say("220 demo.invalid ready")
        sender = ""
        recipients: list[str] = []
        while line := self.rfile.readline(2048).decode("utf-8", "replace").strip():
            command = line[:4].upper()
            if command in ("EHLO", "HELO"):
                self._say("250 demo.invalid")
            elif command == "MAIL":
                sender, recipients = _path(line), []
                self._say("250 ok")
            elif command == "RCPT":
                recipients.append(_path(line))
                self._say("250 ok")
            elif command == "DATA":
                self._say("354 go on, end with a line of one dot")
                self._take(sender, tuple(recipients))
            elif command == "QUIT":
                self._say("221 goodbye")
                return
            else:
                self._say("250 ok" if command in ("RSET", "NOOP") else "502 not spoken here")

    def _take(self, sender: str, recipients: tuple[str, ...]) -> None:
        content = b""
        while (line := self.rfile.readline(65536)) != b".\r\n":
            if not line:  # the sender went away: nothing was accepted
                return
            content += line.removeprefix(b".")
        mail = Mail(sender, recipients, message_from_bytes(content, policy=policy.default))
        self.server.mails.append(mail)
        self.server.told(mail)
        self._say("250 kept")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def _path(line: str) -> str:
    """The address in `MAIL FROM:<a@b> SIZE=1`."""
    return line.partition("<")[2].partition(">")[0]
