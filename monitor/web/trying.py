"""The box to try a text, an address or an edited expression: what it was given, and what came out.

It changes nothing; the work is done in a process of the page's own, one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from monitor.assemble import make_audience
from monitor.errors import ConfigError, FetchFailed, InputError, WorkerFailed
from monitor.model import Document
from monitor.web import attempt, chart
from monitor.web.asked import answered
from monitor.web.desk import Desk

_MOST_TEXT, _MOST_EXPRESSION = 100_000, 5000
_WITHIN_S = 25.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says. `watch` is (watchlist, name) of the watch that the expression is an edit of."""

    text: str
    expression: str
    key: str
    watch: tuple[str, str] | None

    @property
    def is_address(self) -> bool:
        return self.text.startswith(("http://", "https://")) and not any(map(str.isspace, self.text))


async def attempted(request: Request) -> Response:
    """The page with what the watchlists in force, or an expression, find in a text, at an address, in the archive."""
    desk: Desk = request.app.state.desk
    asked = _asked(desk, request.state.form)
    values: dict[str, Any] = {"asked": asked, "outcome": None, "tested": None, "chart": "", "wrong": "", "slow": ""}
    status = 200
    try:
        values["outcome"] = await _in_text(desk, asked)
        values |= await _in_archive(desk, asked)
    except (InputError, FetchFailed, WorkerFailed) as error:
        values["wrong"], status = _in_words(error), 422
    return await answered(request, "/try", values, status)


def _asked(desk: Desk, form: Mapping[str, str]) -> Asked:
    text, expression = form.get("text", "").strip(), form.get("expression", "").strip()
    key = form.get("watch", "")[:1000]
    in_force = {f"{watchlist}/{name}": (watchlist, name) for watchlist, name in desk.app.rules.watch_policies}
    return Asked(text[:_MOST_TEXT], expression[:_MOST_EXPRESSION], key, in_force.get(key))


async def _in_text(desk: Desk, asked: Asked) -> attempt.Outcome | None:
    lists = desk.config.watchlists
    tried = (attempt.edited(lists, asked.expression),) if asked.expression else lists
    cache = desk.app.rules.watches.cache
    if asked.is_address:
        page = await desk.app.fetcher.page(asked.text, obey_robots=False)
        read = (tried, page.body, page.url, page.content_type, cache)
        return await desk.work(attempt.judge_page, *read, deadline_s=_WITHIN_S)
    if asked.text:
        return await desk.work(attempt.judge, tried, Document("", asked.text), cache, deadline_s=_WITHIN_S)
    if not asked.expression:
        raise InputError("paste a text, an address or an expression")
    return None


async def _in_archive(desk: Desk, asked: Asked) -> dict[str, Any]:
    """What the expression would have found; one that takes too long is left to the command."""
    if not asked.expression:
        return {}
    config, moment = desk.config, desk.now()
    store = desk.app.store.store.address
    given = (store, config.watchlists, asked.expression, asked.watch, make_audience(config), config.feeds, moment)
    try:
        tested = await desk.work(attempt.back, *given, deadline_s=_WITHIN_S)
    except WorkerFailed:
        return {
            "slow": "This finds so much that the archive takes longer than a page may; 'monitor backtest' has time."
        }
    days = {(moment.date() - day).days: count for day, count in tested.watch.by_day.items()}
    return {"tested": tested, "chart": chart.days(days, moment.date(), attempt.BACK.days)}


def _in_words(error: Exception) -> str:
    if isinstance(error, ConfigError):
        said = (problem.message.split(": ", 1)[-1] for problem in error.problems)
        return "; ".join(dict.fromkeys(said))
    return str(error)
