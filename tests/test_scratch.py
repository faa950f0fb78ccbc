"""Temporary files: a process that was killed leaves them to the next, which takes its own kind alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SERVICE = """
import sys
from monitor import scratch
from monitor.workers import Workers
(scratch.folder() / "watchlists.pickle").write_bytes(b"x")
Workers().prepare()
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not the test's own: the address of a socket is short."""
    with tempfile.TemporaryDirectory(prefix="scratch-") as made:
        yield Path(made)


@contextmanager
def service(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has workers, until its input ends."""
    started = subprocess.Popen(
        [sys.executable, "-c", SERVICE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    with started:
        assert started.stdout
        assert started.stdout.readline() == b"\n"
        yield started


def test_what_was_killed_is_swept_by_the_next_start_and_what_lives_is_not(folder: Path) -> None:
    (folder / "news-monitor-0").mkdir()
    (folder / "news-monitor-run-file").touch()
    (folder / "news-monitor-run-link").symlink_to(folder / "news-monitor-0")
    before = set(folder.iterdir())
    with service(folder) as killed, service(folder) as living:
        killed.kill()
        killed.wait()
        assert len(set(folder.iterdir()) - before) == 2  # all of each process is in one folder
        with service(folder) as third:
            assert len(left := set(folder.iterdir()) - before) == 2
            assert all((one / "watchlists.pickle").exists() for one in left)
            third.communicate()
        living.communicate()
    assert set(folder.iterdir()) == before
    assert (third.returncode, living.returncode) == (0, 0)
