"""README tells the truth: its commands, settings and examples are the program's."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import get_args

import click
import pytest

from monitor import __version__
from monitor.cli import COMMANDS
from monitor.config import channels, files, settings
from monitor.config.checks import NO_EFFECT
from monitor.match import compile as compile_watches
from monitor.model import Document, Watch, Watchlist

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")


def section(title: str) -> str:
    """README's part under a heading, its own sub-headings included."""
    level, text = title.split(" ", 1)
    start = README.index(f"\n{level} {text}\n")
    end = re.search(rf"\n#{{1,{len(level)}}} ", README[start + len(level) + 2 :])
    return README[start : start + len(level) + 2 + end.start()] if end else README[start:]


def rows(text: str) -> list[list[str]]:
    """The cells of a section's tables, without heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    heads = {number - 1 for number, row in enumerate(cells) if set(row[0]) <= set("-| ")}
    return [row for number, row in enumerate(cells) if number not in heads and number - 1 not in heads]


def named(text: str) -> set[str]:
    """What stands in back quotes in the first column of a section's tables."""
    return {name for row in rows(text) for name in re.findall(r"`([^`]+)`", row[0])}


# ---------------------------------------------------------------------------------------------------- commands


def test_every_command_is_there_and_no_other() -> None:
    told = {name.split()[1] for name in named(section("## Commands"))}
    assert told == set(COMMANDS)


def test_every_subcommand_is_there() -> None:
    table = section("## Commands")
    for name, (_, file, _) in COMMANDS.items():
        command = import_module(f"monitor.cli.{file}").command
        if isinstance(command, click.Group):
            row = next(line for line in table.splitlines() if line.startswith(f"| `monitor {name}"))
            assert [sub for sub in command.commands if not re.search(rf"\b{sub}\b", row)] == [], name


def test_options_of_the_table_exist() -> None:
    for line in section("## Commands").splitlines():
        if line.startswith("| `monitor "):
            name = line.split("`")[1].split()[1]
            command = import_module(f"monitor.cli.{COMMANDS[name][1]}").command
            known = set(_options(command))
            assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", line)) - known == set(), name


def _options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        yield from parameter.opts
    for sub in getattr(command, "commands", {}).values():
        yield from _options(sub)


def test_the_two_commands_are_the_ones_that_are_tried() -> None:
    block = re.search(r"```sh\n(.*?)```", section("## Two commands"), re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert len(lines) == 2
    assert [line for line in lines if f'run "{line}"' not in script] == []


# ---------------------------------------------------------------------------------------------------- settings


def test_every_setting_of_monitor_yaml_is_there() -> None:
    known = {name for name in files.MainFile.model_fields if name not in settings.Settings.model_fields}
    for name, field in settings.Settings.model_fields.items():
        known |= {f"{name}.{key}" for key in getattr(field.annotation, "model_fields", {})}
    assert named(section("### monitor.yaml")) == known


def test_every_setting_of_channels_is_there() -> None:
    models = get_args(channels.ChannelSettings)
    known = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert named(section("### Channels")) == known
    types = next(row for row in rows(section("### Channels")) if row[0] == "`type`")
    assert set(re.findall(r"`(\w+)`", types[2])) == set(channels.TYPES)


def test_every_setting_of_feeds_and_watchlists_is_there() -> None:
    assert named(section("### feeds.yaml")) == set(files.FeedItem.model_fields)
    known = {*files.WatchlistFile.model_fields, *files.WatchItem.model_fields}
    assert named(section("### Watchlists")) == known


def test_what_has_no_effect_yet_is_marked_and_nothing_else() -> None:
    told = {
        name for row in rows(README) if "†" in row[0] for name in re.findall(r"`([^`]+)`", row[0])
    }
    without = {".".join(path[-1:] if path[0] == "watches" else path) for path in NO_EFFECT}
    assert {name if name in without else name.split(".")[0] for name in told} == without
    all_names = named(section("### monitor.yaml")) | named(section("### Watchlists"))
    assert {name for name in all_names if name in without or name.split(".")[0] in without} == told


def test_built_in_values_are_the_models() -> None:
    for row in rows(section("### monitor.yaml")):
        name, _, key = row[0].strip("` †").partition(".")
        if key:
            model = settings.Settings.model_fields[name].annotation
            default = getattr(model, "model_fields", {})[key].default
            if isinstance(default, str | int) and key != "user_agent":
                assert row[1] == f"`{default}`", f"{name}.{key}"


# ---------------------------------------------------------------------------------------------------- examples

TERMS = rows(section("### What a term finds"))


@pytest.mark.parametrize(("term", "language", "found", "not_found"), TERMS, ids=[" ".join(row[:2]) for row in TERMS])
def test_terms_find_what_readme_says(term: str, language: str, found: str, not_found: str) -> None:
    watch = Watch(name="it", watchlist="README", any=(term.strip("`"),))
    matcher = compile_watches([Watchlist(name="README", path="README.md", watches=(watch,))])

    def is_found(text: str) -> bool:
        return bool(matcher.find(Document(title="", text=f"– {text} –", language=language)))

    assert [text for text in found.split("; ") if not is_found(text)] == []
    assert [text for text in not_found.split("; ") if is_found(text)] == []


def test_yaml_examples_are_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor.assemble import load_checked

    blocks = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    watchlist = next(block for block in blocks if "watches:" in block)
    secret = tmp_path / "smtp"
    secret.write_text("secret")
    main = next(block for block in blocks if block.startswith("channels:")).replace("/run/secrets/smtp", str(secret))
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "arms.yaml").write_text(watchlist, "utf-8")
    (tmp_path / "monitor.yaml").write_text(main, "utf-8")
    (tmp_path / "feeds.yaml").write_text("feeds: [{url: 'https://example.org/', tags: [press]}]", "utf-8")
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "https://hooks.slack.example/x")
    monkeypatch.setenv("WEBHOOK_SECRET", "whsec_" + "A" * 32)
    config = load_checked(str(tmp_path / "monitor.yaml"))
    assert sorted(config.channels) == ["boss", "console", "desk", "phone", "siem"]


def test_the_webhook_example_has_the_keys_of_the_schema() -> None:
    import json

    block = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    schema = json.loads((ROOT / "monitor" / "render" / "webhook.schema.json").read_text("utf-8"))
    assert block is not None
    keys = set(re.findall(r'"(\w+)":', json.dumps(schema)))
    assert set(re.findall(r'"(\w+)":', block[1])) - keys == set()
    json.loads(block[1])


# ---------------------------------------------------------------------------------------------------- the rest


def test_every_file_that_readme_names_is_there() -> None:
    named_files = set(re.findall(r"(?<![\w/-])((?:systemd|monitor|\.ci)/[\w./-]+\w)", README))
    assert [name for name in named_files if not (ROOT / name).exists()] == []


def test_the_alert_shown_is_one_of_the_demo() -> None:
    from monitor.demo.newsroom import articles

    picture = README[README.index("```\n●") : README.index("(An alert of")]
    texts = " ".join(part for article in articles() for part in (article.title, *article.paragraphs))
    quoted = re.findall("“(.*)”\n", picture)
    assert quoted
    assert [sentence for sentence in quoted if sentence not in texts] == []


def test_the_changelog_begins_with_this_version_or_the_next() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    first, *others = re.findall(r"^## (\S+)( \(\d{4}-\d\d-\d\d\))?$", CHANGELOG, re.MULTILINE)
    if not first[1]:  # not released yet
        first = others[0]
    assert first[0] == version == __version__
