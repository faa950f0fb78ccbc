# ruff: noqa: E501 - files and messages stand as users write and read them
"""The configuration as a user writes it: the whole of the documented surface, and what becomes of it."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import Config, Hours, Rate, examine, find, load, load_watchlist_file
from monitor.errors import ConfigError, InputError
from monitor.model import Secret, When

MAIN = """
store: sqlite:///monitor.db
feeds: [feeds.yaml, "*.opml"]
watchlists: ["watchlists/*.yaml"]
channels:
  console: {type: console}
  desk:    {type: slack, url: "${SLACK_WEBHOOK_URL}"}
  boss:    {type: email, server: "smtp+starttls://user@mail.example.org:587", password: "${file:smtp}",
            from: "News monitor <monitor@example.org>", to: [boss@example.org], when: weekdays 07:30}
  siem:    {type: webhook, url: "https://siem.example.org/news", secret: "${WEBHOOK_SECRET}"}
  phone:   {type: apprise, url: "ntfy://ntfy.example.org/news", only: urgent, quiet: "22:00-06:30", at_most: 6 per hour}
  ops:     {type: console, quiet: null}
alerts: {to: [desk], when: now, quiet: "23:00-05:00", group: story, fresh: 48h, first: summary, late: alert, evidence: 3}
timezone: Europe/Paris
polling:  {every: auto, fastest: 2m, slowest: 1h, concurrency: 100, per_host: 1, per_host_delay: 1s}
network:  {user_agent: "news-monitor/1.0 (+https://…)", timeout: 30s, max_feed: 10MB, max_page: 5MB,
           allow_private: ["127.0.0.1:8025", 10.0.0.0/8, "fd00::/8"], proxy: null}
keep:     {articles: 400d, evidence: forever}
web:      {listen: "127.0.0.1:8484", password: null, public_url: null}
health:   {to: [ops, desk], heartbeat: "https://hc.example.org/x", summary: mon 08:00}
"""
FEEDS = """
feeds:
  - https://feeds.nbcnews.com/nbcnews/public/news
  - {url: "https://www.lemonde.fr/rss/une.xml", name: Le Monde, tags: [fr, press, agency], every: 10m, read: page}
  - {url: "https://example.org/private.xml", headers: {Cookie: "${LE_COOKIE}"}, user: me, password: "${PW:-x$$y}"}
"""
WATCHES = """
name: Arms transfers
to: [desk, boss]
editors: [desk]
terms:
  uav: [drone, UAV, дрон, پهپاد, "véhicule aérien sans pilote"]
watches:
  - $uav
  - Su-35
  - no
  - 007
  - 9:30
  - 2026-11-22
  - null
  - name: Shaheds to Russia
    match: >-
      (Shahed OR $uav) NEAR/30 (Iran OR Tehran) AND NOT "drone racing"
    languages: [en, fr, ru]
    feeds: ["tag:press", Le Monde]
    priority: urgent
    confirm: ["tag:agency"]
    must_match:     ["Tehran has shipped Shahed-136s to Moscow"]
    must_not_match: ["A drone racing league opens in Tehran"]
  - {name: Air defence, all: [S-400], any: [Iran, Tehran], none: [parade], to: boss, when: daily 7:05}
