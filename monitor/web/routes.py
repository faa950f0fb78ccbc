"""Every address of the page, each with who may ask: the one table that the tests walk.

It joins pages to addresses and guards them; it must not read the store.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qsl, quote

from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from monitor.errors import InputError, MonitorError, StoreError
from monitor.web import acts, api, entrance, pages, seeking, streams, trying
from monitor.web.asked import look, written
from monitor.web.desk import Busy, Desk, Look, NotHere
from monitor.web.door import HUB, TooMuch
from monitor.web.hosts import is_from_us
from monitor.web.keys import Visitor
from monitor.web.paper import STATIC, render, static

log = logging.getLogger(__name__)

#: open: anybody. token: also who shows the token. reader: also who shows it in a header. person: only the logged in.
Access = Literal["open", "token", "reader", "person"]
Endpoint = Callable[[Request], Awaitable[Response]]
MOST_FIELDS = 20


class RowNumber(IntegerConvertor):
    """A row's number in an address: no longer than a store can look for."""

    regex = "[0-9]{1,18}"


register_url_convertor("row", RowNumber())


@dataclass(frozen=True, slots=True)
class Guarded:
    """An endpoint with who may ask it; `is_form`: what it is posted is a form of ours."""

    endpoint: Endpoint
    access: Access = "person"
    is_form: bool = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            response = await self.answer(request)
        except Exception as error:  # whatever a page meets, the visitor reads a sentence
            response = await _failed(request, error)
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        desk: Desk = request.app.state.desk
        visitor, is_new = _visitor(request, desk)
        request.state.visitor = visitor
        if not self._may(request, desk, visitor):
            return _ask_for_password(request)
        if request.method == "POST" and self.is_form:
            request.state.form = await _form(request, desk, visitor)
        response = await self.endpoint(request)
        if is_new and self.access == "person":
            entrance.remember(response, desk, visitor)
        return response

    def _may(self, request: Request, desk: Desk, visitor: Visitor) -> bool:
        if not desk.keys.is_needed or self.access == "open" or visitor.is_known:
            return True
        if self.access == "person":
            return False
        shown = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if self.access == "token":
            shown = shown or request.query_params.get("token", "")
        return bool(shown) and desk.keys.is_token(shown)


def _visitor(request: Request, desk: Desk) -> tuple[Visitor, bool]:
    cookie = request.cookies.get(entrance.cookie_name(desk), "")
    known = desk.keys.visitor(cookie, desk.now()) if cookie else None
    return (known, False) if known and not desk.ended.holds(known) else (desk.keys.begin(desk.now()), True)


def _ask_for_password(request: Request) -> Response:
    wants_page = "text/html" in request.headers.get("accept", "") and request.method == "GET"
    if wants_page:
        back = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""), safe="")
        return RedirectResponse(f"/login?back={back}", 303)
    if request.url.path.startswith("/api/"):
        return api.failed(401, "show the token: Authorization: Bearer …; the page of a watch says it")
    return PlainTextResponse("log in first, at /login\n", 401)


