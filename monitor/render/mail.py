"""Mail: headers, a text part and an HTML part of a message to one recipient.

It must not send, know a server, or let any text but a clean line into a header.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from monitor.model import Alert, Message, Notice, Summary, WatchRef
from monitor.render import mail_page, summaries
from monitor.render.evidence import Sentence, first_sentence, marked_headline, sentences
from monitor.render.facts import (
    Style,
    about,
    also_in,
    because,
    elsewhere,
    file_and_line,
    follow_up,
    headline,
    labels,
    outlet,
    short,
    watch_line,
)
from monitor.render.plain import alert_lines
from monitor.render.text import plain, shorten, web_link

_POLICY = SMTP.clone(cte_type="7bit")  # no server has to know 8BITMIME
_MOST_LINES = 100  # Gmail hides what is beyond 102 kB, and the proof of life comes last


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom, to whom, under which id. `delivery_id` makes the Message-ID, `date` is when the attempt
    is made."""

    sender: Address
    recipient: Address
    delivery_id: str
    date: datetime
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A story as the page shows it, all texts clean, none escaped."""

    link: str | None
    headline: Sentence
    about: str
    sentences: tuple[Sentence, ...]
    again: str
    elsewhere: str
    also: str
    watches: str
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class Foot:
    """Why the reader gets this, what can be done about it (command and meaning), and how it was sent."""

    why: tuple[str, ...]
    commands: tuple[tuple[str, str], ...]
    sent: str


@dataclass(frozen=True, slots=True)
class Page:
    """What `mail_page` draws: one story, or groups of stories and lines."""

    title: str
    preheader: str
    foot: Foot
    single: Story | None = None
    intro: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[Story, ...]], ...] = ()
    lines: tuple[tuple[str | None, str, str], ...] = ()
    left_out: str = ""
    counts: tuple[str, ...] = ()


def compose(message: Message, envelope: Envelope, style: Style) -> EmailMessage:
    """The whole mail, text and HTML; the same arguments give the same bytes."""
    mail = plain_mail(message, envelope, style)
    mail.add_alternative(mail_page.draw(page(message, envelope, style)), subtype="html")
    mail.set_boundary(f"=_{_digest(envelope.delivery_id, envelope.recipient.addr_spec)}")
    return mail


def plain_mail(message: Message, envelope: Envelope, style: Style) -> EmailMessage:
    """The same mail with its text part alone, for when the page cannot be drawn."""
    mail = EmailMessage(policy=_POLICY)
    for name, value in _headers(message, envelope, style):
        mail[name] = value
    mail.set_content(text(message, envelope, style))
    return mail


def subject(message: Message, style: Style) -> str:
    """`headline · outlet · Su-35, drones`; the headline gives way where all is too long."""
    if isinstance(message, Summary):
        return summaries.title(message, style)
    if isinstance(message, Notice):
        return shorten(plain(message.title), 200) or "Notice"
    behind = f" · {shorten(outlet(message), 50)} · {shorten(labels(message), 70)}"
    return shorten(headline(message.article), 200 - len(behind)) + behind


def text(message: Message, envelope: Envelope, style: Style) -> str:
    """The text part."""
    foot = _foot_text(_foot(message, envelope, style))
    if isinstance(message, Alert):
        lines = alert_lines(message, style, _same)
        return f"{headline(message.article)}\n\n" + "\n\n".join(lines) + f"\n\n-- \n{foot}\n"
    if isinstance(message, Notice):
        return "\n\n".join(plain(line) for line in message.lines) + f"\n\n-- \n{foot}\n"
    return _summary_text(message, style) + f"\n\n-- \n{foot}\n"


def page(message: Message, envelope: Envelope, style: Style) -> Page:
    """The HTML part's contents."""
    foot = _foot(message, envelope, style)
    if isinstance(message, Alert):
        preheader = first_sentence(message, style) or about(message, style)
        return Page(subject(message, style), preheader, foot, single=_story(message, style))
    if isinstance(message, Notice):
        lines = tuple(plain(line) for line in message.lines)
        return Page(plain(message.title), lines[0] if lines else "", foot, intro=lines)
    return _summary_page(message, foot, style)


def _summary_page(summary: Summary, foot: Foot, style: Style) -> Page:
    shown = summaries.layout(summary, most_lines=_MOST_LINES)
    return Page(
        title=summaries.heading(summary, style),
        preheader=_summary_preheader(summary),
        foot=foot,
        intro=tuple(plain(line) for line in summary.intro),
        groups=tuple(_groups(shown, style)),
        lines=tuple((web_link(alert.article.url), *summaries.one_line(alert)) for alert in shown.lines),
        left_out=summaries.left_out(shown),
        counts=tuple(plain(line) for line in summary.lines),
    )


def _groups(shown: summaries.Layout, style: Style) -> Iterable[tuple[str, tuple[Story, ...]]]:
    """Urgent stories under a heading of their own, which then need not say so one by one."""
    if shown.urgent:
        yield "Urgent", tuple(replace(_story(alert, style, 2), is_urgent=False) for alert in shown.urgent)
    if shown.others:
        name = "Also new" if shown.urgent else ""
        yield name, tuple(_story(alert, style, 2) for alert in shown.others)


def _summary_preheader(summary: Summary) -> str:
    """What the subject has no room for: the other headlines, or the first sentence."""
    others = [shorten(headline(alert.article), 80) for alert in summaries.ordered(summary)[1:4]]
    return " · ".join(others) or " ".join(plain(line) for line in (*summary.intro, *summary.lines)[:2])


