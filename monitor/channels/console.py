"""Messages on the terminal, or wherever standard output goes.

It must not print anything but messages; logs go to standard error.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TextIO

from monitor.channels.degrade import best
from monitor.errors import ChannelDown
from monitor.fetch import Network
from monitor.model import Message, Receipt
from monitor.render import Style, console, plain

WIDEST = 100  # columns; longer lines are hard to read


@dataclass(frozen=True)
class Console:
    """Prints to `stream` (standard output where none is given), in colour on a terminal unless NO_COLOR
    is set."""

    name: str
    style: Style
    stream: TextIO | None = None
    kind: str = field(default="console", init=False)
    of_people: bool = field(default=True, init=False)
    recipients: tuple[str, ...] = field(default=("",), init=False)

    async def send(self, message: Message, *, delivery_id: str, target: str, now: datetime) -> Receipt:
        """See `Channel.send`."""
        stream = self.stream or sys.stdout
        is_colour = stream.isatty() and not os.environ.get("NO_COLOR")
        width = min(shutil.get_terminal_size().columns, WIDEST) if stream.isatty() else 0
        text = best(
            self.name,
            lambda: console.text(message, self.style, is_colour=is_colour, width=width),
            lambda: "\n".join(plain.title_and_body(message, self.style)) + "\n\n",
        )
        encoding = stream.encoding or "utf-8"
        try:
            stream.write(text.encode(encoding, "replace").decode(encoding))
            stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise ChannelDown(f"{self.name}: standard output cannot be written to ({error})") from error
        return Receipt("printed")


def open_channel(name: str, settings: Any, network: Network, style: Style) -> Console:
    return Console(name, style)
