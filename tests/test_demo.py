"""`monitor demo` shows what it says and fails when something does not arrive; its parts are what they claim."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from monitor.demo import settings
from monitor.demo.checks import checks
from monitor.demo.fates import Fate
from monitor.demo.newsroom import BROKEN, OUTLETS, Article, articles
from monitor.demo.receivers import Call, Mail, MailReceiver, WebhookReceiver
from monitor.demo.site import Site
from monitor.parse import parse_feed

NEWS = articles()


@pytest.mark.timeout(150)
def test_the_whole_demo_arrives(tmp_path: Path) -> None:
    """The command as a user calls it, from a folder without configuration."""
    command = [sys.executable, "-m", "monitor", "demo", "--fast", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=140)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["failed"] == []
    assert (said["alerts"], said["joined"], said["webhook_requests"], said["mails"]) == (2, 2, 3, 3)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------------------- the site


def test_every_feed_reads_as_what_it_claims_to_be() -> None:
    kinds = {"RSS 2.0": "rss20", "Atom": "atom10", "RSS in windows-1251": "rss20", "JSON Feed": "json"}
    with Site(NEWS, datetime.now(UTC)) as site:
        site.step = 4
        for outlet in OUTLETS.values():
            answer = httpx.get(site.url + outlet.feed)
            feed = parse_feed(answer.content, url=str(answer.url), content_type=answer.headers["content-type"])
            mine = [article.title for article in reversed(NEWS) if article.outlet is outlet]
            assert feed.kind.startswith(kinds[outlet.kind])
            assert [entry.title for entry in feed.entries] == mine
            assert feed.title == outlet.name


def test_articles_appear_with_their_step_and_change_their_headline_with_it() -> None:
    story = next(article for article in NEWS if article.later_title)
    with Site(NEWS, datetime.now(UTC)) as site:
        assert httpx.get(site.url + story.path).status_code == 404
        site.step = story.step
        assert story.title in httpx.get(site.url + story.outlet.feed).text
        site.step = story.later_step
        assert story.later_title in httpx.get(site.url + story.outlet.feed).text


def test_the_site_answers_403_503_and_304() -> None:
    refused = next(article for article in NEWS if article.page == "refused")
    with Site(NEWS, datetime.now(UTC)) as site:
        site.step = 9
        assert httpx.get(site.url + refused.path).status_code == 403
        assert httpx.get(site.url + BROKEN).status_code == 503
        feed = site.url + OUTLETS["courier"].feed
        etag = httpx.get(feed).headers["etag"]
        assert httpx.get(feed, headers={"If-None-Match": etag}).status_code == 304
        assert (site.not_modified, site.requests[OUTLETS["courier"].feed]) == (1, 2)


def test_pages_hold_what_must_not_be_matched() -> None:
    """Otherwise the demo would not show that only the article counts."""
    with Site(NEWS, datetime.now(UTC)) as site:
        ferry = httpx.get(site.url + "/courier/courier-ferry.html").text
    assert "Su-35" in ferry
    assert "cookie" in ferry


# ------------------------------------------------------------------------------------------------- the receivers


def send(receiver: WebhookReceiver, secret: str, body: bytes, **changed: str) -> int:
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body.decode()),
    }
    return httpx.post(f"{receiver.url}/news", content=body, headers=headers | changed).status_code


def test_the_webhook_receiver_takes_what_the_reference_library_signs_and_nothing_else() -> None:
    secret = settings.new_secret()
    body = b'{"type": "notice", "data": {}}'
    with WebhookReceiver(secret) as receiver:
        assert send(receiver, secret, body) == 204
        assert send(receiver, settings.new_secret(), body) == 401
        assert send(receiver, secret, body, **{"webhook-timestamp": "1700000000"}) == 401
        assert send(receiver, secret, body, **{"webhook-signature": ""}) == 401
        assert ([call.id for call in receiver.calls], receiver.refused) == (["msg_1"], 3)


def test_the_mail_receiver_keeps_a_mail_as_it_was_sent() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "monitor@demo.example", "desk@demo.example", "Été"
    mail.set_content("a line\n.a line with a dot\n")
    with MailReceiver() as receiver, smtplib.SMTP("127.0.0.1", receiver.port, timeout=5) as client:
        client.send_message(mail)
        client.noop()
        (kept,) = receiver.mails
    assert (kept.sender, kept.recipients, kept.subject) == ("monitor@demo.example", ("desk@demo.example",), "Été")
    assert kept.message.get_content().split("\r\n") == ["a line", ".a line with a dot", ""]


def test_a_mail_cut_off_is_not_kept() -> None:
    with MailReceiver() as receiver:
        client = smtplib.SMTP("127.0.0.1", receiver.port, timeout=5)
        client.docmd("MAIL", "FROM:<a@demo.example>")
        client.docmd("RCPT", "TO:<b@demo.example>")
        client.docmd("DATA")
        client.send(b"Subject: half")
        client.close()
        assert receiver.mails == []


# ------------------------------------------------------------------------------------------------------ verdict


def perfect() -> tuple[dict[str, Fate], list[Call], list[Mail]]:
    """What the checks are to be content with."""
    fates = {article.path: _fate(article) for article in NEWS}
    told = [article.title for article in NEWS if article.expect == "alert"]
    first = [{"article": {"title": article.title}} for article in NEWS if article.expect == "first look"]
    bodies: list[dict[str, Any]] = [{"type": "alert.summary", "data": {"alerts": first}}]
    bodies += [{"type": "alert.created", "data": {"article": {"title": title}}} for title in told]
    calls = [Call(f"msg_{number}", body) for number, body in enumerate(bodies)]
    return fates, calls, [_mail(subject) for subject in ("First look", *told)]


def _fate(article: Article) -> Fate:
    action = {"first look": "bundle", "alert": "tell", "join": "join"}.get(article.expect)
    read = {"open": "full article", "refused": "summary", "none": "feed text"}[article.page]
    state = "archived" if article.expect == "archive" else "done"
    return Fate(state, read, "", article.outlet.language, "", "S-1", (("siem", action, ""),) if action else ())


def _mail(subject: str) -> Mail:
    message = EmailMessage()
    message["Subject"] = subject
    return Mail("a@demo.example", ("b@demo.example",), message)


def failed(fates: Mapping[str, Fate], calls: list[Call], mails: list[Mail], refused: int = 0) -> list[str]:
    return [what for what, is_so in checks(NEWS, fates, calls, mails, refused) if not is_so]


def test_nothing_is_wrong_when_all_arrived() -> None:
    assert failed(*perfect()) == []


def test_what_is_missing_doubled_or_wrong_is_named() -> None:
    fates, calls, mails = perfect()
    assert failed(fates, calls[:-1], mails) == ["webhook: one request an alert"]
    assert failed(fates, [*calls, replace(calls[-1], id="msg_x")], mails) == ["webhook: one request an alert"]
    assert failed(fates, calls, mails[:-1]) == ["mail: one a message", "mail: headlines in the subjects"]
    assert failed(fates, calls, mails, refused=1) == ["webhook: no signature was wrong"]
    trap = next(article for article in NEWS if article.trap)
    wrong = fates | {trap.path: replace(fates[trap.path], decided=(("siem", "tell", ""),))}
    assert failed(wrong, calls, mails) == [f"{trap.path}: nothing"]


def test_the_configuration_is_complete_and_its_secret_private(tmp_path: Path) -> None:
    from monitor.assemble import load_checked

    ports = {"SITE": 1001, "WEBHOOK": 1002, "MAIL": 1003}
    main = settings.write(tmp_path, ports, settings.new_secret(), has_console=False)
    config = load_checked(str(main))
    assert (len(config.feeds), sorted(config.channels)) == (len(OUTLETS) + 1, ["desk", "siem"])
    assert set(config.settings.network.allow_private) == {f"127.0.0.1:{port}" for port in ports.values()}
    assert (tmp_path / "webhook.secret").stat().st_mode & 0o077 == 0
