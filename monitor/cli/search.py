"""`monitor search QUERY`: the archive in the watch language, the newest first, with the words marked.

It prints what monitor.search finds; with --archive it reads a file, and needs neither configuration nor store.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from monitor.cli.marks import printable, shown
from monitor.cli.opening import local, opened, print_json, zone_of
from monitor.cli.options import Duration, common

if TYPE_CHECKING:
    from monitor.match import Matcher
    from monitor.search import Found

MANY = 1000  # articles that wait for the index: worth a word


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--since", type=Duration(), help="Only what was first seen in this time: 12h, 30d.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True)
@click.option("--archive", metavar="FILE.jsonl", help="Search a file of articles; '-' is standard input.")
@common
def command(
    query: tuple[str, ...], since: timedelta | None, limit: int, archive: str | None, config: str | None, as_json: bool
) -> None:
    """Articles of the archive that QUERY finds, in the language of watches: AND, OR, NOT, NEAR/10, "a phrase",
    title:drones, lang:fr, $group; the newest first.

    Quote the query for the shell: monitor search 'Su-35 AND (Iran OR Tehran)'
    """
    asked = " ".join(query)
    begin = datetime.now(UTC) - since if since else None
    if archive is not None:
        _search_file(asked, archive, begin, limit, zone=zone_of(config), as_json=as_json)
        return
    from monitor.search import Outlets, question, search

    with opened(config) as here, here.store.read() as connection:
        matcher = question(asked, here.config.watchlists)
        results = search(connection, matcher, Outlets.of(here.config.feeds), limit=limit, since=begin)
        for found in results.found:
            _print(found, here.local(found.published or found.first_seen), as_json=as_json)
    if results.unindexed > MANY:
        click.echo(f"{results.unindexed} articles wait for the index; until then a search takes longer", err=True)
    if not as_json:
        _end(len(results.found), is_all=results.before is None)


def _print(found: Found, when: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_object(found))
        return
    click.echo(printable(f"{found.id}  {when}  {found.outlet}"))
    click.echo(f"    {shown(found.headline)}")
    for sentence in found.sentences:
        click.echo(f"    “{shown(sentence)}”")
    if found.url:
        click.echo(f"    {printable(found.url)}")


def _object(found: Found) -> dict[str, object]:
    terms = [{key: value for key, value in asdict(one).items() if key != "note"} for one in found.evidence]
    return {
        "id": found.id,
        "title": found.title,
        "url": found.url,
        "outlet": found.outlet,
        "language": found.language,
        "published": found.published,
        "first_seen": found.first_seen,
        "matched_on": found.matched_on,
        "story": found.story,
        "terms": terms,
    }


def _end(number: int, *, is_all: bool) -> None:
    if not number:
        click.echo("nothing in the archive; 'monitor check --explain' shows how words are found", err=True)
    elif not is_all:
        click.echo(f"the newest {number}; --limit shows more", err=True)


def _search_file(asked: str, name: str, since: datetime | None, limit: int, *, zone: ZoneInfo, as_json: bool) -> None:
    """The newest of a file's articles that are found."""
    from heapq import nlargest

    from monitor.cli.archive import articles_of
    from monitor.search import question

    matcher = question(asked)
    found = (one for one in (_in_line(line, matcher) for line in articles_of(name)) if one is not None)
    recent = [one for one in found if since is None or one.first_seen >= since]
    chosen: Sequence[Found] = nlargest(limit, recent, key=lambda one: one.first_seen)
    for one in chosen:
        _print(one, local(one.first_seen, zone), as_json=as_json)
    if not as_json:
        _end(len(chosen), is_all=len(chosen) == len(recent))
    sys.stdout.flush()


def _in_line(line: object, matcher: Matcher) -> Found | None:
    from monitor.jsonl import Line
    from monitor.model import Document
    from monitor.search import Found, marked_sentences, marked_title

    assert isinstance(line, Line)
    url, author = line.url or "", line.author or ""
    hits = matcher.find(Document(line.title, line.text, url, author, line.language, line.feed))
    if not hits:
        return None
    evidence, seen = hits[0].evidence, line.published or datetime.fromtimestamp(0, UTC)
    return Found(
        article_id=0,
        id=line.id,
        title=line.title,
        url=line.url,
        outlet=line.feed,
        language=line.language,
        published=line.published,
        first_seen=seen,
        matched_on="",
        story=None,
        headline=marked_title(line.title, evidence),
        sentences=marked_sentences(evidence, line.title),
        evidence=evidence,
    )
