"""Posting to receivers (webhooks, Slack, heartbeats) through the same gate as everything else.

It follows no redirect, tries once, and judges no status: that is the channel's business.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.fetch.address import target
from monitor.fetch.exchange import Line, within
from monitor.fetch.values import USER_AGENT, Answer
from monitor.guard import PUBLIC_ONLY, Allowed

_KEPT = 65536


async def post(
    url: str,
    *,
    content: bytes,
    headers: Mapping[str, str],
    allowed: Allowed = PUBLIC_ONLY,
    timeout: float = 20.0,  # noqa: ASYNC109 - the total deadline, kept inside
    method: str = "POST",
    user_agent: str = USER_AGENT,
    proxy: str | None = None,
) -> Answer:
    """Send `content` and give the answer, whatever its status. `timeout` in seconds, in all.

    Userinfo in the address becomes an Authorization header. Raises FetchFailed only where no complete answer
    came: dns, connect, tls, timeout, blocked-address, bad-url, http.
    """
    goal = target(url)
    sent = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip"}
    if goal.authorization:
        sent["Authorization"] = goal.authorization
    own = {name.lower() for name in headers}
    sent = {name: value for name, value in sent.items() if name.lower() not in own} | dict(headers)
    line = Line(allowed, proxy=proxy)
    try:
        async with within(timeout, goal.name):
            answer = await line.ask(method, goal.url, sent, content=content, limit=_KEPT, is_cut=True)
    finally:
        await line.aclose()
    text = answer.body.decode("utf-8", "replace")
    return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, text)
