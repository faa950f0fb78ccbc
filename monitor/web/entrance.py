"""Logging in and out: one password, few tries, a signed cookie.

It must not know what lies behind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.web.desk import Desk, Look
from monitor.web.keys import LASTS, Visitor

#: Wrong passwords that one address, and that all together, may give within `WINDOW`.
TRIES, TRIES_OF_ALL = 5, 30
WINDOW = timedelta(minutes=5)
#: Addresses that are remembered.
MOST_KNOWN = 10_000


@dataclass(slots=True)
class Tries:
    """Wrong passwords of the last minutes, by address; a full memory forgets the oldest."""

    wrong: dict[str, deque[datetime]] = field(default_factory=dict)
    of_all: deque[datetime] = field(default_factory=deque)

    def wait(self, address: str, now: datetime) -> timedelta | None:
        """How long this address has to wait, None if it may try."""
        for tries, most in ((self.wrong.get(address, deque()), TRIES), (self.of_all, TRIES_OF_ALL)):
            while tries and tries[0] <= now - WINDOW:
                tries.popleft()
            if len(tries) >= most:
                return tries[0] + WINDOW - now
        return None

    def note(self, address: str, now: datetime) -> None:
        while len(self.wrong) >= MOST_KNOWN:
            del self.wrong[next(iter(self.wrong))]
        self.wrong.setdefault(address, deque(maxlen=TRIES)).append(now)
        self.of_all.append(now)

    def forget(self, address: str) -> None:
        self.wrong.pop(address, None)


async def show(request: Request) -> Response:
    """The form; who is in already goes on."""
    desk: Desk = request.app.state.desk
    if not desk.keys.is_needed or request.state.visitor.is_known:
        return RedirectResponse("/", 303)
    return _page(request, desk)


async def enter(request: Request) -> Response:
    """Take the password, or say that it is wrong, or for how long nobody may try."""
    desk: Desk = request.app.state.desk
    form: Mapping[str, str] = request.state.form
    tries: Tries = request.app.state.tries
    now = desk.now()
    address = request.client.host if request.client else ""
    if (wait := tries.wait(address, now)) is not None:
        minutes = wait.total_seconds() // 60 + 1
        response = _page(request, desk, f"Too many wrong passwords. Try again in {minutes:.0f} min.", 429)
        response.headers["retry-after"] = str(int(wait.total_seconds()) + 1)
        return response
    if not desk.keys.is_password(form.get("password", "")):
        tries.note(address, now)
        return _page(request, desk, "This is not the password. It stands in monitor.yaml, at web.password.", 403)
    tries.forget(address)
    response = RedirectResponse(local(form.get("back", "/")), 303)
    remember(response, desk, desk.keys.begin(now, is_known=True))
    return response


async def leave(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    response = RedirectResponse("/login", 303)
    response.delete_cookie(cookie_name(desk), path="/")
    return response


def local(path: str) -> str:
    """A place on this page to go to; `/` for any other."""
    is_ours = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable() and "\\" not in path
    return path if is_ours and len(path) < 2000 else "/"


def cookie_name(desk: Desk) -> str:
    return "__Host-monitor" if _is_secure(desk) else "monitor"


def remember(response: Response, desk: Desk, visitor: Visitor) -> None:
    set_cookie(response, desk, cookie_name(desk), desk.keys.cookie(visitor))


def set_cookie(response: Response, desk: Desk, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=int(LASTS.total_seconds()), httponly=True, samesite="lax", secure=_is_secure(desk)
    )


def _is_secure(desk: Desk) -> bool:
    return (desk.config.settings.web.public_url or "").startswith("https:")


def _page(request: Request, desk: Desk, said: str = "", status: int = 200) -> Response:
    from monitor.web.paper import render

    look = Look(desk.config, desk.app.rules, desk.now(), desk.keys, request.state.visitor, path="/login")
    back = local(request.query_params.get("back", "") or getattr(request.state, "form", {}).get("back", "/"))
    html = render("login.html", look, {"wrong": said, "back": back, "page": None, "standing": None})
    response = Response(html, status, media_type="text/html; charset=utf-8")
    remember(response, desk, request.state.visitor)
    return response
