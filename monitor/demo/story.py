"""The demo's script in words: what each step shows, and what is said of an article once its fate is known.

It must not know how anything is served or received.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.demo.fates import Fate
from monitor.demo.newsroom import Article
from monitor.demo.receivers import Call, Mail

_COUNTS = (
    "{articles} articles in four languages; {alerts} alerts besides the first look, each on this terminal, as a signed",
    "webhook ({webhook_requests} requests) and as mail ({mails} mails); {joined} reports joined a told story.",
    "{requests} requests to the news site, {not_modified} answered 304 not modified; {seconds} s in all.",
)

#: What is published at each step; the news files name their step by its number.
STEPS = (
    "First look: what the feeds already show comes as one summary, not as a flood",
    "The Merrow Courier (English, RSS) publishes a story about Su-35 and drones",
    "La Gazette (French, Atom) reports the same story",
    "Вестник (Russian, RSS in windows-1251) reports it too",
    "Other news, with traps; and an article whose page refuses to be read",
    "The Courier changes its headline",
)


def heading(number: int) -> str:
    title = f"── {number + 1}/{len(STEPS)}  {STEPS[number]} "
    return f"\n{title}{'─' * max(2, 100 - len(title))}\n"


def called(call: Call) -> str:
    """The line for a webhook request that arrived."""
    data = call.body["data"]
    named = data["alert"]["id"] if "alert" in data else data.get("reason", "")
    words = list(dict.fromkeys(hit["text"] for hit in data.get("hits", ())))
    found = f", found: {', '.join(words)}" if words else ""
    return f"  → webhook: {call.body['type']} {named}, {call.id}, signature ok{found}"


def mailed(mail: Mail) -> str:
    """The line for a mail that arrived."""
    return f"  → mail to {', '.join(mail.recipients)}: {' '.join(mail.subject.split())}"


def settled(article: Article, fate: Fate, outlets: int) -> str:
    """What is said of an article that made no message; "" if its message says it all."""
    if fate.actions & {"tell", "bundle"}:
        return ""
    name = f"{article.outlet.name}: “{article.title}”"
    if fate.state == "archived":
        return f"  archived  {name}, {article.age.days} days old at the first look"
    if "join" in fate.actions:
        return f"  joined    {name}\n            {fate.story} has {outlets} outlets now; no second message: {fate.why}"
    return f"  no match  {name}" + (f"\n            {article.trap}" if article.trap else "")


def unchanged(article: Article) -> str:
    return f"  nothing   “{article.later_title}” is still the same article: no message"


def ending(counts: Mapping[str, int | float], failed: Sequence[str]) -> str:
    """The last lines: the counts, what was not as it should be, and where to look next."""
    lines = ["", "─" * 100, *(line.format(**counts) for line in _COUNTS)]
    lines += [f"NOT AS IT SHOULD BE: {what}" for what in failed]
    if not failed:
        lines += ["", "Next:  monitor init      writes a configuration with real feeds, to make your own"]
        lines += ["       monitor run       starts the service; README.md explains watchlists, channels and settings"]
    return "\n".join(lines)
