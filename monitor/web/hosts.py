"""Whether a request came to us by one of our names, and from one of our own pages.

A name that merely points to this machine is not ours: that is how foreign pages reach local services (rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from monitor.config.settings import is_loopback

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def split(listen: str) -> tuple[str, int]:
    """`127.0.0.1:8484` or `[::1]:8484` as host and port."""
    host, _, port = listen.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


def is_ours(host: str, listen: str, public_url: str | None) -> bool:
    """Whether `host`, as the request's Host header has it, names this service.

    An address in digits cannot be rebound. With a listener on loopback only loopback is ours, by any port, since it
    may be forwarded (ssh -L).
    """
    name = _name(host)
    bound, _ = split(listen)
    if name is None:
        return False
    if name in LOOPBACK or name == bound or (public_url and name == _name_of(public_url)):
        return True
    if is_loopback(bound):
        return is_loopback(name)
    return _is_address(name) or name == socket.gethostname().lower()


def is_from_us(headers: Mapping[str, str], public_url: str | None) -> bool:
    """Whether a POST comes from one of our own pages, by what browsers say of it."""
    origin = headers.get("origin")
    if origin is None:  # no browser leaves both out
        return headers.get("sec-fetch-site") == "same-origin"
    own = {headers.get("host", "").lower(), urlsplit(public_url).netloc.lower() if public_url else ""}
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() in own - {""}


def _name(host: str) -> str | None:
    """The host without its port, in lower case."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    is_bare = parts.netloc == host and not parts.username and not (parts.path or parts.query or parts.fragment)
    return (parts.hostname or "").removesuffix(".") or None if is_bare else None


def _name_of(url: str) -> str | None:
    return urlsplit(url).hostname


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
