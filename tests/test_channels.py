"""The channels against receivers on loopback: what arrives, and what each answer of a receiver becomes."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import standardwebhooks

from monitor.channels import REGISTRY, Channel, answers, open_channel
from monitor.channels.console import Console
from monitor.channels.email import Email, Server, address_of
from monitor.channels.slack import Slack
from monitor.errors import ChannelDown, DeliveryFailed, InputError, Refused
from monitor.fetch import Answer, Network
from monitor.guard import Allowed
from monitor.model import Message, Receipt, Secret
from monitor.render import Style
from tests.loopback import Reply, Site
from tests.messages import NOW, alert, notice, summary
from tests.receivers import MailServer, SlackDouble, certificate

LOOPBACK = Network(allow_private=Allowed.parse(["127.0.0.1"]))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as found:
        yield found


def opened(kind: str, network: Network = LOOPBACK, **settings: Any) -> Channel:
    return open_channel("desk", SimpleNamespace(type=kind, allow_private=(), **settings), network)


async def sent(channel: Channel, message: Message | None = None, target: str = "", delivery_id: str = "d-1") -> Receipt:
    return await channel.send(message or alert(), delivery_id=delivery_id, target=target, now=NOW)


# -------------------------------------------------------------------------------------------------- webhook


async def test_a_webhook_gets_a_signed_body_that_the_reference_library_verifies(site: Site) -> None:
    site.pages["/hook"] = Reply(204)
    channel = opened("webhook", url=site.url("/hook"), secret=[Secret(SECRET), Secret("whsec_" + "B" * 44)])
    first = await sent(channel)
    await channel.send(alert(), delivery_id="d-1", target="", now=NOW + timedelta(minutes=5))
    assert first.answer == "204"
    one, two = site.requests
    assert one.body == two.body
    assert one.headers["webhook-id"] == two.headers["webhook-id"] == "d-1"
    assert one.headers["webhook-timestamp"] != two.headers["webhook-timestamp"]
    assert one.headers["content-type"] == "application/json"
    verifier = standardwebhooks.Webhook(SECRET)
    verifier.verify(one.body, dict(one.headers) | _now(one))


def _now(request: Any) -> dict[str, str]:
    """The library insists on a fresh timestamp, the message's is fixed: sign the body again as of now."""
    from datetime import UTC, datetime

    from monitor.render import signature

    return signature.headers([Secret(SECRET)], request.headers["webhook-id"], datetime.now(UTC), request.body)


async def test_without_a_secret_nothing_is_signed(site: Site) -> None:
    site.pages["/hook"] = ""
    await sent(opened("webhook", url=site.url("/hook"), secret=None))
    headers = site.requests[0].headers
    assert "webhook-signature" not in headers
    assert headers["webhook-id"] == "d-1"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))


HTTP = [
    (200, None, None), (201, None, None), (204, None, None),
    (301, ChannelDown, False), (302, ChannelDown, False), (304, ChannelDown, False),
    (400, Refused, None), (413, Refused, None), (415, Refused, None), (422, Refused, None),
    (401, ChannelDown, True), (403, ChannelDown, True), (404, ChannelDown, True),
    (408, ChannelDown, False), (425, ChannelDown, False), (429, ChannelDown, False),
    (307, ChannelDown, False), (405, ChannelDown, True), (410, ChannelDown, True),
    (500, DeliveryFailed, None), (501, DeliveryFailed, None),
    (502, ChannelDown, False), (503, ChannelDown, False), (504, ChannelDown, False),
]  # fmt: skip


@pytest.mark.parametrize(("status", "kind", "is_gone"), HTTP)
def test_every_http_status_has_its_meaning(status: int, kind: type | None, is_gone: bool | None) -> None:
    failure = answers.http("desk", Answer(status, {}, "so"), NOW)
    assert type(failure) is (kind or type(None))
    if isinstance(failure, ChannelDown):
        assert failure.is_gone is is_gone
        assert failure.answer.startswith("gone: ") is is_gone, "a person reads of it what to do"
        assert failure.retry is not is_gone
    if isinstance(failure, Refused):
        assert not failure.retry


