"""Addresses to be asked: refused, or brought into the one form that every later step reads alike.

Parsers differ on backslashes, control characters and userinfo (GHSA-rph4-96w6-q594): none of them gets past
here.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import unquote

from monitor.errors import FetchFailed
from monitor.fetch.hosts import host_key
from monitor.fetch.lean import httpx
from monitor.urls import display, registrable_domain

REFUSED = re.compile(r"[\\\x00-\x1f\x7f]")
_HOST = re.compile(r"[a-z0-9_-][a-z0-9._-]*|[0-9a-f:.]*:[0-9a-f:.]*", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
LONGEST = 8000


@dataclass(frozen=True, slots=True)
class Target:
    """An address without userinfo or fragment; `authorization` is what the userinfo became (Basic)."""

    url: str
    scheme: str
    host: str
    port: int
    authorization: str | None = None

    @property
    def key(self) -> str:
        return host_key(self.host, self.port)

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def name(self) -> str:
        """For messages: the host, with a port that is not the usual one."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    def trusts(self, other: Target) -> bool:
        """Whether credentials given for this address may go to the other: the same registrable domain, no
        change of port and no step down from https."""
        if self.scheme == "https" != other.scheme or not self._is_port_kept(other):
            return False
        return self.host == other.host or (
            self.key == other.key and "." in self.key and registrable_domain(other.host) == self.key
        )

    def _is_port_kept(self, other: Target) -> bool:
        both_usual = self.port == _PORTS[self.scheme] and other.port == _PORTS[other.scheme]
        return self.port == other.port or both_usual


def is_trusted(url: str, other: str) -> bool:
    """Whether what is meant for one address may go to the other too (see Target.trusts); False for what is none."""
    try:
        return target(url).trusts(target(other))
    except FetchFailed:
        return False


def host_of(url: str) -> str:
    """Who is asked, as `Target.key`; the address itself where it cannot be asked."""
    try:
        return target(url).key
    except FetchFailed:
        return url


def basic(user: str, password: str) -> str:
    """The Authorization header of RFC 7617."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def target(url: str) -> Target:
    """Raises FetchFailed(kind="bad-url") unless this is an http(s) address that can be asked."""
    text = url.strip(" \t\r\n").replace(" ", "%20")
    if len(text) > LONGEST:
        raise _bad(f"{display(url)[:80]}… is longer than {LONGEST} characters")
    if REFUSED.search(text):
        raise _bad(f"{display(REFUSED.sub('?', text))} holds a backslash or a control character")
    try:
        parsed = httpx.URL(text)
        host, port = parsed.raw_host.decode("ascii"), parsed.port
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise _bad(f"{display(url)} is no address ({str(error).rstrip('.')[:100]})") from error
    if parsed.scheme not in _PORTS:
        raise _bad(f"{display(url)} is not http or https")
    if not _HOST.fullmatch(host) or not 0 < (port or 80) < 65536:
        raise _bad(f"{display(url)} names no host that can be asked")
    authorization = _from_userinfo(parsed.userinfo)
    if parsed.userinfo:
        parsed = parsed.copy_with(username=None, password=None)
    return Target(
        url=str(parsed.copy_with(fragment=None) if parsed.fragment or text.endswith("#") else parsed),
        scheme=parsed.scheme,
        host=host.rstrip("."),
        port=port or _PORTS[parsed.scheme],
        authorization=authorization,
    )


def _from_userinfo(userinfo: bytes) -> str | None:
    if not userinfo:
        return None
    user, _, password = userinfo.decode("ascii").partition(":")
    return basic(unquote(user), unquote(password))


def _bad(message: str) -> FetchFailed:
    return FetchFailed(message, kind="bad-url", retry=False)
