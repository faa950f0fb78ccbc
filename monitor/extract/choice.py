"""Which text of an article counts: the page's, the feed's own, its summary or only the headline; and why.

Pure: what is known goes in, a Reading with its note comes out.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from monitor import sources
from monitor.model import Article, Entry, MatchedOn, Reading, ReadMode

if TYPE_CHECKING:
    from monitor.extract.page import Page

#: Weighted characters; a CJK character says as much as two and a half letters.
_NOTE = 500  # shorter is a summary whatever it looks like
_ARTICLE = 1200  # longer is an article unless it ends as a teaser
_DENSE = re.compile(r"[぀-ヿ㐀-鿿가-힯]")
_FOOTER = re.compile(
    r"""\s*(?:The\spost\s.{1,300}?\s(?:appeared\sfirst\son|first\sappeared\son)\s.{1,200}
    |(?:L['’]article|Cet\sarticle)\s.{1,300}?\sest\sapparu\sen\spremier\ssur\s.{1,200}
    |Der\sBeitrag\s.{1,300}?\serschien\szuerst\sauf\s.{1,200}
    |La\sentrada\s.{1,300}?\s(?:se\spublicó|aparece)\sprimero\sen\s.{1,200})\Z""",
    re.DOTALL | re.VERBOSE,
)
_TEASER = re.compile(
    r"""(?:…|\.{3,}|\[\s*(?:…|\.{3}|\+\d+\schars)\s*\]|&hellip;|
    (?:read\s(?:more|the\s(?:full|rest)\b.{0,40}|on|full\s\w+)|continue\sreading.{0,120}|full\s(?:story|article)|more\s(?:at|on)\s.{1,40}|view\sarticle
    |(?:weiter|mehr)\s?lesen|zum\s(?:artikel|beitrag)|(?:lire|voir)\s(?:la\ssuite|plus|l['’]article).{0,60}|en\ssavoir\splus
    |(?:leer|seguir\sleyendo|sigue\sleyendo)(?:\smás)?|(?:leggi|continua\sa\sleggere)(?:\stutto|\sl['’]articolo)?|ler\smais|continue\slendo|leia\smais
    |lees\s(?:meer|verder)|czytaj\s(?:dalej|więcej|także)|(?:читать|читайте)\s(?:далее|полностью|дальше|ещё)|подробнее|докладніше|читати\sдалі
    |devamını\soku|läs\s(?:mer|vidare)|les\smer|læs\smere|lue\slisää|続きを読む|もっと読む|阅读全文|繼續閱讀|더\s?보기|اقرأ\sالمزيد|ادامه\sمطلب)
    \s*(?:[»›→>.!…]|\.{3})*)\s*\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_END = re.compile(r"[.!?。！？»”\"'’)\]]\s*\Z")


def needs_page(entry: Entry, mode: ReadMode) -> bool:
    """Whether the article's page has to be fetched: not if the feed carries the full article, `mode` is feed,
    or the page is a redirector's or a consent wall."""
    if mode == "feed" or not entry.url or sources.is_closed(entry.url):
        return False
    return mode == "page" or not is_full(entry)


def is_full(entry: Entry) -> bool:
    """Whether the feed's own text is the full article: long enough, well over the summary, not ending as a
    teaser."""
    content = entry.content[:-1000] + _FOOTER.sub("", entry.content[-1000:]).rstrip()
    weight = _weight(content)
    if weight < _NOTE or _TEASER.search(content[-200:]):
        return False
    if weight >= _ARTICLE:
        return True
    return bool(_END.search(content)) and weight >= 2 * _weight(entry.summary)


def _weight(text: str) -> float:
    return len(text) + 1.5 * len(_DENSE.findall(text))


def choose(entry: Entry, page: Page | None, refusal: str, mode: ReadMode) -> Reading:
    """Which text counts. `refusal` says in words why there is no page ("page refused (403)"), "" if none was
    asked.

    Never empty where the feed had text; the note says why it is not the full article.
    """
    if sources.is_closed(entry.url):
        # Its summary repeats the headline, and those of other outlets: only headline and outlet count.
        return _reading(entry, None, entry.source or "", "headline", "Google News gives headlines only")
    if page is not None and not page.defect and not _is_stub_beside(page.text, entry):
        return _reading(entry, page, page.text, "full article", "")
    if page is not None:
        refusal = _words(page.defect)
    if is_full(entry):
        # With `read: page` the feed's text stands in for the page, and says so.
        return _reading(entry, page, entry.content, "feed text", refusal if mode == "page" or page else "")
    return _fallback(entry, page, refusal or _unasked(entry, mode))


def choose_again(entry: Entry, before: Article) -> Reading:
    """Which text counts once the feed shows other words for an article that was read.

    A page is asked for once: its text as it was read then, with the feed's new words before it. Publishers that
    change what an article says change what their feed says of it, and asking for every page again at every
    change of a headline would be a second request for most articles.
    """
    shown = choose(entry, None, before.note, "auto")
    if before.matched_on != "full article" or shown.matched_on == "feed text":
        return shown
    is_known = shown.text.rstrip("…. \n") in before.text
    return replace(
        shown,
        text=before.text if is_known else f"{shown.text}\n\n{before.text}",
        matched_on="full article",
        note="",
        author=shown.author or before.author,
        language=before.language,
    )


def _unasked(entry: Entry, mode: ReadMode) -> str:
    if not entry.url:
        return "the entry has no link"
    return "only the feed is read" if mode == "feed" else "the page was not read"


def _is_stub_beside(text: str, entry: Entry) -> bool:
    """Whether the feed itself says much more than the page."""
    known = max(len(entry.content), len(entry.summary))
    return known > 200 and len(text) < 0.6 * known


def _words(defect: str) -> str:
    return {
        "": "page is a stub",
        "stub": "page is a stub",
        "empty": "page has no readable text",
        "consent wall": "consent wall",
        "robot check": "page asks for a human",
        "not html": "page is not HTML",
        "too large": "page is too large",
    }.get(defect, defect)


def _fallback(entry: Entry, page: Page | None, note: str) -> Reading:
    """The longest honest text there is. The first lines of a paid article count as a summary; a consent wall
    as nothing."""
    own = max(entry.content, entry.summary, key=len)
    beginning = page.text if page is not None and page.defect in ("stub", "too large", "") else ""
    if beginning and own and own[:60] not in beginning and beginning[:60] not in own:
        text = f"{own}\n\n{beginning}"
    else:
        text = max(own, beginning, key=len)
    if not text.strip():
        return _reading(entry, page, "", "headline", note or "the feed has no text")
    kind: MatchedOn = "feed text" if text == entry.content and entry.summary != entry.content else "summary"
    return _reading(entry, page, text, kind, note)


def _reading(entry: Entry, page: Page | None, text: str, matched_on: MatchedOn, note: str) -> Reading:
    """The feed's own particulars come first: they are what its editors wrote about the article."""
    is_read = page is not None and page.defect in ("", "stub")
    title = entry.title
    if is_read and page and _is_cut(title) and page.title.startswith(title.rstrip("….").rstrip()):
        title = page.title
    return Reading(
        title=title,
        text=text,
        matched_on=matched_on,
        note=note,
        author=entry.author or (page.author if is_read and page else None),
        published=entry.published or (page.published if is_read and page else None),
        language=(page.language if is_read and page else None) or entry.language,
        canonical_url=page.canonical_url if is_read and page else None,
    )


def _is_cut(title: str) -> bool:
    return len(title) > 20 and title.endswith(("…", "..."))
