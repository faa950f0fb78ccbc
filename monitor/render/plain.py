"""Messages as plain text: for Apprise, for the text part of mail, and for any receiver that refuses more.

`inert` takes from a feed's text what chat services would act on; it must not be used where no service
parses text.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from monitor.model import Alert, Message, Notice
from monitor.render import summaries
from monitor.render.evidence import in_quotes, sentences
from monitor.render.facts import Style, about, also_in, elsewhere, follow_up, headline, labels, outlet, watch_line
from monitor.render.text import plain, shorten, web_link

Clean = Callable[[str], str]

_JOINER = "\u2060"
_LOOK_ALIKES = str.maketrans({"*": "∗", "`": "ˋ", "~": "∼"})
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
EMOJI_CODE = r":(?=[A-Za-z0-9_+'-]*[A-Za-z][A-Za-z0-9_+'-]*:)"
_BREAKS = re.compile(rf"(?<!\w)@(?=[\w!&])|\](?=\()|:(?=//)|{EMOJI_CODE}|<(?=[!@#])")


def inert(text: str, breaks: re.Pattern[str] = _BREAKS) -> str:
    """`text` that no chat service reads as mark-up, mention, link or emoji code; to the eye it stays the
    same.

    Characters that only ever format become look-alikes (Slack and Discord have no escape for them that
    all clients honour); where something needs two neighbours (`breaks` finds the first), an invisible
    joiner parts them.
    """
    unformatted = _UNDERSCORE.sub("ˍ", text.translate(_LOOK_ALIKES).replace("||", "∣∣"))
    return breaks.sub(lambda found: found.group() + _JOINER, unformatted)


def title_and_body(message: Message, style: Style, clean: Clean = inert, limit: int = 250) -> tuple[str, str]:
    """A title of one line, at most `limit` characters, and the text below it."""
    if isinstance(message, Alert):
        return _title(message, clean, limit), "\n".join(alert_lines(message, style, clean))
    if isinstance(message, Notice):
        return shorten(clean(plain(message.title) or "Notice"), limit), "\n".join(
            clean(plain(line)) for line in message.lines
        )
    shown = summaries.layout(message)
    parts = ["\n".join(clean(plain(line)) for line in message.intro)]
    parts += [
        "\n".join([clean(headline(alert.article)), *alert_lines(alert, style, clean, 1)]) for alert in shown.in_full
    ]
    parts += ["\n".join(_line(alert, clean) for alert in shown.lines), summaries.left_out(shown)]
    parts += ["\n".join(clean(plain(line)) for line in message.lines)]
    return shorten(clean(summaries.title(message, style)), limit), "\n\n".join(part for part in parts if part)


def push(alert: Alert, clean: Clean = inert, limit: int = 400) -> str:
    """One line for a phone: `Su-35, drones · headline · outlet`."""
    before, after = clean(labels(alert)), clean(outlet(alert))
    if alert.priority == "urgent":
        before = f"Urgent: {before}"
    room = limit - len(before) - len(after) - 6
    return f"{before} · {shorten(clean(headline(alert.article)), max(room, 40))} · {after}"


def _title(alert: Alert, clean: Clean, limit: int) -> str:
    return shorten(clean(headline(alert.article)), limit)


def alert_lines(alert: Alert, style: Style, clean: Clean, most: int = 3) -> list[str]:
    """What stands under a headline: about, evidence, other outlets, watches and id, link."""
    other = elsewhere(alert)
    shown = sentences(alert, style)[: max(1, min(most, 3 - bool(other)))]
    quoted = [clean(in_quotes("".join(span.text for span in spans))) for spans in shown]
    lines = [
        clean(follow_up(alert)),
        clean(about(alert, style)),
        *quoted,
        clean(other),
        clean(also_in(alert)),
        ("Urgent · " if alert.priority == "urgent" else "") + clean(watch_line(alert)),
    ]
    return [line for line in [*lines, web_link(alert.article.url) or ""] if line]


def _line(alert: Alert, clean: Clean) -> str:
    first, rest = summaries.one_line(alert)
    link = web_link(alert.article.url)
    return f"- {clean(first)} · {clean(rest)}" + (f"\n  {link}" if link else "")
