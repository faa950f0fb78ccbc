"""The page put together for a service: started with it, and anew when an edit moves it or changes its password.

The only file of the page that the service knows.
"""

from __future__ import annotations

import logging
import secrets

from monitor.app import App
from monitor.config.settings import Web
from monitor.web import entrance
from monitor.web.desk import Desk
from monitor.web.door import Door
from monitor.web.hosts import is_ours
from monitor.web.keys import Keys, seed
from monitor.web.routes import pages_app
from monitor.web.server import Server
from monitor.web.streams import Watcher

log = logging.getLogger(__name__)


class Site:
    """The page of a running App."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._server: Server | None = None
        self._desk: Desk | None = None
        self._as: tuple[object, ...] | None = None  # what it was started as

    @property
    def address(self) -> str:
        """Where it is, for people; "" if it is not."""
        web = self._app.config.settings.web
        return (web.public_url or f"http://{web.listen}/") if self._server else ""

    async def start(self) -> None:
        """Listen where the configuration says; where that is not possible the service goes on without."""
        web = self._app.config.settings.web
        self._as = _identity(web)
        if web.listen is None or not self._app.has_page:
            return
        self._desk = Desk(self._app, Keys(self._seed(), web.password))
        server = Server(door(self._desk), web.listen)
        try:
            await server.start()
        except OSError as error:
            self._desk.close()
            self._note_failure(f"{web.listen} cannot be listened at ({(error.strerror or str(error)).lower()})")
        else:
            self._server, self._app.vitals.no_page = server, None

    async def try_again(self) -> None:
        """Where it could not listen: what was in the way may be gone."""
        if self._app.vitals.no_page is not None:
            await self.start()
            if self.address:
                log.info("page: %s", self.address)

    def _note_failure(self, why: str) -> None:
        """The first time in the log; from then on it is shown, and told to health.to, until it is mended."""
        if self._app.vitals.no_page is None:
            log.error("no web page: %s; set web.listen to a free port, or to null", why)
        _, since = self._app.vitals.no_page or ("", self._app.clock())
        self._app.vitals.no_page = (why, since)

    async def follow(self) -> None:
        """After an edit: listen elsewhere, or under another password; else go on."""
        if self._as not in (None, _identity(self._app.config.settings.web)):
            await self.stop()
            self._app.vitals.no_page = None
            await self.start()
            if self.address:
                log.info("page: %s", self.address)

    async def stop(self) -> None:
        if self._server is not None:  # first: what is being answered needs the desk
            await self._server.stop()
        if self._desk is not None:
            self._desk.close()
        self._server = self._desk = None

    def _seed(self) -> bytes:
        found = seed(self._app.store.store.path)
        if found is None:
            log.info("page: logins and the token of feed readers hold until the service ends (no place for their key)")
        return found or secrets.token_bytes(32)


def door(desk: Desk) -> Door:
    """The whole ASGI application."""
    pages = pages_app(desk)
    pages.state.tries = entrance.Tries()
    pages.state.atoms = {}
    pages.state.watcher = Watcher(desk)

    def ours(host: str) -> bool:
        web = desk.config.settings.web
        return is_ours(host, web.listen or "127.0.0.1:0", web.public_url)

    return Door(pages, ours, lambda: desk.app.push.limit)


def _identity(web: Web) -> tuple[object, ...]:
    return web.listen, web.password, web.public_url
