"""Tasks that misbehave in a worker, importable from there."""

from __future__ import annotations

import os
import signal
import time


def double(number: int) -> int:
    return 2 * number


def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def hoard() -> int:
    return len(bytearray(8 * 1024**3))


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def hang_at_first(mark: str) -> str:
    """Ended from outside the first time, done the second."""
    if not os.path.exists(mark):
        with open(mark, "w") as file:
            file.write(str(os.getpid()))
        os.kill(os.getppid(), signal.SIGTERM)  # the fork server is of the same group
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(30)
    return "done"


def end_from_outside() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(30)


def leave() -> None:
    os._exit(3)


def fail() -> None:
    raise ValueError("what the task itself says")


def fail_as_os() -> None:
    raise FileNotFoundError("no such thing")


def pid() -> int:
    return os.getpid()


def environment() -> str:
    with open("/proc/self/environ") as file:
        return file.read() + repr(dict(os.environ))


def complain() -> str:
    import logging

    logging.getLogger("noisy").error("a library's complaint")
    logging.getLogger("noisy").warning("another")
    return "done"


def double_each(numbers: list[int]) -> list[int | Exception]:
    """Of several; 7 fails, 13 ends its process."""
    if 13 in numbers:
        leave()
    return [ValueError("seven") if number == 7 else 2 * number for number in numbers]
