"""The demo itself: publishes step by step, waits until the program has dealt with it, and compares with what was due.

It must not reach into the program: it starts the service, reads its store, and ends it by SIGTERM as systemd would.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.app import open_app
from monitor.assemble import load_checked
from monitor.daemon import Service
from monitor.demo import settings, story
from monitor.demo.checks import checks
from monitor.demo.fates import Fate, ask_for, fates, polled
from monitor.demo.newsroom import articles
from monitor.demo.receivers import Call, Mail, MailReceiver, WebhookReceiver
from monitor.demo.site import Site
from monitor.language.tables import table

STEP_DEADLINE_S = 45.0  # the first step includes the start of the workers; on a busy machine that takes its time
LOOK_S = 0.1
LANGUAGES = ("en", "fr", "it", "ru")


@dataclass(frozen=True, slots=True)
class Show:
    """How to play it: `say` prints a line, `pause_s` is the time to read after each step."""

    say: Callable[[str], None]
    pause_s: float = 2.0
    has_console: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; `checks` are (what should be, whether it is)."""

    checks: tuple[tuple[str, bool], ...]
    fates: dict[str, Fate]
    calls: tuple[Call, ...]
    mails: tuple[Mail, ...]
    requests: int
    not_modified: int
    seconds: float

    @property
    def failed(self) -> list[str]:
        return [what for what, is_so in self.checks if not is_so]

    @property
    def counts(self) -> dict[str, int | float]:
        """The summary line's numbers."""
        actions = [fate.actions for fate in self.fates.values()]
        return {
            "articles": len(self.fates),
            "alerts": sum("tell" in taken for taken in actions),
            "joined": sum("join" in taken for taken in actions),
            "webhook_requests": len(self.calls),
            "mails": len(self.mails),
            "requests": self.requests,
            "not_modified": self.not_modified,
            "seconds": round(self.seconds, 1),
        }


async def play(show: Show) -> Outcome | None:
    """The whole demo; None if it was stopped before its end. Raises MonitorError if the program cannot start."""
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="news-monitor-demo-")))
        stage = Stage(show, folder, stack)
        is_over = await stage.play()
        return stage.outcome(time.monotonic() - began) if is_over else None


class Stage:
    """The site, the receivers, and the service between them."""

    def __init__(self, show: Show, folder: Path, stack: ExitStack) -> None:
        self.show = show
        self.news = articles()
        self.fates: dict[str, Fate] = {}
        self.polled: dict[str, datetime] = {}
        self._feeds = frozenset(article.outlet.feed for article in self.news)
        self._loop = asyncio.get_running_loop()
        secret = settings.new_secret()
        self.site = stack.enter_context(Site(self.news, datetime.now(UTC)))
        self.webhook = stack.enter_context(WebhookReceiver(secret, lambda call: self._say(story.called(call))))
        self.mail = stack.enter_context(MailReceiver(lambda mail: self._say(story.mailed(mail))))
        ports = {"SITE": self.site.port, "WEBHOOK": self.webhook.port, "MAIL": self.mail.port}
        config = str(settings.write(folder, ports, secret, has_console=show.has_console))
        self.app = open_app(config)
        self.service = Service(self.app, lambda: load_checked(config))

    def _say(self, line: str) -> None:
        """From a receiver's thread."""
        self._loop.call_soon_threadsafe(self.show.say, line)

    # --------------------------------------------------------------------------------------------------- play

    async def play(self) -> bool:
        """All steps, the service running beside them; False if it was stopped (Ctrl-C) before they were over."""
        await self._prepare()
        service = asyncio.ensure_future(self.service.run())
        steps = asyncio.ensure_future(self._steps())
        try:
            await asyncio.wait((service, steps), return_when=asyncio.FIRST_COMPLETED)
        finally:
            steps.cancel()
            if not service.done():
                signal.raise_signal(signal.SIGTERM)
            await service
        await asyncio.wait((steps,))
        return not steps.cancelled() and steps.result()

    async def _prepare(self) -> None:
        """Build the tables of word forms, which a fresh installation has not, before anybody waits for an article."""
        tables = asyncio.gather(*(asyncio.to_thread(table, language) for language in LANGUAGES))
        done, _ = await asyncio.wait((tables,), timeout=1)
        if not done:
            self.show.say("Once on every machine: tables of word forms are built; up to half a minute …")
        await tables

    async def _steps(self) -> bool:
        """One step after the other, as far as they go; True, since that is the end either way."""
        for number in range(len(story.STEPS)):
            self.show.say(story.heading(number))
            self.site.step = number
            is_done = await self._is_dealt_with(number)
            self._tell(number)
            if not is_done:
                break
            await asyncio.sleep(self.show.pause_s)
        return True

    async def _is_dealt_with(self, number: int) -> bool:
        """Look again and again until a step has come to its end; False if it has not within STEP_DEADLINE_S."""
        began = datetime.now(UTC)
        if number:  # the first look comes by itself; then nobody wants to wait for the next poll
            await self.app.store.write(ask_for, self._feeds, began)
        deadline = time.monotonic() + STEP_DEADLINE_S
        while time.monotonic() < deadline:
            self.polled = await self.app.store.look(polled)
            self.fates = await self.app.store.look(fates)
            if self._is_settled(number, began):
                return True
            await asyncio.sleep(LOOK_S)
        return False

    def _is_settled(self, number: int, began: datetime) -> bool:
        """Whether every feed was asked since, and everything published has come to its end, messages included."""
        mine = [article for article in self.news if article.step <= number]
        due = 1 + sum(article.expect == "alert" for article in mine)  # the first look, and each alert
        return (
            all(feed in self.polled and self.polled[feed] >= began for feed in self._feeds)
            and all(article.path in self.fates and self.fates[article.path].state != "waiting" for article in mine)
            and len(self.webhook.calls) >= due
            and len(self.mail.mails) >= due
        )

    def _tell(self, number: int) -> None:
        for article in self.news:
            fate = self.fates.get(article.path)
            if article.later_title and article.later_step == number:
                self.show.say(story.unchanged(article))
            elif article.step == number and fate and (said := story.settled(article, fate, self._outlets(fate))):
                self.show.say(said)

    def _outlets(self, fate: Fate) -> int:
        paths = {path.split("/")[1] for path, other in self.fates.items() if other.story == fate.story}
        return len(paths)

    # ------------------------------------------------------------------------------------------------- outcome

    def outcome(self, seconds: float) -> Outcome:
        """Everything that was to be shown, and whether it was."""
        return Outcome(
            checks=tuple(checks(self.news, self.fates, self.webhook.calls, self.mail.mails, self.webhook.refused)),
            fates=self.fates,
            calls=tuple(self.webhook.calls),
            mails=tuple(self.mail.mails),
            requests=self.site.requests.total(),
            not_modified=self.site.not_modified,
            seconds=seconds,
        )
