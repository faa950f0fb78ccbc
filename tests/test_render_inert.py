"""Every field that a feed or a user writes, in every receiver's form: it stays text, and it fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from monitor.model import Alert, Message, Summary
from monitor.render import Style, atom, console, mail, plain, slack
from tests.messages import NOW, PAYLOADS, alert, article, fuzzed_titles, notice, poisoned, summary
from tests.receivers import slack_breach

STYLE = Style()
ENVELOPE = mail.Envelope(
    Address("News monitor", addr_spec="monitor@example.org"),
    Address(addr_spec="boss@example.org"),
    "d-1",
    NOW,
    "boss",
)
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def hostile() -> Iterator[Message]:
    """Every payload in every field of an alert, in a summary and in a notice."""
    for payload in PAYLOADS:
        alerts = list(poisoned(payload))
        yield from alerts
        yield summary(0, alerts=tuple(alerts), title=payload, intro=(payload,), lines=(payload, payload))
        yield notice(title=payload, lines=(payload,))


MESSAGES = list(hostile())


# ---------------------------------------------------------------------------------------------------- slack


def slack_texts(payload: dict[str, Any]) -> Iterator[str]:
    yield payload["text"]
    for block in payload.get("blocks", []):
        yield from (text["text"] for text in block.get("elements", [block.get("text")]))


# What the program itself formats: linked or bare headlines in bold, marked words, quotes, one command.
_OWN = re.compile(
    r"\*<https?://[^ <>|]+\|[^*<>]*>\*|(?m:(?<![^\s\u200b])\*[^*\n]+\*(?=[\s\u200b.,;:!?]|$))|\*Urgent\*"
    r"|(?m:^> )|`monitor alerts`|(?m:(?<=^)|(?<=· )|(?<=• ))\*[^*\n]+\*"
)


@pytest.mark.parametrize("make", [slack.payload, slack.plain_payload])
def test_nothing_mentions_links_or_formats_in_slack(make: Any) -> None:
    for message in MESSAGES:
        payload = make(message, STYLE)
        assert not slack_breach(payload)
        for text in slack_texts(payload):
            rest = _OWN.sub("", text)
            assert not re.search("[<>*~`]", rest), text[:300]
            assert not re.search(r"&(?!amp;|lt;|gt;)", text), text[:300]
            assert not re.search(r"(?<!\w)@(everyone|here|channel)|\]\(|:[a-z]+:", rest), text[:300]
            assert not re.search(
                r"(?<![^\W_])_[^\W_]|[^\W_]_(?![^\W_])", re.sub(r"https?://\S+", "", rest)
            ), text[:300]
            assert not STEERING.search(text), text[:300]


def test_links_in_slack_are_the_articles_own() -> None:
    texts = [text for message in MESSAGES for text in slack_texts(slack.payload(message, STYLE))]
    links = [link for text in texts for link in re.findall(r"<([^|>]*)\|", text)]
    assert links
    for link in links:
        assert link.startswith(("https://example.org/", "http")), link
        assert "javascript" not in link


def test_a_title_with_a_mention_arrives_escaped() -> None:
    found = slack.payload(alert(article=article(title="<!channel> AT&T")), STYLE)
    assert "&lt;!channel&gt; AT&amp;T" in found["blocks"][0]["text"]["text"]


def test_every_fuzzed_title_fits_slack() -> None:
    for title in fuzzed_titles(150):
        message = alert(article=article(title=title, author=title, note=title), feed_name=title)
        assert not slack_breach(slack.payload(message, STYLE)), title
        assert not slack_breach(
            slack.payload(Summary("digest", "", NOW, (message,) * 3, (title,), (title,)), STYLE)
        )


def test_a_digest_of_five_hundred_fits_slack() -> None:
    payload = slack.payload(summary(500), STYLE)
    assert not slack_breach(payload)
    told = "\n".join(slack_texts(payload))
    shown = len(re.findall("Story number", told))
    missing = int(re.search(r"… and (\d+) more", told)[1])  # type: ignore[index]
    assert missing + len(re.findall(r"\|Story number", told)) == 500
    assert shown > 8
    assert "312 feeds watched" in told


# ----------------------------------------------------------------------------------------------------- mail

_TAGS = {"html", "head", "meta", "title", "style", "body", "div", "p", "h1", "h2", "a", "mark", "span"}
_TAGS |= {"br", "code"}


class Page(HTMLParser):
    """Collects tags and attributes, and fails on what a mail must not hold."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS, tag
        for name, value in attrs:
            assert name in {"href", "style", "class", "dir", "lang", "name", "content", "charset"}, name
            if name == "href":
                self.links.append(value or "")
            if name == "style":
                assert "url(" not in (value or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_mail_holds_no_header_script_or_link_of_a_feed(payload: str) -> None:
    alerts = list(poisoned(payload))
    digest = summary(0, alerts=tuple(alerts), title=payload, intro=(payload,), lines=(payload,))
    messages: tuple[Message, ...] = (*alerts, digest, notice(title=payload, lines=(payload,)))
    for message in messages:
        raw = mail.compose(message, ENVELOPE, STYLE).as_bytes()
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        got = message_from_bytes(raw, policy=SMTP)
        assert isinstance(got, EmailMessage)
        assert (
            len(got.get_all("Subject", [])) == len(got.get_all("To", [])) == len(got.get_all("From", [])) == 1
        )
        assert not {"bcc", "cc", "body"} & {name.lower() for name in got}
        assert not got.defects
        assert not STEERING.search(got["Subject"])
        text, html = got.get_body(("plain",)), got.get_body(("html",))
        assert text is not None
        assert html is not None
        assert not STEERING.search(text.get_content().replace("\r\n", "\n"))
        page = Page()
        page.feed(html.get_content())
        assert all(link.startswith(("http://", "https://")) for link in page.links)
        assert not STEERING.search("".join(page.words).replace("\r\n", "\n"))


def test_a_subject_keeps_outlet_and_watches_behind_a_long_headline() -> None:
    subject = mail.subject(alert(article=article(title="word " * 2000)), STYLE)
    assert subject.endswith("… · Monde & Cie · Su-35, drones")
    assert len(subject) <= 200


def test_mail_is_the_same_bytes_for_the_same_attempt() -> None:
    messages: tuple[Message, ...] = (alert(), summary(12), notice())
    for message in messages:
        made = [mail.compose(message, ENVELOPE, STYLE).as_bytes() for _ in range(2)]
        assert made[0] == made[1]


# ------------------------------------------------------------------------------------- terminal, plain, atom


@pytest.mark.parametrize("is_colour", [True, False])
def test_nothing_steers_a_terminal(is_colour: bool) -> None:
    for message in MESSAGES:
        text = console.text(message, STYLE, is_colour=is_colour)
        bare = re.sub(r"\x1b\[(0|1|2|1;33|1;31)m", "", text) if is_colour else text
        assert not STEERING.search(bare), bare[:300]


def test_nothing_pings_or_links_by_apprise() -> None:
    for message in MESSAGES:
        title, body = plain.title_and_body(message, STYLE)
        assert "\n" not in title
        assert len(title) <= 250
        words = re.sub(r"(?m)^\s*https?://\S+$", "", f"{title}\n{body}")
        assert not re.search(
            r"(?<!\w)@(everyone|here|channel|&)|<[@!#]|\]\(|://|\*|\|\||~~|(?<!ˋ)`", words
        ), words[:300]
        assert not STEERING.search(words)


ATOM, XHTML = "{http://www.w3.org/2005/Atom}", "{http://www.w3.org/1999/xhtml}"


def test_the_atom_feed_is_xml_whatever_is_in_it() -> None:
    alerts = [message for message in MESSAGES if isinstance(message, Alert)]
    root = ElementTree.fromstring(atom.feed(alerts, STYLE, updated=NOW, watch=PAYLOADS[0]))
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == len(alerts)
    for link in root.iter(f"{ATOM}link"):
        assert link.get("href", "").startswith(("http://", "https://"))
    assert atom.feed([], STYLE, updated=NOW).startswith(b"<?xml")


def test_nothing_in_the_atom_feed_is_mark_up_but_ours() -> None:
    alerts = [message for message in MESSAGES if isinstance(message, Alert)]
    root = ElementTree.fromstring(atom.feed(alerts, STYLE, updated=NOW))
    names = {element.tag.removeprefix(XHTML) for element in root.iter() if element.tag.startswith(XHTML)}
    assert names == {"div", "p", "blockquote", "strong"}
    assert not any(element.attrib for element in root.iter() if element.tag.startswith(XHTML))
    types = {element.get("type") for element in root.iter() if element.get("type")}
    assert types == {"text", "xhtml"}
    assert not STEERING.search("".join(root.itertext()).replace("\n", ""))


def test_the_atom_feed_has_what_rfc_4287_asks_for() -> None:
    first, second = alert(), alert(id="A-0002", created=NOW + timedelta(minutes=1))
    made = atom.feed([first, second], STYLE, updated=NOW, self_url="https://monitor.example.org/alerts.atom")
    root = ElementTree.fromstring(made)
    for parent in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(parent.findall(f"{ATOM}{name}")) == 1
            assert parent.findtext(f"{ATOM}{name}")
        assert parent.findtext(f"{ATOM}author/{ATOM}name")
    entries = root.findall(f"{ATOM}entry")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 2
    assert [entry.findtext(f"{ATOM}updated") for entry in entries] == ["2026-11-22T13:03:00Z", "2026-11-22T13:02:00Z"]
    assert root.findtext(f"{ATOM}updated") == "2026-11-22T13:03:00Z"
    assert [link.get("rel") for link in root.findall(f"{ATOM}link")] == ["self"]
    marked = [element.text for element in entries[0].iter(f"{XHTML}strong")]
    assert marked == ["drones", "Su-35"]
