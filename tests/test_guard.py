"""The gate: which addresses, what `allow_private` opens, and that what was checked is what is connected
to."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from typing import Any

import pytest

from monitor import guard
from monitor.errors import FetchFailed, InputError
from monitor.guard import PUBLIC_ONLY, Allowed
from tests.loopback import Site

CLOSED = """
    127.0.0.1 127.255.255.254 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 0.0.0.0 0.1.2.3
    100.64.0.1 100.100.100.200 192.0.0.8 192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.7 203.0.113.9
    224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 168.63.129.16
    ::1 :: ::ffff:127.0.0.1 ::ffff:100.64.0.1 ::ffff:169.254.169.254 ::127.0.0.1 ::10.0.0.1
    64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::7f00:1 2002:7f00:1:: 2002:a9fe:a9fe::1 2002:a83f:8110::
    fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd00:ec2::254 ff02::1 ff0e::1 5f00::1 100::1 2001:db8::1 2001::1
    2001:0:7f00:1:: 3fff::1 2606:4700::5efe:7f00:1 2606:4700::200:5efe:c0a8:1 4000::1
"""
OPEN = """
    8.8.8.8 1.1.1.1 93.184.216.34 100.63.255.255 100.128.0.1
    172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1 223.255.255.255
    2606:4700:4700::1111 2a00:1450:4001::8a 2400:cb00::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
"""


@pytest.mark.parametrize("address", CLOSED.split())
def test_closed_to_everyone(address: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        guard.check(address, 80, PUBLIC_ONLY)
    assert failed.value.kind == "blocked-address"
    assert address in str(failed.value)


@pytest.mark.parametrize("address", OPEN.split())
def test_open_to_everyone(address: str) -> None:
    guard.check(address, 80, PUBLIC_ONLY)


@pytest.mark.parametrize(
    ("rule", "address", "port"),
    [
        ("127.0.0.1", "127.0.0.1", 1),
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        ("127.0.0.1:8080", "::ffff:127.0.0.1", 8080),
        ("10.0.0.0/8", "10.200.0.1", 25),
        ("10.1.2.3/8", "10.200.0.1", 25),
        ("::1", "::1", 443),
        ("[::1]:443", "::1", 443),
        ("fd00::/8", "fd00::5", 80),
        ("[fd00::]/8", "fd00::5", 80),
    ],
)
def test_what_allow_private_opens(rule: str, address: str, port: int) -> None:
    guard.check(address, port, Allowed.parse([rule]))
    for other in ("169.254.169.254", "192.168.0.1"):
        with pytest.raises(FetchFailed):
            guard.check(other, port, Allowed.parse([rule]))


def test_a_rule_with_a_port_opens_no_other_port() -> None:
    with pytest.raises(FetchFailed):
        guard.check("127.0.0.1", 8081, Allowed.parse(["127.0.0.1:8080"]))


@pytest.mark.parametrize(
    "text",
    ["localhost", "10.0.0.0/33", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:x", "", "[::1", "300.1.1.1"],
)
def test_a_rule_that_is_none(text: str) -> None:
    with pytest.raises(InputError, match="is no address"):
        Allowed.parse([text])


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Names and their successive answers; asked below every layer, where a rebinding resolver would
    answer."""
    answers: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def ask(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        if host not in answers:
            return real(host, port, *args, **kwargs)
        addresses = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port, 0, 0) if ":" in address else (address, port),
            )
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    return answers


async def test_only_the_answers_that_were_checked_are_handed_out(
    scripted: dict[str, list[list[str]]],
) -> None:
    scripted["mixed.example"] = [["fd00::1", "93.184.216.34", "127.0.0.1"]]
    infos = await guard.resolve("mixed.example", 80, PUBLIC_ONLY)
    assert [info[4][0] for info in infos] == ["93.184.216.34"]


async def test_a_name_with_private_answers_only_is_refused(scripted: dict[str, list[list[str]]]) -> None:
    scripted["inside.example"] = [["10.0.0.1", "::1"]]
    with pytest.raises(FetchFailed, match=r"inside\.example \(10\.0\.0\.1\) is not a public address"):
        await guard.resolve("inside.example", 80, PUBLIC_ONLY)


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f000001", "0x7f.1", "127.1", "017700000001", "0", "localhost"])
async def test_odd_spellings_count_by_what_they_resolve_to(spelling: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        await guard.resolve(spelling, 80, PUBLIC_ONLY)
    assert failed.value.kind in ("blocked-address", "dns")


async def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(FetchFailed) as failed:
        await guard.resolve("no-such-host.invalid", 80, PUBLIC_ONLY)
    assert failed.value.kind == "dns"
    assert "no-such-host.invalid" in str(failed.value)


@pytest.mark.parametrize("host", ["a" * 300 + ".example", "\udcff.example", "ex\x00ample.org"])
async def test_a_name_that_is_none(host: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        await guard.resolve(host, 80, PUBLIC_ONLY)
    assert failed.value.kind == "dns"


async def test_a_connected_socket_for_other_protocols() -> None:
    with Site() as site:
        made = await guard.connect("localhost", site.port, Allowed.parse(["127.0.0.1", "::1"]), 5)
        with made:
            assert made.getpeername()[:2] == ("127.0.0.1", site.port)
            assert not made.getblocking()


async def test_a_refused_connection_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(FetchFailed, match="refused the connection"):
        await guard.connect("127.0.0.1", port, Allowed.parse(["127.0.0.1"]), 5)


async def test_a_resolver_that_hangs_meets_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: release.wait(5) and [])
    begun = asyncio.get_running_loop().time()
    with pytest.raises(FetchFailed, match=r"did not answer within 0\.2 s"):
        await guard.connect("slow.example", 25, PUBLIC_ONLY, 0.2)
    assert asyncio.get_running_loop().time() - begun < 2
    release.set()


def test_a_confined_process_connects_nowhere_else() -> None:
    """Whatever library opens the socket: the process itself is held to the rules."""
    with Site() as site, Site() as other:
        script = f"""
import socket, urllib.request
from monitor.guard import Allowed, confine
confine(Allowed.parse(["127.0.0.1:{site.port}"]))
print(urllib.request.urlopen("http://127.0.0.1:{site.port}/", timeout=5).status)
try:
    socket.create_connection(("127.0.0.1", {other.port}), 5)
except Exception as error:
    print(error)
"""
        site.pages["/"] = "here"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
        assert done.stdout.splitlines()[0] == "200", done.stderr
        assert "is not a public address" in done.stdout
        assert not other.requests
