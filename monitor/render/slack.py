"""Slack messages: the text of the push and Block Kit blocks inside Slack's limits, measured after escaping.

It must not know tokens, channels or threads; a feed's text can neither mention, link nor format in what
it makes. Limits: docs.slack.dev/reference/block-kit/blocks, and msg_blocks_too_long at some 13,200
characters over all blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from monitor.model import Alert, Message, Notice, Summary
from monitor.render import plain as words
from monitor.render import summaries
from monitor.render.evidence import Sentence, Span, sentences
from monitor.render.facts import Style, about, also_in, elsewhere, follow_up, headline, watch_line
from monitor.render.text import plain, shorten, web_link

SECTION = 2900  # of 3,000
CONTEXT = 1900  # of 2,000
TOTAL = 12_000  # of some 13,200 over all blocks
BLOCKS = 48  # of 50
TEXT = 3000  # top-level text; Slack cuts at 40,000, its advice is 4,000
HEADER = 150

Block = dict[str, Any]

# Escaping the three characters ends Slack's own mentions. What else could act: links written out, emoji
# codes, and names that servers which speak Slack's format (Mattermost) look for in plain text.
_BREAKS = re.compile(
    rf"(?<!\w)@(?=(?:everyone|here|channel|all)(?!\w))|\](?=\()|:(?=//)|{words.EMOJI_CODE}", re.IGNORECASE
)


def payload(message: Message, style: Style) -> dict[str, Any]:
    """`text` for the phone's push and `blocks` for the channel, as incoming webhooks and chat.postMessage
    take them."""
    return {
        "text": shorten_escaped(_push(message, style), 600),
        "blocks": blocks(message, style),
        "mrkdwn": False,  # of `text`: nothing in it is mark-up
        "unfurl_links": False,
        "unfurl_media": False,
    }


def plain_payload(message: Message, style: Style) -> dict[str, Any]:
    """The same message as text alone, for a receiver that refuses the blocks."""
    title, body = words.title_and_body(message, style, inert)
    text = shorten_escaped(f"{title}\n{body}", TEXT)
    return {"text": text, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


def blocks(message: Message, style: Style) -> list[Block]:
    if isinstance(message, Alert):
        return alert_blocks(message, style)
    if isinstance(message, Summary):
        return _summary_blocks(message, style)
    return _notice_blocks(message)


def alert_blocks(alert: Alert, style: Style) -> list[Block]:
    """At most eight lines: headline, about, three sentences, other outlets, watches and id."""
    other = elsewhere(alert)
    quotes = "\n".join("> " + _marked(sentence, 880) for sentence in sentences(alert, style)[: 3 - bool(other)])
    parts = (_text(other, 400), _text(also_in(alert), 600), _text(watch_line(alert), 850))
    foot = "\n".join(part for part in parts if part)
    return [
        _section(f"{_headline(alert, 600)}\n{_about(alert, style)}"),
        *([_section(quotes)] if quotes else []),
        _context(("*Urgent* · " if alert.priority == "urgent" else "") + foot),
    ]


def inert(text: str) -> str:
    """`text` that Slack does not format, to be escaped."""
    return words.inert(text, _BREAKS)


def escape(text: str) -> str:
    """The three characters that Slack's own mark-up is made of, and no others
    (docs.slack.dev/messaging/formatting-message-text#escaping)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shorten_escaped(text: str, limit: int) -> str:
    """`text` escaped and cut so that the result measures at most `limit`; never inside an entity."""
    return escape(shorten(text, limit, _size))


def _size(text: str) -> int:
    return len(escape(text).encode("utf-16-le", "surrogatepass")) // 2


def _text(text: str, limit: int) -> str:
    return shorten_escaped(inert(text), limit)


def _headline(alert: Alert, limit: int) -> str:
    return _link(alert.article.url, headline(alert.article), limit)


def _link(url: str | None, title: str, limit: int) -> str:
    link, label = web_link(url), _text(title, limit)
    if not link or len(escape(link)) > 1500:
        return f"*{label}*"
    return f"*<{escape(link)}|{label}>*"


def _about(alert: Alert, style: Style) -> str:
    again = follow_up(alert)
    return (_text(again, 400) + "\n" if again else "") + _text(about(alert, style), 600)


def _marked(sentence: Sentence, limit: int) -> str:
    """The sentence, escaped, with its marked words bold; cut at `limit`."""
    pieces: list[str] = []
    for span, before, after in _with_neighbours(sentence):
        piece = _bold(span, before, after) if span.is_marked else inert(span.text)
        cut = shorten(piece, limit, _size)
        if cut != piece:
            pieces.append(escape(cut.replace("*", "") if span.is_marked else cut))
            break
        pieces.append(escape(piece))
        limit -= _size(piece)
    return "".join(pieces)


def _with_neighbours(sentence: Sentence) -> Iterator[tuple[Span, str, str]]:
    """Each span with the character before and the one after it, " " at the ends."""
    for place, span in enumerate(sentence):
        before = sentence[place - 1].text[-1:] if place else ""
        after = sentence[place + 1].text[:1] if place + 1 < len(sentence) else ""
        yield span, before or " ", after or " "


def _bold(span: Span, before: str, after: str) -> str:
    """Slack makes bold only what stands apart; within a word, or in a script without spaces, an invisible
    space helps."""
    word = inert(span.text).strip()
    if not word:
        return span.text
    left = "" if before.isspace() else "\u200b"
    right = "" if after.isspace() or after in ".,;:!?" else "\u200b"
    return f"{left}*{word}*{right}"


def _summary_blocks(summary: Summary, style: Style) -> list[Block]:
    head: list[Block] = [_header(summaries.heading(summary, style))]
    if intro := _paragraphs(summary.intro):
        head.append(_section(intro))
    tail = [_context(lines)] if (lines := _paragraphs(summary.lines, CONTEXT)) else []
    left = TOTAL - sum(map(_weight, head + tail))
    return head + _fitted(_stories(summary, style), left, BLOCKS - len(head) - len(tail)) + tail


def _fitted(stories: Iterable[tuple[Block, int]], characters: int, most: int) -> list[Block]:
    """As many of `stories` (a block and how many it tells) as fit, then how many did not."""
    shown: list[Block] = []
    waiting = list(stories)
    for place, (block, _) in enumerate(waiting):
        characters -= _weight(block)
        if characters < 200 or len(shown) >= most - 1:
            missing = sum(count for _, count in waiting[place:])
            shown.append(_section(f"… and {missing} more; `monitor alerts` lists them all"))
            break
        shown.append(block)
    return shown


def _stories(summary: Summary, style: Style) -> Iterator[tuple[Block, int]]:
    """A section for each story in full, then sections of five lines."""
    shown = summaries.layout(summary)
    for alert in shown.in_full:
        yield _section(_story(alert, style)), 1
    for start in range(0, len(shown.lines), 5):
        group = shown.lines[start : start + 5]
        yield _section("\n".join(map(_one_line, group))), len(group)
    if shown.left_out:
        yield _section(summaries.left_out(shown)), shown.left_out


def _story(alert: Alert, style: Style) -> str:
    quoted = ["> " + _marked(sentence, 360) for sentence in sentences(alert, style)[:1]]
    urgent = "*Urgent* · " if alert.priority == "urgent" else ""
    lines = [urgent + _headline(alert, 220), _about(alert, style), *quoted]
    lines += [_text(elsewhere(alert), 240), _text(also_in(alert), 240), _text(watch_line(alert), 240)]
    return "\n".join(line for line in lines if line)


def _one_line(alert: Alert) -> str:
    first, rest = summaries.one_line(alert)
    return f"• {_link(alert.article.url, first, 160)} · {_text(rest, 160)}"


def _notice_blocks(notice: Notice) -> list[Block]:
    body = _paragraphs(notice.lines)
    return [_header(plain(notice.title) or "Notice"), *([_section(body)] if body else [])]


def _paragraphs(lines: Iterable[str], limit: int = SECTION) -> str:
    return shorten_escaped("\n".join(filter(None, (inert(plain(line)) for line in lines))), limit)


def _push(message: Message, style: Style) -> str:
    if isinstance(message, Alert):
        return words.push(message, inert)
    if isinstance(message, Summary):
        return inert(summaries.title(message, style))
    return inert(plain(message.title))


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def _header(text: str) -> Block:
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": shorten_escaped(inert(text), HEADER), "emoji": False},
    }


def _weight(block: Block) -> int:
    texts = [block["text"]["text"]] if "text" in block else [element["text"] for element in block["elements"]]
    return sum(len(text.encode("utf-16-le", "surrogatepass")) // 2 for text in texts)
