"""At which address a host is: many domains stand on one machine, which is asked as one guest asks.

It is a hint for turns. The first request to a host connects to what was looked up for its turn, so that a name is
resolved, and its addresses are checked, once; later ones look up anew.
"""

from __future__ import annotations

import asyncio

from monitor import guard
from monitor.errors import FetchFailed
from monitor.fetch.address import Target
from monitor.fetch.hosts import is_address

#: A resolver that is slower than this is waited for in the request itself, where it counts.
PATIENCE_S = 5.0
#: An address is connected to so long after it was looked up: a turn may take minutes, and addresses change.
FRESH_S = 60.0
_MANY = 20_000


class Whereabouts:
    """Of the hosts asked so far. Behind a proxy nobody here knows them."""

    def __init__(self, allowed: guard.Allowed, *, has_proxy: bool) -> None:
        self._allowed = allowed
        self._has_proxy = has_proxy
        self._known: dict[str, str] = {}
        self._unused: dict[tuple[str, int], tuple[float, list[guard.AddressInfo]]] = {}

    async def of(self, target: Target) -> str | None:
        """The first address of the host; None where it has none that may be asked, or is one itself."""
        if self._has_proxy or is_address(target.host):
            return None
        if target.host not in self._known:
            if len(self._known) >= _MANY:
                self._known.clear()
                self._unused.clear()
            found = await self._look_up(target)
            if found is None:
                return None
            self._known[target.host] = found
        return self._known[target.host]

    async def resolve(self, host: str, port: int) -> list[guard.AddressInfo]:
        """As guard.resolve; what was looked up for the turn is used once."""
        at, infos = self._unused.pop((host, port), (0.0, []))
        if infos and asyncio.get_running_loop().time() - at < FRESH_S:
            return infos
        return await guard.resolve(host, port, self._allowed)

    async def _look_up(self, target: Target) -> str | None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                infos = await guard.resolve(target.host, target.port, self._allowed)
        except (FetchFailed, TimeoutError):
            return None
        self._unused[target.host, target.port] = (asyncio.get_running_loop().time(), infos)
        return str(infos[0][4][0])
