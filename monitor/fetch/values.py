"""What fetching needs to know and what it gives back; no foreign type among them.

It holds values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from monitor import __version__
from monitor.guard import PUBLIC_ONLY, Allowed
from monitor.model import ServerHints, Validators

USER_AGENT = f"news-monitor/{__version__} (+https://github.com/news-monitor/news-monitor)"

NO_VALIDATORS = Validators()
NO_HINTS = ServerHints()


@dataclass(frozen=True, slots=True)
class Network:
    """The `network` section. Sizes in bytes, after decompression; `timeout` is for a whole request with
    redirects."""

    user_agent: str = USER_AGENT
    timeout: timedelta = timedelta(seconds=30)
    max_feed: int = 10_000_000
    max_page: int = 5_000_000
    allow_private: Allowed = PUBLIC_ONLY
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of status 200, 226 (only what is new: RFC 3229) or 304 (body empty).

    `url` is where it came from after redirects; `validators` are what to ask with next time, on a 304 too.
    `permanent_url` is set when every redirect on the way was permanent (301, 308): where to ask in future.
    `hub` and `topic` come from the Link headers (WebSub discovery). `elapsed_s` leaves out waiting for a
    turn.
    """

    status: int
    url: str
    body: bytes = b""
    content_type: str | None = None
    validators: Validators = NO_VALIDATORS
    hints: ServerHints = NO_HINTS
    permanent_url: str | None = None
    hub: str | None = None
    topic: str | None = None
    elapsed_s: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()  # as they came, but for what belongs to a session


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered to a post, whatever the status. Header names in lower case; `text` at most 64
    kB."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
