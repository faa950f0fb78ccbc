"""What is said of mistakes: the place, what is wrong, what was probably meant; all at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from monitor.config import examine


def problems(folder: Path, **files: str) -> list[str]:
    """The messages about a configuration; file names without their folder."""
    (folder / "watchlists").mkdir(exist_ok=True)
    (folder / "monitor.yaml").write_text(files.get("main", ""), encoding="utf-8")
    (folder / "feeds.yaml").write_text(files.get("feeds", "feeds: [https://x.org/f]\n"), encoding="utf-8")
    (folder / "watchlists" / "arms.yaml").write_text(files.get("watches", "watches: [a]\n"), encoding="utf-8")
    found = examine(str(folder / "monitor.yaml"), secrets=True).problems
    return [str(problem).replace(f"{folder}/", "").replace("watchlists/", "") for problem in found]


@pytest.mark.parametrize(
    ("term", "told"),
    [
        ("*drohne", "arms.yaml:3:5: '*drohne' needs quotes in YAML: write - \"*drohne\""),
        ("*дрон", "arms.yaml:3:5: '*дрон' needs quotes in YAML: write - \"*дрон\""),
        ("*drohn*", "arms.yaml:3:5: '*drohn*' needs quotes in YAML: write - \"*drohn*\""),
        ("#Ukraine", "arms.yaml:3:5: '#Ukraine' is a comment in YAML, so nothing stands here: write - \"#Ukraine\""),
        ("Iran: nuclear", "arms.yaml:3:5: 'Iran: nuclear' needs quotes in YAML: write - \"Iran: nuclear\""),
        ("@x", "arms.yaml:3:5: '@x' needs quotes in YAML: write - \"@x\""),
        ("!x", "arms.yaml:3:5: '!x' needs quotes in YAML: write - \"!x\""),
        ("&x", "arms.yaml:3:5: '&x' needs quotes in YAML: write - \"&x\""),
        ("%x", "arms.yaml:3:5: '%x' needs quotes in YAML: write - \"%x\""),
        ("`x`", "arms.yaml:3:5: '`x`' needs quotes in YAML: write - \"`x`\""),
        ("[S-400]", "arms.yaml:3:5: '[S-400]' needs quotes in YAML: write - \"[S-400]\""),
        ("[S-400] x", "arms.yaml:3:5: '[S-400] x' needs quotes in YAML: write - \"[S-400] x\""),
        ("{S-400}", "arms.yaml:3:5: '{S-400}' needs quotes in YAML: write - \"{S-400}\""),
        ('"a b" c', "arms.yaml:3:5: '\"a b\" c' needs quotes in YAML: write - '\"a b\" c'"),
        ("'it's'", "arms.yaml:3:5: ''it's'' is not closed where it seems to be: write - \"it's\""),
        ("'open", "arms.yaml:3:5: the ' that opens here is never closed: write - 'open'"),
    ],
)
def test_what_yaml_makes_of_a_term_is_answered_with_the_corrected_line(tmp_path: Path, term: str, told: str) -> None:
    found = problems(tmp_path, watches=f"watches:\n  - drone\n  - {term}\n  - Su-35\n")
    assert len(found) == 1
    assert found[0].startswith(told)


def test_the_same_inside_brackets_and_behind_keys(tmp_path: Path) -> None:
    watches = (
        'terms: {uav: [drone, *drohne, @x]}\nwatches:\n  - name: a\n    match: "a b" AND c\n  - match: title: drone\n'
    )
    assert problems(tmp_path, watches=watches) == [
        "arms.yaml:1:22: '*drohne' needs quotes in YAML: write \"*drohne\"",
        "arms.yaml:1:31: '@x' needs quotes in YAML: write \"@x\"",
        "arms.yaml:4:12: '\"a b\" AND c' needs quotes in YAML: write match: '\"a b\" AND c'",
        "arms.yaml:5:12: 'title: drone' needs quotes in YAML: write - match: \"title: drone\"",
    ]


def test_a_term_cut_by_a_comment_is_a_warning_a_remark_is_none(tmp_path: Path) -> None:
    found = problems(tmp_path, watches="watches:\n  - foo #Ukraine\n  - Su-35   # a fighter\n")
    assert found == [
        "arms.yaml:2:5: warning: '#Ukraine' is a comment in YAML; if it belongs to the text, write \"foo #Ukraine\""
    ]


@pytest.mark.parametrize(
    ("watches", "told"),
    [
        ("watches: [{match: a, any: [b]}]", "arms.yaml:1:22: match stands beside any"),
        ("watches: [{name: a}]", "arms.yaml:1:11: this watch looks for nothing"),
        ("watches: [{none: [a]}]", "arms.yaml:1:12: none alone finds every other article"),
        ("watches: [{any: [a], languges: [en]}]", "arms.yaml:1:22: unknown key 'languges'; did you mean 'languages'?"),
        (
            "watches: [{any: [a], languages: [french]}]",
            "arms.yaml:1:33: 'french' is no language code; did you mean fr?",
        ),
        ("watches: [{any: [a], languages: [xx]}]", "arms.yaml:1:33: 'xx' is no language code; write one like en"),
        ("watches: [a, a]", "arms.yaml:1:14: a watch named 'a' stands at line 1 already"),
        ("watches: [a]\nwatches: [b]", "arms.yaml:2:1: 'watches' stands here a second time, first at 1:1"),
        ("watches: [a]\nto: [dask]", "arms.yaml:2:6: there is no channel 'dask'; did you mean 'desk'?"),
        (
            'watches: [{any: [a], feeds: ["tag:pres"]}]',
            "arms.yaml:1:30: no feed has the tag 'pres'; did you mean 'tag:press'?",
        ),
        ("watches: [{<<: {any: [a]}, match: b}]", "arms.yaml:1:12: merge keys ('<<') are not used here"),
        (
            "- a\n- b",
            "arms.yaml:1:1: the file holds a list; it must begin with keys, like 'watches:' on a line of its own, with "
            "the list below it",
        ),
        ("watches:\n  - name: x\n    match: a\n    none: [b]", "arms.yaml:4:5: match stands beside none"),
        ("watches: a", "arms.yaml:1:10: 'watches' is a list"),
        ("terms: [a]\nwatches: [a]", "arms.yaml:1:8: terms are groups with a name"),
        ("watches: [a]\n---\nb: c", "arms.yaml:2:1: a second document begins here"),
        ("watches:\n\t- a", "arms.yaml:2:1: a tab where YAML wants spaces"),
        ("watches: [a]\nx: \x07", "arms.yaml:2:4: a control character (U+0007)"),
    ],
)
def test_mistakes_in_a_watchlist(tmp_path: Path, watches: str, told: str) -> None:
    main = "channels: {desk: {type: console}}\n"
    feeds = "feeds: [{url: 'https://x.org/f', name: X, tags: [press]}]\n"
    found = problems(tmp_path, main=main, feeds=feeds, watches=watches)
    assert any(one.startswith(told) for one in found), found


@pytest.mark.parametrize(
    ("main", "told"),
    [
        ("- a", "monitor.yaml:1:1: the file holds a list; it must begin with keys, like 'channels:'"),
        ("polling: {every: 10s}", "monitor.yaml:1:18: '10s' is too often; no feed is asked more than once a minute"),
        ("feed: [a]", "monitor.yaml:1:1: unknown key 'feed'; did you mean 'feeds'?"),
        ("every: 10m", "monitor.yaml:1:1: unknown key 'every'; it belongs under polling:"),
        ("channels: {a: {type: slak}}", "monitor.yaml:1:22: there is no channel type 'slak'"),
        ("channels: {a: slack}", "monitor.yaml:1:15: a channel is a mapping: write a: {type: slack}"),
        ("channels: {a: {type: slack, token: x}}", "monitor.yaml:1:15: token needs channel beside it"),
        (
            "channels: {a: {type: webhook, url: 'ftp://x'}}",
            "monitor.yaml:1:36: an address begins with http:// or https://",
        ),
        (
            "channels: {a: {type: email, server: 'imap://x', from: a@b.org, to: a@b.org}}",
            "monitor.yaml:1:37: a mail server is",
        ),
        (
            "channels: {a: {type: email, server: 'smtp://x', from: a, to: a@b.org}}",
            "monitor.yaml:1:55: 'a' is no mail address",
        ),
        ("alerts: {to: [desk]}", "monitor.yaml:1:15: there is no channel 'desk'; the channels are console"),
        ("alerts: {when: weekly 9:00}", "monitor.yaml:1:16: 'weekly 9:00' is no time to speak"),
        ("alerts: {when: daily}", "monitor.yaml:1:16: 'daily' needs a time of day: write daily 07:30"),
        ("alerts: {when: daily 25:00}", "monitor.yaml:1:16: '25:00' is no time of day"),
        ("alerts: {quiet: 22-06}", "monitor.yaml:1:17: '22' is no time of day"),
        ("alerts: {at_most: 20}", "monitor.yaml:1:19: '20' is no rate"),
        ("alerts: {fresh: 48}", "monitor.yaml:1:17: '48' is no duration"),
        ("alerts: {evidence: 4}", "monitor.yaml:1:20: 4 is out of bounds; write a number from 0 to 3"),
        (
            "alerts: {group: stories}",
            "monitor.yaml:1:17: 'stories' is not one of story, article; did you mean 'story'?",
        ),
        ("timezone: Paris", "monitor.yaml:1:11: 'Paris' is no time zone; did you mean 'Europe/Paris'?"),
        ("polling: {fastest: 2h}", "monitor.yaml:1:10: fastest is longer than slowest"),
        ("network: {max_feed: 10}", "monitor.yaml:1:21: '10' is no size"),
        ("network: {allow_private: [foo]}", "monitor.yaml:1:26: 'foo' is no address"),
        ("store: mysql://x", "monitor.yaml:1:8: a store is sqlite:///FILE or postgresql://"),
        ("feeds: [nosuch.yaml]", "monitor.yaml:1:9: 'nosuch.yaml': no such file"),
        ("web: on", "monitor.yaml:1:6: 'web' holds settings, not a text"),
        ("web: {listen: '0.0.0.0:80'}", "monitor.yaml:1:6: '0.0.0.0:80' can be reached by others; set web.password"),
        ("web: {listen: '[::]:80', password: ''}", "monitor.yaml:1:"),
        ("web: {password: short}", "monitor.yaml:1:6: web.password is too easy to guess"),
        ("timezone: ${TZ_NAME}", "monitor.yaml:1:11: "),
    ],
)
def test_mistakes_in_the_main_file(tmp_path: Path, main: str, told: str) -> None:
    found = problems(tmp_path, main=main + "\n")
    assert any(one.startswith(told) for one in found), found


@pytest.mark.parametrize(
    ("feed", "told"),
    [
        ("www.lemonde.fr/rss", "put https:// before it"),
        ("feed://x.org/y", "write https:// in place of feed:"),
        ("htps://x.org/y", "did you mean 'https'?"),
        ("file:///etc/passwd", "an address begins with http:// or https://"),
        ("https://x.org:99999/", "does not parse"),
        ("http:///x", "has no host"),
        ("'http://127.0.0.1\\@example.com/'", "no spaces, quotes, backslashes"),
        ("{name: x}", "'url' is missing"),
        ("{url: 'https://y.org/', read: pages}", "'pages' is not one of auto, page, feed; did you mean 'page'?"),
        ("{url: 'https://y.org/', headers: {'a b': c}}", "is no name of an HTTP header"),
        (
            "{url: 'https://y.org/', every: 10s}",
            "'10s' is too often; no feed is asked more than once a minute: write 1m",
        ),
        ("https://x.org/f", "stands at line 2 already"),
    ],
)
def test_mistakes_in_feeds(tmp_path: Path, feed: str, told: str) -> None:
    found = problems(tmp_path, feeds=f"feeds:\n  - https://x.org/f\n  - {feed}\n")
    assert any(one.startswith("feeds.yaml:3:") and told in one for one in found), found


def test_all_problems_of_all_files_come_at_once_in_order(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        main="alerts: {to: [dask], when: never}\nchannels: {desk: {type: console}}\n",
        feeds="feeds: [x, {url: y}]\n",
        watches="watches: [{}, {anny: [b]}]\nfoo: bar\n",
    )
    places = [one.split(": ")[0] for one in found]
    assert places == sorted(places, key=lambda place: ("monitor", "feeds", "arms").index(place.split(".")[0]))
    assert len(found) >= 7


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n" for n in range(9)),
        "[" * 500_000,
        "{a: " * 100_000,
        "watches: [" + "a, " * 400_000 + "]",
        "watches:\n" + "  - @x\n" * 20_000,
        "watches:\n" + "  - 'x\n" * 2_000,
        "watches: [" + "@x, " * 1_000 + "]",
        "watches: [!!python/object/apply:os.system [x]]",
    ],
    ids=["aliases", "brackets", "braces", "size", "mistakes", "quotes", "flow", "python"],
)
def test_bombs_end_in_an_error_soon(tmp_path: Path, bomb: str) -> None:
    started = time.process_time()
    assert problems(tmp_path, watches=bomb)
    assert time.process_time() - started < 8


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    problems(tmp_path)
    (tmp_path / "feeds.yaml").write_bytes("feeds:\n  - {url: https://x.org, name: Süd}\n".encode("latin-1"))
    found = examine(str(tmp_path / "monitor.yaml"))
    assert any("feeds.yaml:2:33: this is not UTF-8" in str(one) for one in found.problems), found.problems


def test_an_item_indented_too_deep_is_no_part_of_the_one_above(tmp_path: Path) -> None:
    found = problems(tmp_path, watches="watches:\n  - drone\n   - Su-35\n  - name: k\n    any: UAV\n      - Kub\n")
    assert [one.split("; ", 1)[1].split(" (if")[0] for one in found] == [
        "write it in the same column: '  - Su-35'",
        "write a list: any: [UAV, Kub]",
    ]
    assert found[0].startswith("arms.yaml:3:4: this item is indented deeper than 'drone' above it")
    assert found[1].startswith("arms.yaml:6:7: ")


def test_a_text_over_two_lines_is_one(tmp_path: Path) -> None:
    assert not problems(tmp_path, watches="watches:\n  - drone\n    racing\n  - match: a OR\n      b\n")


@pytest.mark.parametrize(
    ("watches", "told"),
    [
        ("watches: [drone or UAV]", "arms.yaml:1:11: warning: 'drone or UAV' is looked for as a phrase; if that is "
         "meant, write '\"drone or UAV\"', else write match: drone OR UAV"),
        ("watches: [drone not air show]", 'write match: drone AND NOT "air show"'),
        ("watches: [drone near/5 Iran]", "write match: drone NEAR/5 Iran"),
        ("watches: [{any: [drone or UAV]}]", "write an item for each: drone, UAV"),
        ("terms: {uav: [drone or UAV]}\nwatches: [a]", "arms.yaml:1:15: warning: 'drone or UAV'"),
        ("watches: [{all: [drone and UAV]}]", "write an item for each: drone, UAV"),
        ("watches: [{all: [drone or UAV]}]", "write match: drone OR UAV"),
    ],
)  # fmt: skip
def test_operators_in_small_letters_are_doubted(tmp_path: Path, watches: str, told: str) -> None:
    (found,) = problems(tmp_path, watches=watches + "\n")
    assert told in found


def test_names_and_phrases_in_quotes_are_not_doubted(tmp_path: Path) -> None:
    watches = "watches: [Trinidad and Tobago, '\"search and rescue\"', or noir, '=\"a or b\"', {match: '\"a or b\"'}]\n"
    assert not problems(tmp_path, watches=watches)


def test_a_watch_that_is_refused_still_has_its_name_and_its_expression_checked(tmp_path: Path) -> None:
    watches = (
        "watches:\n  - {name: x, tto: a, match: a AND}\n  - {name: x, any: [b]}\n  - {name: x, match: c, any: [d]}\n"
    )
    found = problems(tmp_path, watches=watches)
    assert [one.split(": ")[0] for one in found] == ["arms.yaml:2:15", "arms.yaml:2:35", "arms.yaml:3:12",
                                                     "arms.yaml:4:12", "arms.yaml:4:25"]  # fmt: skip


def test_a_watchlist_without_watches_is_named_beside_a_good_one(tmp_path: Path) -> None:
    problems(tmp_path)
    (tmp_path / "watchlists" / "empty.yaml").write_text("name: Empty\n", encoding="utf-8")
    (tmp_path / "watchlists" / "groups.yaml").write_text("terms: {uav: [drone]}\n", encoding="utf-8")
    (found,) = examine(str(tmp_path / "monitor.yaml")).problems
    assert str(found).startswith(f"{tmp_path}/watchlists/empty.yaml:1:1: warning: no watches in this file")
