"""Looking back: backtests, explanations, evidence, marks, suggestions and reports of a small world, as commands."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.alerting import ChannelPolicy
from monitor.explain import _told, _verdict
from monitor.hindsight import Article, Audience, Seen, Telling
from monitor.model import Document, Hit, Watch, Watchlist
from monitor.render.report import safe_cell
from monitor.store.journeys import Delivery, Told
from monitor.way import Step
from tests.loopback import Reply
from tests.test_cli_store import lines, run
from tests.test_main_way import text_with
from tests.world import World, world

RACING = "The drone racing league opens in Lyon."
LEAGUE = f"{RACING} " + " ".join(
    f"Team {name} brings {number} pilots and hopes for a place among the first {number + 3} in the hall at the river."
    for number, name in enumerate(("Aurora", "Borealis", "Cumulus", "Delta", "Echo"), 2)
)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Three stories told an hour ago; the webhook refused the first message once."""
    with world(tmp_path_factory.mktemp("hindsight")) as made:
        made.now = datetime.now(UTC) - timedelta(hours=1)  # the commands themselves read the real clock
        made.round()
        made.publish("a", "Fighters at sea", text_with("A Su-35SE flew over the sea, and drones with it."))
        made.publish("b", "League opens", LEAGUE)
        made.publish("c", "=Grain prices", text_with("Grain prices rise in Paris."))
        made.hook_answers = [Reply(503)]
        made.round()
        made.round()
        yield made


def alert_of(capsys: pytest.CaptureFixture[str], here: World, title: str) -> str:
    _, out, _ = run(capsys, here, "alerts", "--json", "--since", "2d")
    return next(str(one["id"]) for one in lines(out) if one["title"] == title)


def test_an_article_is_explained_from_its_poll_to_each_attempt(
    capsys: pytest.CaptureFixture[str], here: World, tmp_path: Path
) -> None:
    url = here.site.url("/a")
    code, out, _ = run(capsys, here, "explain", url, "--json", "--save", str(tmp_path / "kept"))
    told = json.loads(out)
    steps = [step["what"] for step in told["steps"]]
    assert code == 0
    assert told["verdict"] == "it was found and told"
    assert [*dict.fromkeys(steps)] == ["polled", "seen", "read", "found", "grouped", "decided", "told", "tried", "kept"]
    assert told["watches"][1] == {"watch": "Su-35", "watchlist": "arms", "found": True, "reason": ""}
    page, about = (Path(name) for name in told["saved"])
    assert json.loads(about.read_text())["sha256"] == hashlib.sha256(page.read_bytes()).hexdigest()
    assert "Su-35SE" in page.read_text()
    assert page.parent == tmp_path / "kept"
    code, _, err = run(capsys, here, "explain", url, "--save", str(tmp_path / "kept"))
    assert code == 1
    assert "is there already" in err


def test_an_alert_is_explained_with_what_its_receiver_said(capsys: pytest.CaptureFixture[str], here: World) -> None:
    _, out, _ = run(capsys, here, "explain", alert_of(capsys, here, "League opens"))
    assert "accepted (200 ok)" in out or "accepted (204)" in out
    assert "was polled" in out


def test_an_explanation_is_in_the_time_of_the_user(capsys: pytest.CaptureFixture[str], here: World) -> None:
    main = here.folder / "monitor.yaml"
    before = main.read_text()
    main.write_text(before.replace("timezone: UTC", "timezone: Asia/Tokyo"))
    try:
        _, out, _ = run(capsys, here, "explain", here.site.url("/a"))
        _, unseen, _ = run(capsys, here, "explain", here.site.url("/never"))
    finally:
        main.write_text(before)
    seen = next(line for line in out.splitlines() if "  seen " in line)
    hours = set(re.findall(r"(\d\d):\d\d", seen))
    there = datetime.now(ZoneInfo("Asia/Tokyo")) - timedelta(hours=1)
    assert hours <= {f"{there + timedelta(minutes=minutes):%H}" for minutes in (0, 20, 40)}
    assert re.search(rf"known since .* {next(iter(hours))}:|known since .* {there:%H}:", unseen)
    assert "Z" not in out.split("what the watchlists")[0].replace("SHA", "")


def test_what_waits_is_due_and_not_yet_told_or_tried() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    waiting = Delivery("later", "", "alert", "", "pending", now + timedelta(hours=9), None, "", ())
    sent = replace(waiting, state="sent", settled_at=now)
    held = Told(1, "later", "quiet hours of later", now, (waiting,), now + timedelta(hours=9))
    said = [(step.what, step.said) for step in _told(held, ZoneInfo("Europe/Paris"))]
    assert [what for what, _ in said] == ["alert", "due"]
    assert "held until 22:00: quiet hours of later" in said[0][1]
    step = next(_told(replace(held, deliveries=(sent,)), UTC))
    assert (step.what, "held" in step.said, "quiet hours" in step.said) == ("told", False, True)


def test_channels_that_decided_alike_are_named_together() -> None:
    steps = [Step("decided", f"{name}: not told: silenced until 22:00") for name in ("hook", "desk")]
    assert _verdict(steps) == "it was found and not told by itself: hook, desk: not told: silenced until 22:00"


