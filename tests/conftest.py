"""What all tests share: worker processes start in milliseconds, because their modules are imported once."""

from __future__ import annotations

import multiprocessing
import multiprocessing.forkserver as forkserver

import pytest


@pytest.fixture(scope="session", autouse=True)
def fork_server() -> None:
    """The fork server of this session has the program's modules loaded, whichever test needs a worker first."""
    from monitor.app import PRELOAD

    multiprocessing.get_context("forkserver").set_forkserver_preload(list(PRELOAD))
    forkserver.ensure_running()
