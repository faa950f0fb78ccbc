"""`monitor init`: a starter configuration that runs as it is, feeds from another reader's OPML, packs of feeds.

It never overwrites a file; the schemas that editors check by are the program's own and are brought up to date.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from monitor.cli.options import common
from monitor.errors import InputError, Problem

#: File in the user's directory -> file in the package.
FILES = {
    "monitor.yaml": "starter/monitor.yaml",
    "feeds.yaml": "starter/feeds.yaml",
    "watchlists/arms.yaml": "starter/watchlists/arms.yaml",
}
SCHEMAS = ("monitor.json", "feeds.json", "watchlist.json")


@click.command("init")
@click.argument("directory", default="config", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--opml", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Take the feeds from this file."
)
@click.option("--pack", "packs", multiple=True, metavar="NAME", help="Take the feeds of this pack; 'list' lists them.")
@common
def command(directory: Path, opml: Path | None, packs: tuple[str, ...], config: str | None, as_json: bool) -> None:
    """Write a commented starter configuration to DIR (config when it is left out). Nothing is overwritten."""
    if "list" in packs:
        _list_packs(as_json)
        return
    if config:
        directory = Path(config).parent
    left_out: list[Problem] = []
    feeds = _feeds_text(opml, packs, left_out)
    for one in left_out:
        click.echo(str(one), err=True)
    written, kept = _write(directory, feeds)
    if as_json:
        click.echo(json.dumps({"directory": str(directory), "written": written, "kept": kept}, ensure_ascii=False))
    else:
        _say(directory, written, kept, has_feeds=feeds is not None)
    if left_out:
        raise SystemExit(3)


def _say(directory: Path, written: list[str], kept: list[str], *, has_feeds: bool) -> None:
    for name in written:
        click.echo(f"wrote {directory / name}")
    for name in kept:
        click.echo(f"kept  {directory / name}, which was there already")
    if has_feeds and "feeds.yaml" in kept:
        raise InputError(f"{directory / 'feeds.yaml'} was there already; add to it with: monitor feeds import FILE")
    option = "" if directory == Path("config") else f" --config {directory / 'monitor.yaml'}"
    click.echo(f"next: monitor check{option}, then: monitor run{option}")


def _write(directory: Path, feeds: str | None) -> tuple[list[str], list[str]]:
    from monitor.config import edit

    written: list[str] = []
    kept: list[str] = []
    for name, source in FILES.items():
        text = feeds if name == "feeds.yaml" and feeds is not None else edit.packaged(source)
        (written if edit.create(directory / name, text) else kept).append(name)
    for name in SCHEMAS:
        edit.replace_file(directory / ".schemas" / name, edit.packaged(f"schemas/{name}"))
    return written, kept


def _feeds_text(opml: Path | None, packs: tuple[str, ...], left_out: list[Problem]) -> str | None:
    """The feeds file made of packs and an OPML file; None for the starter's own."""
    if not opml and not packs:
        return None
    from monitor.config import edit, read_opml

    feeds = [feed for name in packs for feed in edit.pack(name)]
    if opml:
        feeds += read_opml(opml.read_bytes(), str(opml), left_out)
        if not feeds:
            raise InputError(f"{opml} holds no feeds; is it the export of a feed reader?")
    return edit.feeds_file({feed.url: feed for feed in feeds}.values())


def _list_packs(as_json: bool) -> None:
    from monitor.config import edit

    for name, title, count in edit.packs():
        if as_json:
            click.echo(json.dumps({"pack": name, "title": title, "feeds": count}, ensure_ascii=False))
        else:
            click.echo(f"{name:<14} {count:>3} feeds  {title}")
