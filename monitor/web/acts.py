"""The reader's hands: marks, mutes, sending and asking again; each a POST with a form of ours.

Each act is a function that others wrote for the commands; here it only gets its form and its way back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.errors import InputError
from monitor.store import evidence as evidence_rows
from monitor.store import feeds, judgments, outbox, silences
from monitor.store.silences import Subject
from monitor.web import entrance
from monitor.web.desk import Desk, NotHere

#: A muted story is closed by then.
MUTED_FOR = timedelta(days=7)


def _form(request: Request) -> Mapping[str, str]:
    form: Mapping[str, str] = request.state.form
    return form


def _back(request: Request, said: str) -> Response:
    """To the page that the form stood on, which says what was done."""
    parts = urlsplit(entrance.local(_form(request).get("back", "/")))
    kept = "&".join(part for part in parts.query.split("&") if part and not part.startswith("said="))
    query = f"{kept}&said={said}" if kept else f"said={said}"
    return RedirectResponse(urlunsplit(("", "", parts.path, query, parts.fragment)), 303)


async def judge(request: Request) -> Response:
    """Mark what was found in an article as wrong or right, or take the mark back."""
    desk: Desk = request.app.state.desk
    form = _form(request)
    verdict = form.get("verdict", "")
    if verdict not in ("wrong", "right", "unmarked"):
        raise InputError("say wrong, right or unmarked")
    because = form.get("because", "")[:500]
    await desk.write(_judge, form.get("id", ""), (verdict, because), form.get("watch", ""), desk.now())
    return _back(request, verdict)


def _judge(connection: Connection, text: str, said: tuple[str, str], only: str, now: datetime) -> None:
    found = judgments.subject(connection, text)
    if found is None:
        raise NotHere("there is no such article or alert")
    article, watches = found
    chosen = [pair for pair in watches if not only or "/".join(pair) == only]
    verdict, because = said
    if verdict == "unmarked":
        judgments.unmark(connection, article, chosen)
    else:
        judgments.mark(connection, article, chosen, now, because=because, verdict=verdict)


async def mute(request: Request) -> Response:
    """Hear no more of a story, or hear it again."""
    desk: Desk = request.app.state.desk
    form = _form(request)
    is_end = form.get("end") == "1"
    await desk.write(_mute, form.get("id", ""), desk.now(), is_end=is_end)
    return _back(request, "heard" if is_end else "muted")


def _mute(connection: Connection, text: str, now: datetime, *, is_end: bool) -> None:
    story = silences.story_of(connection, text)
    if story is None:
        raise NotHere("there is no such story or alert")
    if is_end:
        silences.end(connection, Subject("story", story[0]), now)
    else:
        silences.begin(connection, Subject("story", story[0]), now + MUTED_FOR, now)


async def retry(request: Request) -> Response:
    """Make a delivery that was not accepted due now, or all of them."""
    desk: Desk = request.app.state.desk
    name = _form(request).get("id", "")
    due = await desk.write(outbox.retry, None if name == "all" else [name], desk.now())
    if not due and name != "all":
        raise NotHere("no such delivery waits or was given up")
    desk.app.wake()
    return _back(request, "retried")


async def poll(request: Request) -> Response:
    """Ask a feed now, unless its server holds it."""
    desk: Desk = request.app.state.desk
    number = _form(request).get("id", "")
    asked = await desk.write(_poll, int(number) if number.isdecimal() and len(number) < 16 else -1, desk.now())
    if not asked:
        raise InputError("this feed is not asked now: its server holds it, or it is not in the configuration")
    return _back(request, "polled")


def _poll(connection: Connection, number: int, now: datetime) -> int:
    found = feeds.some(connection, [number])
    return feeds.retry(connection, [found[0].url], now) if found else 0


async def evidence(request: Request) -> Response:
    """A version of an article as it came, for the reader's disk and never for the browser's eyes."""
    desk: Desk = request.app.state.desk
    found = await desk.read(evidence_rows.download, int(request.path_params["version"]))
    if found is None:
        raise NotHere("this version is not kept")
    name, body = found
    safe = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name if letter.isascii())
    headers = {
        "content-disposition": f'attachment; filename="{safe[:100] or "evidence"}"',
        "content-type": "application/octet-stream",
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return Response(body, headers=headers)


#: Every POST that changes something.
ACTS: Mapping[str, Callable[[Request], Awaitable[Response]]] = {
    "/acts/judge": judge,
    "/acts/mute": mute,
    "/acts/retry": retry,
    "/acts/poll": poll,
}
