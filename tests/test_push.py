"""WebSub: from the feed that names a hub to one alert for what it pushes, and back to polling when it does not."""

from __future__ import annotations

import asyncio
import hmac
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor import feed_view, websub
from monitor.app import App
from monitor.assemble import load_checked
from monitor.cli.feeds import command as feeds_command
from monitor.push import AT_ONCE, HINTS_EVERY, OF_A_HUB, Answer
from monitor.store import feeds
from monitor.store import push as rows
from monitor.web.site import Site as WebSite
from monitor.websub import Subscription, answer, offer, signer, stronger
from tests.hub import Hub, door
from tests.loopback import Reply, Site
from tests.test_main_way import text_with
from tests.world import START, World, world

TOPIC = "https://example.org/feed"


def asked() -> Subscription:
    """A subscription whose hub was asked just now."""
    return Subscription(1, 1, "https://hub.example/", TOPIC, "subscribe", secret="secret", asked_at=START)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


@pytest.fixture
def outside() -> Iterator[Site]:
    with Site() as site:
        yield site


@asynccontextmanager
async def running(here: World, outside: Site) -> AsyncIterator[tuple[App, Hub]]:
    """The program with a feed that names a hub, polled once; its doors stand open to the hub."""
    here.more = f'web: {{public_url: "{outside.url("/")}"}}'
    hub = Hub(here.site)
    offering(here, hub)
    app = await here.open()
    try:
        with door(app.push, asyncio.get_running_loop(), outside):
            await poll(app, here)
            yield app, hub
    finally:
        await app.close()


def offering(here: World, hub: Hub | None) -> None:
    """Let the feed name a hub, as most do: in the document."""
    here.serve()
    page = here.site.pages["/feed.xml"]
    assert isinstance(page, str)
    topic = here.site.url("/feed.xml")
    links = f'<atom:link rel="hub" href="{hub.url}"/><atom:link rel="self" href="{topic}"/>' if hub else ""
    page = page.replace("<description>news", links + "<description>news", 1)
    here.site.pages["/feed.xml"] = page.replace("<rss ", '<rss xmlns:atom="http://www.w3.org/2005/Atom" ', 1)


async def poll(app: App, here: World, minutes: float = 0) -> None:
    here.now += timedelta(minutes=minutes)
    await app.once(is_all=True)


async def tend(app: App, hub: Hub, here: World, minutes: float = 0) -> None:
    here.now += timedelta(minutes=minutes)
    await app.push.tend()
    await hub.settle()


async def subscription(app: App) -> Subscription:
    found = await app.store.look(rows.listing)
    return next(iter(found.values()))


async def pushed(app: App, hub: Hub, body: str, method: str = "sha256", **how: str) -> int:
    """Push, and wait until what it brought is read and sent."""
    status = await asyncio.to_thread(hub.push, body, method, **how)
    while app.beside.tasks:
        await asyncio.wait(tuple(app.beside.tasks))
    await app.deliver()
    return status


def item(here: World, name: str, title: str) -> str:
    """A document with one new item, which only the hub has yet."""
    url = here.site.url(f"/{name}")
    text = f"{title}, as the harbour master says."
    return (
        '<rss version="2.0"><channel><title>Example News</title>'
        f"<item><title>{title}</title><link>{url}</link><guid>{url}</guid><description>{text}</description></item>"
        "</channel></rss>"
    )


# ---------------------------------------------------------------------------------------------- asking, leases


