"""What only this service can have signed: sessions, the hidden fields of forms, the token of feed readers.

Pure but for the key's file; it must not know requests or routes.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.model import Secret

#: How long a browser stays logged in.
LASTS = timedelta(days=30)
_SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser that was here before; `is_known` once it gave the password."""

    id: str
    until: datetime
    is_known: bool = False


class Keys:
    """Signs with a key made of `seed` and the password: another password ends every session and token."""

    def __init__(self, seed: bytes, password: Secret | None) -> None:
        self._password = password.reveal() if password else ""
        self._key = hmac.digest(seed, b"news monitor, web\0" + self._password.encode(), "sha256")

    def __repr__(self) -> str:
        return "Keys(***)"

    @property
    def is_needed(self) -> bool:
        """Whether a password is set."""
        return bool(self._password)

    @property
    def token(self) -> str:
        """What feed readers and Prometheus show in place of the password."""
        return self._sign("token", "")[:40]

    def is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.token.encode())

    def is_password(self, text: str) -> bool:
        """In a time that tells nothing about how much of it was right."""
        given, real = (hmac.digest(self._key, one.encode(), "sha256") for one in (text, self._password))
        return self.is_needed and hmac.compare_digest(given, real)

    def begin(self, now: datetime, *, is_known: bool = False) -> Visitor:
        return Visitor(secrets.token_urlsafe(16), now + LASTS, is_known)

    def cookie(self, visitor: Visitor) -> str:
        text = f"{visitor.id}.{int(visitor.until.timestamp())}.{int(visitor.is_known)}"
        return f"{text}.{self._sign('visitor', text)}"

    def visitor(self, cookie: str, now: datetime) -> Visitor | None:
        """Whose cookie this is; None if it is not ours, or over."""
        text, _, signature = cookie[:300].rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign("visitor", text).encode()):
            return None
        name, until, is_known = text.split(".")
        ends = datetime.fromtimestamp(int(until), UTC)
        return Visitor(name, ends, is_known == "1") if ends > now else None

    def browser(self, name: str) -> str:
        """What tells a browser again that was once logged in: wrong passwords of others do not count for it."""
        return f"{name}.{self._sign('browser', name)}"

    def is_browser(self, cookie: str) -> bool:
        name, _, signature = cookie[:300].rpartition(".")
        real = self._sign("browser", name)
        return bool(name) and hmac.compare_digest(signature.encode("utf-8", "replace"), real.encode())

    def form(self, visitor: Visitor) -> str:
        """The hidden field of this visitor's forms: another site cannot know it."""
        return self._sign("form", f"{visitor.id} {visitor.is_known}")

    def is_form(self, visitor: Visitor, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.form(visitor).encode())

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.digest(self._key, f"{purpose}\0{text}".encode(), "sha256").hex()


def seed(store: Path | None) -> bytes | None:
    """The random key kept beside the store, made when there is none; None where no file can be kept."""
    if store is None:
        return None
    path = Path(f"{store}.web-key")
    with contextlib.suppress(OSError):
        _make(path)
    try:
        found = path.read_bytes()
    except OSError:
        return None
    return found if len(found) >= _SEED_BYTES else None


def _make(path: Path) -> None:
    """Whole or not at all, readable by us alone from the beginning; one that is there stays."""
    if path.exists():
        return
    part = Path(f"{path}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_SEED_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink()
