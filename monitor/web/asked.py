"""A request as pages see it, and a page written as its answer: what the routes and the forms of pages share.

Who may ask is decided before; it must not know which addresses there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from monitor.web import pages
from monitor.web.desk import Desk, Look
from monitor.web.paper import render


def look(request: Request, **more: Any) -> Look:
    """The request as pages see it."""
    desk: Desk = request.app.state.desk
    return Look(
        config=desk.app.config,
        rules=desk.app.rules,
        now=desk.now(),
        keys=desk.keys,
        visitor=request.state.visitor,
        path=request.url.path,
        query=dict(request.query_params),
        places={key: str(value) for key, value in request.path_params.items()},
        cookies=request.cookies,
    )


def written(connection: Connection, page: pages.Page, asked: Look, values: Mapping[str, Any]) -> bytes:
    """The page with what it shows, and how all is above it."""
    standing = pages.standing.of(connection, asked)
    return render(page.template, asked, {"standing": standing, "page": page, **values})


async def answered(request: Request, path: str, values: Mapping[str, Any], status: int) -> Response:
    """A page that shows what a form led to."""
    desk: Desk = request.app.state.desk
    html = await desk.read(written, pages.PAGES[path], look(request), values)
    return Response(html, status, media_type="text/html; charset=utf-8")
