"""Do 10,000 fuzzed titles fit every receiver? Run: python -m tests.bench.fits_receivers [COUNT [SEED]]

Prints one line a receiver with the number refused and the largest message; the suite runs a sample of it.
"""

from __future__ import annotations

import json
import sys
import time
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import SMTP

import jsonschema

from monitor.model import Alert, Message, Summary
from monitor.render import Style, console, mail, plain, slack, webhook
from tests.messages import NOW, alert, article, fuzzed_titles
from tests.receivers import slack_breach
from tests.test_render_webhook import schema

STYLE = Style()
ENVELOPE = mail.Envelope(Address(addr_spec="m@example.org"), Address(addr_spec="b@example.org"), "d-1", NOW)
VALIDATOR = jsonschema.Draft202012Validator(schema())


def main(count: int, seed: int) -> int:
    refused = {"slack": 0, "slack digest": 0, "webhook": 0, "mail": 0, "apprise": 0, "console": 0}
    largest = dict.fromkeys(refused, 0)
    started = time.perf_counter()
    recent: list[Alert] = []
    for title in fuzzed_titles(count, seed):
        message = alert(article=article(title=title, author=title, note=title), feed_name=title)
        recent = [*recent[-29:], message]
        digest = Summary("digest", "", NOW, tuple(recent), (title,), (title,))
        for name, size, is_fit in _tried(message, digest):
            refused[name] += not is_fit
            largest[name] = max(largest[name], size)
    for name, number in refused.items():
        print(f"{name:14} {number:6} refused of {count:,}, largest {largest[name]:,}")
    print(f"{time.perf_counter() - started:.0f} s")
    return sum(refused.values())


def _tried(message: Alert, digest: Summary) -> list[tuple[str, int, bool]]:
    rows = [_slack("slack", message), _slack("slack digest", digest)]
    body = webhook.body(message)
    rows.append(("webhook", len(body), VALIDATOR.is_valid(json.loads(body))))
    raw = mail.compose(message, ENVELOPE, STYLE).as_bytes()
    parsed = message_from_bytes(raw, policy=SMTP)
    longest = max(map(len, raw.split(b"\r\n")))
    is_mail = not parsed.defects and len(parsed.get_all("Subject", [])) == 1 and longest < 999
    rows.append(("mail", len(raw), is_mail))
    title, text = plain.title_and_body(message, STYLE)
    rows.append(("apprise", len(title), len(title) <= 250 and "\n" not in title))
    printed = console.text(message, STYLE, is_colour=False)
    rows.append(("console", len(printed) + len(text), "\x1b" not in printed and "\x00" not in printed))
    return rows


def _slack(name: str, message: Message) -> tuple[str, int, bool]:
    payload = slack.payload(message, STYLE)
    return name, len(json.dumps(payload)), not slack_breach(payload)


if __name__ == "__main__":
    arguments = [int(text) for text in sys.argv[1:]]
    raise SystemExit(1 if main(*[*arguments, *(10_000, 7)[len(arguments) :]]) else 0)
