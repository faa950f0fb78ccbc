"""Messages on the terminal, or wherever standard output goes.

It must not print anything but messages; logs go to standard error.
"""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import sys
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from threading import Thread
from typing import Any, TextIO

from monitor.channels.degrade import best
from monitor.errors import ChannelDown
from monitor.fetch import Network
from monitor.model import Message, Receipt
from monitor.render import Style, console, plain

WIDEST = 100  # columns; longer lines are hard to read


class Pen:
    """Writes one message at a time, in a thread, since nobody may read the pipe that standard output is.

    A message that nobody read in time stays under way; if it comes through after all, it is not printed again.
    """

    def __init__(self) -> None:
        self._under_way: tuple[str, Future[None]] | None = None

    async def write(self, stream: TextIO, text: str, key: str) -> None:
        """Raises OSError and ValueError as the stream does, BlockingIOError while another message is under way."""
        future = self._begun(key)
        if future is None:
            future = Future()
            future.set_running_or_notify_cancel()  # so that a deadline ends the waiting, not the writing
            self._under_way = (key, future)
            # A daemon, since a thread that waits for a reader would keep the program from ending.
            Thread(target=_write, args=(stream, text, future), daemon=True).start()
        await asyncio.wrap_future(future)
        self._under_way = None

    def _begun(self, key: str) -> Future[None] | None:
        """This message's writing, if it was begun and has not failed."""
        if self._under_way is None:
            return None
        begun, future = self._under_way
        if begun != key and not future.done():
            raise BlockingIOError("nobody reads it")
        return future if begun == key and not (future.done() and future.exception()) else None


@dataclass(frozen=True)
class Console:
    """Prints to `stream` (standard output where none is given), in colour on a terminal unless NO_COLOR
    is set."""

    name: str
    style: Style
    stream: TextIO | None = None
    kind: str = field(default="console", init=False)
    of_people: bool = field(default=False, init=False)
    recipients: tuple[str, ...] = field(default=("",), init=False)
    pen: Pen = field(default_factory=Pen, init=False, repr=False, compare=False)

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
        try:
            await self.pen.write(stream, text, delivery_id)
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise ChannelDown(f"{self.name}: standard output cannot be written to ({error})") from error
        return Receipt("printed")


def _write(stream: TextIO, text: str, future: Future[None]) -> None:
    encoding = stream.encoding or "utf-8"
    data = text.encode(encoding, "replace")
    try:
        stream.flush()
        try:
            number = stream.fileno()
        except io.UnsupportedOperation:  # no file
            stream.write(data.decode(encoding))
            stream.flush()
        else:
            while data:  # past Python's buffer, whose lock the thread would hold while the program ends
                data = data[os.write(number, data) :]
    except Exception as error:
        future.set_exception(error)
    else:
        future.set_result(None)


def open_channel(name: str, settings: Any, network: Network, style: Style) -> Console:
    return Console(name, style)
