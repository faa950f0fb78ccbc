"""The demo's news: invented articles from `news/`, the outlets that publish them, and what should become of each.

It must not serve, fetch or judge anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Literal, get_args

Expected = Literal["first look", "alert", "join", "nothing", "archive"]


@dataclass(frozen=True, slots=True)
class Outlet:
    """A publisher. `feed` is the path of its feed, `kind` the format it speaks, `codec` the bytes it is written in."""

    key: str
    name: str
    language: str
    kind: str
    feed: str
    codec: str = "utf-8"


OUTLETS: Mapping[str, Outlet] = {
    outlet.key: outlet
    for outlet in (
        Outlet("courier", "The Merrow Courier", "en", "RSS 2.0", "/courier/rss.xml"),
        Outlet("gazette", "La Gazette de Merrow", "fr", "Atom", "/gazette/atom.xml"),
        Outlet("vestnik", "Вестник Мерроу", "ru", "RSS in windows-1251", "/vestnik/news.rss", "cp1251"),
        Outlet("brief", "Merrow in Brief", "en", "JSON Feed", "/brief/feed.json"),
    )
}
#: A feed whose server answers 503, as one of many always does.
BROKEN = "/radio/rss.xml"


@dataclass(frozen=True, slots=True)
class Article:
    """An invented article. It stands in its feed from `step` on; step 0 is what the first look finds.

    `later_title` replaces its headline from `later_step` on. `page` is `open`, `refused` (403) or `none`: then the
    feed carries the whole text. `trap` says why a careless program would have taken it for a match.
    """

    key: str
    outlet: Outlet
    step: int
    title: str
    summary: str
    author: str
    paragraphs: tuple[str, ...]
    age: timedelta
    expect: Expected
    page: str = "open"
    trap: str = ""
    later_title: str = ""
    later_step: int = 0

    @property
    def path(self) -> str:
        return f"/{self.outlet.key}/{self.key}.html"

    def title_at(self, step: int) -> str:
        return self.later_title if self.later_title and step >= self.later_step else self.title

    def published(self, start: datetime) -> datetime:
        """Its own date, for a demo that began at `start`."""
        return start - self.age


def articles() -> tuple[Article, ...]:
    """All of `news/*.txt`, by step and name."""
    texts = sorted((file.name, file.read_text("utf-8")) for file in files(__package__).joinpath("news").iterdir())
    found = [_article(name.removesuffix(".txt"), text) for name, text in texts if name.endswith(".txt")]
    return tuple(sorted(found, key=lambda article: article.step))


def _article(key: str, text: str) -> Article:
    """A file: `name: value` lines, an empty line, then paragraphs with empty lines between them."""
    head, _, body = text.partition("\n\n")
    fields = dict(_field(line) for line in head.splitlines())
    expect = fields["expect"]
    if expect not in get_args(Expected):
        raise ValueError(f"{key}: expect '{expect}'")
    later_step, _, later_title = fields.get("later", "0 ").partition(" ")
    return Article(
        key=key,
        outlet=OUTLETS[fields["outlet"]],
        step=int(fields["step"]),
        title=fields["title"],
        summary=fields["summary"],
        author=fields["author"],
        paragraphs=tuple(" ".join(part.split()) for part in body.split("\n\n") if part.strip()),
        age=timedelta(hours=float(fields["hours old"])),
        expect=expect,  # type: ignore[arg-type]  # one of them, see above
        page=fields.get("page", "open"),
        trap=fields.get("trap", ""),
        later_title=later_title,
        later_step=int(later_step),
    )


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()
