"""What keeps commands from answering, and what does not: mistakes in the configuration, a service that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.store import open_store, watches
from tests.test_cli_store import run
from tests.test_main_way import text_with
from tests.world import World, world

SAID = "what was in force is used where it can be, 'monitor check' names all\n"

COMMANDS = (
    ("alerts", "--since", "9999d"),
    ("explain", "https://example.org/never"),
    ("search", "drones"),
    ("deliveries",),
    ("deliveries", "retry", "--all"),
    ("stories",),
    ("feeds",),
    ("feeds", "export", "-"),
    ("feeds", "retry", "--all"),
    ("suggest", "Su-35"),
    ("backtest", "--since", "1d"),
    ("silence", "--all", "--for", "1h"),
    ("silence", "drones", "--for", "1h"),
    ("silence",),
    ("db", "check"),
    ("archive", "export", "-"),
    ("channels", "test", "hook"),
    ("status", "--why-quiet", "Su-35"),
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.now = datetime.now(UTC) - timedelta(minutes=25)
        made.round()
        made.publish("a", "Drones at sea", text_with("Drones were seen at sea."))
        made.round()
        yield made


@pytest.mark.parametrize(
    ("watchlist", "place"),
    [
        ("watches:\n  - Su-35\n  - {name: drones, anny: [drone]}\n", "arms.yaml:3:20 is wrong (unknown key 'anny'"),
        ("watches:\n  - Su-35\n  - {name: drones, match: 'drone AND ('}\n", "arms.yaml:3:"),
    ],
    ids=["key", "expression"],
)
def test_a_mistake_in_a_watchlist_keeps_nobody_from_asking(
    capsys: pytest.CaptureFixture[str], here: World, watchlist: str, place: str
) -> None:
    _, out, _ = run(capsys, here, "alerts", "--since", "9999d")
    alert = out.split()[0]
    (here.folder / "watchlists" / "arms.yaml").write_text(watchlist)
    for command in (*COMMANDS, ("wrong", alert), ("db", "backup", str(here.folder / "copy.db"))):
        code, out, err = run(capsys, here, *command)
        assert code == 0, (command, out, err)
        if "key" in place:
            assert place in err, command
            assert err.count(SAID) == 1, command
    assert run(capsys, here, "once")[0] == 1


def test_a_mistake_that_hides_the_store_ends_in_one_sentence(capsys: pytest.CaptureFixture[str], here: World) -> None:
    main = here.folder / "monitor.yaml"
    main.write_text(main.read_text().replace('store: "', 'store: "nosuch://'))
    code, out, err = run(capsys, here, "alerts")
    assert (code, out) == (1, "")
    assert "monitor.yaml:2:8" in err


def test_a_refusal_names_what_is_wrong_and_not_what_could_be_better(
    capsys: pytest.CaptureFixture[str], here: World
) -> None:
    (here.folder / "watchlists" / "arms.yaml").write_text("watches:\n  - C#, or so\n  - {anny: [drone]}\n")
    code, _, err = run(capsys, here, "once")
    assert code == 1
    assert "warning: " not in err


def test_a_service_that_is_gone_is_not_well_and_rounds_from_cron_need_none(
    capsys: pytest.CaptureFixture[str], here: World
) -> None:
    assert run(capsys, here, "status")[0] == 0
    with closing(open_store(here.store_url, create=False)) as store, store.write() as connection:
        watches.note(connection, watches.WORKED, "service", datetime.now(UTC))
    code, out, _ = run(capsys, here, "status")
    assert (code, out.splitlines()[0]) == (
        3,
        "not well: the service is not running; start it, with systemd or 'monitor run'",
    )
    run(capsys, here, "once")
    assert run(capsys, here, "status")[0] == 0
