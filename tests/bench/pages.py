"""How long each page takes the server over a store of 200,000 articles: `python -m tests.bench.pages [ARTICLES]`.

It asks through the whole door in this process and prints CPU and wall time of each page, so that a busy machine shows.
With `--browser FOLDER` the same pages are opened in Chromium instead, each kept in FOLDER as a picture in light, dark
and narrow, and what axe finds is printed; also of an empty store, and of one with hostile texts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from monitor.shortid import encode
from monitor.store import Store, schema
from tests.browser import VIEWS, chromium, is_too_wide, seen_as, violations
from tests.stocked import hostile_title, stock
from tests.web_clients import NOW, pages

TIMES = 15
BAR_MS = 100.0
WATCHES = (*(("Arms", f"watch {number}") for number in range(28)), ("Arms", "drones"), ("Arms", "Su-35"))


def addresses(articles: int) -> list[str]:
    article, story = encode("N", articles // 10 * 10), encode("S", articles // 10 * 5)
    return [
        *("/", "/?watch=Arms%2FSu-35", "/?language=ar", "/?feed=7", "/?watch=Arms%2FSu-35&language=ar&feed=7"),
        f"/?before={articles // 20}",
        *("/watches", "/watches/Arms%2FSu-35", "/feeds", "/feeds?from=350", "/feeds/7"),
        *("/archive", f"/archive?before={articles // 2}", "/archive?q=Su-35", "/archive?q=drone+AND+harbour"),
        *("/archive?q=nowheretobefound", f"/articles/{article}", f"/stories/{story}"),
        *("/deliveries", "/deliveries?state=pending", "/deliveries?state=sent", "/deliveries?state=given+up"),
        *("/try", "/alerts.atom", "/alerts.atom?watch=Su-35", "/metrics"),
        *("/api/status", "/api/alerts?limit=200", "/api/articles", "/api/articles?q=Su-35", "/api/feeds"),
    ]


async def ask(client: httpx.AsyncClient, path: str) -> tuple[list[float], list[float], int]:
    wall, cpu = [], []
    for _ in range(TIMES):
        before, used = time.perf_counter(), time.process_time()
        answer = await client.get(path)
        wall.append(1000 * (time.perf_counter() - before))
        cpu.append(1000 * (time.process_time() - used))
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
    return wall, cpu, len(answer.content)


def fill(store: Store, articles: int) -> None:
    """Once: a store that is kept is looked at again as it is."""
    begun = time.perf_counter()
    with store.read() as connection:
        is_empty = connection.execute(select(schema.articles.c.id).limit(1)).first() is None
    if is_empty:
        stock(store, NOW, articles=articles, feeds=400, watches=WATCHES, hit_each=10, text_words=150)
        print(f"{articles} articles written in {time.perf_counter() - begun:.0f} s", flush=True)


async def main(articles: int, folder: Path) -> None:
    async with pages(folder) as web:
        fill(web.app.store.store, articles)
        async with web.person() as client:
            worst = 0.0
            print(f"{'':44} {'p50':>7} {'p95':>7} {'CPU p50':>8} {'first':>7}  kB")
            await client.get("/")  # templates and queries are put together once
            for path in addresses(articles):
                wall, cpu, size = await ask(client, path)
                p95 = sorted(wall)[int(0.95 * len(wall))]
                worst = max(worst, statistics.median(cpu), cpu[0])
                mark = "" if max(statistics.median(cpu), cpu[0]) < BAR_MS else "  OVER"
                row = f"{statistics.median(wall):7.1f} {p95:7.1f} {statistics.median(cpu):8.1f} {cpu[0]:7.1f}"
                row += f"  {size // 1024}{mark}"
                print(f"{path[:44]:44} {row}", flush=True)
            print(f"slowest page: {worst:.0f} ms of CPU, bar {BAR_MS:.0f} ms")


async def look(articles: int, folder: Path, pictures: Path) -> None:
    """Every page in Chromium: large, hostile and empty stores; prints what is wrong with each."""
    for kind in ("large", "hostile", "empty"):
        async with chromium(folder / kind) as here:
            store = here.web.app.store.store
            if kind == "large":
                fill(store, articles)
            if kind == "hostile":
                stock(store, NOW, articles=40, title=hostile_title, watches=WATCHES[-2:])
                await here.web.app.indexer.catch_up()
            page = await here.page()
            for path in addresses({"large": articles, "hostile": 40, "empty": 10}[kind]):
                if not path.startswith(("/api", "/metrics", "/alerts.atom")):
                    await look_at(page, here.base, path, (kind, pictures))
            print(f"{kind}: troubles: {here.troubles or 'none'}", flush=True)


async def look_at(page: Any, base: str, path: str, kept: tuple[str, Path]) -> None:
    kind, pictures = kept
    answer = await page.goto(base + path)
    name = re.sub(r"\W+", "-", path).strip("-") or "now"
    for view in VIEWS:
        await seen_as(page, view)
        wrong = [] if view == "phone" else await violations(page)
        if await is_too_wide(page):
            wrong.append("too wide")
        await page.screenshot(path=str(pictures / f"{kind}-{name}-{view}.png"), full_page=kind != "large")
        print(f"{kind:8} {path[:50]:50} {view:6} {answer.status} {'; '.join(wrong) or 'well'}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("articles", nargs="?", type=int, default=200_000)
    parser.add_argument("--browser", type=Path, metavar="FOLDER")
    args = parser.parse_args()
    kept = os.environ.get("STORE_FOLDER")  # to look at the same store twice
    with tempfile.TemporaryDirectory(prefix="pages-") as temporary:
        where = Path(kept or temporary)
        for needed in (args.browser, *((where / kind) for kind in ("large", "hostile", "empty"))):
            if args.browser:
                needed.mkdir(parents=True, exist_ok=True)
        asyncio.run(look(args.articles, where, args.browser) if args.browser else main(args.articles, where))
