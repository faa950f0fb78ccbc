"""`monitor check` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from monitor.cli.check import command


def write(folder: Path, watches: str, main: str = "", tag: str = "en") -> list[str]:
    (folder / "watchlists").mkdir(exist_ok=True)
    (folder / "monitor.yaml").write_text(main, encoding="utf-8")
    feeds = f"feeds: [{{url: 'https://x.org/f', tags: [{tag}]}}]\n"
    (folder / "feeds.yaml").write_text(feeds, encoding="utf-8")
    (folder / "watchlists" / "arms.yaml").write_text(watches, encoding="utf-8")
    return ["--config", str(folder / "monitor.yaml")]


def test_all_well_is_said_in_words(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, write(tmp_path, "watches: [drone, Su-35]\n"))
    assert done.exit_code == 0
    assert done.output.splitlines()[-1].startswith("2 watches in 1 watchlist, 1 feed, 1 channel: fine")


def test_problems_of_files_and_of_expressions_come_together(tmp_path: Path) -> None:
    args = write(tmp_path, "watches:\n  - *drohne\n  - {name: x, match: 'a AND'}\n  - {any: [b], tto: c}\n")
    done = CliRunner().invoke(command, args)
    assert done.exit_code == 1
    for place in ("arms.yaml:2:5", "arms.yaml:3:", "arms.yaml:4:"):
        assert place in done.output
    assert "3 errors" in done.output.splitlines()[-1]


def test_one_mistake_hides_no_other_whatever_its_kind(tmp_path: Path) -> None:
    main = "channels: {desk: {type: slack, url: '${NO_SUCH_URL}'}, boss: {type: consle}}\nalerts: {to: [dsk]}\n"
    watches = """\
watches:
  - {name: a, match: "drone AND ("}
  - {name: b, any: [drone], must_match: [nothing here]}
  - {name: c, any: [drone], anny: [x], to: [nowhere], must_match: [nothing here]}
  - {name: d, any: [$nogroup], priority: urgnt, to: [boss], must_match: [x]}
  - {name: e, any: [drone], to: [dek], must_match: [nothing here]}
  - {name: f, any: [drone], priority: urgnt, must_match: [nothing here]}
  - {name: g, any: [drone], must_not_match: [a drone], feeds: ["tag:nope"]}
  - {name: h, match: "feed:nofeed AND drone"}
terms: {air: [drone AND tank]}
"""
    told = CliRunner().invoke(command, write(tmp_path, watches, main)).output
    for place, said in (
        ("monitor.yaml:1:37", "environment variable NO_SUCH_URL is not set"),
        ("monitor.yaml:1:69", "no channel type 'consle'"),
        ("monitor.yaml:2:15", "no channel 'dsk'; did you mean 'desk'?"),
        ("arms.yaml:2:", "'(' is never closed"),
        ("arms.yaml:3:42", "is not found; 'monitor match' shows why"),
        ("arms.yaml:4:29", "unknown key 'anny'"),
        ("arms.yaml:4:45", "no channel 'nowhere'"),
        ("arms.yaml:5:21", "there is no group $nogroup"),
        ("arms.yaml:5:42", "'urgnt' is not one of"),
        ("arms.yaml:6:34", "no channel 'dek'"),
        ("arms.yaml:6:53", "is not found; 'monitor match' shows why"),
        ("arms.yaml:7:59", "is not found; 'monitor match' shows why"),
        ("arms.yaml:8:46", "must_not_match 'a drone' is found"),
        ("arms.yaml:8:64", "no feed has the tag"),
        ("arms.yaml:9:", "no feed is named"),
        ("arms.yaml:10:21", "a list item holds no operators"),
    ):
        assert any(place in line and said in line for line in told.splitlines()), (place, said, told)
    assert "arms.yaml:4:69" not in told, "what an unknown key was to find is not known"


def test_examples_that_do_not_match_are_errors(tmp_path: Path) -> None:
    args = write(tmp_path, "watches:\n  - any: [drone]\n    must_match: [nothing here]\n")
    done = CliRunner().invoke(command, args)
    assert done.exit_code == 1
    assert "arms.yaml:3:18" in done.output


def test_keys_without_effect_are_named(tmp_path: Path) -> None:
    from monitor.config.checks import NO_EFFECT

    done = CliRunner().invoke(command, write(tmp_path, "watches: [drone]\n", "health: {to: [console]}\n"))
    assert done.exit_code == 0
    assert ("no effect yet: health.to" in done.output) == (("health",) in NO_EFFECT)


def test_json(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [*write(tmp_path, "watches: [{anny: [a]}]\n"), "--json"])
    told = json.loads(done.output)
    assert done.exit_code == 1
    assert told["ok"] is False
    assert told["problems"][0]["line"] == 1
    assert told["problems"][0]["severity"] == "error"


def test_forms_are_explained(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [*write(tmp_path, "watches: [drone]\n"), "--explain"])
    assert done.exit_code == 0
    assert "drones" in done.output


def test_a_term_is_explained_in_languages_of_its_script(tmp_path: Path) -> None:
    watches = "watches: [drone, дрон]\n"
    done = CliRunner().invoke(command, [*write(tmp_path, watches, tag="ru"), "--explain", "--json"])
    told = {(one["term"], one["language"]): one["forms"] for one in json.loads(done.stdout)["terms"]}
    assert set(told) == {("drone", "en"), ("дрон", "ru")}
    assert "drones" in told["drone", "en"]
    assert "дронами" in told["дрон", "ru"]


def test_a_tag_that_is_no_language_and_a_feed_that_says_its_own(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from monitor.cli.explain import spoken
    from monitor.config import load
    from monitor.store import feeds, open_store
    from monitor.store.schema import feeds as table

    _, path = write(tmp_path, "watches: [drone]\n", tag="us")
    config = load(path)
    assert spoken(config) == ["en"]
    store, now = open_store(config.store, create=True), datetime.now(UTC)
    with store.write() as connection:
        feeds.sync(connection, config.feeds, {config.feeds[0].url: now}, now)
        connection.execute(table.update().values(language="de-AT"))
    store.close()
    assert spoken(config) == ["de", "en"] or spoken(config) == ["en", "de"]


def test_names_used_twice_and_expressions_come_together(tmp_path: Path) -> None:
    args = write(tmp_path, "watches:\n  - {name: x, match: 'a AND'}\n  - {name: x, match: 'b OR'}\n")
    done = CliRunner().invoke(command, args)
    for told in ("arms.yaml:2:", "a term is missing after AND", "a watch named 'x'", "a term is missing after OR"):
        assert told in done.output
    assert "3 errors" in done.output.splitlines()[-1]


def test_a_store_in_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    args = write(tmp_path, "watches: [drone]\n", f"store: sqlite:///{tmp_path}/nope/monitor.db\n")
    done = CliRunner().invoke(command, args)
    assert done.exit_code == 1
    assert f"monitor.yaml:1:8: the folder {tmp_path}/nope of the store does not exist; make it (mkdir -p" in done.output