async def test_redirects_are_not_followed(site: Site) -> None:
    site.pages["/hook"] = Reply(302, {"Location": site.url("/elsewhere")})
    with pytest.raises(ChannelDown, match="redirects"):
        await sent(opened("webhook", url=site.url("/hook"), secret=None))
    assert site.count("/elsewhere") == 0


async def test_a_receiver_may_stop_the_retries_of_a_message(site: Site) -> None:
    site.pages["/hook"] = Reply(500, {"Webhook-Delivery": "abort-message"})
    with pytest.raises(Refused):
        await sent(opened("webhook", url=site.url("/hook"), secret=None))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("30", 30), ("1.5", 1.5), ("Sun, 22 Nov 2026 13:03:00 GMT", 60), ("Sun, 22 Nov 2020 13:03:00 GMT", 0),
     ("999999999", 86400), ("-5", 0), ("soon", None), ("", None), ("nan", None), ("1e400", None)],
)  # fmt: skip
def test_retry_after_in_all_its_forms(value: str, seconds: float | None) -> None:
    wait = answers.retry_after(value, NOW)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


async def test_a_429_pauses_the_channel_as_long_as_it_asks(site: Site) -> None:
    site.pages["/hook"] = Reply(429, {"Retry-After": "30"})
    with pytest.raises(ChannelDown) as caught:
        await sent(opened("webhook", url=site.url("/hook"), secret=None))
    assert caught.value.wait == timedelta(seconds=30)


@pytest.mark.parametrize("kind", ["webhook", "slack"])
async def test_what_may_have_arrived_is_in_doubt_and_what_surely_did_not_is_not(site: Site, kind: str) -> None:
    """What is in doubt must keep its id, so that it never moves into a catch-up summary."""

    site.pages.update({"/closed": Reply(raw=b""), "/noise": Reply(raw=b"\x00\x01\r\n\r\n")})
    for path in ("/closed", "/noise"):
        with pytest.raises(ChannelDown) as caught:
            await sent(opened(kind, url=site.url(path), secret=None))
        assert caught.value.in_doubt, path
    for url in ("http://127.0.0.1:1/", "http://nowhere.invalid/"):
        with pytest.raises(ChannelDown) as caught:
            await sent(opened(kind, url=url, secret=None))
        assert not caught.value.in_doubt, url


@pytest.mark.parametrize("kind", ["webhook", "slack"])
async def test_private_addresses_are_not_posted_to(site: Site, kind: str) -> None:
    site.pages["*"] = "ok"
    with pytest.raises(ChannelDown, match="private address"):
        await sent(opened(kind, Network(), url=site.url("/hook"), secret=None))
    assert not site.requests
    own = SimpleNamespace(type=kind, url=site.url("/hook"), secret=None, allow_private=(site.address,))
    await sent(open_channel("desk", own, Network()))
    assert site.requests


