"""Alerts as an Atom feed (RFC 4287), newest first: of all watches, or of one.

It must not read the store or know an address but those it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from monitor.model import Alert
from monitor.render.evidence import Sentence, Span, sentences
from monitor.render.facts import Style, about, also_in, elsewhere, follow_up, headline, outlet, short, watch_line
from monitor.render.text import plain, web_link

MEDIA_TYPE = "application/atom+xml"
_ATOM, _XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"


def feed(
    alerts: Sequence[Alert], style: Style, *, updated: datetime, self_url: str | None = None, watch: str = ""
) -> bytes:
    """The document, UTF-8. `updated` is its date where there is no alert; `watch` names the one that `alerts` are of.

    Ids stay the same for ever, and differ between installations (RFC 4287 section 4.2.6).
    """
    newest = sorted(alerts, key=lambda alert: alert.created, reverse=True)
    root = Element("feed", xmlns=_ATOM)
    _add(root, "id", web_link(self_url) or _urn(f"alerts {plain(watch)}"))
    _add(root, "title", f"News monitor: {short(watch) or 'alerts'}", type="text")
    _add(root, "updated", _time(newest[0].created if newest else updated))
    SubElement(_add(root, "author"), "name").text = "News monitor"
    if link := web_link(self_url):
        _add(root, "link", rel="self", type=MEDIA_TYPE, href=link)
    for alert in newest:
        _entry(root, alert, style)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entry(root: Element, alert: Alert, style: Style) -> None:
    """Dated when it was told: a feed reader sorts by that, and would bury an old article that we first saw today."""
    entry = _add(root, "entry")
    _add(entry, "id", _urn(f"alert {alert.id} {_time(alert.created)} {alert.article.url}"))
    _add(entry, "title", headline(alert.article), type="text")
    _add(entry, "published", _time(alert.created))
    _add(entry, "updated", _time(alert.created))
    if link := web_link(alert.article.url):
        _add(entry, "link", rel="alternate", href=link)
    SubElement(_add(entry, "author"), "name").text = plain(alert.article.author) or outlet(alert)
    for watch in alert.watches:
        _add(entry, "category", term=plain(watch.name), label=plain(f"{watch.watchlist}: {watch.name}"))
    _content(entry, alert, style)


def _content(entry: Element, alert: Alert, style: Style) -> None:
    """XHTML put together as elements, so that what a feed wrote can only ever be text in it."""
    page = SubElement(_add(entry, "content", type="xhtml"), "div", xmlns=_XHTML)
    if again := follow_up(alert):
        _paragraph(page, (Span(again),))
    _paragraph(page, (Span(about(alert, style)),))
    for sentence in sentences(alert, style):
        _paragraph(SubElement(page, "blockquote"), sentence)
    for line in filter(None, (elsewhere(alert), also_in(alert), watch_line(alert))):
        _paragraph(page, (Span(line),))


def _paragraph(parent: Element, spans: Sentence) -> None:
    paragraph = SubElement(parent, "p")
    last: Element | None = None
    for span in spans:
        if span.is_marked:
            last = SubElement(paragraph, "strong")
            last.text = span.text
        elif last is None:
            paragraph.text = (paragraph.text or "") + span.text
        else:
            last.tail = (last.tail or "") + span.text


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    child = SubElement(parent, name, attributes)
    child.text = text
    return child


def _urn(name: str) -> str:
    safe = name.encode("utf-8", "replace").decode()
    return uuid5(NAMESPACE_URL, f"news-monitor {safe}").urn


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
