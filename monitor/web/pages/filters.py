"""What an address asks to be left out, and what it asks for that there is not: said, with what was probably meant.

It must not read the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

#: Keys that every page takes: where a list goes on, and what an act of before says.
ANY = ("before", "said")
MOST = 3


@dataclass(frozen=True, slots=True)
class Unknown:
    """`what` ("watch") of this `name` is none. `meant` is the nearest there is, with the query that asks for it."""

    what: str
    name: str
    meant: str = ""
    query: Mapping[str, str] | None = None


def unknown(query: Mapping[str, str], known: Mapping[str, Mapping[str, str]]) -> list[Unknown]:
    """Keys and values of an address that are none. `known` has by key the values that there are, each with its name."""
    found = []
    for key, value in query.items():
        if key not in known and key not in ANY:
            found.append(_key(query, key, known))
        elif value and key in known and value not in known[key]:
            found.append(_value(query, key, known[key]))
    return found[:MOST]


def _key(query: Mapping[str, str], key: str, known: Mapping[str, Mapping[str, str]]) -> Unknown:
    near = [one for one in known if one.startswith(key.casefold())] or get_close_matches(key.casefold(), known, n=1)
    if not near:
        return Unknown("filter", key)
    return Unknown("filter", key, near[0], {(near[0] if one == key else one): value for one, value in query.items()})


def _value(query: Mapping[str, str], key: str, known: Mapping[str, str]) -> Unknown:
    called = {name.casefold(): value for value, name in known.items()} | {value.casefold(): value for value in known}
    near = get_close_matches(query[key].casefold(), called, n=1)
    if not near:
        return Unknown(key, query[key])
    meant = called[near[0]]
    return Unknown(key, query[key], known[meant] or meant, {**query, key: meant})
