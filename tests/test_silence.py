"""`monitor silence`, as a person calls it, and what the next round then tells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.test_cli_store import lines, run
from tests.test_main_way import text_with
from tests.world import World, world


@pytest.fixture
def here(tmp_path: Path, store_url: str) -> Iterator[World]:
    """One story told; the commands themselves read the real clock."""
    with world(tmp_path, store_url) as made:
        made.now = datetime.now(UTC)
        made.round()
        made.publish("a", "Drones at sea", text_with("Drones were seen at sea."))
        made.round(minutes=1)
        made.hooks.clear()
        yield made


OTHER = (
    "Harbour pilots at Port Halden stopped work on Monday when 17 drones circled over the oil terminal. "
    "Captain Rosa Ostrow of the coast guard counted them twice, and closed the basin to tankers until evening. "
    "Insurers in Valdoria expect claims of nine million crowns, mostly for fish that rotted in the warehouses."
)


def more_drones(here: World, name: str = "b") -> None:
    here.publish(name, "Harbour of Ruritania closed", OTHER)
    here.round(minutes=1)


def test_a_silenced_watch_is_kept_and_not_told_until_it_ends(capsys: pytest.CaptureFixture[str], here: World) -> None:
    code, out, _ = run(capsys, here, "silence", "drones", "--for", "4h")
    assert code == 0
    assert out.startswith("watch drones: silenced until ")
    more_drones(here)
    assert here.hooks == []
    assert "Harbour of Ruritania" in run(capsys, here, "stories")[1]
    here.now += timedelta(hours=5)
    here.publish("c", "Bakers win the cup", "Bakers of Lindow won the kite cup on Sunday. Drones filmed it. " * 4)
    here.round()
    assert len(here.hooks) == 1


def test_other_watches_are_heard(capsys: pytest.CaptureFixture[str], here: World) -> None:
    run(capsys, here, "silence", "Su-35", "--for", "4h")
    more_drones(here)
    assert len(here.hooks) == 1


def test_all_and_a_feed_are_silenced(capsys: pytest.CaptureFixture[str], here: World) -> None:
    for number, what in enumerate((["--all"], ["--feed", "example news"], ["--feed", here.feeds[0]])):
        assert run(capsys, here, "silence", *what, "--for", "4h")[0] == 0
        more_drones(here, f"b{number}")
        assert here.hooks == []
        assert run(capsys, here, "silence", *what, "--end")[0] == 0


def test_a_story_is_silenced_by_the_id_that_alerts_show(capsys: pytest.CaptureFixture[str], here: World) -> None:
    alert = lines(run(capsys, here, "alerts", "--json")[1])[0]
    for what in (["--story", str(alert["story"])], ["--story", str(alert["id"]).lower()], [str(alert["id"])]):
        code, out, _ = run(capsys, here, "silence", *what, "--for", "2d", "--json")
        assert (code, lines(out)[0]["name"]) == (0, alert["story"])
    more_drones(here)
    assert len(here.hooks) == 1, "another story is told"


def test_silences_are_listed_replaced_and_ended(capsys: pytest.CaptureFixture[str], here: World) -> None:
    assert run(capsys, here, "silence")[1] == "nothing is silenced\n"
    run(capsys, here, "silence", "drones", "--for", "4h")
    run(capsys, here, "silence", "DRONES", "--for", "8h")
    run(capsys, here, "silence", "--all", "--for", "1h")
    everything, drones = lines(run(capsys, here, "silence", "--json")[1])
    assert (everything["kind"], drones["called"]) == ("everything", "watch drones")
    assert "watch drones" in run(capsys, here, "silence")[1]
    assert run(capsys, here, "silence", "--all", "--end")[1] == "everything: heard again\n"
    assert run(capsys, here, "silence", "drones", "--end")[0] == 0
    code, _, error = run(capsys, here, "silence", "drones", "--end")
    assert (code, "is not silenced" in error) == (1, True)
    more_drones(here)
    assert len(here.hooks) == 1


def test_what_is_not_known_is_answered_with_the_likely_meaning(
    capsys: pytest.CaptureFixture[str], here: World
) -> None:
    answers = {
        ("drone",): "there is no watch 'drone'; did you mean 'drones'?",
        ("tanks",): "there is no watch 'tanks'; there are: drones, ",
        ("--feed", "Exmaple News"): "did you mean 'Example News'?",
        ("--story", "S-ZZZZ"): "'monitor stories'",
    }
    for what, answer in answers.items():
        code, out, error = run(capsys, here, "silence", *what, "--for", "4h")
        assert (code, out) == (1, "")
        assert answer in error
        assert len(error.splitlines()) == 1


def test_half_an_order_is_a_usage_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with world(tmp_path) as fresh:
        for arguments in (["drones"], ["--all", "drones", "--for", "1h"], ["--for", "1h"], ["--end"]):
            assert run(capsys, fresh, "silence", *arguments)[0] == 2


def test_it_works_while_a_service_holds_the_store_and_mails_point_to_it(
    capsys: pytest.CaptureFixture[str], here: World
) -> None:
    from monitor.store import open_store

    store = open_store(here.store_url, create=False)
    store.lock()
    try:
        assert run(capsys, here, "silence", "drones", "--for", "4h")[0] == 0
    finally:
        store.close()
    assert "monitor silence --story A-" in str(here.mails()[-1])
