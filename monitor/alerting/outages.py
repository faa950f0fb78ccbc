"""After an outage: which of a channel's waiting alerts go into one catch-up summary, so that nobody gets three hundred.

It must not know how alerts wait, nor when the channel is tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: An outage is long from here on, or when more alerts than MANY wait.
LONG = timedelta(hours=1)
MANY = 10
#: So many urgent alerts still go one by one.
FEW_URGENT = 3


@dataclass(frozen=True, slots=True)
class Held:
    """An alert that waits alone for a channel that fails. `key` is the caller's own."""

    key: str
    is_urgent: bool = False


def catch_up(
    waiting: Sequence[Held], failing_since: datetime, now: datetime, *, has_begun: bool = False
) -> tuple[Held, ...]:
    """Those of `waiting` to gather into the channel's catch-up summary, in their order; none after a short outage.

    `has_begun` says that such a summary waits already: then a single further alert goes into it as well.
    """
    if now - failing_since <= LONG and len(waiting) <= MANY and not has_begun:
        return ()
    is_few = sum(one.is_urgent for one in waiting) <= FEW_URGENT
    gathered = tuple(one for one in waiting if not (is_few and one.is_urgent))
    return gathered if has_begun or len(gathered) > 1 else ()
