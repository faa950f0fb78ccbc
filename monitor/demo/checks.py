"""Whether the demo went as it should: every message that was due, and no other.

Pure but for reading what the receivers hold; it must not wait for anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from monitor.demo.fates import Fate
from monitor.demo.newsroom import Article
from monitor.demo.receivers import Call, Mail

_ACTIONS = {"first look": {"bundle"}, "alert": {"tell"}, "join": {"join"}, "nothing": set[str](), "archive": set[str]()}


def checks(
    news: Sequence[Article], fates: Mapping[str, Fate], calls: Sequence[Call], mails: Sequence[Mail], refused: int
) -> Iterator[tuple[str, bool]]:
    """(what should be, whether it is), in the order in which one would ask."""
    for article in news:
        fate = fates.get(article.path)
        yield f"{article.path}: {article.expect}", fate is not None and _is_as_expected(article, fate)
    told = [article.title for article in news if article.expect == "alert"]
    first = [article.title for article in news if article.expect == "first look"]
    alerts = [title for call in calls if call.body["type"] == "alert.created" for title in call.headlines]
    summaries = [call for call in calls if call.body["type"] == "alert.summary"]
    yield "webhook: one request an alert", Counter(alerts) == Counter(told)
    yield "webhook: one summary of the first look", [call.headlines for call in summaries] == [first]
    yield "webhook: ids differ", len({call.id for call in calls}) == len(calls)
    yield "webhook: no signature was wrong", refused == 0
    yield "mail: one a message", len(mails) == len(told) + 1
    yield "mail: headlines in the subjects", all(any(title in mail.subject for mail in mails) for title in told)


def _is_as_expected(article: Article, fate: Fate) -> bool:
    is_archived = fate.state == "archived"
    read = {"open": "full article", "refused": "summary", "none": "feed text"}[article.page]
    return (
        fate.actions == _ACTIONS[article.expect]
        and is_archived == (article.expect == "archive")
        and (is_archived or fate.matched_on == read)
    )