def test_a_late_copy_keeps_no_closed_story_open() -> None:
    """As the service has it: what comes after it finds the story as closed as it was."""
    arms = Watchlist("arms", "", (Watch("drones", "arms", match="drones"), Watch("Su-35", "arms", match="Su-35")))
    told = Telling([arms], Audience(channels=(ChannelPolicy("desk"),)))
    start = datetime(2026, 11, 1, tzinfo=UTC)
    for hours, watch in ((0, "drones"), (73, "drones"), (74, "Su-35")):
        article = Article(f"N-{hours}", Document("A title", ""), start + timedelta(hours=hours), None, "Example News")
        told.tell(Seen(article, (Hit(watch, "arms", ()),)), "S-1", "copy" if hours else "first")
    (desk,) = told.results()
    assert (desk.alone, desk.joined) == (1, 2)


def test_what_was_never_seen_is_explained_by_its_site(capsys: pytest.CaptureFixture[str], here: World) -> None:
    _, out, _ = run(capsys, here, "explain", here.site.url("/2026/never.html"))
    assert "it was never seen" in out
    assert "Example News showed: League opens" in out
    _, out, _ = run(capsys, here, "explain", "https://elsewhere.example/x")
    assert "no feed of elsewhere.example is polled" in out
    code, _, err = run(capsys, here, "explain", "N-0000")
    assert (code, "there is no article N-0000" in err) == (1, True)


def test_an_edit_is_tried_on_what_was_seen(capsys: pytest.CaptureFixture[str], here: World, tmp_path: Path) -> None:
    edited = tmp_path / "arms.yaml"
    edited.write_text('name: arms\nwatches: [{name: drones, match: "drones AND NOT racing"}, Su-35, grain]')
    code, out, _ = run(capsys, here, "backtest", "--watchlist", str(edited), "--json")
    changes = {one["watch"]: (one["what"], one["added"], one["removed"]) for one in json.loads(out)["changes"]}
    assert code == 0
    assert changes == {"drones": ("changed", 0, 1), "Su-35": ("same", 0, 0), "grain": ("new", 1, 0)}
    page = tmp_path / "page.html"
    run(capsys, here, "backtest", "drones", "--html", str(page))
    assert "<mark>drone</mark>" in page.read_text()
    assert "<script" not in page.read_text()
    assert json.loads(run(capsys, here, "backtest", "--samples", "0", "--json")[1])["watches"][0]["samples"] == []
    code, _, err = run(capsys, here, "backtest", "drone")
    assert (code, "did you mean 'drones'?" in err) == (1, True)


def test_a_backtest_of_a_file_needs_neither_configuration_nor_store(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)
    (tmp_path / "w.yaml").write_text("watches: [drones]")
    same = "Two drones were seen over the harbour of Port Merrow on Sunday evening, the coast guard said."
    texts = [same, same, "Grain."]
    rows = [{"id": at, "title": text, "text": text, "published": f"2026-11-0{at + 1}"} for at, text in enumerate(texts)]
    (tmp_path / "a.jsonl").write_text("\n".join([*map(json.dumps, rows), "{bad"]))
    with pytest.raises(SystemExit):
        main(["backtest", "--watchlist", "w.yaml", "--archive", "a.jsonl", "--json"])
    said = capsys.readouterr()
    result = json.loads(said.out)
    assert "a.jsonl:4: left out" in said.err
    assert (result["articles"], result["found"], result["channels"][0]["alone"]) == (3, 2, 1)
    assert not (tmp_path / "monitor.db").exists()


def test_a_mark_becomes_a_proposal_and_can_be_taken_back(capsys: pytest.CaptureFixture[str], here: World) -> None:
    alert = alert_of(capsys, here, "League opens")
    code, out, _ = run(capsys, here, "wrong", alert, "--because", "sport")
    assert (code, f"{alert}: drones marked wrong" in out) == (0, True)
    _, out, _ = run(capsys, here, "suggest", "drones", "--json")
    proposals = [one for one in lines(out) if one["kind"] == "none"]
    assert proposals
    assert (proposals[0]["wrong"], proposals[0]["others"]) == (1, 0)
    assert [one["text"] for one in lines(out) if one["kind"] == "must_not_match"] == [RACING]
    _, table, _ = run(capsys, here, "alerts", "--csv")
    assert "drones: wrong (sport)" in table
    assert run(capsys, here, "wrong", alert, "--undo")[0] == 0
    assert run(capsys, here, "wrong", alert, "--undo")[0] == 1
    assert run(capsys, here, "wrong", "A-ZZZZ")[0] == 1


def test_a_report_is_read_by_spreadsheets_and_calculated_by_none(
    capsys: pytest.CaptureFixture[str], here: World, tmp_path: Path
) -> None:
    _, table, _ = run(capsys, here, "alerts", "--csv")
    assert table.startswith("\ufefftime,alert,channel,watches,headline")
    page = tmp_path / "report.html"
    run(capsys, here, "alerts", "--html", str(page))
    assert "Fighters at sea" in page.read_text()
    assert [safe_cell(one) for one in ("=1+1", "+1", "@x", "-2", "\t=1", " =x", 5)] == [
        "'=1+1", "'+1", "'@x", "'-2", "'=1", "'=x", "5",
    ]  # fmt: skip


def test_what_is_exported_can_be_imported_and_is_known(
    capsys: pytest.CaptureFixture[str], here: World, tmp_path: Path
) -> None:
    file = tmp_path / "out.jsonl"
    assert run(capsys, here, "archive", "export", str(file))[0] == 0
    assert len(file.read_text().splitlines()) == 3
    assert run(capsys, here, "archive", "export", str(file))[0] == 1
    _, out, _ = run(capsys, here, "archive", "import", str(file), "--json")
    assert json.loads(out) == {"archived": 0, "fresh": 0, "known": 3, "bad": 0}
    _, out, _ = run(capsys, here, "search", "grain", "--json")
    assert [one["title"] for one in lines(out)] == ["=Grain prices"]
