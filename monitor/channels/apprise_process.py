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
    kind = apprise.NotifyType.WARNING if order["is_urgent"] else apprise.NotifyType.INFO
    worked = service.notify(
        body=order["body"], title=order["title"], notify_type=kind, body_format=apprise.NotifyFormat.TEXT
    )
    return {"state": "sent" if worked else "failed", "said": ""}


if __name__ == "__main__":
    main()