async def test_secrets_are_in_no_error_log_or_repr(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    canary = "c4n4ry"
    site.pages["*"] = lambda request: Reply(500, body=f"you sent me to {request.path}")
    told = []
    for kind in ("webhook", "slack"):
        for url in (
            site.url(f"/{canary}"),
            f"http://127.0.0.1:1/{canary}",
            f"https://{canary}.invalid/{canary}",
        ):
            channel = opened(kind, url=url, secret=None)
            with pytest.raises(DeliveryFailed) as caught:
                await sent(channel)
            told += [repr(channel), str(caught.value), repr(caught.value), repr(caught.value.__context__)]
            told.append(caught.value.answer)
    token = opened("slack", url=site.url("/api"), token=canary, channel="#news")
    with pytest.raises(DeliveryFailed) as caught:
        await sent(token)
    told += [repr(token), str(caught.value), caught.value.answer, caplog.text]
    assert not [line for line in told if canary in line]


# ---------------------------------------------------------------------------------------------------- slack


def slack_hook(double: SlackDouble) -> Slack:
    channel = opened("slack", url=double.hook)
    assert isinstance(channel, Slack)
    channel.pace_s = 0
    return channel


def slack_bot(double: SlackDouble) -> Slack:
    channel = opened("slack", url=double.api, token=Secret("xoxb-secret-token"), channel="#news")
    assert isinstance(channel, Slack)
    channel.pace_s = 0
    return channel


async def test_an_incoming_webhook_gets_text_and_blocks_without_previews(site: Site) -> None:
    double = SlackDouble(site)
    receipt = await sent(slack_hook(double))
    assert receipt == Receipt("200 ok")
    (payload,) = double.messages
    assert payload["text"].startswith("Su-35, drones · Moscou a envoyé")
    assert payload["unfurl_links"] is payload["unfurl_media"] is False


async def test_a_bot_threads_follow_ups_and_edits_the_first_message(site: Site) -> None:
    double = SlackDouble(site)
    channel = slack_bot(double)
    first = await sent(channel)
    assert first.reference == "C024BE91L:1503435956.000001"
    await sent(channel, alert(thread=first.reference, follows="A-7Q2K", reason="confirmed"))
    assert double.messages[0]["channel"] == "#news"
    assert "thread_ts" not in double.messages[0]
    assert double.messages[1]["thread_ts"] == "1503435956.000001"
    assert double.messages[1]["channel"] == "C024BE91L"
    assert first.reference is not None
    await channel.amend(alert(), reference=first.reference, now=NOW)
    assert double.updates[0]["ts"] == "1503435956.000001"
    assert "NBC News" in json.dumps(double.updates[0]["blocks"])


def _slack_answers() -> Iterator[tuple[str, int, type, bool | None]]:
    by_status = {
        400: ["invalid_payload", "no_text"],
        403: ["action_prohibited", "invalid_token"],
        404: ["channel_not_found", "no_service", "no_team", "no_active_hooks", "no_service_id"],
        410: ["channel_is_archived"],
    }
    gone = {"user_not_found"}.union(*(by_status[status] for status in (403, 404, 410)))
    for status, words in by_status.items():
        for word in words:
            is_gone = word in gone
            yield word, status, ChannelDown if is_gone else Refused, True if is_gone else None
    yield "user_not_found", 400, ChannelDown, True
    yield "invalid_blocks", 400, Refused, None
    yield "invalid_blocks_format", 400, Refused, None
    yield "rollup_error", 500, ChannelDown, False
    yield "", 429, ChannelDown, False
    yield "something_new", 400, Refused, None
    yield "", 503, ChannelDown, False


@pytest.mark.parametrize(("word", "status", "kind", "is_gone"), list(_slack_answers()))
def test_every_answer_of_slack_has_its_meaning(word: str, status: int, kind: type, is_gone: bool | None) -> None:
    failure = answers.slack("desk", Answer(status, {}, word), NOW)
    assert type(failure) is kind
    if isinstance(failure, ChannelDown):
        assert failure.is_gone is is_gone
    if not word:
        return
    as_bot = answers.slack("desk", Answer(200, {}, json.dumps({"ok": False, "error": word})), NOW)
    assert type(as_bot) is kind


DISCORD = [  # at the address that speaks Slack's format: docs.discord.com, "Slack-compatible webhook"
    (400, {"message": "Cannot send an empty message", "code": 50006}, Refused, None, None),
    (401, {"message": "401: Unauthorized", "code": 0}, ChannelDown, True, None),
    (403, {"message": "Missing Access", "code": 50001}, ChannelDown, True, None),
    (404, {"message": "Unknown Webhook", "code": 10015}, ChannelDown, True, None),
    (429, {"message": "You are being rate limited.", "retry_after": 64.57, "global": False}, ChannelDown, False, 64.57),
    (429, {"message": "You are being rate limited.", "retry_after": "soon"}, ChannelDown, False, None),
    (500, {"message": "500: Internal Server Error", "code": 0}, DeliveryFailed, None, None),
    (502, {}, ChannelDown, False, None),
]


@pytest.mark.parametrize(("status", "said", "kind", "is_gone", "wait"), DISCORD)
def test_every_answer_of_discord_has_its_meaning(
    status: int, said: dict[str, object], kind: type, is_gone: bool | None, wait: float | None
) -> None:
    failure = answers.slack("desk", Answer(status, {}, json.dumps(said)), NOW)
    assert type(failure) is kind
    assert failure is not None
    assert failure.wait == (None if wait is None else timedelta(seconds=wait))
    assert getattr(failure, "is_gone", None) is is_gone


async def test_a_refused_payload_is_tried_once(site: Site) -> None:
    double = SlackDouble(site)
    double.answers = [Reply(400, body="invalid_payload")]
    with pytest.raises(Refused):
        await sent(slack_hook(double))
    assert len(site.requests) == 1


async def test_refused_blocks_go_as_plain_text(site: Site) -> None:
    double = SlackDouble(site)
    double.answers = [Reply(400, body="invalid_blocks")]
    await sent(slack_hook(double))
    (payload,) = double.messages
    assert "blocks" not in payload
    assert "https://example.org/moscou" in payload["text"]


async def test_a_lost_thread_does_not_lose_the_follow_up(site: Site) -> None:
    double = SlackDouble(site)
    double.answers = [Reply(body='{"ok":false,"error":"cannot_reply_to_message"}')]
    await sent(slack_bot(double), alert(thread="C1:1.2"))
    assert "thread_ts" not in double.messages[0]


async def test_messages_to_slack_are_a_second_apart(site: Site) -> None:
    double = SlackDouble(site)
    channel = slack_hook(double)
    channel.pace_s = 0.2
    for _ in range(3):
        await sent(channel)
    times = [request.at for request in site.requests]
    assert len(times) == 3
    assert all(later - earlier >= 0.19 for earlier, later in pairwise(times))


async def test_a_renderer_that_fails_does_not_hold_up_the_news(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor.render import slack

    def broken(*_: object) -> dict[str, Any]:
        raise ValueError("no such luck")

    monkeypatch.setattr(slack, "payload", broken)
    double = SlackDouble(site)
    await sent(slack_hook(double))
    assert "blocks" not in double.messages[0]


# --------------------------------------------------------------------------------------------------- console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def test_the_console_marks_words_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal, piped = Terminal(), io.StringIO()
    for stream in (terminal, piped):
        await sent(Console("console", Style(), stream))
    assert "\x1b[1;33mSu-35\x1b[0m" in terminal.getvalue()
    assert "\x1b" not in piped.getvalue()
    assert "A-7Q2K" in piped.getvalue()


async def test_a_closed_console_is_a_channel_that_is_down() -> None:
    stream = io.StringIO()
    stream.close()
    with pytest.raises((ChannelDown, ValueError)):
        await sent(Console("console", Style(), stream))


async def test_a_console_that_nobody_reads_blocks_nothing_and_is_down_until_it_is_read() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        channel = Console("console", Style(), stream)
        long = notice(lines=("y" * 90,) * 2000)  # more than a pipe holds
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await channel.send(long, delivery_id="msg_1", target="", now=NOW)
        with pytest.raises(ChannelDown, match="nobody reads"):
            await channel.send(notice(), delivery_id="msg_2", target="", now=NOW)
        got = b""
        while not got.endswith(b"\n\n"):
            got += await asyncio.to_thread(os.read, reading, 1 << 20)
        receipt = await channel.send(long, delivery_id="msg_1", target="", now=NOW)
        await channel.send(notice(), delivery_id="msg_2", target="", now=NOW)
        told = os.read(reading, 1 << 20).decode()
    os.close(reading)
    assert receipt.answer == "printed"
    assert told.count("■") == 1, "what was printed late after all is not printed again"


# --------------------------------------------------------------------------------------------------- apprise


async def test_apprise_tells_its_services(site: Site) -> None:
    site.pages["*"] = ""
    receipt = await sent(opened("apprise", url=f"json://127.0.0.1:{site.port}/c4n4ry"))
    assert receipt.answer
    told = json.loads(site.requests[0].body)
    assert told["title"].startswith("Moscou a envoyé")
    assert "A-7Q2K" in told["message"]


async def test_what_is_too_long_for_a_service_of_apprise_comes_in_parts(site: Site) -> None:
    site.pages["*"] = ""
    mattermost = opened("apprise", url=f"mmost://127.0.0.1:{site.port}/{'t' * 26}")  # takes 4,000 characters
    await sent(mattermost, summary(60))
    texts = [json.loads(request.body)["text"] for request in site.requests]
    assert len(texts) == 2
    assert all(len(text) <= 4000 for text in texts)


@pytest.mark.parametrize(
    ("url", "length", "mode"),
    [("discord://1/t", 6000, "split"), ("discord://1/t", 9000, "truncate"),
     ("discord://1/t?overflow=truncate", 6000, "truncate")],
)  # fmt: skip
def test_a_service_of_short_messages_is_not_flooded(url: str, length: int, mode: str) -> None:
    import apprise

    from monitor.channels.apprise_process import fit

    service = apprise.Apprise.instantiate(url)
    fit(service, length)
    assert service is not None
    assert service.overflow_mode == mode


async def test_apprise_connects_only_where_the_gate_lets_it(site: Site) -> None:
    site.pages["*"] = ""
    with pytest.raises(DeliveryFailed):
        await sent(opened("apprise", Network(), url=f"json://127.0.0.1:{site.port}/"))
    assert not site.requests


async def test_an_address_that_apprise_does_not_know_is_gone() -> None:
    with pytest.raises(ChannelDown) as caught:
        await sent(opened("apprise", url="nosuchthing://c4n4ry"))
    assert caught.value.is_gone
    assert "c4n4ry" not in str(caught.value)


# ------------------------------------------------------------------------------------------------------ mail


def mailer(server: MailServer, scheme: str = "smtp", **settings: Any) -> Email:
    channel = opened(
        "email",
        **{
            "server": server.url(scheme), "password": None, "sender": "News monitor <monitor@example.org>",
            "to": ["boss@example.org", "desk@example.org"],
        } | settings,
    )  # fmt: skip
    assert isinstance(channel, Email)
    return channel


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    with MailServer() as server:
        yield server


async def test_mail_has_what_mail_needs(mail: MailServer) -> None:
    channel = mailer(mail)
    assert channel.recipients == ("boss@example.org", "desk@example.org")
    receipt = await sent(channel, target="boss@example.org")
    assert "queued" in receipt.answer
    (received,) = mail.received
    assert received.recipients == ["boss@example.org"]
    assert received.sender == "monitor@example.org"
    got = received.mail
    assert got["To"] == "boss@example.org"
    assert got["Message-ID"] == "<d-1@example.org>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["List-Id"] == '"Arms transfers" <arms-transfers.example.org>'
    assert got["In-Reply-To"] == got["References"] == "<story-S-19@example.org>"
    assert got["Date"] == "Sun, 22 Nov 2026 13:02:00 +0000"
    assert [part.get_content_type() for part in got.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert max(map(len, received.content.split(b"\r\n"))) <= 998


SMTP_ANSWERS = [
    ({"RCPT": ["550 5.1.1 unknown"]}, Refused, None),
    ({"RCPT": ["452 4.2.2 mailbox full"]}, DeliveryFailed, None),
    ({"RCPT": ["451 4.7.1 greylisted"]}, DeliveryFailed, None),
    ({"RCPT": ["421 4.3.2 shutting down"]}, ChannelDown, False),
    ({"DATA": ["554 5.7.1 looks like spam"]}, Refused, None),
    ({"DATA": ["451 4.3.0 try later"]}, DeliveryFailed, None),
    ({"DATA": ["552 5.3.4 too big"]}, Refused, None),
    ({"MAIL": ["550 5.7.1 not your address"]}, ChannelDown, False),
    ({"MAIL": ["451 4.3.0 later"]}, ChannelDown, False),
    ({"DROP": ["yes"]}, DeliveryFailed, None),
]


@pytest.mark.parametrize(("script", "kind", "is_gone"), SMTP_ANSWERS)
async def test_every_answer_of_a_mail_server_has_its_meaning(
    mail: MailServer, script: dict[str, list[str]], kind: type, is_gone: bool | None
) -> None:
    mail.answers = {command: list(said) for command, said in script.items()}
    with pytest.raises(DeliveryFailed) as caught:
        await sent(mailer(mail), target="boss@example.org")
    assert type(caught.value) is kind
    if isinstance(caught.value, ChannelDown):
        assert caught.value.is_gone is is_gone
    assert caught.value.retry is (kind is not Refused)


async def test_one_refused_recipient_costs_the_others_nothing(mail: MailServer) -> None:
    mail.answers["RCPT"] = ["550 5.1.1 unknown"]
    channel = mailer(mail)
    with pytest.raises(Refused, match="unknown"):
        await sent(channel, target="boss@example.org")
    await sent(channel, target="desk@example.org", delivery_id="d-2")
    assert [received.recipients for received in mail.received] == [["desk@example.org"]]


async def test_a_retry_after_an_ambiguous_break_has_the_same_id(mail: MailServer) -> None:
    mail.answers = {"RCPT": ["451 4.3.0 later"], "DROP": ["yes"]}
    channel = mailer(mail)
    for _ in range(2):
        with pytest.raises(DeliveryFailed):
            await sent(channel, target="boss@example.org")
    await sent(channel, target="boss@example.org")
    assert [received.mail["Message-ID"] for received in mail.received] == ["<d-1@example.org>"] * 2


async def test_tls_is_required_where_it_was_asked_for(mail: MailServer) -> None:
    with pytest.raises(ChannelDown):
        await sent(mailer(mail, "smtp+starttls"), target="boss@example.org")
    assert not mail.received


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    made = certificate(Path(tmp_path_factory.mktemp("tls")))
    return made or pytest.skip("openssl is not here")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_mail_over_tls_with_a_log_in(contexts: tuple[ssl.SSLContext, ssl.SSLContext], scheme: str) -> None:
    with MailServer(contexts[0], is_tls=scheme == "smtps", user="me@x", password="c4n4ry") as server:
        channel = mailer(server, scheme, user="me@x", password=Secret("c4n4ry"))
        with pytest.raises(ChannelDown, match="TLS"):
            await sent(channel, target="boss@example.org")
        trusting = replace(channel, server=replace(channel.server, context=contexts[1]))
        await sent(trusting, target="boss@example.org")
        wrong = replace(trusting, server=replace(trusting.server, password=Secret("wr0ng")))
        with pytest.raises(ChannelDown, match="log-in") as caught:
            await sent(wrong, target="boss@example.org")
        assert "wr0ng" not in str(caught.value) + caught.value.answer + repr(wrong)
        assert len(server.received) == 1


async def test_nothing_is_said_in_clear_after_a_forged_start_of_tls() -> None:
    heard: list[bytes] = []

    async def forged(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for said in (
            b"220 hello\r\n",
            b"250-forged\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n",
            b"220 go\r\n250 AUTH PLAIN\r\n",
        ):
            writer.write(said)
            await writer.drain()
            heard.append(await reader.read(500))
        writer.close()

    server = await asyncio.start_server(forged, "127.0.0.1", 0)
    url = f"smtp+starttls://me@127.0.0.1:{server.sockets[0].getsockname()[1]}"
    channel = opened("email", server=url, password="c4n4ry", sender="a@b.org", to=["c@d.org"])
    with pytest.raises(ChannelDown):
        await sent(channel, target="c@d.org")
    server.close()
    assert [b"EHLO" in heard[0], b"STARTTLS" in heard[1]] == [True, True]
    assert not [line for line in heard if b"AUTH" in line or b"MAIL" in line]


async def test_a_mail_server_that_is_not_there_is_a_channel_that_is_down() -> None:
    channel = opened("email", server="smtp://127.0.0.1:1", password=None, sender="a@b.org", to=["c@d.org"])
    with pytest.raises(ChannelDown, match="refused"):
        await sent(channel, target="c@d.org")


@pytest.mark.parametrize("text", ["a@b.org\r\nBcc: x@y.org", "", "nobody", "a@", "<>", "a@b.org\x00", "ü@b.org"])
def test_addresses_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        address_of(text)


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://h:port", "", "mail.example.org"])
def test_servers_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(InputError):
        Server.parse(url)


def test_servers_are_read_with_user_and_default_port() -> None:
    assert Server.parse("smtp+starttls://me%40x.org@mail.example.org") == Server(
        "mail.example.org", 587, "smtp+starttls", "me@x.org"
    )


# ---------------------------------------------------------------------------------------------- all channels


async def test_a_receiver_that_never_answers_costs_a_deadline(site: Site) -> None:
    """It accepts and stays silent: each channel gives up by itself, and says that the channel is down."""
    silent = await asyncio.start_server(lambda reader, writer: asyncio.sleep(30), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    channels: list[Channel] = [
        replace(cast(Any, opened("webhook", url=f"http://127.0.0.1:{port}/", secret=None)), timeout_s=0.3),
        replace(cast(Any, opened("slack", url=f"http://127.0.0.1:{port}/")), timeout_s=0.3),
        replace(cast(Any, opened("apprise", url=f"json://127.0.0.1:{port}/")), deadline_s=3.0),
        replace(
            cast(
                Any, opened("email", server=f"smtp://127.0.0.1:{port}", password=None, sender="a@b.org", to=["c@d.org"])
            ),
            deadline_s=0.3,
        ),
    ]
    for channel in channels:
        with pytest.raises(ChannelDown):
            await sent(channel, target="c@d.org" if channel.kind == "email" else "")
    silent.close()


async def test_a_mail_whose_page_cannot_be_drawn_goes_as_text(
    mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.render import mail_page

    monkeypatch.setattr(mail_page, "draw", lambda page: 1 / 0)
    await sent(mailer(mail), target="boss@example.org")
    assert mail.received[0].mail.get_content_type() == "text/plain"


def test_every_kind_of_channel_says_what_it_is() -> None:
    every = {
        "console": opened("console"),
        "webhook": opened("webhook", url="https://x.example", secret=None),
        "slack": opened("slack", url="https://x.example"),
        "apprise": opened("apprise", url="json://x.example"),
        "email": opened("email", server="smtp://x", password=None, sender="a@b.org", to=["c@d.org"]),
    }
    assert set(every) == set(REGISTRY)
    for kind, channel in every.items():
        assert (channel.kind, channel.name) == (kind, "desk")
        assert channel.of_people is (kind not in ("webhook", "console"))


@pytest.mark.parametrize("message", [summary(0), summary(40), notice()])
async def test_every_message_reaches_every_receiver(site: Site, mail: MailServer, message: Message) -> None:
    site.pages["/hook"] = ""
    double = SlackDouble(site)
    await sent(opened("webhook", url=site.url("/hook"), secret=None), message)
    await sent(slack_hook(double), message)
    await sent(mailer(mail), message, target="boss@example.org")
    await sent(Console("console", Style(), io.StringIO()), message)
    assert not double.breaches
    assert len(mail.received) == 1
