"""What is wrong with the answer of a feed that was just added, in words; asked once, for a few seconds at most.

It decides nothing: a feed that fails now may work later, so it stays added.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from monitor.cli.opening import network
from monitor.errors import FetchFailed, ParseFailed

PATIENCE = timedelta(seconds=10)


def fault(config: str | None, url: str) -> str:
    """`it answers 404 now`, `it is an HTML page; …`; "" where a feed came back."""
    return asyncio.run(_fault(config, url))


async def _fault(config: str | None, url: str) -> str:
    from monitor.fetch import Fetcher
    from monitor.model import Feed
    from monitor.parse import discover, parse_feed

    own = network(config)
    fetcher = Fetcher(replace(own, timeout=min(own.timeout, PATIENCE)))
    try:
        got = await fetcher.feed(Feed(url))
    except FetchFailed as error:
        return f"it answers {error.status} now" if error.status and error.kind == "http" else f"now {error}"
    finally:
        await fetcher.aclose()
    try:
        parse_feed(got.body, url=got.url, content_type=got.content_type)
    except ParseFailed as error:
        return f"it {error}" + (": add that one?" if len(discover(got.body, got.url)) == 1 else "")
    return ""