async def test_a_hub_is_asked_asks_back_and_its_push_alerts_once(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        assert hub.granted == ["subscribe"]
        assert hub.last["hub.callback"].startswith(outside.url("/websub/"))
        assert len(hub.last["hub.callback"].rpartition("/")[2]) >= 32
        assert 32 <= len(hub.last["hub.secret"]) < 200
        body = item(here, "a", "Drones over the harbour")
        assert await pushed(app, hub, body) == 202
        assert len(here.hooks) == 1
        assert await pushed(app, hub, body) == 202, "a replay"
        here.publish("a", "Drones over the harbour", text_with("drones"))
        offering(here, hub)
        await poll(app, here, 60)
        assert len(here.hooks) == 1, "push and poll of one item give one alert"


async def test_the_page_hands_on_what_hubs_ask_and_push(here: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    here.more = f'web: {{listen: "127.0.0.1:{port}", public_url: "http://127.0.0.1:{port}/"}}'
    hub = Hub(here.site)
    offering(here, hub)
    app = await here.open()
    page = WebSite(app)
    try:
        await page.start()
        await poll(app, here)
        await tend(app, hub, here)
        assert hub.granted == ["subscribe"]
        assert await asyncio.to_thread(hub.push, "x" * (app.push.limit + 1)) == 413
        assert await pushed(app, hub, item(here, "a", "Drones over the harbour")) == 202
        assert len(here.hooks) == 1
        hub.last["hub.callback"] += "x"
        assert await asyncio.to_thread(hub.push, "body") == 404
    finally:
        await page.stop()
        await app.close()


async def test_a_hub_is_told_who_asks_and_nothing_of_feeds_with_a_password(here: World, outside: Site) -> None:
    here.more = f'web: {{public_url: "{outside.url("/")}"}}'
    hub = Hub(here.site)
    here.serve("/private.xml")
    offering(here, hub)
    here.write()
    private = str(here.site.pages["/feed.xml"]).replace("/feed.xml", "/private.xml")
    here.site.pages["/private.xml"] = private
    here.feeds.append(here.site.url("/private.xml"))
    main = here.write()
    feeds_file = here.folder / "feeds.yaml"
    feeds_file.write_text(feeds_file.read_text().replace(f'"{here.feeds[1]}"', f"{{url: '{here.feeds[1]}', user: me}}"))
    here.write = lambda: main  # type: ignore[method-assign]
    app = await here.open()
    with door(app.push, asyncio.get_running_loop(), outside):
        await poll(app, here)
        await tend(app, hub, here)
    await app.close()
    assert [form["hub.topic"] for form in hub.asked] == [here.feeds[0]]
    (asked_hub,) = [one for one in here.site.requests if one.path == "/hub"]
    assert asked_hub.headers["user-agent"].startswith("news-monitor/")


async def test_push_and_poll_at_the_same_moment_give_one_alert(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        here.publish("a", "Drones over the harbour", text_with("drones"))
        offering(here, hub)
        body = item(here, "a", "Drones over the harbour")
        await asyncio.gather(poll(app, here, 10), *(pushed(app, hub, body) for _ in range(3)))
        assert len(here.hooks) == 1


def test_the_header_counts_before_the_document_and_both_links_are_needed() -> None:
    header, document = ("https://h.example/", "https://a.example/feed"), ("https://d.example/", "https://b.example/")
    assert offer(header, document) == offer(header, (None, None))
    assert offer(("https://h.example/", None), document) == offer((None, None), document)
    assert offer(("https://h.example/", None), (None, "https://b.example/")) is None


async def test_links_of_the_header_are_found(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        offering(here, None)
        here.publish("b", "Weather", "It rains.")
        body = here.site.pages["/feed.xml"]
        assert isinstance(body, str)
        links = f'<{hub.url}>; rel="hub", <https://topic.example/feed>; rel="self"'
        here.site.pages["/feed.xml"] = Reply(200, {"Link": links}, body)
        await poll(app, here, 24 * 60)
        await tend(app, hub, here)
        assert hub.last["hub.topic"] == "https://topic.example/feed"


async def test_nothing_is_asked_where_nobody_can_reach_us(here: World, outside: Site) -> None:
    hub = Hub(here.site)
    offering(here, hub)
    for here.more in ("", f'web: {{listen: null, public_url: "{outside.url("/")}"}}'):
        app = await here.open()
        await poll(app, here, 10)
        await tend(app, hub, here)
        await app.close()
    assert hub.asked == []


async def test_a_lease_is_renewed_before_it_ends(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        first = dict(hub.last)
        await tend(app, hub, here, minutes=4 * 24 * 60)
        assert len(hub.asked) == 1
        await tend(app, hub, here, minutes=3 * 24 * 60)
        assert len(hub.asked) == 2
        assert hub.last == first, "the same address and secret: a push under way is still believed"
        assert (await subscription(app)).expires_at == here.now + timedelta(days=10)


@pytest.mark.parametrize(
    ("granted", "days"), [("60", 60 / 86400), ("1000000000", 30), ("9" * 30, 10), ("-5", 10), ("junk", 10), ("", 10)]
)
def test_any_lease_is_bounded(granted: str, days: float) -> None:
    query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c", "hub.lease_seconds": granted}
    verdict = answer(asked(), query, START, 0.5)
    assert verdict.changed is not None
    assert verdict.changed["expires_at"] == START + timedelta(days=days)
    renewed = verdict.changed["next_at"]
    assert isinstance(renewed, datetime)
    assert timedelta(minutes=10) <= renewed - START <= max(timedelta(days=days * 0.7), timedelta(minutes=10))


async def test_polling_slows_while_pushes_arrive_and_never_stops(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        for number in range(40):  # a lively feed
            here.publish(f"n{number}", f"Report {number}", "Nothing of note.", age_h=number / 20)
        offering(here, hub)
        await poll(app, here, 10)
        assert await next_poll_in(app, here) < timedelta(minutes=30), "granted, but nothing was pushed yet"
        await pushed(app, hub, item(here, "a", "Drones over the harbour"))
        await poll(app, here, 10)
        assert timedelta(hours=1) <= await next_poll_in(app, here) < timedelta(hours=2)
        here.publish("silent", "A report that the hub kept to itself", "Nothing of note.")
        offering(here, hub)
        await poll(app, here, 61)
        assert await next_poll_in(app, here) < timedelta(minutes=30), "the hub missed one"


async def next_poll_in(app: App, here: World) -> timedelta:
    state = (await app.store.look(feeds.listing))[0]
    return state.next_poll_at - here.now


async def test_a_lease_that_runs_out_has_the_feed_polled_at_once(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        await pushed(app, hub, item(here, "a", "Drones over the harbour"))
        hub.answer = Reply(503)
        here.now += timedelta(days=7)
        await tend(app, hub, here)
        here.now += timedelta(days=3)
        await poll(app, here)
        await tend(app, hub, here, minutes=1)
        assert await next_poll_in(app, here) <= timedelta(0)
        assert "503" in (await subscription(app)).error
        assert len(hub.asked) < 10, "with growing pauses"
        hub.answer = Reply(202)
        await tend(app, hub, here, minutes=25 * 60)
        assert hub.granted == ["subscribe", "subscribe"]


# --------------------------------------------------------------------------------------------- being asked


async def test_only_what_was_asked_for_is_confirmed(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        hub.asks_back = False
        await tend(app, hub, here)

        async def asked(mode: str, **changed: str) -> tuple[int, str]:
            return await asyncio.to_thread(lambda: hub.question(mode, **changed))

        assert (await asked("unsubscribe"))[0] == 404
        assert (await asked("subscribe", topic="https://other.example/"))[0] == 404
        assert (await asked("subscribe", challenge=""))[0] == 404
        assert (await asked("subscribe", challenge="x" * 10_000))[0] == 404
        assert (await asked("publish"))[0] == 404
        assert await asked("subscribe", challenge="<script>") == (200, "<script>")
        here.now += timedelta(hours=2)
        assert (await asked("subscribe"))[0] == 404, "long confirmed; nobody asked"
        hub.asked[-1]["hub.callback"] = outside.url("/websub/guess")
        assert (await asked("subscribe"))[0] == 404


def test_a_challenge_is_plain_text() -> None:
    assert Answer(200, "<script>").content_type.startswith("text/plain")


async def test_a_denial_ends_the_lease_and_is_asked_about_again_after_a_week(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        assert (await asyncio.to_thread(lambda: hub.question("denied", reason="no\nroom\x07")))[0] == 200
        sub = await subscription(app)
        assert sub.expires_at is None
        assert sub.error.startswith("the hub denies it")
        await tend(app, hub, here, minutes=6 * 24 * 60)
        assert len(hub.asked) == 1
        await tend(app, hub, here, minutes=2 * 24 * 60)
        assert len(hub.asked) == 2


async def test_what_is_not_signed_well_is_ignored(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        body = item(here, "a", "Drones over the harbour")
        assert await pushed(app, hub, body, secret="wrong") == 202
        assert await pushed(app, hub, body, header="") == 202
        assert here.hooks == []
        assert (await subscription(app)).pushes == 0
        assert await pushed(app, hub, body, "sha512") == 202
        assert len(here.hooks) == 1


def signed(method: str, body: bytes = b"body", secret: str = "secret") -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_every_method_of_the_recommendation_is_known(method: str) -> None:
    assert signer(asked(), [("X-HUB-Signature", signed(method))], b"body") == method
    shouted = method + "=" + signed(method).partition("=")[2].upper()
    assert signer(asked(), [("x-hub-signature", shouted)], b"body") == method


@pytest.mark.parametrize(
    "sent",
    [
        [],
        [""],
        ["sha256="],
        ["sha256=é"],
        ["md5=841a2d689ad86bd1611447453c22c6fc"],
        [signed("sha256", b"another body")],
        [signed("sha256", secret="wrong")],
        [signed("sha256")[:-2]],
        [signed("sha256"), signed("sha256")],
    ],
)
def test_other_signatures_are_none(sent: list[str]) -> None:
    assert signer(asked(), [("X-Hub-Signature", value) for value in sent], b"body") is None


def test_a_hub_that_signed_with_more_may_not_fall_back_to_sha1() -> None:
    header = [("X-Hub-Signature", signed("sha1"))]
    assert signer(replace(asked(), method="sha1"), header, b"body") == "sha1"
    assert signer(replace(asked(), method="sha256"), header, b"body") is None
    assert stronger("sha512", "sha256") == "sha512"
    assert signer(replace(asked(), secret=None), header, b"body") is None


def test_secrets_do_not_print() -> None:
    assert "secret-secret" not in repr(replace(asked(), secret="secret-secret"))


async def test_a_push_that_cannot_be_read_has_the_feed_polled(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        for body in ("", "<html><body>maintenance</body></html>"):
            await poll(app, here, 10)
            assert await pushed(app, hub, body) == 202
            assert await next_poll_in(app, here) <= timedelta(0)


async def test_a_push_is_as_bounded_as_a_feed(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        assert (await asyncio.to_thread(hub.push, "x" * (app.push.limit + 1))) == 413


# ---------------------------------------------------------------------------------------------------- leaving


async def test_a_feed_that_is_removed_is_unsubscribed(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        here.feeds = [here.site.url("/other.xml")]
        here.write()
        await app.replace(load_checked(str(here.folder / "monitor.yaml")))
        await tend(app, hub, here, minutes=1)
        assert hub.last["hub.mode"] == "unsubscribe"
        assert hub.granted == ["subscribe", "unsubscribe"]
        secret = hub.asked[0]["hub.secret"]
        assert await pushed(app, hub, item(here, "a", "Drones over the harbour"), secret=secret) == 410
        assert here.hooks == []


async def test_without_an_address_of_our_own_hubs_are_left_and_asked_again_with_another(
    here: World, outside: Site
) -> None:
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        with Site() as elsewhere, door(app.push, asyncio.get_running_loop(), elsewhere):
            here.more = f'web: {{public_url: "{elsewhere.url("/monitor/")}"}}'
            await app.replace(load_checked(str(here.write())))
            await tend(app, hub, here, minutes=1)
        assert sorted(form["hub.mode"] for form in hub.asked[1:]) == ["subscribe", "unsubscribe"]
        wanted = next(form for form in hub.asked[1:] if form["hub.mode"] == "subscribe")
        assert wanted["hub.callback"].startswith(elsewhere.url("/monitor/websub/"))
        here.more = ""
        await app.replace(load_checked(str(here.write())))
        hub.asks_back = False
        for _ in range(6):
            await tend(app, hub, here, minutes=24 * 60)
        assert sum(form["hub.mode"] == "unsubscribe" for form in hub.asked) <= 2 + 3


async def test_a_hub_that_moved_is_followed_with_the_whole_request(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        here.site.pages["/hub"] = Reply(308, {"Location": "/hub2"})
        here.site.pages["/hub2"] = hub._hear
        await tend(app, hub, here)
        assert hub.granted == ["subscribe"]


async def test_hubs_at_private_addresses_are_not_asked(here: World, outside: Site) -> None:
    async with running(here, outside) as (app, hub):
        hub_url = "http://127.0.0.2:9/hub"
        page = here.site.pages["/feed.xml"]
        assert isinstance(page, str)
        here.now += timedelta(days=1)
        here.site.pages["/feed.xml"] = page.replace(hub.url, hub_url)
        await poll(app, here)
        await tend(app, hub, here)
        assert "127.0.0.2" in (await subscription(app)).error


async def test_a_hub_without_tls_is_told_no_secret_and_what_it_says_is_a_hint(
    here: World, outside: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websub, "is_private", lambda hub: False)
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        assert hub.granted == ["subscribe"]
        assert "hub.secret" not in hub.last
        hub.last["hub.secret"] = "invented"
        await poll(app, here)
        here.now += HINTS_EVERY
        assert await pushed(app, hub, item(here, "a", "Drones over the harbour")) == 202
        state = await app.store.look(feeds.by_id, 1)
        assert state is not None
        assert state.next_poll_at <= here.now
        assert (await subscription(app)).pushed_at is None  # polling does not slow down for it


@pytest.mark.parametrize(("hub", "private"), [("https://h.example/", True), ("http://h.example/", False)])
def test_a_secret_goes_to_hubs_with_tls_only(hub: str, private: bool) -> None:
    sub = replace(asked(), hub=hub, callback="https://us.example/websub/x")
    assert (b"hub.secret" in websub.request(sub)) is private


async def test_one_hub_keeps_no_other_waiting(here: World, outside: Site) -> None:
    """Its bodies may come slowly: there is room for others, and in the end for nobody."""
    async with running(here, outside) as (app, _):
        with ExitStack() as stack:
            rooms = [stack.enter_context(app.push.place("https://slow.example/hub")) for _ in range(AT_ONCE)]
            assert rooms.count(True) == OF_A_HUB
            others = [stack.enter_context(app.push.place(f"https://hub{one}.example/")) for one in range(AT_ONCE)]
            assert others.count(True) == AT_ONCE - OF_A_HUB
        with app.push.place("https://slow.example/hub") as has_room:
            assert has_room


@pytest.mark.parametrize("fault", ["denied", "unreachable", "unsigned", "lapsed"])
async def test_what_is_wrong_with_a_hub_is_shown_with_its_feed(here: World, outside: Site, fault: str) -> None:
    def shown() -> list[str]:
        rows = [json.loads(line) for line in CliRunner().invoke(feeds_command, ["--json", *config]).output.splitlines()]
        assert rows[0]["push"]["hub"].startswith("http://127.0.0.1")
        return feed_view.remarks(rows[0], str)

    async with running(here, outside) as (app, hub):
        config = ("--config", str(here.folder / "monitor.yaml"))
        if fault == "unreachable":
            here.site.pages["/hub"] = Reply(500)
        await tend(app, hub, here)
        assert (await asyncio.to_thread(shown) == []) is (fault != "unreachable")
        if fault == "denied":
            await asyncio.to_thread(lambda: hub.question("denied", reason="no room"))
        elif fault == "unsigned":
            await pushed(app, hub, item(here, "a", "Drones"), secret="wrong")
        elif fault == "lapsed":
            here.site.pages["/hub"] = Reply(500)
            await tend(app, hub, here, minutes=40 * 24 * 60)
        (remark,) = await asyncio.to_thread(shown)
        said = {"denied": "no room", "unsigned": "not signed with our secret"}.get(fault, "answered 500")
        assert said in remark
        assert remark.endswith("it is polled as before")


async def test_a_pushed_article_is_the_same_however_it_comes_again(here: World, outside: Site) -> None:
    """Edited, under another guid, with tracking parameters, over https, by a poll, and after it had left."""
    async with running(here, outside) as (app, hub):
        await tend(app, hub, here)
        body = item(here, "a", "Drones over the harbour")
        guid = here.site.url("/a")
        again = [
            body,
            body.replace("<title>Drones over", "<title>UPDATED: drones over"),
            body.replace(f"<guid>{guid}", "<guid>another"),
            body.replace("/a</link>", "/a?utm_source=rss</link>"),
            body.replace("<link>http:", "<link>https:"),
            body.replace("<item>", f"<item><pubDate>{format_datetime(here.now)}</pubDate>"),
        ]
        for one in again:
            assert await pushed(app, hub, one) == 202
        polled = here.site.pages["/feed.xml"]
        for page in (again[1], polled, again[2], polled, again[3]):
            here.site.pages["/feed.xml"] = page
            await poll(app, here, minutes=60)
        assert len(here.hooks) == 1
        assert here.site.count("/a") == 1, "its page is asked for once"
