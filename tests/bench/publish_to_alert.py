"""How soon a receiver hears of what a poll shows: `python -m tests.bench.publish_to_alert [TIMES]`.

From the request that is answered with a new item, by way of its page, to the request at a webhook; each in turn on a
machine that does nothing else. The bar: p95 one second.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from monitor.app import App, open_app
from monitor.store import feeds
from tests.loopback import Reply, Site

_SYLLABLES = ("ba", "do", "fi", "gu", "ke", "la", "mo", "ni", "pu", "re", "sa", "to", "vi", "wu", "ze")


def _words(chance: random.Random, count: int) -> str:
    """Words of no language, so that no report is another's copy."""
    return " ".join("".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(count))


def _item(site: Site, number: int) -> str:
    chance = random.Random(number)
    title, text = f"{_words(chance, 6).capitalize()} Su-35", ". ".join(_words(chance, 12) for _ in range(40))
    site.pages[f"/{number}"] = (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{title}. {text}.</p>"
        "</article></body></html>"
    )
    link = site.url(f"/{number}")
    date = format_datetime(datetime.now(UTC))
    return f"<item><title>{title}</title><link>{link}</link><pubDate>{date}</pubDate></item>"


async def _measure(config: Path, feed: Site, pages: Site, hook: Site, times: int) -> list[float]:
    app = open_app(str(config))
    await app.begin()
    app.reader.on_alerts = app.wake
    items: list[str] = []
    delays = []
    try:
        for number in range(times + 2):
            items.insert(0, _item(pages, number))
            shown = "".join(items[:30])
            feed.pages["/feed.xml"] = f"<rss version='2.0'><channel><title>T</title>{shown}</channel></rss>"
            delay = await _once(app, feed, hook, f"/{number}\"".encode())
            if number > 1 and delay is not None:  # the first look is a summary, and the first page starts the workers
                delays.append(delay)
    finally:
        await app.drain(5)
    return delays


async def _once(app: App, feed: Site, hook: Site, mark: bytes) -> float | None:
    """Seconds from the next poll to the message that holds the mark."""
    asked = feed.count("/feed.xml")
    await app.store.write(feeds.retry, [feed.url("/feed.xml")], app.clock())
    await app.poll_due()
    until = time.monotonic() + 15
    while time.monotonic() < until:
        await asyncio.sleep(0.005)
        if told := next((one.at for one in hook.requests if mark in one.body), None):
            return told - [one.at for one in feed.requests if one.path == "/feed.xml"][asked]
    return None


def results(times: int = 20) -> list[float]:
    """Seconds, sorted."""
    folder = Path(tempfile.mkdtemp(prefix="publish-"))
    with Site() as feed, Site() as pages, Site() as hook:
        hook.pages["/hook"] = Reply(200)
        (folder / "watches.yaml").write_text("watches: [Su-35]\n")
        config = folder / "monitor.yaml"
        config.write_text(
            f"store: sqlite:///{folder}/monitor.db\nfeeds: [feeds.yaml]\n"
            "watchlists: [watches.yaml]\nnetwork: {allow_private: [127.0.0.1]}\n"
            "polling: {per_host_delay: 0s}\n"
            "alerts: {group: article, at_most: null}\n"
            f"channels:\n  hook: {{type: webhook, url: \"{hook.url('/hook')}\", "
            'secret: "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="}\n'
        )
        (folder / "feeds.yaml").write_text(f"feeds:\n  - {feed.url('/feed.xml')}\n")
        return sorted(asyncio.run(_measure(config, feed, pages, hook, times)))


if __name__ == "__main__":
    found = results(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
    p95 = found[min(len(found) - 1, len(found) * 95 // 100)]
    print(f"{len(found)} alerts: median {statistics.median(found):.2f} s, p95 {p95:.2f} s (bar 1 s)")
