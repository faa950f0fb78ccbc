"""The subscriber's side of WebSub (W3C, 2018), as far as it is thinking: offers, leases, questions, signatures.

Pure: links, parameters, subscriptions and times in, values out; it must not send, store or draw secrets.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlencode, urlsplit

#: The lease that is asked for (most hubs grant ten days), and the longest that is believed.
WANTED = timedelta(days=10)
LONGEST = timedelta(days=30)
#: Of a lease, from when on it is renewed; but no hub is asked oftener than this.
RENEWED_AFTER = 2 / 3
LEAST_PAUSE = timedelta(minutes=10)
#: A hub has so long to ask back after a request, and so long to ask again where our answer was lost.
PENDING = timedelta(days=1)
REPEATED = timedelta(minutes=10)
#: Pauses after requests that led to nothing: doubled from the first to the last; and after a denial.
FIRST_RETRY = timedelta(minutes=10)
LAST_RETRY = timedelta(days=1)
AFTER_DENIAL = timedelta(days=7)
#: Requests to end a subscription; what is left then ends with its lease.
FAREWELLS = 3
#: Characters of a challenge that are echoed.
MOST_CHALLENGE = 2048
#: How a hub may sign (section 8 of the recommendation), the stronger the later.
METHODS = ("sha1", "sha256", "sha384", "sha512")

Mode = Literal["subscribe", "unsubscribe"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A hub that pushes a topic."""

    hub: str
    topic: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """What was asked of a hub for a feed, and what it granted. `token` ends the address that it calls."""

    id: int
    feed_id: int
    hub: str
    topic: str
    mode: Mode
    token: str | None = field(default=None, repr=False)
    callback: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    asked_at: datetime | None = None
    tries: int = 0
    next_at: datetime | None = None
    verified_at: datetime | None = None
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    method: str | None = None
    pushed_at: datetime | None = None
    pushes: int = 0
    unpushed: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a hub's question (a GET of our address) is answered with, and which columns it changes."""

    status: int
    body: str = ""
    changed: Mapping[str, object] | None = None


NOT_OURS = Verdict(404)


def callbacks(public_url: str | None) -> str | None:
    """Where the addresses that hubs call begin; None where nobody outside reaches us."""
    if public_url is None or not urlsplit(public_url).hostname:
        return None
    return f"{public_url.rstrip('/')}/websub/"


def offer(header: tuple[str | None, str | None], document: tuple[str | None, str | None]) -> Offer | None:
    """(hub, self) of the Link headers if both are there, else those of the document's own links (section 4)."""
    for hub, topic in (header, document):
        if hub and topic:
            return Offer(hub, topic)
    return None


def is_live(sub: Subscription, now: datetime) -> bool:
    """Whether the hub has granted a lease that has not run out."""
    return sub.ended_at is None and sub.expires_at is not None and sub.expires_at > now


def is_relied_on(sub: Subscription, now: datetime) -> bool:
    """Whether polling may slow down: pushes arrive, and the last polls found nothing that was not pushed."""
    return sub.mode == "subscribe" and is_live(sub, now) and sub.pushed_at is not None and sub.unpushed == 0


# ------------------------------------------------------------------------------------------------- what we ask


def request(sub: Subscription) -> bytes:
    """The form that asks a hub for what `sub.mode` says (section 5.1)."""
    fields = {"hub.mode": sub.mode, "hub.topic": sub.topic, "hub.callback": sub.callback or ""}
    if sub.mode == "subscribe":
        fields |= {"hub.lease_seconds": str(int(WANTED.total_seconds()))}
        if sub.secret and is_private(sub.hub):
            fields |= {"hub.secret": sub.secret}
    return urlencode(fields).encode("ascii")


def is_private(hub: str) -> bool:
    """Whether what this hub is told is heard by nobody on the way: a secret goes nowhere else (section 5.1)."""
    parts = urlsplit(hub)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")


def next_try(sub: Subscription, now: datetime, chance: float) -> datetime | None:
    """When the hub is asked again if this request, begun now, leads to nothing; None: it was the last."""
    if sub.mode == "unsubscribe" and sub.tries + 1 >= FAREWELLS:
        return None
    pause: timedelta = min(FIRST_RETRY * 2 ** min(sub.tries, 20), LAST_RETRY) * (1 + 0.1 * chance)
    return now + pause


def renewal(now: datetime, lease: timedelta, chance: float) -> datetime:
    """When a lease granted now is renewed: after two thirds of it or a little sooner, so that one bad day costs
    nothing; short leases are let lapse rather than asking a hub every minute."""
    return now + max(lease * (RENEWED_AFTER - 0.1 * chance), LEAST_PAUSE)


# ------------------------------------------------------------------------------------------ what a hub asks us


def answer(sub: Subscription, query: Mapping[str, str], now: datetime, chance: float) -> Verdict:
    """The answer to a hub's question about its subscription: only what we asked for is confirmed (section 5.3)."""
    mode, topic = query.get("hub.mode", ""), query.get("hub.topic")
    if topic != sub.topic or sub.ended_at is not None:
        return NOT_OURS
    if mode == "denied":
        said = " ".join(query.get("hub.reason", "").split())[:200]
        error = "the hub denies it" + (f": {said}" if said.isprintable() and said else "")
        is_over = sub.mode == "unsubscribe"
        again = None if is_over else now + AFTER_DENIAL * (1 + 0.1 * chance)
        ended = now if is_over else None
        return Verdict(200, "", {"expires_at": None, "next_at": again, "error": error, "ended_at": ended})
    challenge = query.get("hub.challenge", "")
    if mode != sub.mode or not _is_pending(sub, now) or not 0 < len(challenge) <= MOST_CHALLENGE:
        return NOT_OURS
    if mode == "unsubscribe":
        return Verdict(200, challenge, {"ended_at": now, "expires_at": None, "next_at": None, "verified_at": now})
    lease = _lease(query.get("hub.lease_seconds", ""))
    granted = {"expires_at": now + lease, "next_at": renewal(now, lease, chance)}
    return Verdict(200, challenge, {"verified_at": now, "tries": 0, "error": "", **granted})


def _is_pending(sub: Subscription, now: datetime) -> bool:
    if sub.asked_at is None:
        return False
    is_verified = sub.verified_at is not None and sub.verified_at >= sub.asked_at
    return now - sub.asked_at <= (REPEATED if is_verified else PENDING)


def _lease(text: str) -> timedelta:
    """What was granted; a hub that does not say is taken to grant what we asked for."""
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        return WANTED
    return min(timedelta(seconds=min(int(text), int(LONGEST.total_seconds()))), LONGEST)


# ------------------------------------------------------------------------------------------------------ pushes


def signer(sub: Subscription, headers: Iterable[tuple[str, str]], body: bytes) -> str | None:
    """The method by which the hub signed this body with our secret; None where it did not (section 8).

    SHA-1 counts only from a hub that never signed better. Two signatures are none: proxies read either.
    """
    sent = [value for name, value in headers if name.lower() == "x-hub-signature"]
    if len(sent) != 1 or not sub.secret:
        return None
    method, _, signature = sent[0].strip().partition("=")
    method, signature = method.strip().lower(), signature.strip().lower()
    if method not in METHODS or not signature.isascii():
        return None
    if method == "sha1" and sub.method not in (None, "sha1"):
        return None
    expected = hmac.new(sub.secret.encode("ascii"), body, method).hexdigest()
    return method if hmac.compare_digest(expected, signature) else None


def stronger(before: str | None, now: str) -> str:
    return max(before or now, now, key=METHODS.index)
