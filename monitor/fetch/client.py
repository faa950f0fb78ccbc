"""The client: one request with its redirects, limits and hints, as a value or as a FetchFailed with words.

It must not open a connection by itself: the transport does, through the gate.
"""

from __future__ import annotations

from monitor.fetch.values import Fetched, Network
from monitor.model import Feed, Validators


class Fetcher:
    """`concurrency` requests at a time in all, `per_host` per registrable domain (or IP address and port), begun at
    least `per_host_delay` seconds apart."""

    def __init__(
        self, network: Network, *, concurrency: int = 100, per_host: int = 1, per_host_delay: float = 1.0
    ) -> None:
        raise NotImplementedError

    async def feed(self, feed: Feed, validators: Validators = Validators()) -> Fetched:
        """Ask for a feed, conditionally if it gave validators before. Raises FetchFailed."""
        raise NotImplementedError

    async def page(self, url: str, *, obey_robots: bool = True) -> Fetched:
        """Ask for an article's page. Raises FetchFailed, kind "robots" where robots.txt forbids it."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close idle connections. Requests under way fail."""
        raise NotImplementedError
