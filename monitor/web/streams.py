"""What programs ask of the page: probes, metrics, the Atom feed, and the stream that tells open pages what is new.

Each answer is made elsewhere; here it only gets its form.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from monitor import probes
from monitor.assemble import make_style
from monitor.errors import MonitorError
from monitor.push import Answer
from monitor.render import alerts_report
from monitor.render import atom as atom_feed
from monitor.store import alert_feed, alert_report, pages
from monitor.web.desk import Busy, Desk, NotHere

#: Watches whose feeds are kept put together.
MOST_ATOMS = 20
#: A report is of this time and at most so long.
REPORTED, MOST_REPORTED = timedelta(days=30), 5000
LOOKS_EVERY_S = 3.0
PULSE_S = 20.0
#: Open pages that are told what is new; others have to be reloaded.
MOST_LISTENERS = 40


async def healthz(request: Request) -> Response:
    answer = await probes.healthz(_desk(request).app)
    return JSONResponse(answer.body, answer.status)


async def readyz(request: Request) -> Response:
    """What is wrong is for those who may look in; others learn that something is."""
    desk = _desk(request)
    answer = await probes.readyz(desk.app)
    is_told = not desk.keys.is_needed or request.state.visitor.is_known
    body = answer.body if is_told else {"status": answer.body["status"]}
    return JSONResponse(body, answer.status)


async def metrics(request: Request) -> Response:
    body = await probes.metrics(_desk(request).app)
    return Response(body, headers={"content-type": probes.CONTENT_TYPE})


async def hub(request: Request) -> Response:
    """A hub's question or push, by the address that only it was given."""
    push = _desk(request).app.push
    token = request.path_params["token"]
    if request.method != "POST":
        return _plain(await push.receive(request.method, token, request.query_params))
    hub = await push.hub(token)
    if hub is None:
        return Response(status_code=404)  # before a body is taken into memory
    with push.place(hub) as has_room:  # before the body, which then is in memory
        if not has_room:
            return Response(status_code=503, headers={"retry-after": "10"})
        body = await request.body()
        answer = await push.receive(request.method, token, request.query_params, request.headers.items(), body)
    return _plain(answer)


def _plain(answer: Answer) -> Response:
    return Response(answer.body, answer.status, headers={"content-type": answer.content_type})


async def atom(request: Request) -> Response:
    """The newest alerts; `watch` for those that name it. Put together anew when there is a newer one."""
    desk = _desk(request)
    watch = request.query_params.get("watch", "")[:300]
    if watch and watch not in {one.name for listed in desk.config.watchlists for one in listed.watches}:
        raise NotHere(f"there is no watch {watch!r}; the page Watches lists them")
    mark = f'"{await desk.read(_mark, watch)}"'
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers={"etag": mark})
    made: dict[str, tuple[str, bytes]] = request.app.state.atoms
    if made.get(watch, ("",))[0] != mark:
        document = await desk.read(_atom, desk, watch)
        while len(made) >= MOST_ATOMS:
            del made[next(iter(made))]
        made[watch] = (mark, document)
    headers = {
        "content-type": "application/atom+xml; charset=utf-8",
        "etag": mark,
        "cache-control": "private, no-cache",
    }
    return Response(made[watch][1], headers=headers)


def _mark(connection: Connection, watch: str) -> str:
    newest = alert_feed.newest_id(connection)
    return hashlib.sha256(f"{newest} {watch}".encode("utf-8", "replace")).hexdigest()[:24]


def _atom(connection: Connection, desk: Desk, watch: str) -> bytes:
    found = alert_feed.newest(connection, desk.app.rules.name, watch=watch)
    base = (desk.config.settings.web.public_url or "").rstrip("/")
    self_url = f"{base}/alerts.atom{'?' + urlencode({'watch': watch}) if watch else ''}" if base else None
    return atom_feed.feed(found, make_style(desk.config), updated=desk.now(), self_url=self_url, watch=watch)


async def report(request: Request) -> Response:
    """The alerts of the last 30 days as a file: a table for spreadsheets, or a page to be opened or sent."""
    desk = _desk(request)
    kind = request.path_params["kind"]
    if kind not in ("csv", "html"):
        raise NotHere("a report is alerts.csv or alerts.html")
    body = await desk.read(_report, desk, kind, request.query_params.get("watch", "")[:300])
    headers = {
        "content-type": "text/csv; charset=utf-8" if kind == "csv" else "application/octet-stream",
        "content-disposition": f'attachment; filename="alerts-{desk.now():%Y-%m-%d}.{kind}"',
    }
    return Response(body, headers=headers)


def _report(connection: Connection, desk: Desk, kind: str, watch: str) -> bytes:
    now, zone = desk.now(), desk.config.timezone
    rows = alert_report.rows(connection, now - REPORTED, desk.app.rules.name, watch=watch, limit=MOST_REPORTED)
    made = alerts_report.csv(rows, zone) if kind == "csv" else alerts_report.html(rows, zone, now - REPORTED, now)
    return made.encode()


# ---------------------------------------------------------------------------------------------------- what is new


class Watcher:
    """Asks the store every few seconds while pages are open, once for all of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._listeners: set[asyncio.Queue[int]] = set()
        self._asking: asyncio.Task[None] | None = None

    async def listen(self) -> AsyncIterator[int | None]:
        """The newest hit's row at once and whenever there is a newer one; None now and then, to keep the line open.

        What came between the page and its listening is told too: who listens is known before the store is asked.
        """
        if len(self._listeners) >= MOST_LISTENERS:
            raise Busy("too many pages are open; this one has to be reloaded to see what is new")
        queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
        queue.put_nowait(0)
        self._listeners.add(queue)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            while True:
                try:
                    newest = await asyncio.wait_for(queue.get(), PULSE_S)
                except TimeoutError:
                    yield None
                else:  # outside of the time-out, which would end whoever is told
                    yield newest
        finally:
            self._listeners.discard(queue)

    async def _ask(self) -> None:
        newest = -1
        while self._listeners:
            try:
                found = await self._desk.read(pages.newest_hit)
            except (MonitorError, RuntimeError):  # the store, or a desk that was closed
                found = newest
            if found > newest:
                self._tell(found)
            newest = max(newest, found)
            await asyncio.sleep(LOOKS_EVERY_S)

    def _tell(self, newest: int) -> None:
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(newest)


async def events(request: Request) -> Response:
    """Server-sent events: how many stories are newer than the newest hit that the page shows (`after`)."""
    desk, after = _desk(request), request.query_params.get("after", "")
    watcher: Watcher = request.app.state.watcher
    shown = int(after) if after.isdecimal() and len(after) < 16 else await desk.read(pages.newest_hit)
    headers = {"x-accel-buffering": "no"}
    return StreamingResponse(_stream(desk, watcher, shown), media_type="text/event-stream", headers=headers)


async def _stream(desk: Desk, watcher: Watcher, shown: int) -> AsyncIterator[str]:
    yield "retry: 5000\n\n"
    try:
        async for newest in watcher.listen():
            if newest is None:
                yield ": still here\n\n"
                continue
            if count := await desk.read(pages.stories_since, shown):
                yield _event("stories", {"count": count})
    except MonitorError as error:
        yield _event("end", {"said": str(error)})


def _event(name: str, value: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(value)}\n\n"


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk
