"""Alerts as an Atom feed (RFC 4287), newest first.

It must not read the store or know an address but those it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from monitor.model import Alert
from monitor.render.evidence import sentences
from monitor.render.facts import Style, about, follow_up, headline, outlet, short, watch_line
from monitor.render.text import plain, web_link

_ATOM = "http://www.w3.org/2005/Atom"


def feed(alerts: Sequence[Alert], style: Style, *, updated: datetime, self_url: str | None = None) -> bytes:
    """The document, UTF-8. `updated` is its date where there is no alert. Ids stay the same for ever (RFC
    4287 4.2.6)."""
    root = Element("feed", xmlns=_ATOM)
    newest = sorted(alerts, key=lambda alert: alert.created, reverse=True)
    _add(root, "id", "urn:news-monitor:alerts")
    _add(root, "title", "News monitor: alerts")
    _add(root, "updated", _time(newest[0].created if newest else updated))
    SubElement(_add(root, "author"), "name").text = "News monitor"
    if self_url:
        _add(root, "link", rel="self", type="application/atom+xml", href=self_url)
    for alert in newest:
        _entry(root, alert, style)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entry(root: Element, alert: Alert, style: Style) -> None:
    entry = _add(root, "entry")
    _add(entry, "id", f"urn:news-monitor:alert:{short(alert.id)}")
    _add(entry, "title", headline(alert.article), type="text")
    _add(entry, "updated", _time(alert.created))
    if alert.article.published:
        _add(entry, "published", _time(alert.article.published))
    if link := web_link(alert.article.url):
        _add(entry, "link", rel="alternate", href=link)
    SubElement(_add(entry, "author"), "name").text = plain(alert.article.author) or outlet(alert)
    for watch in alert.watches:
        _add(entry, "category", term=plain(watch.name), label=plain(f"{watch.watchlist}: {watch.name}"))
    quoted = ["“" + "".join(span.text for span in sentence) + "”" for sentence in sentences(alert, style)]
    lines = [follow_up(alert), about(alert, style), *quoted, watch_line(alert)]
    _add(entry, "summary", "\n".join(line for line in lines if line), type="text")


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    child = SubElement(parent, name, attributes)
    child.text = text
    return child


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
