"""Messages for a terminal: the headline, what it is, the evidence with the words marked, watches and id.

It must not ask the terminal anything; whether there are colours is an argument.
"""

from __future__ import annotations

from monitor.model import Alert, Message, Notice, Summary
from monitor.render import summaries
from monitor.render.evidence import Sentence, marked_headline, sentences
from monitor.render.facts import Style, about, also_in, clock, follow_up, watch_line
from monitor.render.text import plain, web_link

_BOLD, _DIM, _MARK, _RED, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[1;33m", "\x1b[1;31m", "\x1b[0m"
_RULE = "─" * 72


def text(message: Message, style: Style, *, is_colour: bool) -> str:
    """The message as it is printed, ending with an empty line."""
    paint = _Paint(is_colour=is_colour)
    if isinstance(message, Alert):
        lines = [*_alert(message, style, paint)]
    elif isinstance(message, Summary):
        lines = _summary(message, style, paint)
    else:
        lines = _notice(message, paint)
    return "\n".join(lines) + "\n\n"


class _Paint:
    """Terminal colours, or none of them."""

    def __init__(self, *, is_colour: bool) -> None:
        self._is_colour = is_colour

    def __call__(self, code: str, words: str) -> str:
        return f"{code}{words}{_OFF}" if self._is_colour and words else words

    def sentence(self, sentence: Sentence, around: str = "") -> str:
        return "".join(self(_MARK if span.is_marked else around, span.text) for span in sentence)


def _alert(alert: Alert, style: Style, paint: _Paint) -> list[str]:
    sign = paint(_RED, "▲ URGENT ") if alert.priority == "urgent" else paint(_MARK, "● ")
    quoted = [f"“{paint.sentence(sentence)}”" for sentence in sentences(alert, style)]
    below = [
        paint(_BOLD, follow_up(alert)),
        about(alert, style),
        *quoted,
        also_in(alert),
        paint(_DIM, watch_line(alert)),
        paint(_DIM, web_link(alert.article.url) or ""),
    ]
    return [sign + paint.sentence(marked_headline(alert), _BOLD), *(f"  {line}" for line in below if line)]


def _summary(summary: Summary, style: Style, paint: _Paint) -> list[str]:
    shown = summaries.layout(summary)
    lines = [_RULE, paint(_BOLD, f"{clock(summary.created, style)}  {summaries.heading(summary, style)}")]
    lines += [plain(line) for line in summary.intro]
    for alert in shown.in_full:
        lines += ["", *_alert(alert, style, paint)]
    if shown.lines:
        lines += ["", *(f"  - {' · '.join(summaries.one_line(alert))}" for alert in shown.lines)]
    lines += [summaries.left_out(shown)] if shown.left_out else []
    if summary.lines:
        lines += ["", *(plain(line) for line in summary.lines)]
    return [*lines, _RULE]


def _notice(notice: Notice, paint: _Paint) -> list[str]:
    return [paint(_BOLD, f"■ {plain(notice.title)}"), *(f"  {plain(line)}" for line in notice.lines)]
