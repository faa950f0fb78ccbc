"""The one gate for outgoing connections: which addresses may be connected to, decided on the resolved
address.

It resolves a name once, drops every address that is not public and not allowed, and hands out what is left to
connect to as literals (no rebinding); it must not know protocols, URLs or redirects.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from monitor.errors import FetchFailed, InputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
#: As `socket.getaddrinfo` gives it.
AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]

# IANA's special-purpose registries, written out: the answers of `ipaddress` differ between Python's patch
# releases and leave out CGNAT, NAT64, 6to4, multicast and site-local. Azure's wire server is public by IANA
# and yet internal.
_CLOSED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The addresses that `network.allow_private` opens: networks, each with one port or None for every
    port."""

    rules: tuple[tuple[Network, int | None], ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Allowed:
        """From `10.0.0.0/8`, `127.0.0.1`, `127.0.0.1:8080`, `::1`, `[::1]:8080`, `fd00::/8`; else
        InputError."""
        return cls(tuple(_rule(text) for text in texts))

    def permits(self, address: Address, port: int) -> bool:
        return any(
            network.version == address.version and address in network and only in (None, port)
            for network, only in self.rules
        )

    def __or__(self, other: Allowed) -> Allowed:
        return Allowed(self.rules + other.rules)


#: Nothing but public addresses.
PUBLIC_ONLY = Allowed()


def _rule(text: str) -> tuple[Network, int | None]:
    address, port = text.strip(), None
    try:
        if address.startswith("["):
            address, closing, rest = address[1:].partition("]")
            if not closing:
                raise ValueError(text)
            if rest.startswith("/"):
                address += rest
            elif rest:
                port = _port(rest.removeprefix(":"))
        elif address.count(":") == 1:
            address, _, rest = address.partition(":")
            port = _port(rest)
        return ipaddress.ip_network(address, strict=False), port
    except ValueError:
        raise InputError(
            f"'{text}' is no address, address:port or range; write 127.0.0.1:8080, 10.0.0.0/8 or \"::1\""
        ) from None


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise ValueError(text)
    return int(text)


def embedded(address: Address) -> Address:
    """The IPv4 address inside a mapped, compatible, NAT64, 6to4 or ISATAP address, else the address
    itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    number = int(address)
    is_wrapped = address in _NAT64 or (address in _COMPATIBLE and number > 1)
    if is_wrapped or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether anyone on the internet may be reached there. IPv6 is closed unless it is global unicast."""
    inner = embedded(address)
    if isinstance(inner, ipaddress.IPv4Address):
        return not any(inner in network for network in _CLOSED_V4)
    return inner in _GLOBAL_V6 and not any(inner in network for network in _CLOSED_V6)


def check(address: str, port: int, allowed: Allowed) -> None:
    """Raise FetchFailed(kind="blocked-address") unless this literal address may be connected to."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        raise _blocked(f"'{address}' is no address") from None
    if not (is_public(parsed) or allowed.permits(parsed, port) or allowed.permits(embedded(parsed), port)):
        raise _blocked(f"{address} is not a public address")


def _blocked(what: str) -> FetchFailed:
    # To be tried again: a resolver that filters or fails for a minute answers with private addresses too.
    return FetchFailed(
        f"{what}; if this is meant, add it to network.allow_private", kind="blocked-address", retry=True
    )


async def resolve(host: str, port: int, allowed: Allowed) -> list[AddressInfo]:
    """The addresses of `host` that may be connected to, as literals, in the resolver's order; never empty.

    Raises FetchFailed of kind dns or blocked-address. Whatever is connected to has to come from here.
    """
    found = await _look_up(host, port)
    answers = [info for info in found if _may(str(info[4][0]), port, allowed)]
    if not answers:
        named = host if host == found[0][4][0] else f"{host} ({found[0][4][0]})"
        raise _blocked(f"{named} is not a public address")
    return answers


def _may(address: str, port: int, allowed: Allowed) -> bool:
    try:
        check(address, port, allowed)
    except FetchFailed:
        return False
    return True


async def _look_up(host: str, port: int) -> list[AddressInfo]:
    """getaddrinfo in a daemon thread of its own: a resolver that hangs holds up neither others nor the
    exit."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[AddressInfo]] = loop.create_future()

    def settle(answer: list[AddressInfo] | Exception) -> None:
        if future.done():
            return
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)

    def ask() -> None:
        answer: list[AddressInfo] | Exception
        try:
            answer = cast("list[AddressInfo]", socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answer = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, answer)

    if _is_literal(host):
        ask()
    else:
        threading.Thread(target=ask, daemon=True, name="resolver").start()
    try:
        found = await future
    except socket.gaierror as error:
        raise FetchFailed(_no_address(host, error), kind="dns") from error
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"{host} is no host name", kind="dns", retry=False) from error
    if not found:
        raise FetchFailed(f"{host} has no address", kind="dns")
    return found


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _no_address(host: str, error: socket.gaierror) -> str:
    if error.errno == socket.EAI_AGAIN:
        return f"the address of {host} could not be looked up now"
    return f"{host} has no address (no such host)"


async def connect(host: str, port: int, allowed: Allowed, timeout: float) -> socket.socket:  # noqa: ASYNC109
    """A connected, non-blocking socket to `host`, for protocols other than HTTP (SMTP). `timeout` in seconds,
    in all.

    Raises FetchFailed: dns, blocked-address, connect, timeout.
    """
    try:
        async with asyncio.timeout(timeout):
            return await _connect_any(await resolve(host, port, allowed), host, port, allowed)
    except TimeoutError as error:
        raise FetchFailed(f"{host}:{port} did not answer within {timeout:g} s", kind="timeout") from error


async def _connect_any(infos: list[AddressInfo], host: str, port: int, allowed: Allowed) -> socket.socket:
    last: OSError | None = None
    for info in infos:
        made = make_socket(info, allowed)
        try:
            await asyncio.get_running_loop().sock_connect(made, info[4])
        except OSError as error:
            made.close()
            last = error
        except BaseException:
            made.close()
            raise
        else:
            return made
    assert last is not None
    raise FetchFailed(refusal(f"{host}:{port}", last), kind="connect") from last


def refusal(name: str, error: OSError) -> str:
    """Why a connection was not made, in words."""
    if isinstance(error, ConnectionRefusedError):
        return f"{name} refused the connection"
    if isinstance(error, ConnectionResetError | ConnectionAbortedError | BrokenPipeError):
        return f"{name} broke the connection off"
    return f"{name} could not be reached ({(error.strerror or str(error) or type(error).__name__).lower()})"


def make_socket(info: AddressInfo, allowed: Allowed) -> socket.socket:
    """A non-blocking socket for exactly this address, checked once more at connect time."""
    check(str(info[4][0]), info[4][1], allowed)
    made = socket.socket(info[0], info[1], info[2])
    made.setblocking(False)
    return made


def confine(allowed: Allowed) -> None:
    """From now on this *process* connects only where the gate lets it, whatever library opens the socket.

    For child processes given over to a library with sockets of its own (Apprise). It cannot be undone.
    """

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.connect" or event == "socket.sendto":
            target = arguments[1]
            if isinstance(target, tuple) and len(target) >= 2:
                check(str(target[0]), int(target[1]), allowed)

    sys.addaudithook(hook)
