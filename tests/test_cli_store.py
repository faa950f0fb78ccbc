"""The commands that ask the store, as a person calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from monitor.cli import main
from tests.loopback import Reply
from tests.test_main_way import text_with
from tests.world import World, world


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """One story told to three channels, of which the webhook refuses it."""
    with world(tmp_path) as made:
        made.now = datetime.now(UTC)  # the commands themselves read the real clock
        made.round()
        made.publish("a", "Drones at sea", text_with("Drones were seen at sea."))
        made.hook_answers = [Reply(503)]
        made.round()
        yield made


def run(capsys: pytest.CaptureFixture[str], here: World, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exited:
        main([*arguments, "--config", str(here.folder / "monitor.yaml")])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return int(exited.value.code or 0), said.out, said.err


def lines(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_alerts_says_what_was_told_and_what_waits(capsys: pytest.CaptureFixture[str], here: World) -> None:
    code, out, _ = run(capsys, here, "alerts", "--json", "--since", "9999d")
    assert code == 0
    states = {alert["channel"]: alert["state"] for alert in lines(out)}
    assert states == {"desk": "sent", "boss": "sent", "hook": "pending"}
    _, held, _ = run(capsys, here, "alerts", "--held", "--since", "9999d")
    assert "hook: waits until" in held
    assert ", since the channel said: 503" in held
    assert "Drones at sea  (Example News)" in held
    assert "desk" not in held


def test_alerts_says_in_which_summary_something_was_told_and_no_longer_until_when_it_waited(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with world(tmp_path) as here:
        here.now = datetime.now(UTC)
        here.publish("a", "Drones at sea", text_with("Drones were seen at sea."))
        here.round()
        here.round()
        _, told, _ = run(capsys, here, "alerts")
    assert "(in the first look)" in told
    assert "held until" not in told
    assert "shown by the first poll of Example News" in told


def test_alerts_as_a_feed_name_each_story_once_and_can_be_of_one_watch(
    capsys: pytest.CaptureFixture[str], here: World
) -> None:
    here.publish("b", "Su-35 sold", text_with("Iran bought Su-35 fighters."))
    here.round()
    entry = "{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}title"
    code, out, _ = run(capsys, here, "alerts", "--atom")
    assert code == 0
    assert [title.text for title in ElementTree.fromstring(out).findall(entry)] == ["Su-35 sold", "Drones at sea"]
    _, one, _ = run(capsys, here, "alerts", "--atom", "--watch", "drones")
    assert [title.text for title in ElementTree.fromstring(one).findall(entry)] == ["Drones at sea"]
    _, told, _ = run(capsys, here, "alerts", "--json", "--watch", "Su-35", "--since", "9999d")
    assert {str(alert["title"]) for alert in lines(told)} == {"Su-35 sold"}


def test_an_unknown_watch_is_answered_with_the_likely_one(capsys: pytest.CaptureFixture[str], here: World) -> None:
    for how in ((), ("--csv",), ("--atom",)):
        code, out, err = run(capsys, here, "alerts", "--watch", "dronse", *how)
        assert (code, out) == (1, "")
        assert "there is no watch 'dronse'; did you mean 'drones'?" in err
    _, out, _ = run(capsys, here, "alerts", "--watch", "DRONES")
    assert "Drones at sea" in out


def test_what_waits_for_a_channel_that_left_the_configuration_is_named(
    capsys: pytest.CaptureFixture[str], here: World
) -> None:
    main = here.folder / "monitor.yaml"
    main.write_text(main.read_text().replace("  hook: {", "  siem: {"))
    _, out, _ = run(capsys, here, "deliveries", "list", "--state", "pending")
    assert "channel is not configured" in out
    code, out, error = run(capsys, here, "deliveries", "retry", "--all")
    assert (code, out) == (0, "1 due now\n")
    assert "hook: channel is not configured, 1 wait" in error


def test_status_gives_the_promised_numbers_and_is_degraded_while_a_channel_fails(
    capsys: pytest.CaptureFixture[str], here: World
) -> None:
    code, out, _ = run(capsys, here, "status", "--json")
    (numbers,) = lines(out)
    assert code == 3
    assert {key: numbers[key] for key in ("feeds", "articles", "alerts", "pending", "failed")} == {
        "feeds": 1,
        "articles": 1,
        "alerts": 3,
        "pending": 1,
        "failed": 0,
    }
    _, said, _ = run(capsys, here, "status")
    assert said.startswith("not well: channel hook fails")
    assert len(said.splitlines()) <= 10


def test_a_retry_by_hand_makes_it_due_and_the_next_round_sends_it(
    capsys: pytest.CaptureFixture[str], here: World
) -> None:
    code, out, _ = run(capsys, here, "deliveries", "retry", "--all")
    assert (code, out) == (0, "1 due now\n")
    here.round()
    assert len(here.hooks) == 2
    _, out, _ = run(capsys, here, "deliveries")
    assert "2 tries" in out
    code, out, _ = run(capsys, here, "deliveries", "--json")
    assert {row["state"] for row in lines(out)} == {"sent"}
    code, _, error = run(capsys, here, "deliveries", "retry", "msg_unknown")
    assert code == 1
    assert "msg_unknown" in error


def test_stories_lists_the_story_with_its_reports(capsys: pytest.CaptureFixture[str], here: World) -> None:
    code, out, _ = run(capsys, here, "stories", "--json")
    (story,) = lines(out)
    assert code == 0
    assert story["title"] == "Drones at sea"
    assert isinstance(story["articles"], list)
    assert len(story["articles"]) == 1


def test_feeds_lists_states_and_retry_makes_failing_ones_due(capsys: pytest.CaptureFixture[str], here: World) -> None:
    here.site.pages["/feed.xml"] = Reply(500)
    here.round()
    code, out, _ = run(capsys, here, "feeds", "list", "--json")
    (feed,) = lines(out)
    assert code == 0
    assert "500" in str(feed["error"])
    code, out, _ = run(capsys, here, "feeds", "retry", "--all")
    assert code == 0
    here.serve()
    assert here.round(is_all=False).polled


@pytest.mark.parametrize("name", ["hook", "desk", "boss"])
def test_a_test_message_goes_the_way_of_an_alert(capsys: pytest.CaptureFixture[str], here: World, name: str) -> None:
    code, out, _ = run(capsys, here, "channels", "test", name)
    assert code == 0
    assert f"{name}" in out
    assert "accepted" in out


def test_a_test_message_that_is_refused_says_what_the_receiver_said(
    capsys: pytest.CaptureFixture[str], here: World
) -> None:
    here.hook_answers = [Reply(500, body="out of order")]
    code, out, _ = run(capsys, here, "channels", "test", "hook")
    assert code == 3
    assert "not accepted" in out
    before = len(here.hooks)
    run(capsys, here, "deliveries", "retry", "--all")
    here.round()
    assert all(body["type"] != "notice" for body in here.bodies()[before:]), "it is not tried again behind one's back"


def test_an_unknown_channel_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str], here: World) -> None:
    code, _, error = run(capsys, here, "channels", "test", "dsek")
    assert code == 1
    assert "desk" in error


def test_once_says_what_failed_and_ends_with_3(capsys: pytest.CaptureFixture[str], here: World) -> None:
    here.site.pages["/feed.xml"] = Reply(404)
    code, out, error = run(capsys, here, "once", "--all", "--json")
    assert code == 3
    assert lines(out)[0]["polled"] == 1
    assert "404" in error


def test_with_json_nothing_but_the_object_stands_on_stdout(capsys: pytest.CaptureFixture[str], here: World) -> None:
    here.more = "  here: {type: console}"
    here.publish("b", "Su-35 on land", text_with("A Su-35 landed in Ruritania."))
    here.write()
    code, out, error = run(capsys, here, "once", "--all", "--json")
    assert code in (0, 3)
    assert len(lines(out)) == 1
    assert "Su-35 on land" in error


def test_once_while_a_service_holds_the_store_ends_with_1(capsys: pytest.CaptureFixture[str], here: World) -> None:
    from monitor.store import open_store

    store = open_store(f"sqlite:///{here.folder}/monitor.db", create=False)
    store.lock()
    try:
        code, _, error = run(capsys, here, "once")
    finally:
        store.close()
    assert code == 1
    assert "held by a running service" in error


def test_questions_never_create_a_store(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with world(tmp_path) as fresh:
        fresh.write()
        for command in (["alerts"], ["status"], ["deliveries"], ["stories"]):
            code, _, error = run(capsys, fresh, *command)
            assert code == 1
            assert "there is no store" in error
        assert not (tmp_path / "monitor.db").exists()


def test_help_is_quick_and_groups_the_commands() -> None:
    begin = time.monotonic()
    said = subprocess.run([sys.executable, "-m", "monitor", "--help"], capture_output=True, text=True, check=True)
    assert time.monotonic() - begin < 10, "far above what it takes, to catch only an import of everything"
    assert [line for line in said.stdout.splitlines() if line in ("Start:", "Ask:", "Operate:")] == [
        "Start:",
        "Ask:",
        "Operate:",
    ]


def test_a_mistyped_command_is_answered_with_the_likely_one() -> None:
    said = subprocess.run([sys.executable, "-m", "monitor", "chek"], capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "did you mean 'check'?" in said.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_becomes_the_stores_owner_before_it_touches_it(tmp_path: Path) -> None:
    from monitor.store.sqlite import become_owner

    database = tmp_path / "monitor.db"
    database.touch()
    os.chown(database, 65534, 65534)
    child = os.fork()
    if child == 0:
        become_owner(database)
        os._exit(0 if (os.getuid(), os.getgid(), os.getgroups()) == (65534, 65534, []) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
