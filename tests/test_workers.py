"""Workers: a bad task costs itself, nothing leaks in, and nothing is left running."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from monitor.errors import WorkerFailed
from monitor.together import Together
from monitor.workers import Workers
from tests import tasks_for_workers as tasks


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    found = Workers(2, memory_mb=512)
    yield found
    found.close()


async def test_results_and_the_tasks_own_errors_come_back(workers: Workers) -> None:
    assert await asyncio.gather(*(workers.run(tasks.double, n) for n in range(20))) == list(range(0, 40, 2))
    with pytest.raises(ValueError, match="what the task itself says"):
        await workers.run(tasks.fail)
    with pytest.raises(FileNotFoundError):
        await workers.run(tasks.fail_as_os)


@pytest.mark.parametrize(
    ("task", "arguments", "says"),
    [
        (tasks.sleep, (30.0,), r"took longer than 0\.3 s"),
        (tasks.spin, (30.0,), r"took longer than 0\.3 s"),
        (tasks.hoard, (), "more than 512 MB"),
        (tasks.crash, (), "died"),
        (tasks.leave, (), "died"),
    ],
)
async def test_a_bad_task_costs_itself_alone(
    workers: Workers, task: Callable[..., object], arguments: tuple[object], says: str
) -> None:
    begun = time.monotonic()
    bad = workers.run(task, *arguments, deadline_s=0.3 if arguments else 10.0)
    results = await asyncio.gather(bad, *(workers.run(tasks.double, n) for n in range(5)), return_exceptions=True)
    assert isinstance(results[0], WorkerFailed)
    with pytest.raises(WorkerFailed, match=says):
        raise results[0]
    assert results[1:] == [0, 2, 4, 6, 8]
    assert await workers.run(tasks.double, 21) == 42
    assert time.monotonic() - begun < 15


async def test_work_is_done_again_whose_process_was_stopped_by_somebody_else(workers: Workers, tmp_path: Path) -> None:
    """As where a stop signals every process of a service: it is no fault of what was read."""
    killed: list[object] = []
    workers.on_kill = lambda: killed.append(None)
    assert await workers.run(tasks.hang_at_first, str(tmp_path / "mark")) == "done"
    assert not killed
    with pytest.raises(WorkerFailed, match="died"):
        await workers.run(tasks.end_from_outside)


async def test_idle_workers_are_retired_and_come_back() -> None:
    workers = Workers(1, idle_s=0.1)
    first = await workers.run(tasks.pid)
    for _ in range(100):
        await asyncio.sleep(0.05)
        if not _is_alive(first):
            break
    else:
        pytest.fail("the worker was not retired")
    assert await workers.run(tasks.pid) != first
    workers.close()


async def test_closing_is_quick_and_fails_what_is_under_way() -> None:
    workers = Workers(1)
    running = [asyncio.create_task(workers.run(tasks.sleep, 60.0, deadline_s=100)) for _ in range(3)]
    await asyncio.sleep(0.5)
    begun = time.monotonic()
    workers.close()
    results = await asyncio.gather(*running, return_exceptions=True)
    assert time.monotonic() - begun < 2
    assert all(isinstance(result, WorkerFailed) for result in results)


async def test_a_cancelled_task_ends_its_worker(workers: Workers) -> None:
    before = await workers.run(tasks.pid)
    running = asyncio.create_task(workers.run(tasks.sleep, 60.0, deadline_s=100))
    await asyncio.sleep(0.3)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await workers.run(tasks.double, 4, deadline_s=10) == 8
    assert before


def test_no_secret_reaches_a_worker_and_nothing_is_said_there() -> None:
    script = """
import asyncio, os
os.environ["SLACK_WEBHOOK_URL"] = "canary-9"
from monitor.workers import Workers
from tests import tasks_for_workers as tasks
async def main():
    workers = Workers(1)
    print("canary-9" in await workers.run(tasks.environment), await workers.run(tasks.complain))
    print(os.environ["SLACK_WEBHOOK_URL"])
    workers.close()
if __name__ == "__main__":
    asyncio.run(main())
"""
    environment = {**os.environ, "MONITOR_TOKEN": "canary-9", "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=50,
        env=environment,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("False done\ncanary-9\n", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_whole_group_prints_no_traceback_of_workers(tmp_path: Path, number: signal.Signals) -> None:
    """As Ctrl-C in a terminal: the parent decides what happens; its children are silent and do not outlive
    it."""
    script = tmp_path / "service.py"
    script.write_text(
        """
import asyncio, signal
from monitor.errors import WorkerFailed
from monitor.workers import Workers
from tests import tasks_for_workers as tasks
async def main():
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    workers = Workers(2)
    print(await workers.run(tasks.pid), flush=True)
    running = asyncio.create_task(workers.run(tasks.sleep, 60.0, deadline_s=100))
    await stop.wait()
    workers.close()
    try:
        await running
    except WorkerFailed:
        print("failed", flush=True)
if __name__ == "__main__":
    asyncio.run(main())
"""
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    service = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=environment,
    )
    assert service.stdout
    worker = int(service.stdout.readline())
    time.sleep(0.3)
    os.killpg(service.pid, number)
    out, errors = service.communicate(timeout=20)
    assert (out, errors, service.returncode) == ("failed\n", "", 0)
    for _ in range(100):
        if not _is_alive(worker):
            return
        time.sleep(0.05)
    pytest.fail("a worker outlived its service")


def _is_alive(pid: int) -> bool:
    """Not gone, and not only waiting to be buried (in a container nobody may come for it)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


async def test_tasks_that_share_a_way_fail_one_by_one(workers: Workers) -> None:
    together = Together(workers, tasks.double_each, deadline_s=5)
    found = await asyncio.gather(*(together.run(number, 1) for number in range(20)), return_exceptions=True)
    assert [one for number, one in enumerate(found) if number not in (7, 13)] == [
        2 * number for number in range(20) if number not in (7, 13)
    ]
    assert isinstance(found[7], ValueError)
    assert isinstance(found[13], WorkerFailed)


async def test_what_is_large_goes_alone(workers: Workers) -> None:
    together = Together(workers, tasks.double_each, deadline_s=5)
    assert await asyncio.gather(*(together.run(number, 900_000) for number in range(5))) == [0, 2, 4, 6, 8]
