"""The archive asked a question: in a process of the page's own, which is ended when it takes too long.

The page and the API ask here alike; what is found they show themselves. A question of another site is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from monitor.errors import InputError, WorkerFailed
from monitor.search import Results
from monitor.web import attempt
from monitor.web.asked import answered, look
from monitor.web.desk import Desk
from monitor.web.door import is_foreign
from monitor.web.pages import archive
from monitor.web.pages.now import number

#: What a question may take; the command has time for others.
WITHIN_S = 10.0


async def seek(desk: Desk, query: str, *, limit: int, before: int | None, most: int) -> Results:
    """What the question finds. Raises InputError where it cannot be read or takes too long, and Busy."""
    config = desk.config
    asked = attempt.Question(query, config.watchlists, config.feeds, limit, before, most)
    store = desk.app.store.store.address
    try:
        return await desk.work(attempt.seek, store, asked, deadline_s=WITHIN_S)
    except WorkerFailed as error:
        why = "this question takes longer than a page may; ask for less, or use 'monitor search'"
        raise InputError(why) from error


async def shown(request: Request) -> Response:
    """The page of the archive, with what was asked; without a question what came in last."""
    desk: Desk = request.app.state.desk
    query = request.query_params.get("q", "").strip()[: archive.LONGEST]
    if query:
        values = await _found(request, desk, query)
    else:
        values = await desk.read(archive.read, look(request))
    return await answered(request, "/archive", values, 200)


async def _found(request: Request, desk: Desk, query: str) -> Mapping[str, Any]:
    before = number(request.query_params.get("before"))
    if is_foreign(request.headers):
        return archive.unasked(query, "another site asks this here; press Search if you want to")
    try:
        found = await seek(desk, query, limit=archive.AT_ONCE, before=before, most=archive.MOST_CANDIDATES)
    except InputError as error:
        return archive.unasked(query, str(error))
    return archive.answered(query, found)
