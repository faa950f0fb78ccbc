"""Posting to receivers (webhooks, Slack, heartbeats) through the same gate as everything else.

It follows no redirect, tries once, and judges no status: that is the channel's business.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.fetch.values import USER_AGENT, Answer
from monitor.guard import Allowed


async def post(
    url: str,
    *,
    content: bytes,
    headers: Mapping[str, str],
    allowed: Allowed = Allowed(),
    timeout: float = 20.0,
    method: str = "POST",
    user_agent: str = USER_AGENT,
    proxy: str | None = None,
) -> Answer:
    """Send `content` and give the answer, whatever its status. `timeout` in seconds, in all.

    Raises FetchFailed only where no complete answer came: dns, connect, tls, timeout, blocked-address, bad-url.
    """
    raise NotImplementedError
