"""The process that hands one message to Apprise: reads an order from standard input, writes what became
of it.

It must not be imported by the service: it confines its whole process to the addresses the gate allows.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import sys
from typing import Any

from monitor.guard import Allowed, confine

#: Messages that one of ours may become at a service that takes short ones only.
MOST_PARTS = 4


def main() -> None:
    """Answer with one line of JSON: `{"state": "sent" | "failed" | "no address", "said": …}`."""
    order = json.loads(sys.stdin.buffer.read())
    answer = os.dup(1)
    os.dup2(2, 1)  # a service's plug-in may print
    rules = tuple((ipaddress.ip_network(network), port) for network, port in order["allowed"])
    confine(Allowed(rules))
    os.write(answer, json.dumps(_notify(order)).encode("ascii") + b"\n")


def _notify(order: dict[str, Any]) -> dict[str, str]:
    import apprise

    logging.disable(logging.CRITICAL)  # its log may hold addresses
    asset = apprise.AppriseAsset(
        app_id="News monitor", app_desc="News monitor", app_url="", async_mode=False, secure_logging=True
    )
    service = apprise.Apprise(asset=asset)
    if not service.add(order["urls"]):
        return {"state": "no address", "said": ""}
    for server in service:
        fit(server, len(order["body"]))
    kind = apprise.NotifyType.WARNING if order["is_urgent"] else apprise.NotifyType.INFO
    worked = service.notify(
        body=order["body"], title=order["title"], notify_type=kind, body_format=apprise.NotifyFormat.TEXT
    )
    return {"state": "sent" if worked else "failed", "said": ""}


def fit(server: Any, length: int) -> None:
    """Have a body that is too long for the service split, or cut where that would be a flood of messages.

    Unasked, Apprise sends it as it is, and the service refuses it. Who wrote `overflow=` into the address decides.
    """
    from apprise import OverflowMode

    if server.overflow_mode == OverflowMode.UPSTREAM:
        is_flood = length > MOST_PARTS * server.body_maxlen
        server.overflow_mode = OverflowMode.TRUNCATE if is_flood else OverflowMode.SPLIT


if __name__ == "__main__":
    main()
