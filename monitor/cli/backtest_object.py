"""A backtest as plain values, for JSON and for its page.

It counts nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from monitor.backtest import Comparison, Outcome, Sample
from monitor.cli.marks import pieces


def object_of(result: Outcome | Comparison) -> dict[str, Any]:
    """A backtest, or a comparison, as `--json` prints it and the page lays it out."""
    if isinstance(result, Comparison):
        changes = [
            {
                "watch": one.watch,
                "watchlist": one.watchlist,
                "what": one.what,
                "before": one.before,
                "after": one.after,
                "added": one.added_count,
                "removed": one.removed_count,
                "added_samples": [_sample(sample) for sample in one.added],
                "removed_samples": [_sample(sample) for sample in one.removed],
            }
            for one in result.changes
        ]
        return {"before": _outcome(result.before), "after": _outcome(result.after), "changes": changes}
    return _outcome(result)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "since": outcome.since,
        "until": outcome.until,
        "articles": outcome.articles,
        "looked_at": outcome.looked_at,
        "found": len(outcome.found),
        "watches": [
            {
                "watch": one.watch,
                "watchlist": one.watchlist,
                "articles": one.articles,
                "stories": one.stories,
                "by_day": _by_day(one.by_day),
                "terms": one.terms,
                "outlets": one.outlets,
                "samples": [_sample(sample) for sample in one.samples],
            }
            for one in outcome.watches
        ],
        "channels": [
            {
                "channel": one.channel,
                "alone": one.alone,
                "summaries": one.summaries,
                "joined": one.joined,
                "archived": one.archived,
                "by_day": _by_day(one.by_day),
            }
            for one in outcome.channels
        ],
    }


def _by_day(by_day: Mapping[date, int]) -> dict[str, int]:
    return {day.isoformat(): number for day, number in by_day.items()}


def _sample(one: Sample) -> dict[str, Any]:
    plain = {"id": one.key, "title": one.title, "url": one.url, "outlet": one.outlet, "language": one.language}
    return plain | {"at": one.at, "headline": pieces(one.headline), "sentence": pieces(one.sentence)}