def _text_line(alert: Alert) -> str:
    first, rest = summaries.one_line(alert)
    return f"- {first}\n  {rest}\n  {web_link(alert.article.url) or ''}".rstrip()


def _summary_text(summary: Summary, style: Style) -> str:
    shown = summaries.layout(summary, most_lines=_MOST_LINES)
    parts = [summaries.heading(summary, style), *(plain(line) for line in summary.intro)]
    parts += ["\n".join([headline(alert.article), *alert_lines(alert, style, _same, 2)]) for alert in shown.in_full]
    parts += [_text_line(alert) for alert in shown.lines]
    parts += [summaries.left_out(shown), "\n".join(plain(line) for line in summary.lines)]
    return "\n\n".join(part for part in parts if part)


def _story(alert: Alert, style: Style, most: int = 3) -> Story:
    return Story(
        link=web_link(alert.article.url),
        headline=marked_headline(alert),
        about=about(alert, style),
        sentences=sentences(alert, style)[:most],
        again=follow_up(alert),
        elsewhere=elsewhere(alert),
        also=also_in(alert),
        watches=watch_line(alert),
        is_urgent=alert.priority == "urgent",
    )


def _foot(message: Message, envelope: Envelope, style: Style) -> Foot:
    channel = f" through the channel {short(envelope.channel)}" if envelope.channel else ""
    sent = f"Sent to {envelope.recipient.addr_spec}{channel}."
    if isinstance(message, Alert):
        why = tuple(f"You get this because {because(watch, message)}." for watch in message.watches[:8])
        return Foot(why, _commands(short(message.id), style), sent)
    if isinstance(message, Summary) and message.alerts:
        return Foot((f"You get this because of {'; '.join(_places(message))}.",), (), sent)
    return Foot((), (), sent)


def _commands(name: str, style: Style) -> tuple[tuple[str, str], ...]:
    meanings = {
        "explain": (f"monitor explain {name}", "shows how it got here"),
        "silence": (f"monitor silence --story {name} --for 4h", "hears no more of this story for a while"),
        "wrong": (f"monitor wrong {name}", "says that this was not meant"),
    }
    return tuple(meaning for command, meaning in meanings.items() if command in style.commands)


def _foot_text(foot: Foot) -> str:
    commands = [f"{command}  ({meaning})" for command, meaning in foot.commands]
    return "\n".join([*foot.why, *commands, foot.sent])


def _places(summary: Summary) -> list[str]:
    watches = dict.fromkeys(watch for alert in summaries.ordered(summary) for watch in alert.watches)
    named = [_place(watch) for watch in watches]
    return [*named[:12], f"{len(named) - 12} more watches"] if len(named) > 12 else named


def _place(watch: WatchRef) -> str:
    return short(watch.name) + (f" ({short(file_and_line(watch.where), 200)})" if watch.where else "")


# -------------------------------------------------------------------------------------------------- headers


def _headers(message: Message, envelope: Envelope, style: Style) -> Iterable[tuple[str, Any]]:
    domain = envelope.sender.domain or "localhost"
    yield "From", envelope.sender
    yield "To", envelope.recipient
    yield "Subject", subject(message, style)
    yield "Date", format_datetime(envelope.date)
    yield "Message-ID", f"<{_token(envelope.delivery_id)}@{domain}>"
    if isinstance(message, Alert):
        # The story's own id, which no mail bears, is the root that all its mails refer to (as
        # Alertmanager does).
        root = f"<story-{_token(message.story_id)}@{domain}>"
        yield "In-Reply-To", root
        yield "References", root
        if message.priority == "urgent":
            yield "Importance", "high"
            yield "X-Priority", "1"
    name, slug = _list(message)
    yield "List-Id", f"{_list_name(name)}<{slug}.{domain}>"
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"


def _list(message: Message) -> tuple[str, str]:
    """A mailbox rule's handle: the watchlist, or what kind of summary this is (RFC 2919)."""
    if isinstance(message, Notice):
        return "News monitor", "notices"
    alerts = message.alerts if isinstance(message, Summary) else (message,)
    lists = list(dict.fromkeys(watch.watchlist for alert in alerts for watch in alert.watches if watch.watchlist))
    if isinstance(message, Summary) and len(lists) != 1:
        return "News monitor", f"{message.reason.replace(' ', '-')}"
    return (short(lists[0]), _slug(lists[0])) if lists else ("News monitor", "alerts")


def _slug(name: str) -> str:
    """`Arms transfers` as arms-transfers; a name with nothing Latin in it by its hash."""
    latin = re.sub(r"[^a-z0-9]+", "-", plain(name).lower()).strip("-")[:40].strip("-")
    is_whole = plain(name).isascii() and latin
    return latin if is_whole else "-".join(part for part in (latin, _digest(name)[:8]) if part)


def _list_name(name: str) -> str:
    """The phrase before a List-Id, with a space behind, "" where nothing of the name is ASCII."""
    kept = re.sub(r"[^A-Za-z0-9 .,:;!?()$+-]", "", name).strip()
    return f'"{kept}" ' if kept else ""


def _token(text: str) -> str:
    """`text` as the left part of an id, in dot-atom characters; by its hash where it holds others (RFC
    5322 3.6.4)."""
    return text if re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", text) and len(text) <= 100 else _digest(text)


def _digest(*parts: str) -> str:
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:32]


def _same(text: str) -> str:
    return text
