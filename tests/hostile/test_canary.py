"""Every setting that may hold a secret holds a canary; receivers and feeds answer as badly as they can.

Not one canary may stand in what the program prints, keeps or hands to a child. (The rest of the suite hears its own
logs: tests/conftest.py.)
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor import cli
from tests.loopback import Reply, Request, Site
from tests.receivers import MailServer
from tests.world import article_page

CANARY = "c4n4ry"
SECRETS = {
    "FEED_TOKEN": f"{CANARY}-feed-token",
    "FEED_COOKIE": f"session={CANARY}-cookie",
    "FEED_PASSWORD": f"{CANARY}-feed-password",
    "HOOK_SECRET": "whsec_" + "QzRuNHJ5QzRuNHJ5QzRuNHJ5QzRuNHJ5QzRuNHJ5QzQ=",
    "HOOK_TOKEN": f"{CANARY}-hook-path",
    "MAIL_PASSWORD": f"{CANARY}-mail",
    "APPRISE_TOKEN": f"{CANARY}-apprise",
    "WEB_PASSWORD": f"{CANARY}-web",
    "HEARTBEAT": f"{CANARY}-heartbeat",
}
HIDDEN = (CANARY, "QzRuNHJ5", "Zjpj")  # the webhook's secret too, and what Basic credentials begin with

CONFIG = """
store: sqlite:///monitor.db
feeds: [feeds.yaml]
watchlists: [list.yaml]
polling: {{per_host_delay: 0s, per_host: 20}}
network: {{allow_private: ["127.0.0.1"]}}
web: {{password: "${{WEB_PASSWORD}}"}}
health: {{to: [hook], heartbeat: "{base}/beat/${{HEARTBEAT}}"}}
channels:
  hook: {{type: webhook, url: "{base}/services/T0/B0/${{HOOK_TOKEN}}", secret: "${{HOOK_SECRET}}"}}
  desk: {{type: slack, url: "{base}/services/T0/B0/${{HOOK_TOKEN}}"}}
  boss: {{type: email, server: "{mail}", from: a@example.org, to: [b@example.org], password: "${{MAIL_PASSWORD}}"}}
  phone: {{type: apprise, url: "json://user:${{APPRISE_TOKEN}}@127.0.0.1:{port}/"}}
"""
FEEDS = """
feeds:
  - "{base}/feed.xml?token=${{FEED_TOKEN}}"
  - "http://f:${{FEED_PASSWORD}}@127.0.0.1:{port}/userinfo.xml"
  - {{url: "{base}/cookie.xml", headers: {{Cookie: "${{FEED_COOKIE}}"}}}}
  - {{url: "{base}/basic.xml", user: f, password: "${{FEED_PASSWORD}}"}}
  - "{base}/gone.xml?api_key=${{FEED_TOKEN}}"
  - "{base}/moved.xml?token=${{FEED_TOKEN}}"
"""
ASKED = (
    *("status", "status --json", "feeds list", "feeds list --json", "feeds export", "deliveries", "deliveries --json"),
    *("alerts", "alerts --json", "stories --json", "check", "check --json", "channels test hook"),
    *("channels test boss", "channels test phone", "channels test desk", "silence list"),
)


def echo(request: Request) -> Reply:
    """A receiver that refuses and says back all that it was told."""
    said = f"no: {request.path} {dict(request.headers)} {request.body[:200]!r}"
    return Reply(403, headers={"X-Echo": request.path[:80]}, body=said)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        home = opened.url("/article")
        feed = f"<rss version='2.0'><channel><title>News</title><item><title>Drones</title><link>{home}</link></item>"
        opened.pages |= {"*": echo, "/article": article_page("Drones", "Drones were seen. " * 40)}
        for path in ("/feed.xml", "/userinfo.xml", "/cookie.xml", "/basic.xml"):
            for query in ("", f"?token={SECRETS['FEED_TOKEN']}"):
                opened.pages[path + query] = feed + "</channel></rss>"
        moved = f"/moved.xml?token={SECRETS['FEED_TOKEN']}"
        opened.pages[moved] = Reply(301, headers={"Location": f"/feed.xml?token={SECRETS['FEED_TOKEN']}"})
        yield opened


def installed(folder: Path, site: Site, mail: MailServer) -> Path:
    base = site.url("").rstrip("/")
    server = mail.url("smtp").replace("//", "//me@")
    (folder / "feeds.yaml").write_text(FEEDS.format(base=base, port=site.port))
    (folder / "list.yaml").write_text("watches: [drones]\n")
    main = folder / "monitor.yaml"
    main.write_text(CONFIG.format(base=base, port=site.port, mail=server))
    return main


def run(main: Path, command: str) -> str:
    """All that the command prints, as its own process, whatever its exit code."""
    program = [sys.executable, "-m", "monitor", *command.split(), "--config", str(main)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def asked(main: Path, command: str) -> str:
    """The same within this process, which is quicker."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), pytest.raises(SystemExit):
        cli.main([*command.split(), "--config", str(main)])
    return printed.getvalue()


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_no_canary_leaves_its_cage(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    with MailServer(user="me", password="another") as mail:
        main = installed(tmp_path, site, mail)
        said = {f"once {number}": run(main, "once --all --verbose") for number in range(2)}
        said |= {command: asked(main, command) for command in ASKED}
    kept = {path.name: path.read_bytes().decode("latin-1") for path in tmp_path.glob("monitor.db*")}
    assert {where for where, text in (said | kept).items() if any(secret in text for secret in HIDDEN)} == set()
    told = "".join(f"{request.path} {request.headers}" for request in site.requests)
    for name in ("FEED_TOKEN", "FEED_COOKIE", "HOOK_TOKEN"):
        assert SECRETS[name] in told, f"{name} was never used"
    assert "authorization" in told
    assert "drones" in said["alerts"]
