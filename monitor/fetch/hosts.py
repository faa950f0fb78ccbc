"""Turns: how many requests at a time in all and per host, and how far apart on one host.

It counts requests and does not know what they are.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from monitor.urls import registrable_domain

_MANY = 20_000
#: Requests at a time to one address, whatever domains stand there: a machine that many share is no more than one, and
#: a network that serves millions of domains does not notice so few.
PER_ADDRESS = 8


def host_key(host: str, port: int) -> str:
    """Who is asked: the registrable domain; for IP addresses and single labels (localhost) host and port."""
    if "." not in host.rstrip(".") or is_address(host):
        return f"{host}:{port}"
    return registrable_domain(host)


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@dataclass(slots=True)
class _Host:
    free: asyncio.Semaphore
    pace: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_at: float = 0.0  # of the loop's clock
    users: int = 0


class Gate(Protocol):
    """Turns that are shared with other machines."""

    async def enter(self, host: str, *, is_spaced: bool) -> None:
        """Wait for a turn at the host."""

    async def leave(self, host: str) -> None:
        """The turn is over."""


class Hosts:
    """`concurrency` in all, `per_host` each, begun `delay` seconds apart, and PER_ADDRESS at hosts of one address (or
    `per_host`, if that is more); waiting for a host takes no place of others. With a `gate` that holds over all
    machines that share it."""

    def __init__(self, concurrency: int, per_host: int, delay: float, gate: Gate | None = None) -> None:
        self._gate = gate
        self._all = asyncio.Semaphore(concurrency)
        self._per_host = per_host
        self._delay = delay
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, key: str, address: str | None = None, *, is_spaced: bool = True) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Without spacing (robots.txt), the next one need not keep its
        distance."""
        host = self._host(key, self._per_host)
        host.users += 1
        try:
            async with host.free, self._at(address):
                await self._pace(key, host, is_spaced)
                try:
                    yield
                finally:
                    self._all.release()
                    if self._gate is not None:
                        await self._gate.leave(key)
        finally:
            host.users -= 1

    async def _pace(self, key: str, host: _Host, is_spaced: bool) -> None:
        clock = asyncio.get_running_loop().time
        async with host.pace:
            if (wait := host.next_at - clock()) > 0:
                await asyncio.sleep(wait)
            if self._gate is not None:
                await self._gate.enter(key, is_spaced=is_spaced)
            await self._all.acquire()
            if is_spaced:
                host.next_at = clock() + self._delay

    @asynccontextmanager
    async def _at(self, address: str | None) -> AsyncIterator[None]:
        if address is None:
            yield
            return
        crowd = self._host(f"at {address}", max(PER_ADDRESS, self._per_host))
        crowd.users += 1
        try:
            async with crowd.free:
                yield
        finally:
            crowd.users -= 1

    def _host(self, key: str, at_once: int) -> _Host:
        if (host := self._hosts.get(key)) is None:
            if len(self._hosts) >= _MANY:
                self._forget()
            host = self._hosts[key] = _Host(asyncio.Semaphore(at_once))
        return host

    def _forget(self) -> None:
        now = asyncio.get_running_loop().time()
        self._hosts = {key: host for key, host in self._hosts.items() if host.users or host.next_at > now}
