"""`monitor feeds`: edits of the user's YAML, OPML both ways, the list."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from click.testing import CliRunner

from monitor.cli.feeds import command
from monitor.config import load
from monitor.errors import InputError

FEEDS = "# mine\nfeeds:\n  - https://a.org/f   # first\n  - {url: 'https://b.org/f', name: B}\n"


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "monitor.yaml").write_text("watchlists: []\n", encoding="utf-8")
    (tmp_path / "feeds.yaml").write_text(FEEDS, encoding="utf-8")
    return str(tmp_path / "monitor.yaml")


def run(*args: str) -> str:
    done = CliRunner().invoke(command, args)
    if isinstance(done.exception, InputError):
        raise done.exception
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def test_the_list_needs_no_store(config: str) -> None:
    assert "https://a.org/f" in run("--config", config)
    rows = [json.loads(line) for line in run("list", "--config", config, "--json").splitlines()]
    assert [row["url"] for row in rows] == ["https://a.org/f", "https://b.org/f"]
    assert rows[1]["name"] == "B"


def test_adding_keeps_the_file_and_its_mode(config: str, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    os.chmod(file, 0o640)
    run("add", "https://c.org/f", "--name", "C: c", "--tag", "x", "--every", "10m", "--no-try", "--config", config)
    text = file.read_text(encoding="utf-8")
    assert text.startswith(FEEDS)
    assert file.stat().st_mode & 0o777 == 0o640
    assert load(config).feeds[2].name == "C: c"


def test_what_is_there_or_wrong_is_not_added(config: str, tmp_path: Path) -> None:
    for args, told in (
        (["https://a.org/f"], "is there already"),
        (["ftp://a.org/f"], "begins with http"),
    ):
        with pytest.raises(InputError, match=told):
            run("add", *args, "--config", config)
    assert (tmp_path / "feeds.yaml").read_text(encoding="utf-8") == FEEDS


def test_import_and_export(config: str, tmp_path: Path) -> None:
    opml = tmp_path / "x.opml"
    outlines = "".join(f'<outline text="B" xmlUrl="https://{host}.org/f"/>' for host in "abcd")
    opml.write_text(f"<opml><body><outline text='N'>{outlines}</outline></body></opml>", encoding="utf-8")
    assert "2 added" in run("import", str(opml), "--tag", "new", "--config", config)
    feeds = load(config).feeds
    assert len(feeds) == 4
    assert feeds[3].tags == {"N", "new"}
    assert len({feed.name for feed in feeds}) == 4  # names are unique in a file
    exported = run("export", "--config", config)
    assert exported.count("xmlUrl") == 4


def test_an_exported_address_shows_no_secret(config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_X", "canary")
    (tmp_path / "feeds.yaml").write_text('feeds: ["https://a.org/f?t=${TOKEN_X}"]\n', encoding="utf-8")
    assert load(config).feeds[0].url.endswith("canary")
    assert "canary" not in run("export", "--config", config)


@pytest.mark.parametrize("every", ["10s", "59s", "0.5m"])
def test_more_often_than_once_a_minute_is_refused(config: str, every: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["add", "https://c.org/f", "--every", every, "--no-try", "--config", config])
    assert done.exit_code == 2
    assert f"--every: '{every}' is too often" in done.output
    assert (tmp_path / "feeds.yaml").read_text(encoding="utf-8") == FEEDS


def test_a_name_that_is_taken_is_refused(config: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a feed named 'B' is there already, at .*feeds.yaml:4; choose another"):
        run("add", "https://c.org/f", "--name", "B", "--no-try", "--config", config)
    assert (tmp_path / "feeds.yaml").read_text(encoding="utf-8") == FEEDS


PAGE = b'<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>'
FEED = b'<rss version="2.0"><channel><title>T</title><item><title>a</title><link>http://x.org/a</link></item></channel></rss>'
CUT = b'<rss version="2.0"><channel><item><title>a</title><link>http://x.org/a</link></item><item><tit'


class _Site(BaseHTTPRequestHandler):
    ROBOTS = b"User-agent: *\nDisallow:\nSitemap: https://x.org/sitemap.xml\nSitemap: https://x.org/news-sitemap.xml\n"
    ANSWERS: ClassVar = {"/page": PAGE, "/feed.xml": FEED, "/cut.xml": CUT, "/robots.txt": ROBOTS}

    def do_GET(self) -> None:
        status = int(self.path[1:]) if self.path[1:].isdigit() else 200
        self.send_response(status)
        self.end_headers()
        self.wfile.write(self.ANSWERS.get(self.path, b""))

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def site(config: str) -> Iterator[str]:
    """The host and port of a site that the configuration may reach."""
    Path(config).write_text("watchlists: []\nnetwork: {allow_private: [127.0.0.1]}\n", encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("feed.xml", "feeds.yaml\n"),
        ("404", "; but it answers 404 now\n"),
        ("500", "; but it answers 500 now\n"),
        ("page", "; but it is an HTML page; it names the feed http://{site}/feed.xml: add that one?\n"),
    ],
)
def test_what_is_added_is_asked_once(config: str, site: str, path: str, told: str) -> None:
    assert run("add", f"http://{site}/{path}", "--config", config).endswith(told.format(site=site))
    assert load(config).feeds[2].url == f"http://{site}/{path}"


def test_discover_names_feeds_and_news_sitemaps(config: str, site: str) -> None:
    found = run("discover", f"http://{site}/page", "--config", config).splitlines()
    assert found == [f"http://{site}/feed.xml", "https://x.org/news-sitemap.xml  news sitemap"]


def test_discover_without_a_scheme_says_that_http_was_not_asked(config: str, site: str) -> None:
    with pytest.raises(InputError, match=f"does it speak http.* write http://{site}$"):
        run("discover", site, "--config", config)


def test_check_says_what_is_odd_about_a_feed_and_not_fine_where_one_fails(config: str, site: str) -> None:
    from monitor.cli.check import command as check

    (Path(config).parent / "feeds.yaml").write_text(f"feeds: ['http://{site}/cut.xml', 'http://{site}/404']\n")
    done = CliRunner().invoke(check, ["--feeds", "--config", config])
    assert done.exit_code == 3
    cut, failed, summary = done.output.splitlines()[-3:]
    assert "''" not in cut
    assert failed.startswith("failed")
    assert summary.endswith("1 of 2 feeds did not answer well")
    assert "fine" not in summary


def test_outlines_that_cannot_be_asked_are_named(config: str, tmp_path: Path) -> None:
    opml = tmp_path / "x.opml"
    opml.write_text(
        '<opml><body><outline text="c" xmlUrl="https://c.org/f"/>\n<outline text="Old" xmlUrl="gopher://d.org/f"/>\n'
        "</body></opml>",
        encoding="utf-8",
    )
    done = CliRunner().invoke(command, ["import", str(opml), "--config", config])
    assert done.exit_code == 3
    assert f"{opml}:2:1: warning: 'gopher://d.org/f' ('Old') left out: an address begins with http" in done.stderr
    assert "1 added" in done.stdout
    Path(config).write_text("watchlists: []\nfeeds: [x.opml]\n", encoding="utf-8")
    assert any("gopher" in str(one) for one in load(config).warnings)
