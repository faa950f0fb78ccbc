"""The command line: which commands there are, loaded only when called, and how every error ends in one sentence.

It holds no command itself; each is one file beside this one.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from monitor import __version__
from monitor.errors import ConfigError, MonitorError

#: name -> (section of --help, file in this folder, one line). A command is imported when it is called.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "run": ("start", "run", "The service, in the foreground; logs to stderr."),
    "once": ("start", "once", "Poll every feed that is due, read, deliver, exit."),
    "demo": ("start", "demo", "The whole program in half a minute, with no network and no account."),
    "init": ("start", "init", "Write a commented starter configuration."),
    "check": ("start", "check", "Every problem of the configuration, with file:line:column."),
    "match": ("ask", "match", "What the watchlists find in a text, a file or a URL, and why (not)."),
    "extract": ("ask", "extract", "Title, author, date, language and text of a page."),
    "parse": ("ask", "parse", "A feed as the program sees it."),
    "alerts": ("ask", "alerts", "What was told and what waits."),
    "explain": ("ask", "explaining", "The whole way of an article, also of one never seen."),
    "search": ("ask", "search", "The archive, in the language of watches."),
    "backtest": ("ask", "backtest", "What watchlists would have found and sent; what an edit changes."),
    "stories": ("ask", "stories", "Stories and their articles."),
    "status": ("ask", "status", "Whether all is well, in ten lines."),
    "feeds": ("operate", "feeds", "List, add, import, export and retry feeds."),
    "channels": ("operate", "channels", "Send a test message by the way an alert goes."),
    "wrong": ("operate", "wrong", "Mark what was found as not meant."),
    "suggest": ("operate", "suggest", "Lines that could be added to watches, with their evidence."),
    "silence": ("operate", "silence", "Hear no more of a watch, a story, a feed or anything for a while."),
    "deliveries": ("operate", "deliveries", "What was sent, waits or was given up; send again."),
    "archive": ("operate", "archive", "Articles in and out as lines of JSON."),
    "db": ("operate", "db", "Upgrade, back up and check the store."),
    "service": ("operate", "service", "Install the program as a systemd service."),
}


class LazyGroup(click.Group):
    """Lists every command without importing it, grouped as in the documentation."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"monitor.cli.{COMMANDS[cmd_name][1]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        import difflib

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            meant = f"did you mean '{near[0]}'?" if near else "'monitor --help' lists the commands"
            raise click.UsageError(f"no command '{args[0]}'; {meant}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in ("start", "ask", "operate"):
            rows = [(name, text) for name, (place, _, text) in COMMANDS.items() if place == section]
            with formatter.section(section.capitalize()):
                formatter.write_dl(rows)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="monitor")
def commands() -> None:
    """Watches news feeds for what is on your watchlists and tells you once per story, with the reason why."""


def main(argv: list[str] | None = None) -> None:
    """Run a command; errors of this program and of the machine end in one sentence and exit code 1."""
    try:
        code = _exit_code(argv)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output went away (`| head`): not an error
        from monitor.cli.ending import leave_quietly

        leave_quietly()
        code = 0
    sys.exit(code)


def _exit_code(argv: list[str] | None) -> int | str:
    """Raises BrokenPipeError when nobody reads our output any more."""
    from monitor.logs import say_waits

    output = sys.stdout
    say_waits()
    try:
        status: Any = commands.main(argv, prog_name="monitor", standalone_mode=False)
    except SystemExit as stop:
        if sys.stdout is not output:  # click met the broken pipe: it muffles the output and makes it exit code 1
            raise BrokenPipeError from None
        return 0 if stop.code is None else stop.code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except ConfigError as error:  # file:line:column first, as editors and people expect
        click.echo(str(error), err=True)
        return 1
    except MonitorError as error:
        click.echo(f"monitor: {error}", err=True)
        return 1
    except BrokenPipeError:
        raise
    except OSError as error:
        from monitor.cli.ending import sentence

        click.echo(f"monitor: {sentence(error)}", err=True)
        return 1
    return status if isinstance(status, int) else 0
