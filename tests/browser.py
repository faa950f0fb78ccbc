"""A real headless Chromium before the pages, for tests and benches: what it was asked to do, and what axe finds."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.web.server import Server
from tests.web_clients import Web, pages

PROGRAM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
VIEWS = {"light": (1200, 900, "light"), "dark": (1200, 900, "dark"), "phone": (390, 800, "light")}


@dataclass
class Chromium:
    """A browser before the pages. `troubles` are scripts, errors and requests that should not have been."""

    web: Web
    context: Any
    base: str
    troubles: list[str]

    async def page(self) -> Any:
        page = await self.context.new_page()
        page.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}"))
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: self._asked(asked.url))
        return page

    def _asked(self, url: str) -> None:
        if not url.startswith(self.base):
            self.troubles.append(f"asked elsewhere: {url}")


@asynccontextmanager
async def chromium(folder: Path, *, password: str | None = None) -> AsyncIterator[Chromium]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    from playwright.async_api import async_playwright

    async with pages(folder, password=password) as web, async_playwright() as play:
        server = Server(web.door, f"127.0.0.1:{port}")
        await server.start()
        started = await play.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        try:
            context = await started.new_context()
            yield Chromium(web, context, f"http://127.0.0.1:{port}", [])
        finally:
            await started.close()
            await server.stop()


async def violations(page: Any) -> list[str]:
    """What axe finds against the rules of WCAG and good practice."""
    from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]

    found = await Axe().run(page)
    return [f"{one['id']}: {node['html'][:160]}" for one in found.response["violations"] for node in one["nodes"][:2]]


async def seen_as(page: Any, view: str) -> None:
    """The window and the colours of one of `VIEWS`."""
    width, height, scheme = VIEWS[view]
    await page.set_viewport_size({"width": width, "height": height})
    await page.emulate_media(color_scheme=scheme)


async def is_too_wide(page: Any) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth > innerWidth"))
