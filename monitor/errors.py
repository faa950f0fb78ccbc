"""The errors this program raises, each able to say whether trying again can help.

    MonitorError
    ├── InputError            the person's input is wrong: configuration, arguments, a file (exit code 1)
    │   └── ConfigError       every problem of the configuration at once, each with file, line and column
    ├── StoreError            the store cannot be used: locked, full, read-only, foreign, newer (exit code 1)
    ├── LeaseLost             another machine took over what this one did for too long; its result is dropped
    └── Failure               something outside did not work; `retry` says whether it may later
        ├── FetchFailed       a feed or page was not got
        ├── ParseFailed       a body is no feed
        ├── WorkerFailed      a worker process was killed (deadline, memory) or died
        └── DeliveryFailed    a receiver did not accept
            ├── Refused       this message will never be accepted; do not try again
            └── ChannelDown   the channel itself fails (no connection, 429, 5xx, gone): pause it, keep its messages

Messages are lower case, name their subject first and the next step last, and never hold a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


class MonitorError(Exception):
    """Base of all errors that end in one sentence for a person."""


class InputError(MonitorError):
    """What the person gave is wrong; the text says what and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a configuration file. Lines and columns count from 1; 0 means the file as a whole."""

    file: str
    line: int
    column: int
    message: str
    is_warning: bool = False

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {'warning: ' if self.is_warning else ''}{self.message}"


class ConfigError(InputError):
    """Every problem found, errors and warnings, in file order; its text names the errors."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        errors = [problem for problem in self.problems if not problem.is_warning]
        super().__init__("\n".join(map(str, errors or self.problems)))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[Sequence[Problem]]]:
        """As it comes back from a worker: by its problems, not by its text."""
        return type(self), (self.problems,)


class StoreError(MonitorError):
    """The store cannot be used now; the text says why and what to do."""


class LeaseLost(MonitorError):
    """What was done is not recorded: another does it, or has done it."""


class Failure(MonitorError):
    """Something outside failed. `retry` is False when trying again cannot help."""

    def __init__(self, message: str, *, retry: bool = True) -> None:
        super().__init__(message)
        self.retry = retry


class FetchFailed(Failure):
    """A feed or page was not got. `status` is the HTTP status, None when no answer came.

    `wait` is what the server ordered (Retry-After), already capped; `kind` is one of
    timeout, dns, connect, tls, http, too-large, redirect, blocked-address, bad-url, robots, held, encoding.
    """

    def __init__(
        self, message: str, *, kind: str, status: int | None = None, wait: timedelta | None = None, retry: bool = True
    ) -> None:
        super().__init__(message, retry=retry)
        self.kind = kind
        self.status = status
        self.wait = wait


class ParseFailed(Failure):
    """The body is not a feed that can be read."""


class WorkerFailed(Failure):
    """The worker process ended before its task did: deadline, memory limit or crash."""


class DeliveryFailed(Failure):
    """A receiver did not accept a message. `answer` is what it said, shortened, without secrets.

    `in_doubt` says that the message may have arrived all the same: the answer was lost, or spoke of a later hop.
    """

    def __init__(
        self,
        message: str,
        *,
        answer: str = "",
        retry: bool = True,
        wait: timedelta | None = None,
        in_doubt: bool = False,
    ) -> None:
        super().__init__(message, retry=retry)
        self.answer = answer
        self.wait = wait
        self.in_doubt = in_doubt


class Refused(DeliveryFailed):
    """The receiver will never accept this message as it is."""

    def __init__(self, message: str, *, answer: str = "") -> None:
        super().__init__(message, answer=answer, retry=False)


class ChannelDown(DeliveryFailed):
    """The channel itself fails. `wait` is its Retry-After; `is_gone` when it will not come back without a person."""

    def __init__(
        self,
        message: str,
        *,
        answer: str = "",
        wait: timedelta | None = None,
        is_gone: bool = False,
        in_doubt: bool = False,
    ) -> None:
        super().__init__(message, answer=answer, retry=not is_gone, wait=wait, in_doubt=in_doubt)
        self.is_gone = is_gone
