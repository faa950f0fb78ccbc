"""What the service tells systemd: ready, reloading, stopping, its state in words (sd_notify(3)).

One datagram a message, to the socket that systemd names; without one it does nothing.
"""

from __future__ import annotations

import os
import socket
import time


def notify(*lines: str) -> None:
    """Send assignments such as `READY=1` or `STATUS=…`; a missing or dead socket is no error."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.sendto("\n".join(lines).encode(), address)
    except OSError:
        pass


def reloading() -> None:
    """Both lines in one datagram, as systemd wants them."""
    notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


def alive() -> None:
    """Feed the watchdog."""
    notify("WATCHDOG=1")


def watchdog_s(usual: float) -> float:
    """Seconds between pings: a quarter of the time that systemd allows, `usual` at most."""
    allowed = os.environ.get("WATCHDOG_USEC", "")
    return min(usual, int(allowed) / 4e6) if allowed.isdigit() and int(allowed) else usual
