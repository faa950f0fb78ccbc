"""`monitor explain URL|ID`: the whole way of an article, also of one that was never seen; --save writes its evidence.

It prints what monitor.explain gathers; files are written into a folder that the person names, never over others.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.marks import printable
from monitor.cli.opening import Opened, opened, print_json, sound
from monitor.cli.options import common
from monitor.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.explain import Explanation
    from monitor.store.evidence import Version


@click.command("explain")
@click.argument("what", metavar="URL|ID")
@click.option("--save", metavar="DIR", help="Write the pages that it was found in into this folder, with their hashes.")
@common
def command(what: str, save: str | None, config: str | None, as_json: bool) -> None:
    """The whole way of an article: from the poll that first showed it to each attempt to tell it, each with its reason.

    ID is an article's (N-…), an alert's (A-…) or a story's (S-…). For an address that was never seen: which feeds of
    that site are polled, what they showed at that time, and what stood in the way.
    """
    from monitor.explain import explain
    from monitor.match import compile
    from monitor.search import Outlets

    with opened(config) as here, here.store.read() as connection:
        outlets, matcher = Outlets.of(here.config.feeds), compile(sound(here.config.watchlists))
        explanation = explain(connection, what, outlets, datetime.now(UTC), matcher, zone=here.zone)
        saved = _save(connection, explanation, Path(save)) if save is not None else []
        if as_json:
            print_json(_object(explanation) | ({"saved": saved} if save is not None else {}))
        else:
            _print(here, explanation)
            for name in saved:
                click.echo(f"saved: {name}")


def _print(here: Opened, one: Explanation) -> None:
    if one.title:
        click.echo(printable(f"{one.id}  {one.title}  ({one.outlet})"))
    if one.url:
        click.echo(printable(one.url))
    click.echo(printable(one.verdict))
    for step in one.steps if len(one.steps) > 1 else ():  # a single one stands in the verdict
        when = here.local(step.at) if step.at else ""
        mark = "!" if step.is_bad else " "
        click.echo(printable(f"{mark} {when:<12}  {step.what:<8}  {step.said}"))
    if one.watches:
        click.echo("what the watchlists in force say of it now:")
        for verdict in one.watches:
            said = "found" if verdict.is_met else "not found"
            reason = f": {verdict.reason}" if verdict.reason else _missing(verdict)
            click.echo(printable(f"    {verdict.watchlist}: {verdict.watch}: {said}{reason}"))


def _missing(verdict: Any) -> str:
    """The first clause that fails, which is why a watch is not found."""
    if verdict.is_met:
        words = list(dict.fromkeys(piece.text for piece in verdict.evidence))
        return f" ({', '.join(words[:5])})" if words else ""
    failing = [child for child in verdict.children if not child.is_met]
    return f": not met: {', '.join(child.clause for child in failing[:3])}" if failing else ""


def _object(one: Explanation) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "verdict": one.verdict,
        "id": one.id,
        "title": one.title or None,
        "url": one.url,
        "outlet": one.outlet or None,
        "steps": [{"what": step.what, "at": step.at, "said": step.said, "is_bad": step.is_bad} for step in one.steps],
        "watches": [
            {"watch": each.watch, "watchlist": each.watchlist, "found": each.is_met, "reason": each.reason}
            for each in one.watches
        ],
        "versions": one.versions,
    }


# ----------------------------------------------------------------------------------------------------- evidence


def _save(connection: Connection, one: Explanation, folder: Path) -> list[str]:
    """Every version that is kept, as it came, and what is known of each beside it. Names of files are our own."""
    from monitor.store import evidence

    if one.article_id is None:
        raise InputError("there is no evidence of what was never seen")
    found = evidence.versions(connection, one.article_id)
    if not found:
        raise InputError(f"nothing is kept of {one.id}; evidence is kept of articles with a hit, from 1.1.0 on")
    folder.mkdir(parents=True, exist_ok=True)
    saved = []
    for version in found:
        name = evidence.file_name(version)
        body = evidence.download(connection, version.id)
        if body is not None:
            saved.append(_write(folder / name, body[1]))
        about = json.dumps(_about(version), ensure_ascii=False, indent=1).encode()
        saved.append(_write(folder / f"{name}.about.json", about))
    return saved


def _write(path: Path, body: bytes) -> str:
    """A new file that only its owner may read; one that is there, or a link in its place, is left as it is."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        handle = os.open(path, flags, 0o600)
    except FileExistsError:
        raise InputError(f"{path}: is there already; move it away, or name another folder") from None
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    return str(path)


def _about(version: Version) -> dict[str, Any]:
    return {
        "kind": version.kind,
        "url": version.url,
        "status": version.status,
        "seen_at": version.seen_at.isoformat(),
        "sha256": version.sha256,
        "size": version.size,
        "headers": [list(pair) for pair in version.headers],
        "kept": version.has_body,
    }
