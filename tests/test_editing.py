"""Edits of a running service's watchlists: taken or not, what its editors hear, what floods, what `since` finds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import App
from monitor.assemble import load_checked
from monitor.cli import main
from monitor.daemon import Service
from monitor.errors import StoreError, WorkerFailed
from monitor.model import Watch, Watchlist
from monitor.revision import changes, digests
from monitor.store import evidence, feeds, open_store, watches
from tests.news import ARTICLES
from tests.world import World, world


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """Three stories in the archive, the two first ones about drones."""
    with world(tmp_path) as made:
        made.more = "alerts: {to: [hook]}"
        made.watchlist = "editors: [boss]\nwatches: [drones]"
        made.round()
        made.publish("a", "Drones at sea", "Drones were seen at sea. " + ARTICLES[0][1])
        made.publish("b", "Harbour of Merrow reopened", "The harbour reopened after repairs; HIMARS went by ship.")
        made.round()
        yield made


def editing(here: World, edit: Callable[[App], Awaitable[Any]]) -> None:
    """A service in which `edit` happens, and then sixty quiet seconds."""

    async def run() -> None:
        app = await here.open()
        try:
            await app.resume_editing()
            await edit(app)
            await calm(app, here)
            while await app.deliver() or app.sender._draining:  # noqa: ASYNC110  deliveries end by themselves
                await asyncio.sleep(0.02)
        finally:
            await app.close()

    asyncio.run(run())


async def calm(app: App, here: World) -> None:
    here.now += timedelta(seconds=61)
    for _ in range(400):
        await app.tell_editors()
        if not app.editing.has_news:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the edit was not tried")


def save(here: World, text: str) -> str:
    here.watchlist = text
    return str(here.write())


def edits(here: World) -> list[tuple[str, str]]:
    """Subject and text of the mails about edits."""
    parts = [(mail, mail.get_body(("plain",))) for mail in here.mails()]
    found = [(str(mail["Subject"]), str(part.get_content()) if part else "") for mail, part in parts]
    return [(subject, " ".join(text.split())) for subject, text in found if "arms.yaml" in subject]


def test_an_edit_is_told_to_its_editors_with_what_it_would_have_sent(here: World) -> None:
    async def edit(app: App) -> None:
        await app.replace(load_checked(save(here, "editors: [boss]\nwatches: [drones, HIMARS]")))

    editing(here, edit)
    ((subject, text),) = edits(here)
    assert "arms.yaml is live since 12:20: 1 watch added" in subject
    assert "it would have sent 2 alerts (before: 1)" in text
    assert "New: Harbour of Merrow reopened" in text
    assert len(here.bodies()) == 1, "a new watch tells nothing of before"


def test_edits_within_a_minute_are_one_message(here: World) -> None:
    async def edit(app: App) -> None:
        for wanted in ("[drones, HIMARS]", "[drones, HIMARS, Su-35]", "[HIMARS, Su-35]"):
            await app.replace(load_checked(save(here, f"editors: [boss]\nwatches: {wanted}")))
            here.now += timedelta(seconds=20)

    editing(here, edit)
    ((subject, _),) = edits(here)
    assert "2 watches added, 1 removed" in subject


def test_a_refused_edit_is_told_with_line_and_version_and_shown_until_it_is_mended(
    here: World, capsys: pytest.CaptureFixture[str]
) -> None:
    async def edit(app: App) -> None:
        service = Service(app, lambda: load_checked(save(here, "editors: [boss]\nwatches:\n  - drones\n  - a OR")))
        await service._reload()

    editing(here, edit)
    ((subject, text),) = edits(here)
    assert "arms.yaml not taken, the version of 12:20 still runs" in subject
    assert "line 4:" in text
    store = open_store(f"sqlite:///{here.folder}/monitor.db", create=False)
    with store.read() as connection:
        refused = watches.fact(connection, "refused edit")
    store.close()
    assert refused is not None
    assert "arms.yaml:4" in refused[0][0]
    with pytest.raises(SystemExit) as exited:
        main(["status", "--config", str(here.folder / "monitor.yaml")])
    assert exited.value.code == 3
    said = capsys.readouterr().out
    assert said.startswith("not well: ")
    assert "the last edit was not taken, the version of before runs" in said


def test_a_mended_file_makes_one_message_and_no_complaint(here: World) -> None:
    async def edit(app: App) -> None:
        await Service(app, lambda: load_checked(save(here, "watches: [")))._reload()
        here.now += timedelta(seconds=20)
        await Service(app, lambda: load_checked(save(here, "editors: [boss]\nwatches: [drones, Su-35]")))._reload()

    editing(here, edit)
    ((subject, _),) = edits(here)
    assert "is live" in subject


def test_since_applies_a_new_watch_to_what_was_read_before(here: World) -> None:
    text = "editors: []\nwatches: [drones, {name: Rockets, match: HIMARS, since: 2d}]"

    async def edit(app: App) -> None:
        await app.replace(load_checked(save(here, text)))

    editing(here, edit)
    editing(here, edit)  # a second time it is known
    told = [body["data"]["article"]["title"] for body in here.bodies() if body["type"] == "alert.created"]
    assert told.count("Harbour of Merrow reopened") == 1
    assert len(told) == 2


def test_what_was_edited_while_no_service_ran_is_noticed_at_its_start(here: World) -> None:
    async def nothing(app: App) -> None:
        pass

    editing(here, nothing)  # the first start takes what is there for known
    assert edits(here) == []
    save(here, "editors: [boss]\nwatches: [drones, HIMARS]")
    editing(here, nothing)
    ((subject, text),) = edits(here)
    assert "1 watch added" in subject
    assert "it would have sent 2 alerts." in text


def test_a_watch_that_would_flood_goes_into_the_digest_until_its_owner_says_so(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.revision.FLOOD", 0)
    states: list[object] = []

    async def edit(app: App) -> None:
        await app.replace(load_checked(save(here, "editors: [boss]\nwatches: [drones, HIMARS]")))
        await calm(app, here)
        states.append(app.rules.watch_policies["arms", "HIMARS"].when)
        states.append(app.rules.watch_policies["arms", "drones"].when)
        text = "editors: [boss]\nwatches: [drones, {name: HIMARS, any: [HIMARS], flood: ok}]"
        await app.replace(load_checked(save(here, text)))
        states.append(app.rules.watch_policies["arms", "HIMARS"].when)

    editing(here, edit)
    assert getattr(states[0], "kind", None) == "daily"
    assert states[1:] == [None, None]
    assert "HIMARS would send about 1 a day, so it goes into a daily digest" in edits(here)[0][1]

    async def restart(app: App) -> None:
        states.append(app.rules.watch_policies["arms", "HIMARS"].when)

    save(here, "editors: [boss]\nwatches: [drones, HIMARS]")
    editing(here, restart)
    assert getattr(states[-1], "kind", None) == "daily", "it is remembered over restarts"


def test_what_since_finds_of_a_watch_that_floods_goes_into_the_digest_too(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.revision.FLOOD", 0)
    text = "editors: []\nwatches: [drones, {name: Rockets, match: HIMARS, since: 2d}]"

    async def edit(app: App) -> None:
        await app.replace(load_checked(save(here, text)))

    editing(here, edit)
    assert len(here.bodies()) == 1, "only what drones found before"


def test_a_watch_that_floods_no_longer_is_told_at_once_again(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[object] = []

    async def edit(app: App) -> None:
        monkeypatch.setattr("monitor.revision.FLOOD", 0)
        await app.replace(load_checked(save(here, "editors: [boss]\nwatches: [drones, HIMARS]")))
        await calm(app, here)
        states.append(app.rules.watch_policies["arms", "HIMARS"].when)
        monkeypatch.setattr("monitor.revision.FLOOD", 5)
        text = "editors: [boss]\nwatches: [drones, {name: HIMARS, match: HIMARS AND ship}]"
        await app.replace(load_checked(save(here, text)))
        await calm(app, here)
        states.append(app.rules.watch_policies["arms", "HIMARS"].when)

    editing(here, edit)
    assert getattr(states[0], "kind", None) == "daily"
    assert states[1] is None


def test_an_edit_taken_back_within_a_minute_leaves_nothing_to_tell(here: World) -> None:
    async def edit(app: App) -> None:
        await app.replace(load_checked(save(here, "editors: [boss]\nwatches: [drones, HIMARS]")))
        burst = app.editing._burst
        assert burst is not None
        assert burst.trial is not None
        await burst.trial
        await app.replace(load_checked(save(here, "editors: [boss]\nwatches: [drones]")))

    async def nothing(app: App) -> None:
        pass

    editing(here, nothing)
    editing(here, edit)
    editing(here, nothing)
    assert edits(here) == []


def test_an_edit_upon_one_of_before_the_start_is_told_with_it(here: World) -> None:
    async def nothing(app: App) -> None:
        pass

    async def edit(app: App) -> None:
        text = "editors: [boss]\nwatches: [drones, {name: Rockets, match: HIMARS, since: 2d}, Su-35]"
        await app.replace(load_checked(save(here, text)))

    editing(here, nothing)
    save(here, "editors: [boss]\nwatches: [drones, {name: Rockets, match: HIMARS, since: 2d}]")
    editing(here, edit)
    ((subject, _),) = edits(here)
    assert "2 watches added" in subject
    assert "Harbour of Merrow reopened" in [body["data"].get("article", {}).get("title") for body in here.bodies()]


def test_a_trial_that_failed_is_made_again(here: World) -> None:
    text = "editors: [boss]\nwatches: [drones, {name: Rockets, match: HIMARS, since: 2d}]"

    async def edit(app: App) -> None:
        run = app.workers.run

        async def fail(*arguments: object, **named: object) -> None:
            raise WorkerFailed("it died")

        app.workers.run = fail  # type: ignore[method-assign,assignment]
        await app.replace(load_checked(save(here, text)))
        await calm(app, here)
        app.workers.run = run  # type: ignore[method-assign]
        here.now += timedelta(minutes=2)
        await app.tell_editors()
        burst = app.editing._burst
        assert burst is not None, "told, but not tried"
        assert burst.trial is not None
        await burst.trial
        await app.tell_editors()
        assert app.editing._burst is None

    editing(here, edit)
    assert len(edits(here)) == 1
    assert "Harbour of Merrow reopened" in [body["data"].get("article", {}).get("title") for body in here.bodies()]


def test_a_busy_store_loses_no_word_to_the_editors(here: World) -> None:
    async def edit(app: App) -> None:
        await app.replace(load_checked(save(here, "editors: [boss]\nwatches: [drones, HIMARS]")))
        await Service(app, lambda: load_checked(save(here, "watches: [")))._reload()
        burst = app.editing._burst
        assert burst is not None
        assert burst.trial is not None
        await burst.trial
        here.now += timedelta(seconds=61)
        write = app.store.write

        async def fail(*arguments: object) -> None:
            raise StoreError("the store is locked")

        for _ in range(2):
            app.store.write = fail  # type: ignore[method-assign,assignment]
            with pytest.raises(StoreError):
                await app.tell_editors()
            app.store.write = write  # type: ignore[method-assign]
        await app.tell_editors()

    editing(here, edit)
    assert sorted("not taken" in subject for subject, _ in edits(here)) == [False, True]


def test_a_failure_halfway_leaves_everything_as_it_was(here: World) -> None:
    async def edit(app: App) -> None:
        before = (app.config, app.rules, app.fetcher, app.sender.channels)

        async def fail(*arguments: object) -> None:
            raise StoreError("the disk is full")

        monitored, app.store.write = app.store.write, fail  # type: ignore[method-assign,assignment]
        with pytest.raises(StoreError):
            await app.replace(load_checked(save(here, "watches: [Su-35]")))
        app.store.write = monitored  # type: ignore[method-assign]
        assert (app.config, app.rules, app.fetcher, app.sender.channels) == before
        assert app.poller.rules is app.rules

    editing(here, edit)
    assert edits(here) == []


def test_an_edit_that_cannot_introduce_its_channels_follows_no_feed_either(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def edit(app: App) -> None:
        def fail(connection: object) -> None:
            raise StoreError("the disk is full")

        monkeypatch.setattr(app.planning, "introduce", fail)
        here.feeds.append(here.site.url("/other.xml"))
        app.first_round.end()
        with pytest.raises(StoreError):
            await app.replace(load_checked(save(here, here.watchlist)))
        monkeypatch.undo()
        active = [state.url for state in await app.store.look(feeds.listing) if state.is_active]
        assert active == [here.site.url("/feed.xml")]

    editing(here, edit)


def test_a_saved_file_is_noticed_and_the_store_beside_it_is_not(here: World) -> None:
    config = load_checked(str(here.write()))
    (here.folder / "monitor.db-wal").write_text("x" * 99)
    (here.folder / "watchlists" / ".arms.yaml.swp").write_text("x")
    (here.folder / "watchlists" / ".#arms.yaml").write_text("x")
    (here.folder / "service.log").write_text("reloaded")
    assert not config.is_edited
    (here.folder / "watchlists" / "other.yaml").write_text("watches: [x]")
    assert config.is_edited


def test_a_change_is_what_a_watch_looks_for_and_not_where_it_stands() -> None:
    def made(*watches: Watch, **terms: tuple[str, ...]) -> list[Watchlist]:
        return [Watchlist("arms", "arms.yaml", watches, terms)]

    one = Watch("w", "arms", any=("$uav",), where="arms.yaml:3:1")
    before = made(one, uav=("drone",))
    moved = made(Watch("w", "arms", any=("$uav",), where="arms.yaml:9:1"), uav=("drone",))
    assert changes(before, moved) == ()
    (change,) = changes(before, made(one, uav=("drone", "UAV")))
    assert change.changed == ("w",), "the group that it uses has changed"
    assert changes(before, made(one, uav=("drone",), tank=("T-72",))) == ()
    assert digests(before) == digests(moved)


def test_an_edit_while_an_article_is_concluded_judges_nothing_by_half(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch that found it is gone in the new rules; by those its hit would be anybody's."""
    here.watchlist = "to: [desk]\nwatches: [drones]"
    here.publish("c", "Drones over Sile", "Drones crossed the river at Sile. " + ARTICLES[1][1])
    before, keep = len(here.slack.messages), evidence.keep

    async def run() -> None:
        app = await here.open()
        try:
            without = replace(app.rules, watch_policies={})

            def kept(*arguments: Any) -> None:
                app.reader.rules = without
                keep(*arguments)

            monkeypatch.setattr(evidence, "keep", kept)
            await app.once(is_all=True)
        finally:
            await app.close()

    here.now += timedelta(minutes=10)
    asyncio.run(run())
    assert len(here.slack.messages) == before + 1
    assert not [body for body in here.bodies() if body["data"].get("article", {}).get("title") == "Drones over Sile"]