"""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def write(folder: Path, main: str = MAIN, feeds: str = FEEDS, watches: str = WATCHES) -> str:
    (folder / "watchlists").mkdir(exist_ok=True)
    (folder / "monitor.yaml").write_text(main, encoding="utf-8")
    (folder / "feeds.yaml").write_text(feeds, encoding="utf-8")
    (folder / "watchlists" / "arms.yaml").write_text(watches, encoding="utf-8")
    (folder / "smtp").write_text("s3cret\n", encoding="utf-8")
    return str(folder / "monitor.yaml")


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/canary")
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("LE_COOKIE", "canary=1")
    monkeypatch.delenv("PW", raising=False)
    return load(write(tmp_path))


def test_every_documented_key_is_accepted(whole: Config, tmp_path: Path) -> None:
    assert whole.store == f"sqlite:///{tmp_path / 'monitor.db'}"
    assert whole.timezone == "Europe/Paris"
    assert whole.settings.alerts.fresh == timedelta(hours=48)
    assert whole.settings.polling.every is None
    assert whole.settings.network.max_page == 5_000_000
    assert whole.settings.network.user_agent.isascii()
    assert whole.settings.keep.articles == timedelta(days=400)
    assert whole.settings.keep.evidence is None
    assert not whole.warnings
    assert [path.name for path in whole.files] == ["monitor.yaml", "feeds.yaml", "arms.yaml"]


def test_channels_hold_what_is_in_force_for_them(whole: Config) -> None:
    channels = whole.channels
    assert channels["boss"].when is not None
    assert channels["boss"].when.kind == "weekdays"
    assert channels["desk"].when == When("now")
    assert channels["phone"].at_most == Rate(6, timedelta(hours=1))
    assert channels["desk"].at_most == Rate(20, timedelta(hours=1))
    assert channels["siem"].at_most is None
    assert channels["console"].quiet == channels["desk"].quiet
    assert channels["ops"].quiet is None  # null switches it off though alerts has one
    assert isinstance(channels["desk"].quiet, Hours)


def test_feeds_and_their_secrets(whole: Config) -> None:
    plain, monde, private = whole.feeds
    assert plain.url == "https://feeds.nbcnews.com/nbcnews/public/news"
    assert (monde.name, monde.every, monde.read) == ("Le Monde", timedelta(minutes=10), "page")
    assert monde.tags == {"fr", "press", "agency"}
    assert private.headers["Cookie"] == Secret("canary=1")
    assert private.password == Secret("x$y")
    assert private.where.endswith("feeds.yaml:5")


def test_plain_scalars_are_terms_as_written(whole: Config) -> None:
    (watchlist,) = whole.watchlists
    assert [watch.name for watch in watchlist.watches[:7]] == [
        "$uav",
        "Su-35",
        "no",
        "007",
        "9:30",
        "2026-11-22",
        "null",
    ]
    assert watchlist.watches[3].any == ("007",)
    assert watchlist.terms["uav"][-1] == "véhicule aérien sans pilote"
    shahed = watchlist.watches[7]
    assert shahed.match == '(Shahed OR $uav) NEAR/30 (Iran OR Tehran) AND NOT "drone racing"'
    assert shahed.places["match"].endswith("arms.yaml:17:7")
    assert watchlist.watches[1].where.endswith("arms.yaml:9:5")
    assert watchlist.watches[8].to == ("boss",)


def test_keys_without_effect_are_listed(whole: Config) -> None:
    keys = {problem.message.removesuffix(" has no effect yet") for problem in whole.no_effect}
    assert all(problem.is_warning and problem.line for problem in whole.no_effect)
    assert "web.password" not in keys  # null sets nothing


def test_no_secret_is_ever_printed(whole: Config) -> None:
    for canary in ("canary", SECRET, "s3cret", "x$y"):
        assert canary not in repr(whole) + str(whole)


def test_built_in_values_hold_when_keys_are_missing(tmp_path: Path) -> None:
    config = load(
        write(tmp_path, main="channels:\n  a: {type: console}\n", watches="watches: [Su-35]\n"), secrets=False
    )
    alerts = config.settings.alerts
    assert (alerts.group, alerts.first, alerts.late, alerts.evidence, alerts.to) == (
        "story",
        "summary",
        "alert",
        3,
        None,
    )
    assert config.settings.polling.fastest == timedelta(minutes=2)
    assert config.settings.network.timeout == timedelta(seconds=30)
    assert config.settings.web.listen == "127.0.0.1:8484"
    assert config.channels["a"].when == When("now")


def test_user_agent_is_the_fetcher_s_own() -> None:
    from monitor.config.settings import USER_AGENT
    from monitor.fetch.values import USER_AGENT as OF_FETCH

    assert USER_AGENT == OF_FETCH


def test_unset_secrets_matter_only_to_commands_that_need_them(tmp_path: Path) -> None:
    path = write(tmp_path)
    with pytest.raises(ConfigError, match="environment variable SLACK_WEBHOOK_URL is not set"):
        load(path, secrets=True)
    assert "desk" in load(path, secrets=False).channels


def test_a_secret_that_looks_like_yaml_stays_one_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LE_COOKIE", "x: *a, {b")
    assert load(write(tmp_path), secrets=False).feeds[2].headers["Cookie"] == Secret("x: *a, {b")


def test_credentials_come_from_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hook").write_text(SECRET, encoding="utf-8")
    main = 'channels:\n  siem: {type: webhook, url: "https://x.org/", secret: "${credential:hook}"}\n'
    path = write(tmp_path, main=main, watches="watches: [a]\n", feeds="feeds: [https://x.org/f]\n")
    with pytest.raises(ConfigError, match="CREDENTIALS_DIRECTORY is not set"):
        load(path)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert load(path).channels["siem"].type == "webhook"


def test_a_bad_secret_is_refused_and_not_repeated(tmp_path: Path) -> None:
    main = "channels:\n  siem: {type: webhook, url: 'https://u:hunter2@x.org:99999/', secret: whsec_c2hvcnQ=}\n"
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, main=main, watches="watches: [a]\n"))
    assert "it holds 5 bytes" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "c2hvcnQ" not in str(caught.value)


def test_literal_secrets_in_readable_files_are_named(tmp_path: Path) -> None:
    main = "channels:\n  desk: {type: slack, url: 'https://hooks.slack.com/services/T/B/x'}\n"
    path = write(tmp_path, main=main, watches="watches: [a]\n", feeds="feeds: [https://x.org/f]\n")
    os.chmod(path, 0o644)
    (warning,) = load(path).warnings
    assert "written out in a file that others" in warning.message
    os.chmod(path, 0o600)
    assert not load(path).warnings


def test_where_the_configuration_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)
    with pytest.raises(InputError, match="monitor init"):
        find("nosuch.yaml")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "monitor.yaml").write_text("", encoding="utf-8")
    (tmp_path / "other.yaml").write_text("", encoding="utf-8")
    assert find() == Path("config/monitor.yaml")
    monkeypatch.setenv("MONITOR_CONFIG", "other.yaml")
    assert find() == Path("other.yaml")
    assert find("config/monitor.yaml") == Path("config/monitor.yaml")


def test_a_watchlist_needs_neither_configuration_nor_channels(tmp_path: Path) -> None:
    write(tmp_path)
    watchlist = load_watchlist_file(tmp_path / "watchlists" / "arms.yaml")
    assert watchlist.name == "Arms transfers"
    (tmp_path / "bad.yaml").write_text("watches: [{al: [a]}]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="unknown key 'al'; did you mean 'all'"):
        load_watchlist_file(tmp_path / "bad.yaml")


def test_opml_beside_yaml(tmp_path: Path) -> None:
    opml = (
        '<opml version="1.0"><body><outline text="news"><outline text="A" xmlUrl="https://a.org/f"/>'
        '<outline text="Monde" xmlUrl="https://www.lemonde.fr/rss/une.xml"/></outline></body></opml>'
    )
    path = write(tmp_path)
    (tmp_path / "more.opml").write_text(opml, encoding="utf-8")
    examined = examine(path, secrets=False)
    assert [feed.url for feed in examined.config.feeds][-1] == "https://a.org/f"
    assert "news" in examined.config.feeds[1].tags
    assert "stands in" in examined.problems[-1].message


def test_five_thousand_feeds_load_in_about_a_second(tmp_path: Path) -> None:
    lines = [
        f'  - {{url: "https://e{n}.org/{n}.xml", name: Feed {n}, tags: [fr, press], every: 10m}}' for n in range(5000)
    ]
    path = write(tmp_path, main="watchlists: []\n", feeds="feeds:\n" + "\n".join(lines))
    started = time.process_time()
    assert len(load(path).feeds) == 5000
    assert time.process_time() - started < 2.5
