"""When a trouble of the program itself is told: once when it has lasted, once when it is over, daily while it flaps.

Pure: whether it is there and what was told before in, what to remember and to say out; it must not word anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

#: What is over sooner is nobody's business; and it is over only when it has stayed away so long.
HOLD = timedelta(minutes=5)
DAY = timedelta(days=1)
STANDS = timedelta(hours=1)

Say = Literal["begin", "end", "flaps"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """One that is there now. `key` names it; `title` says what and since when, `lines` what is lost and what to do.

    `brief` says it in a line, with its next step, where somebody looks; `over` is the title of the message that it is
    over. Nobody is told by a message of what has no `hold`. `is_unready`: the program does not do its work meanwhile.
    """

    key: str
    since: datetime
    title: str
    lines: tuple[str, ...] = ()
    over: str = ""
    hold: timedelta | None = HOLD
    apart: frozenset[str] = frozenset()  # channels that cannot be told because they are the trouble
    brief: str = ""
    is_unready: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a trouble from before. `returns` counts its returns since it was told."""

    since: datetime
    ended_at: datetime | None = None
    told_at: datetime | None = None
    is_end_told: bool = False
    returns: int = 0
    title: str = ""  # of the message that it is over
    brief: str = ""  # what is shown while it is there


def after(memory: Memory | None, trouble: Trouble | None, now: datetime) -> tuple[Memory | None, Say | None]:
    """What to remember now, None to forget it, and what to say."""
    if trouble is None:
        return _away(memory, now)
    if memory is None or _is_old(memory, now):
        memory = Memory(trouble.since)
    elif memory.ended_at is not None:
        is_back = memory.is_end_told or memory.told_at is None
        returns = memory.returns + (memory.told_at is not None)
        memory = replace(memory, ended_at=None, returns=returns, since=trouble.since if is_back else memory.since)
    memory = replace(memory, title=trouble.over, brief=trouble.brief)
    hold = _hold(memory, trouble)
    if hold is not None and (memory.told_at is None or memory.is_end_told) and now - memory.since >= hold:
        return replace(memory, told_at=now, is_end_told=False), "begin"
    return _flapping(memory, now)


def untold(memory: Memory | None, trouble: Trouble | None) -> Memory | None:
    """What to remember where there is nobody to tell."""
    if trouble is None:
        return memory if memory is not None and memory.told_at is not None else None
    return replace(memory or Memory(trouble.since), ended_at=None, title=trouble.over, brief=trouble.brief)


def _hold(memory: Memory, trouble: Trouble) -> timedelta | None:
    """What comes again the same day has to stand the longer, the more often it came; what flaps is told once a day."""
    if memory.told_at is None or trouble.hold is None:
        return trouble.hold
    return max(trouble.hold, STANDS * (1, 4, 16, 64)[min(max(memory.returns, 1), 4) - 1])


def _away(memory: Memory | None, now: datetime) -> tuple[Memory | None, Say | None]:
    if memory is None or _is_old(memory, now):
        return None, None
    if memory.ended_at is None:
        memory = replace(memory, ended_at=now)
    if memory.told_at is None:
        return None, None
    assert memory.ended_at is not None
    if not memory.is_end_told and now - memory.ended_at >= HOLD:
        return replace(memory, is_end_told=True), "end"
    return _flapping(memory, now)


def _flapping(memory: Memory, now: datetime) -> tuple[Memory, Say | None]:
    if memory.is_end_told and memory.returns and memory.told_at and now - memory.told_at >= DAY:
        return replace(memory, told_at=now, returns=0, is_end_told=memory.ended_at is not None), "flaps"
    return memory, None


def _is_old(memory: Memory, now: datetime) -> bool:
    """It was over so long ago that its return is a new trouble."""
    is_settled = memory.is_end_told or memory.told_at is None
    return memory.ended_at is not None and is_settled and now - memory.ended_at >= DAY and not memory.returns
