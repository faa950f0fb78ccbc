"""Kills the service again and again under load with flaky receivers, lets it settle, compares receipts with the store.

    python -m tests.bench.torture --rounds 100 [--seed 7]

The bar: nothing lost; a repeat only of what was in flight, under the same id; the store sound. Prints figures; exit
code 1 where the bar is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from monitor.errors import StoreError
from monitor.store import Store, feeds, open_store, outbox
from tests.bench.killed_service import POINTS
from tests.loopback import Reply, Request, Site
from tests.receivers import MailServer
from tests.world import World

FEEDS = 4
SHOWN = 80  # items that a feed shows
ARTICLE_EVERY_S = 1.0
AHEAD = SHOWN  # articles that no poll has seen yet, in all feeds
ALIVE_S = 2.0  # how long a service lives at most after its first request, unless it waits for a point
POINT_S = 4.0
SETTLE_S = 1200.0
ORPHAN_S = 15.0
ALERT_ID = re.compile(r"\bA-[0-9A-HJKMNP-TV-Z]{4,}\b")
BOT = "  bot: {type: slack, token: xoxb-secret-token, channel: news, at_most: null}\n"
SYLLABLES = ("ba", "du", "fen", "gor", "hal", "kim", "lor", "mer", "nox", "ost", "pra", "quil", "rud", "sel", "tarn")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver took: by which id it may be repeated, the alerts in it, whether it said that it took it."""

    channel: str
    id: str
    alerts: frozenset[str]
    at: float
    is_answered: bool


@dataclass
class Figures:
    """What happened."""

    receipts: list[Receipt] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)  # seconds until the first request
    recorded: dict[str, float] = field(default_factory=dict)  # delivery -> the first kill that found it sent
    published: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    left_over: int = 0
    ended: int = 0  # services that ended without being killed


