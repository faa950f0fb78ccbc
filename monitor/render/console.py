"""Messages for a terminal: the headline, what it is, the evidence with the words marked, watches and id.

It must not ask the terminal anything; whether there are colours and how wide it is are arguments.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.model import Alert, Message, Notice, Summary
from monitor.render import summaries
from monitor.render.evidence import IN_HEADLINE, Sentence, Span, marked_headline, sentences
from monitor.render.facts import Style, about, also_in, clock, elsewhere, follow_up, watch_line
from monitor.render.text import plain, web_link

_BOLD, _DIM, _MARK, _RED, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[1;33m", "\x1b[1;31m", "\x1b[0m"


def text(message: Message, style: Style, *, is_colour: bool, width: int = 0) -> str:
    """The message as it is printed, ending with an empty line; lines are filled to `width` columns, 0 for
    never."""
    sheet = _Sheet(style, is_colour, width)
    if isinstance(message, Alert):
        lines = sheet.alert(message)
    elif isinstance(message, Summary):
        lines = sheet.summary(message)
    else:
        lines = sheet.notice(message)
    return "\n".join(lines) + "\n\n"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What a terminal can do, and messages laid out for it."""

    style: Style
    is_colour: bool
    width: int

    def alert(self, alert: Alert) -> list[str]:
        is_urgent = alert.priority == "urgent"
        sign = Span("▲ URGENT  " if is_urgent else "● ")
        lines = [*self.fill((sign, *marked_headline(alert)), _BOLD, "", sign_colour=_RED if is_urgent else _MARK)]
        for line, colour in ((follow_up(alert), _BOLD), (about(alert, self.style), "")):
            lines += self.fill((Span(line),), colour)
        other = elsewhere(alert)
        for sentence in sentences(alert, self.style)[: 3 - bool(other)]:
            is_said = sentence[:1] == (Span(IN_HEADLINE),)
            lines += self.fill(sentence if is_said else (Span("“"), *sentence, Span("”")), "")
        for line in (other, also_in(alert), watch_line(alert)):
            lines += self.fill((Span(line),), _DIM)
        link = web_link(alert.article.url)
        return [*lines, f"  {self.paint(_DIM, link)}"] if link else lines

    def summary(self, summary: Summary) -> list[str]:
        shown = summaries.layout(summary)
        rule = "─" * min(self.width or 72, 100)
        lines = [
            rule,
            self.paint(_BOLD, f"{clock(summary.created, self.style)}  {summaries.heading(summary, self.style)}"),
        ]
        lines += self.paragraphs(summary.intro, "")
        for alert in shown.in_full:
            lines += ["", *self.alert(alert)]
        if shown.lines:
            lines += ["", *(f"  - {' · '.join(summaries.one_line(alert))}" for alert in shown.lines)]
        lines += [summaries.left_out(shown)] if shown.left_out else []
        return [*lines, *([""] if summary.lines else []), *self.paragraphs(summary.lines, ""), rule]

    def notice(self, notice: Notice) -> list[str]:
        return [self.paint(_BOLD, f"■ {plain(notice.title)}"), *self.paragraphs(notice.lines, "  ")]

    def paragraphs(self, lines: tuple[str, ...], indent: str) -> Iterator[str]:
        for line in lines:
            yield from self.fill((Span(plain(line)),), "", indent)

    def paint(self, colour: str, words: str) -> str:
        return f"{colour}{words}{_OFF}" if self.is_colour and colour and words else words

    def fill(self, spans: Sentence, colour: str, indent: str = "  ", *, sign_colour: str = "") -> Iterator[str]:
        """`spans` in lines of the terminal's width, marked ones in the colour of marks, the first one as
        a sign."""
        whole = "".join(span.text for span in spans)
        at = 0
        for line in self._lines(whole, len(indent)):
            at = whole.index(line, at)
            painted = "".join(
                self.paint(sign_colour if place == 0 and sign_colour else _MARK if marked else colour, piece)
                for place, marked, piece in _cut(spans, at, at + len(line))
            )
            yield (indent if at == 0 or indent else "  ") + painted
            at += len(line)

    def _lines(self, whole: str, indent: int) -> list[str]:
        if not self.width or len(whole) + indent <= self.width:
            return [whole] if whole else []
        room = max(self.width - indent - 2, 20)
        return textwrap.wrap(whole, room, break_on_hyphens=False, replace_whitespace=False, expand_tabs=False)


def _cut(spans: Sentence, start: int, end: int) -> Iterator[tuple[int, bool, str]]:
    """The parts of `spans` within [start, end) of their text, each with its place and whether it is
    marked."""
    at = 0
    for place, span in enumerate(spans):
        piece = span.text[max(start - at, 0) : max(end - at, 0)]
        if piece:
            yield place, span.is_marked, piece
        at += len(span.text)
