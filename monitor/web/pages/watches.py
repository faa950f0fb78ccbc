"""Watches: how often each found something, and of one what it finds, where, and how readers judged it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from monitor.model import Watch
from monitor.render.facts import short
from monitor.store import judgments, mentions, near_misses, pages, silences
from monitor.store.pages import Wanted
from monitor.web import chart
from monitor.web.desk import Look, NotHere
from monitor.web.pages import now

DAYS = 28
SPARK_DAYS = 14
NEAR_DAYS = 7
STORIES = 8
_FEEDS = 10


def read(connection: Connection, look: Look) -> Mapping[str, Any]:
    """Every watch, those in force first, as their watchlists have them."""
    silent = {one.name for one in silences.active(connection, look.now) if one.kind == "watch"}
    rows = []
    for key, (watchlist, name) in now.known_watches(connection, look).items():
        found = mentions.mentions(connection, (watchlist, name), look.now, DAYS)
        rows.append(
            {
                "key": key,
                "watchlist": watchlist,
                "name": name,
                "is_in_force": (watchlist, name) in look.rules.watch_policies,
                "is_silenced": name in silent or key in silent,
                "today": found.within(1),
                "week": found.within(7),
                "month": found.within(DAYS),
                "last": found.last,
                "spark": chart.spark([found.by_day.get(age, 0) for age in range(SPARK_DAYS - 1, -1, -1)]),
            }
        )
    return {"rows": rows, "days": SPARK_DAYS}


def read_one(connection: Connection, look: Look) -> Mapping[str, Any]:
    key = look.places["watch"]
    pair = now.known_watches(connection, look).get(key)
    if pair is None:
        raise NotHere("there is no such watch, and none that once found something")
    found = mentions.mentions(connection, pair, look.now, DAYS)
    finds = mentions.finds(connection, pair)
    leads = pages.newest_stories(connection, Wanted(watch=pair), STORIES).leads
    return {
        "key": key,
        "watchlist": pair[0],
        "name": pair[1],
        "watch": _configured(look, pair),
        "found": found,
        "chart": chart.days(found.by_day, look.now.astimezone(look.zone).date(), DAYS),
        "terms": _terms(finds),
        "outlets": _shares(look, finds),
        "looked_at": finds.looked_at,
        "near": near_misses.of_watch(connection, pair, look.now, NEAR_DAYS),
        "judged": _judged(connection, pair),
        "rows": now.rows(connection, look, {lead.story_id: lead.found_at for lead in leads}),
        "token": look.keys.token if look.keys.is_needed else "",
    }


def _configured(look: Look, pair: tuple[str, str]) -> Watch | None:
    return next(
        (
            watch
            for watchlist in look.config.watchlists
            for watch in watchlist.watches
            if (watchlist.name, watch.name) == pair
        ),
        None,
    )


def _terms(finds: mentions.Finds) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """(term, articles, its commonest forms), the commonest first."""
    forms: dict[str, Counter[str]] = {}
    for (term, form), count in finds.forms.items():
        forms.setdefault(term, Counter())[short(form, 40)] += count
    return [(short(term), count, forms[term].most_common(8)) for term, count in finds.terms.most_common(20)]


def _shares(look: Look, finds: mentions.Finds) -> list[tuple[str, int, int]]:
    """(feed, articles, per cent)."""
    total = max(1, finds.looked_at)
    return [
        (short(look.name(url, title)), count, round(100 * count / total))
        for (url, title), count in finds.outlets.most_common(_FEEDS)
    ]


def _judged(connection: Connection, pair: tuple[str, str]) -> Mapping[str, Any]:
    marks = judgments.listing(connection, watch=pair, limit=200)
    return {
        "wrong": sum(one.verdict == "wrong" for one in marks),
        "right": sum(one.verdict == "right" for one in marks),
        "newest": [(judgments.article_name(one.article_id), one) for one in marks[:8]],
    }