class Torture:
    """The world, its publisher, and the service that is killed."""

    def __init__(self, folder: Path, site: Site, mail: MailServer, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World(folder, site, mail, "sqlite:///monitor.db")
        self.world.feeds = [site.url(f"/feed{number}.xml") for number in range(FEEDS)]
        self.world.watchlist = "watches: [drones]"
        self.world.more = BOT
        self.figures = Figures()
        self.is_kind = False  # receivers take everything
        self._items: list[list[str]] = [[] for _ in range(FEEDS)]
        self._stop = threading.Event()
        self._groups: list[tuple[int, float]] = []  # process groups of killed services that had workers left
        self._texts: list[tuple[int, tuple[str, str]]] = []
        self._serve()
        site.pages["/hook"] = self._flaky("hook", lambda request: Reply(204), _hook_id)
        for path in ("/api/chat.postMessage", "/api/chat.update"):
            double = site.pages[path]
            assert callable(double)
            is_edit = path.endswith("update")
            site.pages[path] = self._flaky("edit" if is_edit else "bot", double, _slack_id)
        main = self.world.write()
        text = (
            main.read_text()
            .replace('"https', '"https')
            .replace("to: [boss@example.org]}", "to: [boss@example.org], at_most: null}")
        )
        desk = next(line for line in text.splitlines() if line.startswith("  desk:"))
        main.write_text(text.replace(desk + "\n", ""))
        self.main = main

    # ------------------------------------------------------------------------------------------------- the world

    def _flaky(
        self, channel: str, good: Callable[[Request], Reply | bytes | str], name: Callable[[Request], str]
    ) -> Callable[[Request], Reply | bytes | str]:
        def answer(request: Request) -> Reply | bytes | str:
            die = 0.0 if self.is_kind else self.chance.random()
            kind = next(kind for kind, share in _SHARES if die < share)
            self.figures.answers[f"{channel} {kind}"] += 1
            if kind in ("taken", "taken slowly", "taken, no answer"):
                reply = good(request)
                alerts = frozenset(ALERT_ID.findall(request.body.decode()))
                is_answered = kind != "taken, no answer"
                self.figures.receipts.append(Receipt(channel, name(request), alerts, time.monotonic(), is_answered))
                if kind == "taken slowly" and isinstance(reply, Reply):
                    return Reply(reply.status, reply.headers, reply.body, delay=0.5)
                return reply if is_answered else Reply(raw=b"")
            return _REFUSALS[kind]

        return answer

    def _serve(self) -> None:
        for number, items in enumerate(self._items):
            self.world._items = items[:SHOWN]
            self.world.serve(f"/feed{number}.xml", f"Paper {number}")

    def publish(self) -> None:
        """A new article, now and then of a story that another feed had."""
        number = self.chance.randrange(FEEDS)
        others = [told for feed, told in self._texts[-20:] if feed != number]
        is_report = bool(others) and self.chance.random() < 0.15  # the same text in another feed: a copy
        title, text = self.chance.choice(others) if is_report else self._invent()
        if not is_report:  # a feed that shows one text twice shows one article
            self._texts.append((number, (title, text)))
        else:
            title = f"{title}, {number}, {len(self.figures.published)}"
        name = f"n{len(self.figures.published)}"
        self.world._items, self.world.now = self._items[number], datetime.now(UTC)
        self.world.publish(name, title, text)
        self._items[number] = self.world._items[:SHOWN]
        self.figures.published.append(self.world.site.url(f"/{name}"))
        self._serve()

    def _invent(self) -> tuple[str, str]:
        """An article that shares next to no word with any other, as reports of different events do."""

        def words(count: int) -> str:
            return " ".join("".join(self.chance.choices(SYLLABLES, k=3)) for _ in range(count)).capitalize()

        title = f"{words(3)} counts {self.chance.randrange(20, 9000)} drones over {words(1)}"
        return title, " ".join(f"{words(self.chance.randrange(8, 16))}." for _ in range(8)) + " The drones left."

    def _publishing(self) -> None:
        while not self._stop.wait(ARTICLE_EVERY_S):
            if len(self.figures.published) - self._known() < AHEAD:
                self.publish()

    def _known(self) -> int:
        """What left a feed before any poll that was let live cannot be known: the service says so, as a gap."""
        with _reading(self.main.parent) as database:
            known: int = database.execute("SELECT count(*) FROM articles").fetchone()[0]
        return known

    def _mail_moods(self) -> None:
        """The mail server's answers are a queue; keep a mixture in it."""
        moods = {"MAIL": ["421 busy"], "DATA": ["451 later"], "DROP": ["x"], "RCPT": ["452 full"]}
        while not self._stop.wait(1.5):
            command = self.chance.choice([*moods, "", "", ""])
            if command and not self.is_kind:
                self.world.mail.answers[command] = list(moods[command])
                self.figures.answers[f"boss {moods[command][0]}"] += 1

    # ----------------------------------------------------------------------------------------------- the service

    def start(self, point: str = "") -> subprocess.Popen[bytes]:
        environment = os.environ | {"TORTURE_SLACK": self.world.slack.api}
        if point:
            environment["TORTURE_POINT"] = f"{point}:{self.chance.randint(1, 4)}"
        command = [sys.executable, "-m", "tests.bench.killed_service", "run", "--config", str(self.main)]
        with (self.main.parent / "log").open("ab") as log:
            return subprocess.Popen(command, stderr=log, stdout=log, env=environment, start_new_session=True)

    def round(self) -> None:
        """A start and a kill: while it starts, at a random moment soon after its first request, or at a named point
        if it gets there in time."""
        point = self.chance.choice(list(POINTS)) if self.chance.random() < 0.5 else ""
        is_starting = not point and self.chance.random() < 0.2
        begun, asked = time.monotonic(), len(self.world.site.requests)
        process = self.start(point)
        end = begun + (self.chance.uniform(0.05, 1.5) if is_starting else 20.0)
        is_alive = is_starting
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
            self._make_due()
            if not is_alive and len(self.world.site.requests) > asked:
                is_alive = True
                self.figures.starts.append(time.monotonic() - begun)
                end = time.monotonic() + (POINT_S if point else self.chance.uniform(0.0, ALIVE_S))
        if process.poll() is None:
            process.kill()
        elif process.returncode != -signal.SIGKILL:
            self.figures.ended += 1
        elif point:
            self.figures.points[point] += 1
        process.wait()
        self.figures.kills.append(time.monotonic())
        self._note_recorded()
        self._groups.append((process.pid, time.monotonic()))
        self._sweep()

    def _note_recorded(self) -> None:
        """What is recorded as sent when the service is dead must never be sent again."""
        with _reading(self.main.parent) as database:
            for (delivery,) in database.execute("SELECT id FROM deliveries WHERE state = 'sent'"):
                self.figures.recorded.setdefault(delivery, time.monotonic())

    def _sweep(self) -> None:
        """Workers must end by themselves when their service has died, if only once they have started."""
        alive = []
        for group, killed in self._groups:
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                continue
            if time.monotonic() - killed < ORPHAN_S:
                alive.append((group, killed))
            else:
                self.figures.left_over += 1
                os.killpg(group, signal.SIGKILL)
        self._groups = alive

    _due_at = 0.0

    def _make_due(self, *, is_everything: bool = False) -> None:
        """As `monitor feeds retry` and, at the end, `monitor deliveries retry --all` do."""
        if time.monotonic() < self._due_at:
            return
        self._due_at = time.monotonic() + (3.0 if is_everything else 0.7)
        store = self._store()
        try:
            with store.write() as connection:
                feeds.retry(connection, self.world.feeds, datetime.now(UTC))
                if is_everything or self.chance.random() < 0.1:
                    outbox.retry(connection, None, datetime.now(UTC))
        except StoreError:  # the service writes without a pause: next time
            pass
        finally:
            store.close()

    def _store(self) -> Store:
        return open_store(f"sqlite:///{self.main.parent}/monitor.db", create=True)

    # ------------------------------------------------------------------------------------------------- the whole

    def run(self, rounds: int) -> None:
        self._store().close()
        first = self.start()
        deadline = time.monotonic() + 60
        while not self.figures.receipts and time.monotonic() < deadline:
            time.sleep(0.1)
        first.kill()
        first.wait()
        threads = [threading.Thread(target=one, daemon=True) for one in (self._publishing, self._mail_moods)]
        for thread in threads:
            thread.start()
        for number in range(rounds):
            self.round()
            if number % 10 == 9:
                print(f"  {number + 1} kills, {len(self.figures.published)} articles", flush=True)
        self._stop.set()
        for thread in threads:
            thread.join()
        self.is_kind = True
        self.world.mail.answers.clear()
        self._settle()

    def _settle(self) -> None:
        process = self.start()
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end and self._waiting() and process.poll() is None:
            self._make_due(is_everything=True)
            time.sleep(0.5)
        time.sleep(1.0)
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        self._sweep()

    def _waiting(self) -> bool:
        with _reading(self.main.parent) as database:
            urls = {row[0] for row in database.execute("SELECT url FROM articles WHERE state != 'waiting'")}
            (pending,) = database.execute("SELECT count(*) FROM deliveries WHERE state = 'pending'").fetchone()
        return bool(pending) or any(url not in urls for url in self.figures.published)


_SHARES = (
    ("taken", 0.66),
    ("taken slowly", 0.72),
    ("taken, no answer", 0.77),
    ("503", 0.85),
    ("429 with Retry-After", 0.89),
    ("429", 0.92),
    ("500", 0.97),
    ("hangs", 1.01),
)
_REFUSALS = {
    "503": Reply(503),
    "429 with Retry-After": Reply(429, {"Retry-After": "1"}),
    "429": Reply(429),
    "500": Reply(500),
    "hangs": Reply(delay=4.0, raw=b""),
}


def _hook_id(request: Request) -> str:
    return request.headers["webhook-id"]


def _slack_id(request: Request) -> str:
    """Slack's messages carry no id of the delivery; their alerts' ids tell them apart."""
    return " ".join(sorted(set(ALERT_ID.findall(request.body.decode()))))


@contextlib.contextmanager
def _reading(folder: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(f"file:{folder}/monitor.db?mode=ro", uri=True, timeout=20)
    try:
        yield database
    finally:
        database.close()


# ---------------------------------------------------------------------------------------------------- judgement


def mail_receipts(mail: MailServer) -> list[Receipt]:
    """A mail's Message-ID says whether it is a repeat."""
    return [
        Receipt(
            "boss",
            str(one.mail["Message-ID"]),
            frozenset(ALERT_ID.findall(str(one.mail.get_body(("plain",))))),
            one.at,
            one.is_answered,
        )
        for one in mail.received
    ]


def judge(torture: Torture) -> int:
    """Compare receipts with the store and print figures; how often the bar was missed."""
    figures = torture.figures
    receipts = [*figures.receipts, *mail_receipts(torture.world.mail)]
    with _reading(torture.main.parent) as database:
        told = _told(database)
        rows = database.execute("SELECT url, count(*) FROM articles GROUP BY url")
        stored = dict(rows.fetchall())
        unconcluded = database.execute(
            "SELECT count(*) FROM articles a WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.article_id = a.id)"
        ).fetchone()[0]
        states = database.execute("SELECT kind, state, count(*) FROM deliveries GROUP BY kind, state").fetchall()
        sound = database.execute("PRAGMA integrity_check").fetchone()[0]
        deliveries = _deliveries(database)
    lost = _lost(told, receipts)
    repeats, bad = _repeats(figures, receipts, deliveries)
    articles = {url: stored.get(url, 0) for url in figures.published}
    missing, twice = sum(not count for count in articles.values()), sum(count > 1 for count in articles.values())
    log = (torture.main.parent / "log").read_text(errors="replace")
    starts = sorted(figures.starts) or [0.0]
    print(f"kills                {len(figures.kills)}, at named points: {dict(figures.points)}")
    print(f"start to request     median {starts[len(starts) // 2]:.1f} s, longest {starts[-1]:.1f} s")
    print(f"articles published   {len(articles)}; missing {missing}, twice {twice}, without a decision {unconcluded}")
    print(f"deliveries           {', '.join(f'{kind} {state} {count}' for kind, state, count in states)}")
    print(f"answers              {dict(sorted(figures.answers.items()))}")
    print(f"alerts told          {len(told)} in all channels; lost {len(lost)} {lost[:3]}")
    print(f"receipts             {len(receipts)}; repeats {repeats}, not in flight or under another id {len(bad)}")
    for one in bad[:5]:
        print(f"    {one}")
    print(f"integrity_check      {sound}; tracebacks in the log {log.count('Traceback')}")
    print(f"workers              still there 15 s after a kill: {figures.left_over}; services that ended of themselves "
          f"{figures.ended}")  # fmt: skip
    pending = sum(int(count) for _, state, count in states if state == "pending")
    misses: int = len(lost) + len(bad) + missing + twice + int(unconcluded) + pending + (0 if sound == "ok" else 1)
    return misses + figures.left_over + figures.ended


def _told(database: sqlite3.Connection) -> dict[tuple[str, str], frozenset[str]]:
    """(channel, alert's id) -> the ids of all alerts that travelled with it."""
    from monitor.shortid import encode

    rows = database.execute(
        "SELECT d.id, d.channel, a.alert_id FROM deliveries d JOIN delivery_alerts a ON a.delivery_id = d.id "
        "WHERE d.kind IN ('alert', 'summary') AND d.state != 'gathered'"
    ).fetchall()
    together: defaultdict[str, set[str]] = defaultdict(set)
    for delivery, _, alert in rows:
        together[delivery].add(encode("A", alert))
    alerts = dict(database.execute("SELECT id, channel FROM alerts").fetchall())
    found = {(channel, encode("A", alert)): frozenset(together[delivery]) for delivery, channel, alert in rows}
    for alert, channel in alerts.items():  # an alert that no delivery carries is lost
        found.setdefault((channel, encode("A", alert)), frozenset())
    return found


def _lost(told: dict[tuple[str, str], frozenset[str]], receipts: list[Receipt]) -> list[tuple[str, str]]:
    """Alerts in no message; a long summary names its first ones and counts the rest."""
    received: defaultdict[str, set[str]] = defaultdict(set)
    for receipt in receipts:
        received[receipt.channel] |= receipt.alerts
    return [key for key, together in told.items() if key[1] not in received[key[0]] and not (
        len(together) > 20 and together & received[key[0]]
    )]  # fmt: skip


def _deliveries(database: sqlite3.Connection) -> dict[tuple[str, str], set[str]]:
    """(channel, alert's id) -> the deliveries that carry it."""
    from monitor.shortid import encode

    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for delivery, channel, alert in database.execute(
        "SELECT d.id, d.channel, a.alert_id FROM deliveries d JOIN delivery_alerts a ON a.delivery_id = d.id "
        "WHERE d.kind IN ('alert', 'summary')"
    ):
        found[channel, encode("A", alert)].add(delivery)
    return found


def _repeats(
    figures: Figures, receipts: list[Receipt], deliveries: dict[tuple[str, str], set[str]]
) -> tuple[int, list[str]]:
    """How many receipts repeat an alert, and those that nothing in flight explains."""
    by_alert: defaultdict[tuple[str, str], list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        if receipt.channel != "edit":
            for alert in receipt.alerts:
                by_alert[receipt.channel, alert].append(receipt)
    repeats, bad = 0, []
    for (channel, alert), taken in by_alert.items():
        own = sorted((one for one in taken if not _only_follows(alert, one, taken)), key=lambda one: one.at)
        repeats += len(own) - 1
        if len({one.id for one in own}) > 1:
            bad.append(f"{channel} {alert}: under {len({one.id for one in own})} ids")
        for one, again in pairwise(own):
            if one.is_answered and not any(one.at <= kill <= again.at for kill in figures.kills):
                bad.append(f"{channel} {alert}: repeated though it was answered and no kill came between")
            known = [figures.recorded[key] for key in deliveries[channel, alert] if key in figures.recorded]
            if known and min(known) < again.at:
                bad.append(f"{channel} {alert}: repeated {again.at - min(known):.1f} s after it was recorded as sent")
    return repeats, bad


def _only_follows(alert: str, one: Receipt, taken: list[Receipt]) -> bool:
    """A follow-up names the alert that it follows beside its own."""
    return len(one.alerts) == 2 and any(alert in other.alerts and len(other.alerts) == 1 for other in taken)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder, Site() as site, MailServer() as mail:
        torture = Torture(Path(folder), site, mail, options.seed)
        torture.run(options.rounds)
        misses = judge(torture)
        if misses:
            kept = Path(tempfile.mkdtemp(prefix="torture-kept-"))
            for name in ("monitor.db", "monitor.db-wal", "log"):
                with contextlib.suppress(OSError):
                    (kept / name).write_bytes((Path(folder) / name).read_bytes())
            (kept / "receipts.json").write_text(json.dumps([str(one) for one in torture.figures.receipts], indent=1))
            print(f"kept for a look: {kept}")
    print(f"{time.monotonic() - begun:.0f} s; {'the bar is met' if not misses else f'missed {misses} times'}")
    return int(misses > 0)


if __name__ == "__main__":
    sys.exit(main())
