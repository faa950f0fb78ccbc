"""`monitor channels test NAME`: a test message by the way an alert goes, with the receiver's answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from monitor.cli.opening import print_json
from monitor.cli.options import common
from monitor.errors import InputError


@click.group("channels")
def command() -> None:
    """Send a test message by the way an alert goes."""


@command.command()
@click.argument("name")
@common
def test(name: str, config: str | None, as_json: bool) -> None:
    """Write a test message into the outbox, send it, show the receiver's answer; exit code 3 if it was not accepted."""
    from monitor.assemble import load_checked
    from monitor.cli.opening import lenient
    from monitor.config.load import examine, shown_path
    from monitor.trial import send_test

    found = examine(config)
    wrong = [one for one in found.problems if not one.is_warning]
    if any(one.file == shown_path(found.config.path) for one in wrong):  # the channels are written there
        load_checked(config)
    if wrong:
        lenient(config)  # says so
    loaded = found.config
    if name not in loaded.channels:
        raise InputError(f"no channel '{name}'; there are: {', '.join(loaded.channels) or 'none'}")
    done = asyncio.run(send_test(loaded, name, datetime.now(UTC)))
    for sent in done:
        if as_json:
            print_json(
                {
                    "channel": sent.channel,
                    "target": sent.target,
                    "accepted": sent.state == "sent",
                    "answer": sent.answer,
                }
            )
        else:
            to = f" ({sent.target})" if sent.target else ""
            click.echo(f"{name}{to}: {'accepted' if sent.state == 'sent' else 'not accepted'}: {sent.answer}")
    if any(sent.state != "sent" for sent in done):
        raise SystemExit(3)
