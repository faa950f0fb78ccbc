"""What is not well, each worry a sentence with its next step: for `monitor status`, the page and whoever asks.

It judges numbers that others read from the store; it must not read it, nor print.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.store import ask, members, watches

#: A service polls something every few minutes; longer than this without one good poll is no accident.
SILENT = timedelta(hours=3)
AHEAD = timedelta(minutes=5)
#: The fact that says who worked here last: "service", or "once" where rounds come from cron and nothing stays.
WORKED = "worked last"


def everything(
    connection: Connection, numbers: Mapping[str, Any], configured: Collection[str], now: datetime, *, is_running: bool
) -> list[str]:
    """All worries, the gravest first; `numbers` are those of `ask.status`."""
    channels = ask.failing_channels(connection)
    return [
        *_of_service(connection, is_running=is_running),
        *_of_edits(connection),
        *_of_members(members.listing(connection)),
        *_of_numbers(numbers, channels, now, is_running=is_running),
        *_of_messages(ask.troubles(connection, now), {one["channel"] for one in channels}, is_running=is_running),
        *(
            f"{one['waiting']} messages wait for {one['channel']}, which is not configured; see 'monitor deliveries'"
            for one in ask.waiting_for_nobody(connection, tuple(configured))
        ),
    ]


def _of_service(connection: Connection, *, is_running: bool) -> list[str]:
    """A service that was there and is gone; who calls `monitor once` from cron has none."""
    worked = watches.fact(connection, WORKED)
    is_gone = not is_running and worked is not None and worked[0] == "service"
    return ["the service is not running; start it, with systemd or 'monitor run'"] if is_gone else []


def _of_edits(connection: Connection) -> list[str]:
    """An edit that was not taken: what runs is not what the files say."""
    refused = watches.fact(connection, "refused edit")
    return [f"the last edit was not taken, the version of before runs: {refused[0][0]}"] if refused else []


def _of_members(there: Sequence[members.Member]) -> list[str]:
    """Where machines share the store: whether each part of the work has somebody, and all want the same."""
    if not there:
        return []
    roles = {one.role for one in there}
    worries = []
    if not roles & {"all", "scheduler"}:
        worries.append("no machine decides what is due; start 'monitor run --role scheduler' on one")
    if not roles & {"all", "worker"}:
        worries.append("no machine polls or delivers; start 'monitor run --role worker' on one")
    if len({one.version for one in there}) > 1:
        worries.append("machines run different versions of the program; install the same on all")
    if len({one.watches for one in there}) > 1:
        worries.append("machines have different watchlists; bring the same files to all and reload")
    return worries


def _of_numbers(
    numbers: Mapping[str, Any], channels: Sequence[Mapping[str, Any]], now: datetime, *, is_running: bool
) -> list[str]:
    worries = [f"channel {one['channel']} fails: {one['error']}; see 'monitor deliveries'" for one in channels]
    if numbers["failed"]:
        given_up = "1 delivery was" if numbers["failed"] == 1 else f"{numbers['failed']} deliveries were"
        worries.append(f"{given_up} given up; see 'monitor deliveries list --state \"given up\"'")
    if numbers["feeds"] and numbers["feeds_failing"] == numbers["feeds"]:
        worries.append("every feed fails; is this machine online?")
    elif numbers.get("feeds_never_read"):
        never = numbers["feeds_never_read"]
        said = "1 feed was" if never == 1 else f"{never} feeds were"
        worries.append(f"{said} never read since added; 'monitor feeds' says why")
    if numbers["feeds_stopped"]:
        stopped = "1 feed is" if numbers["feeds_stopped"] == 1 else f"{numbers['feeds_stopped']} feeds are"
        worries.append(f"{stopped} gone for good (410) and no longer polled; see 'monitor feeds list'")
    last = numbers["last_poll"]
    if last is not None and last > now + AHEAD:
        worries.append("the last poll lies in the future; is the clock of this machine right?")
    if last is not None and now - last > SILENT:
        worries.append("no poll has gone well for hours; " + ("see the log" if is_running else "start 'monitor run'"))
    return worries


def _of_messages(found: Mapping[str, Any], failing: Collection[str], *, is_running: bool) -> list[str]:
    """What waits or was left."""
    worries = [
        f"{channel} has not accepted a message: {answer}; see 'monitor deliveries'"
        for channel, answer in found["refused"]
        if channel not in failing
    ]
    if found["overdue"] and not is_running:
        worries.append(f"nothing runs, and messages wait: {found['overdue']}; start 'monitor run' or 'monitor once'")
    if found["unreadable"]:
        worries.append(f"{found['unreadable']} articles could not be read nor matched; see the log")
    return worries
