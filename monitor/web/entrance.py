"""Logging in and out: one password, few tries, a signed cookie.

It must not know what lies behind.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.web.desk import Desk, Look
from monitor.web.keys import LASTS, Visitor

#: Wrong passwords that one address may give within `WINDOW`; from so many of all together on each has to wait.
TRIES, TRIES_OF_ALL = 5, 30
WINDOW = timedelta(minutes=5)
SLOWED_S = 0.5
#: Addresses that are remembered.
MOST_KNOWN = 10_000


@dataclass(slots=True)
class Tries:
    """Wrong passwords of the last minutes, by address, or by browser where it was logged in before: strangers cannot
    lock that one out. Those of all addresses together do not refuse, but slow down, for that would lock out everyone;
    a full memory forgets the oldest."""

    wrong: dict[str, deque[datetime]] = field(default_factory=dict)
    of_all: deque[datetime] = field(default_factory=lambda: deque(maxlen=TRIES_OF_ALL))
    one_by_one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def slow(self, now: datetime) -> None:
        """While many guess, one guess after the other is answered."""
        if len(self.of_all) == TRIES_OF_ALL and self.of_all[0] > now - WINDOW:
            async with self.one_by_one:
                await asyncio.sleep(SLOWED_S)

    def wait(self, address: str, now: datetime) -> timedelta | None:
        """How long this address has to wait, None if it may try."""
        tries = self.wrong.get(address, deque())
        while tries and tries[0] <= now - WINDOW:
            tries.popleft()
        return tries[0] + WINDOW - now if len(tries) >= TRIES else None

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
    address, is_known = _who(request, desk)
    if not is_known:
        await tries.slow(now)
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
    visitor = desk.keys.begin(now, is_known=True)
    remember(response, desk, visitor)
    set_cookie(response, desk, _browser_name(desk), desk.keys.browser(visitor.id))
    return response


def _who(request: Request, desk: Desk) -> tuple[str, bool]:
    """By what wrong passwords are counted; whether it is a browser that was logged in before."""
    browser = request.cookies.get(_browser_name(desk), "")
    if desk.keys.is_browser(browser):
        return browser, True
    return network(request.client.host if request.client else ""), False


def network(address: str) -> str:
    """An address by which people are told apart: of IPv6 everyone has 2**64."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


async def leave(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    if request.state.visitor.is_known:
        desk.ended.add(request.state.visitor, desk.now())
    response = RedirectResponse("/login", 303)
    response.delete_cookie(cookie_name(desk), path="/")
    return response


def local(path: str) -> str:
    """A place on this page to go to; `/` for any other."""
    is_ours = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable() and "\\" not in path
    return path if is_ours and len(path) < 2000 else "/"


def cookie_name(desk: Desk) -> str:
    return "__Host-monitor" if _is_secure(desk) else "monitor"


def _browser_name(desk: Desk) -> str:
    return f"{cookie_name(desk)}-browser"


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
