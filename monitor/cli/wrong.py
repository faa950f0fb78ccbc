"""`monitor wrong ID`: this was not meant; the mark is kept as an example that `monitor suggest` learns from.

It works beside a running service.
"""

from __future__ import annotations

from datetime import UTC, datetime

import click

from monitor.cli.opening import opened, print_json
from monitor.cli.options import common
from monitor.errors import InputError


@click.command("wrong")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--because", default="", help="Why, in your words.")
@click.option("--watch", "watches", multiple=True, help="Only this watch, where several were found.")
@click.option("--right", is_flag=True, help="It was meant: mark it right instead.")
@click.option("--undo", is_flag=True, help="Take the mark back.")
@common
def command(
    ids: tuple[str, ...],
    because: str,
    watches: tuple[str, ...],
    right: bool,
    undo: bool,
    config: str | None,
    as_json: bool,
) -> None:
    """Mark what was told, or found, as wrong: ID is an alert's (A-…) or an article's (N-…)."""
    from monitor.store import judgments

    if undo and (because or right):
        raise click.UsageError("--undo takes a mark back; give it alone")
    now, verdict = datetime.now(UTC), "right" if right else "wrong"
    marked = []
    with opened(config) as here, here.store.write() as connection:
        for text in ids:
            article, found = _subject(judgments.subject(connection, text), text, watches)
            if undo and not judgments.unmark(connection, article, found):
                raise InputError(f"{text} is not marked")
            if not undo:
                judgments.mark(connection, article, found, now, because=because[:2000], verdict=verdict)
            marked.append((text, judgments.article_name(article), found))
    for text, name, found in marked:
        names = [watch for _, watch in found]
        if as_json:
            print_json({"id": text, "article": name, "watches": names, "verdict": None if undo else verdict})
        else:
            click.echo(f"{text}: {', '.join(names)} {'no longer marked' if undo else f'marked {verdict}'}")
    if not as_json and not undo and not right:
        click.echo("'monitor suggest' shows what would keep such articles out")


def _subject(
    found: tuple[int, list[tuple[str, str]]] | None, text: str, only: tuple[str, ...]
) -> tuple[int, list[tuple[str, str]]]:
    """The article and the watches that are meant. Raises InputError in words."""
    if found is None:
        raise InputError(f"there is no alert or article '{text}'; 'monitor alerts' and 'monitor search' show ids")
    article, watches = found
    names = {one.casefold() for one in only}
    meant = [pair for pair in watches if not only or {pair[1].casefold(), "/".join(pair).casefold()} & names]
    if not watches:
        raise InputError(f"no watch was found in {text}: there is nothing to mark")
    if not meant:
        raise InputError(
            f"none of these watches was found in {text}; found were {', '.join(one[1] for one in watches)}"
        )
    return article, meant
