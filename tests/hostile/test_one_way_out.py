"""No second way out: only the files named here may import what opens connections, each for the reason given."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "monitor"
CLIENTS = {
    *("socket", "ssl", "httpx", "httpcore", "aiohttp", "requests", "urllib3", "urllib.request", "http.client"),
    *("smtplib", "ftplib", "aiosmtplib", "apprise", "pycurl", "websockets", "telnetlib", "xmlrpc.client"),
    *("asyncio.streams", "socketserver"),
}
MAY = {
    "guard.py": {"socket"},  # the gate itself
    "fetch/transport.py": {"aiohttp", "httpx", "ssl"},  # resolves and connects through the gate
    "fetch/exchange.py": {"httpx"},  # over that transport, see below
    "fetch/address.py": {"httpx"},  # its URL type
    "fetch/lean.py": {"httpx"},  # loads it, without its command line
    "channels/email.py": {"aiosmtplib", "socket", "ssl"},  # speaks over a socket that the gate connected
    "channels/apprise_process.py": {"apprise"},  # a process confined by the gate
    "systemd.py": {"socket"},  # a datagram to the service manager's local socket
    "web/hosts.py": {"socket"},  # asks for this machine's own name
    "web/server.py": {"socket"},  # listens
    "demo/receivers.py": {"socketserver"},  # listens on loopback
}
OPENERS = {"open_connection", "create_connection", "urlopen", "create_datagram_endpoint", "sock_connect"}


def imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@lru_cache(maxsize=1)
def sources() -> dict[str, ast.Module]:
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


def test_only_named_files_can_open_connections() -> None:
    for name, tree in sources().items():
        modules = imported(tree)
        used = {client for client in CLIENTS if any(f"{one}.".startswith(f"{client}.") for one in modules)}
        more = used - MAY.get(name, set())
        assert not more, f"{name} imports {more}: use monitor.fetch or monitor.guard"


def test_connections_are_opened_by_the_gate_alone() -> None:
    for name, tree in sources().items():
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert name == "guard.py" or not called & OPENERS, f"{name} calls {called & OPENERS}"


def test_every_client_of_httpx_has_the_guarded_transport_and_no_environment() -> None:
    for name, tree in sources().items():
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for node in calls:
            if ast.unparse(node.func) in ("httpx.Client", "httpx.AsyncClient"):
                given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                assert given.get("transport", "").startswith("GuardedTransport("), name
                assert given.get("trust_env") == "False", name