async def _form(request: Request, desk: Desk, visitor: Visitor) -> Mapping[str, str]:
    """What a form of ours says. Raises HTTPException for one of another site, or none at all."""
    if not is_from_us(request.headers, desk.config.settings.web.public_url):
        raise HTTPException(403, "this form did not come from this page; open the page itself and try again")
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise HTTPException(415, "a form is posted as application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl((await request.body()).decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400, "the form could not be read") from error
    form = dict(pairs)
    if not desk.keys.is_form(visitor, form.get("form", "")):
        raise HTTPException(403, "this form is too old, or cookies are off; reload the page and try again")
    return form


# ------------------------------------------------------------------------------------------------------ pages


def shown(page: pages.Page) -> Endpoint:
    """A page: read and written in a thread."""

    async def endpoint(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        asked = look(request)
        html, cookies = await desk.read(_made, page, asked)
        response = Response(html, media_type="text/html; charset=utf-8")
        for name, value in cookies.items():
            entrance.set_cookie(response, desk, name, value)
        return response

    return endpoint


def _made(connection: Connection, page: pages.Page, asked: Look) -> tuple[bytes, Mapping[str, str]]:
    values = dict(page.read(connection, asked))
    cookies = values.pop("cookies", {})
    return written(connection, page, asked, values), cookies


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404, "there is no such file")
    headers = {"cache-control": "public, max-age=31536000, immutable", "content-type": STATIC[name]}
    return Response(static(name), headers=headers)


async def _icon(request: Request) -> Response:
    """For browsers that ask without having read a page."""
    headers = {"cache-control": "public, max-age=86400", "content-type": STATIC["icon.svg"]}
    return Response(static("icon.svg"), headers=headers)


# ----------------------------------------------------------------------------------------------------- errors


async def _failed(request: Request, error: Exception) -> Response:
    """Every error is a sentence: as a page for people, as JSON for programs."""
    status, said = _said(error)
    if request.url.path.startswith("/api/"):
        return api.failed(status, said)
    if "text/html" not in request.headers.get("accept", ""):
        return PlainTextResponse(said + "\n", status)
    desk: Desk = request.app.state.desk
    if not hasattr(request.state, "visitor"):
        request.state.visitor = _visitor(request, desk)[0]
    title = {404: "Not found", 503: "Not now"}.get(status, HTTPStatus(status).phrase)
    values = {"page": pages.Page("error.html", title, _nothing), "standing": None, "title": title, "sentence": said}
    return Response(render("error.html", look(request), values), status, media_type="text/html; charset=utf-8")


def _nothing(connection: Connection, asked: Look) -> Mapping[str, Any]:
    return {}


def _said(error: Exception) -> tuple[int, str]:
    match error:
        case HTTPException():
            return error.status_code, error.detail
        case NotHere():
            return 404, str(error)
        case Busy() | StoreError():
            return 503, str(error)
        case InputError():
            return 422, str(error)
        case TooMuch():
            return 413, "this is more than can be posted here, or came too slowly"
        case MonitorError():
            return 502, str(error)
    log.error("page failed: %s", type(error).__name__, exc_info=error)
    return 500, "this page failed; the log says more"


# ------------------------------------------------------------------------------------------------------ table

#: Pages that take more than a read transaction.
ASKED: Mapping[str, Endpoint] = {"/archive": seeking.shown}


def table() -> list[BaseRoute]:
    """All routes. What is not in it does not exist."""

    def get(path: str, endpoint: Endpoint, access: Access = "person") -> Route:
        return Route(path, Guarded(endpoint, access), methods=["GET"])

    def post(path: str, endpoint: Endpoint, access: Access = "person", *, is_form: bool = True) -> Route:
        return Route(path, Guarded(endpoint, access, is_form), methods=["POST"])

    return [
        *(get(path, ASKED.get(path) or shown(page)) for path, page in pages.PAGES.items()),
        *(post(path, act) for path, act in acts.ACTS.items()),
        post("/try", trying.attempted),
        get("/articles/{id}/evidence/{version:row}", acts.evidence),
        get("/reports/alerts.{kind}", streams.report),
        get("/events", streams.events),
        get("/login", entrance.show, "open"),
        post("/login", entrance.enter, "open"),
        post("/logout", entrance.leave),
        get("/static/{name}", _static, "open"),
        get("/favicon.ico", _icon, "open"),
        get("/healthz", streams.healthz, "open"),
        get("/readyz", streams.readyz, "open"),
        get("/metrics", streams.metrics, "token"),
        get("/alerts.atom", streams.atom, "token"),
        get(f"{HUB}{{token}}", streams.hub, "open"),
        post(f"{HUB}{{token}}", streams.hub, "open", is_form=False),
        *(get(one.path, one.endpoint, "reader") for one in api.ENDPOINTS),
        get("/api/openapi.json", api.document, "reader"),
    ]


def pages_app(desk: Desk) -> Starlette:
    """The ASGI application, before the door."""
    app = Starlette(
        routes=table(),
        exception_handlers={HTTPException: _failed},  # of addresses that are not in the table
    )
    app.state.desk = desk
    return app
