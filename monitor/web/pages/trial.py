"""The box to try a text, an address or an edited expression; what comes out of it is `trying`'s."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from monitor.web.desk import Look
from monitor.web.pages import now


def read(connection: Connection, look: Look) -> Mapping[str, Any]:
    """The empty box, or the expression of a watch to begin with."""
    key = look.query.get("watch", "")
    pair = now.known_watches(connection, look).get(key)
    asked = {"text": "", "expression": expression_of(look, pair), "key": key if pair else "", "watch": pair}
    return {"asked": asked, "outcome": None, "tested": None, "chart": "", "wrong": "", "slow": ""}


def expression_of(look: Look, pair: tuple[str, str] | None) -> str:
    """A watch as one expression: its `match`, or its lists put into words."""
    for watchlist in look.config.watchlists:
        for watch in watchlist.watches:
            if (watchlist.name, watch.name) == pair:
                return watch.match or _of_lists(watch.all, watch.any, watch.none)
    return ""


def _of_lists(all_: tuple[str, ...], any_: tuple[str, ...], none: tuple[str, ...]) -> str:
    parts = [_term(one) for one in all_]
    if any_:
        either = " OR ".join(map(_term, any_))
        parts.append(f"({either})" if len(any_) > 1 and (all_ or none) else either)
    parts += [f"NOT {_term(one)}" for one in none]
    return " AND ".join(parts)


def _term(text: str) -> str:
    """A list's item as an expression has it: several words are a phrase."""
    is_phrase = " " in text and not text.startswith(('"', "="))
    return f'"{text}"' if is_phrase else text
