"""Who may ask the page for what: the whole table of routes walked, hosts, forms, passwords, tokens, bounds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sqlite3
import stat
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from monitor import present
from monitor.config import Config
from monitor.present import Present, look
from monitor.web import door as door_rules
from monitor.web import entrance
from monitor.web import server as server_rules
from monitor.web.entrance import TRIES, local, network
from monitor.web.hosts import is_from_us, is_ours
from monitor.web.keys import Keys, seed
from monitor.web.routes import Guarded, table
from monitor.web.server import Server
from tests.stocked import stock
from tests.web_clients import HOST, NOW, PASSWORD, Web, pages

#: All that answers to a stranger. Whoever adds a route here says why in the same breath.
OPEN = {"/favicon.ico", "/healthz", "/readyz", "/login", "/static/{name}", "/websub/{token}"}
TOKEN = {"/metrics", "/alerts.atom"}
PLACES = {"watch": "Arms%2Fdrones", "id": "S-0001", "version": "1", "token": "x" * 43, "name": "style.css"} | {
    "kind": "csv"
}


@pytest.fixture
async def closed(tmp_path: Path) -> AsyncIterator[Web]:
    """A page behind a password, with news in it."""
    async with pages(tmp_path, password=PASSWORD) as web:
        stock(web.app.store.store, NOW)
        yield web


def routes(method: str) -> list[Route]:
    return [route for route in table() if isinstance(route, Route) and method in (route.methods or ())]


def address(route: Route) -> str:
    path = route.path
    for name, value in PLACES.items():
        path = path.replace(f"{{{name}}}", value).replace(f"{{{name}:row}}", "1").replace(f"{{{name}:path}}", value)
    return path


# ------------------------------------------------------------------------------------------------------ access


async def test_without_the_password_nothing_answers_but_what_is_named(closed: Web) -> None:
    async with closed.client(accept="text/html") as stranger:
        assert routes("GET")
        for route in routes("GET"):
            answer = await stranger.get(address(route))
            is_asked = answer.status_code == 401 or answer.headers.get("location", "").startswith("/login?")
            assert is_asked is (route.path not in OPEN), route.path


async def test_without_the_password_nothing_can_be_posted(closed: Web) -> None:
    async with closed.client(origin=f"http://{HOST}") as stranger:
        assert routes("POST")
        for route in routes("POST"):
            answer = await stranger.post(address(route), data={"id": "A-0001"})
            assert answer.status_code in (401, 403, 404), route.path


async def test_every_route_is_guarded_and_the_table_says_who_may_ask() -> None:
    assert table()
    for route in table():
        assert isinstance(route, Route)
        assert isinstance(route.endpoint, Guarded), route.path
        assert (route.endpoint.access == "open") is (route.path in OPEN), route.path
        assert (route.endpoint.access == "token") is (route.path in TOKEN), route.path
        assert route.endpoint.is_form or route.path == "/websub/{token}"


async def test_with_the_password_every_page_opens(closed: Web) -> None:
    async with closed.person() as reader:
        for path in ("/", "/watches", "/feeds", "/archive", "/deliveries", "/try", "/metrics", "/api/status"):
            answer = await reader.get(path)
            assert answer.status_code == 200, path
            assert PASSWORD not in answer.text, path


async def test_the_token_opens_the_feed_and_the_metrics_and_nothing_else(closed: Web) -> None:
    token = closed.desk.keys.token
    async with closed.client() as program:
        for path in TOKEN:
            assert (await program.get(path, params={"token": token})).status_code == 200
            assert (await program.get(path, headers={"authorization": f"Bearer {token}"})).status_code == 200
            assert (await program.get(path, params={"token": token[::-1]})).status_code == 401
        for path in ("/", "/deliveries", "/api/alerts"):
            assert (await program.get(path, params={"token": token})).status_code == 401, path
        bearer = {"authorization": f"Bearer {token}"}
        assert (await program.get("/api/alerts", headers=bearer)).status_code == 200
        assert (await program.get("/deliveries", headers=bearer)).status_code == 401


async def test_no_get_changes_anything(closed: Web) -> None:
    """Every page is asked; the database has not changed meanwhile, as SQLite itself sees it."""
    path = closed.app.store.store.path
    assert path
    with contextlib.closing(sqlite3.connect(path)) as connection:
        before = connection.execute("PRAGMA data_version").fetchone()
        async with closed.person() as reader:
            assert routes("GET")
            for route in routes("GET"):
                if route.path not in ("/events", "/websub/{token}"):
                    await reader.get(address(route))
        assert connection.execute("PRAGMA data_version").fetchone() == before


async def test_every_answer_carries_the_headers(closed: Web) -> None:
    async with closed.client() as client:
        for path in ("/", "/login", "/nothing", "/healthz", "/static/style.css", "/static/nothing", "/api/alerts"):
            headers = (await client.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "no-referrer" in headers["referrer-policy"]
            assert "server" not in headers
        assert (await client.get("/login")).headers["cache-control"] == "no-store"


# ------------------------------------------------------------------------------------------------------- hosts


@pytest.mark.parametrize(
    ("host", "listen", "public", "ours"),
    [
        ("127.0.0.1:8484", "127.0.0.1:8484", None, True),
        ("localhost:9000", "127.0.0.1:8484", None, True),  # forwarded: ssh -L 9000:localhost:8484
        ("[::1]:8484", "127.0.0.1:8484", None, True),
        ("LOCALHOST", "127.0.0.1:8484", None, True),
        ("rebound.example.org:8484", "127.0.0.1:8484", None, False),
        ("127.0.0.1.example.org", "127.0.0.1:8484", None, False),
        ("localhost.example.org", "127.0.0.1:8484", None, False),
        ("192.0.2.1:8484", "127.0.0.1:8484", None, False),
        ("127.0.0.1@evil.example.org", "127.0.0.1:8484", None, False),
        ("127.0.0.1/evil", "127.0.0.1:8484", None, False),
        ("", "127.0.0.1:8484", None, False),
        ("news.example.org", "127.0.0.1:8484", "https://news.example.org", True),
        ("News.Example.ORG.:443", "127.0.0.1:8484", "https://news.example.org", True),
        ("192.0.2.1:8484", "0.0.0.0:8484", None, True),
        ("rebound.example.org:8484", "0.0.0.0:8484", None, False),
        ("[2001:db8::1]:8484", "[::]:8484", None, True),
        ("monitor.lan:8484", "monitor.lan:8484", None, True),
    ],
)
def test_hosts(host: str, listen: str, public: str | None, ours: bool) -> None:
    assert is_ours(host, listen, public) is ours


async def test_a_foreign_name_that_points_here_is_refused_for_every_address(closed: Web) -> None:
    async with closed.client() as client:
        for path in ("/", "/healthz", "/static/style.css", "/login", "/nothing"):
            answer = await client.get(path, headers={"host": "rebound.example.org:8484"})
            assert answer.status_code == 421, path
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"origin": f"http://{HOST}", "host": HOST}, True),
        ({"origin": f"https://{HOST}", "host": HOST}, True),  # TLS ends at a proxy
        ({"origin": "https://news.example.org", "host": HOST}, True),
        ({"origin": "null", "host": HOST}, False),
        ({"origin": "http://evil.example.org", "host": HOST}, False),
        ({"origin": "http://127.0.0.1:9999", "host": HOST}, False),
        ({"origin": f"http://{HOST}.example.org", "host": HOST}, False),
        ({"host": HOST, "sec-fetch-site": "same-origin"}, True),
        ({"host": HOST, "sec-fetch-site": "cross-site"}, False),
        ({"host": HOST}, False),
    ],
)
def test_forms_come_from_our_own_pages(headers: dict[str, str], is_own: bool) -> None:
    assert is_from_us(headers, "https://news.example.org") is is_own


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_other_sites_reach_nothing_but_by_a_link_that_is_followed(tmp_path: Path, site: str) -> None:
    async with pages(tmp_path) as web, web.client() as browser:
        stock(web.app.store.store, NOW)
        for path in ("/", "/archive?q=drone", "/api/status", "/events", "/static/style.css", "/healthz"):
            for mode, dest in (("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe")):
                headers = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
                assert (await browser.get(path, headers=headers)).status_code == 403, (path, mode)
        followed = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
        assert (await browser.get("/", headers=followed)).status_code == 200


async def test_a_form_needs_its_hidden_field_its_origin_and_its_type(tmp_path: Path) -> None:
    async with pages(tmp_path) as web, web.client(origin=f"http://{HOST}") as client:
        stock(web.app.store.store, NOW)
        await client.get("/")
        good = web.form(client, id="N-0000", verdict="wrong")
        other = {"form": web.desk.keys.form(web.desk.keys.begin(NOW)), "id": "S-0000"}
        assert (await client.post("/acts/mute", data={"id": "S-0000"})).status_code == 403
        assert (await client.post("/acts/mute", data=other)).status_code == 403
        assert (
            await client.post("/acts/mute", data=good, headers={"origin": "http://evil.example.org"})
        ).status_code == 403
        assert (await client.post("/acts/mute", json=good)).status_code == 415
        assert (await client.post("/acts/mute", data=good)).status_code == 404  # no such story, but a good form


@given(st.text(max_size=60))
def test_whatever_it_is_told_a_form_leads_back_to_this_page(path: str) -> None:
    place = local(path)
    assert place.startswith("/")
    assert not place.startswith(("//", "/\\"))
    assert "\\" not in place
    assert place.isprintable()


# ------------------------------------------------------------------------------------------------------- login


async def log_in(web: Web, client: httpx.AsyncClient, password: str, back: str = "/feeds") -> httpx.Response:
    await client.get("/login")
    return await client.post("/login", data=web.form(client, password=password, back=back))


async def test_logging_in_and_out(closed: Web) -> None:
    async with closed.client(accept="text/html", origin=f"http://{HOST}") as client:
        asked = await client.get("/feeds?name=x")
        assert asked.headers["location"] == "/login?back=%2Ffeeds%3Fname%3Dx"
        entered = await log_in(closed, client, PASSWORD)
        assert (entered.status_code, entered.headers["location"]) == (303, "/feeds")
        cookie = entered.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert (await client.get("/feeds")).status_code == 200
        await client.post("/logout", data=closed.form(client))
        assert (await client.get("/feeds")).status_code == 303


async def test_a_wrong_password_says_so_and_few_may_be_tried(closed: Web) -> None:
    async with closed.client(origin=f"http://{HOST}") as client:
        for _ in range(TRIES):
            assert (await log_in(closed, client, "guess")).status_code == 403
        waits = await log_in(closed, client, PASSWORD)  # even the right one has to wait now
        assert waits.status_code == 429
        assert 0 < int(waits.headers["retry-after"]) <= 301
        closed.clock.pass_(minutes=6)
        assert (await log_in(closed, client, PASSWORD)).status_code == 303


async def test_a_session_that_was_ended_is_over_for_copies_of_its_cookie_too(closed: Web) -> None:
    async with closed.person() as reader, closed.person() as other:
        copy = reader.cookies["monitor"]
        assert (await reader.get("/feeds")).status_code == 200
        await reader.post("/logout", data=closed.form(reader))
        reader.cookies.set("monitor", copy, domain="127.0.0.1")
        assert (await reader.get("/feeds")).status_code == 303
        assert (await other.get("/feeds")).status_code == 200
    closed.desk.ended = type(closed.desk.ended)(closed.desk.ended._path)  # the service starts again
    async with closed.client(cookie=f"monitor={copy}") as thief:
        assert (await thief.get("/feeds")).status_code == 401


async def test_nobody_is_locked_out_by_the_guesses_of_others(closed: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "SLOWED_S", 0)
    async with closed.client(origin=f"http://{HOST}") as owner, closed.client(origin=f"http://{HOST}") as stranger:
        assert (await log_in(closed, owner, PASSWORD)).status_code == 303
        await owner.post("/logout", data=closed.form(owner))
        for _ in range(TRIES + 1):  # from the same address, as behind a proxy
            wrong = await log_in(closed, stranger, "guess")
        assert wrong.status_code == 429
        closed.door._pages.state.tries.of_all.extend([NOW] * entrance.TRIES_OF_ALL)  # type: ignore[attr-defined]
        assert (await log_in(closed, owner, PASSWORD)).status_code == 303
        assert (await log_in(closed, stranger, PASSWORD)).status_code == 429
    elsewhere = httpx.ASGITransport(app=closed.door, client=("198.51.100.9", 4444))
    async with httpx.AsyncClient(transport=elsewhere, base_url=f"http://{HOST}") as other:
        other.headers["origin"] = f"http://{HOST}"
        assert (await log_in(closed, other, PASSWORD)).status_code == 303  # later, but not refused


async def test_guesses_of_a_browser_that_was_logged_in_are_counted_too(closed: Web) -> None:
    async with closed.client(origin=f"http://{HOST}") as owner:
        await log_in(closed, owner, PASSWORD)
        await owner.post("/logout", data=closed.form(owner))
        said = [(await log_in(closed, owner, "guess")).status_code for _ in range(TRIES + 1)]
        assert said == [*[403] * TRIES, 429]


def test_neighbours_in_ipv6_count_as_one() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:0:1::1")
    assert network("192.0.2.1") != network("192.0.2.2")


async def test_all_of_a_long_password_counts(tmp_path: Path) -> None:
    long = "0123456789" * 8
    async with pages(tmp_path, password=long) as web, web.client(origin=f"http://{HOST}") as client:
        assert (await log_in(web, client, long[:72])).status_code == 403
        assert (await log_in(web, client, long)).status_code == 303


async def test_the_cookie_is_secure_where_others_come_by_https(tmp_path: Path) -> None:
    web_settings = f'web: {{password: "{PASSWORD}", public_url: "https://news.example.org"}}'
    async with pages(tmp_path, web=web_settings) as web, web.client() as client:
        cookie = (await client.get("/login")).headers["set-cookie"]
        assert cookie.startswith("__Host-monitor=")
        assert "Secure" in cookie


def test_another_password_or_key_ends_every_session_and_token(tmp_path: Path) -> None:
    from monitor.model import Secret

    first = Keys(b"k" * 32, Secret("one long password"))
    known = first.begin(NOW, is_known=True)
    cookie = first.cookie(known)
    assert first.visitor(cookie, NOW) is not None
    for other in (Keys(b"k" * 32, Secret("another password")), Keys(b"l" * 32, Secret("one long password"))):
        assert other.visitor(cookie, NOW) is None
        assert not other.is_token(first.token)
    assert first.visitor(cookie.replace(".1.", ".0."), NOW) is None
    assert first.visitor(cookie, known.until) is None
    assert "one long" not in repr(first)


@given(st.text(max_size=120))
def test_no_invented_cookie_is_taken(cookie: str) -> None:
    assert Keys(b"k" * 32, None).visitor(cookie, NOW) is None


def test_the_key_is_kept_beside_the_store_for_us_alone(tmp_path: Path) -> None:
    store = tmp_path / "monitor.db"
    made = seed(store)
    assert made is not None
    assert len(made) == 32
    assert seed(store) == made
    assert stat.S_IMODE((tmp_path / "monitor.db.web-key").stat().st_mode) == 0o600
    assert seed(tmp_path / "nowhere" / "monitor.db") is None
    assert seed(None) is None


# ------------------------------------------------------------------------------------------------------ bounds


async def test_what_is_posted_is_bounded_whether_it_says_so_or_not(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(door_rules.MOST_BODY // 50_000 + 2):
            yield b"a" * 50_000

    async with pages(tmp_path) as web, web.client(origin=f"http://{HOST}") as client:
        form = {"content-type": "application/x-www-form-urlencoded"}
        assert (await client.post("/try", content=b"a" * (door_rules.MOST_BODY + 1), headers=form)).status_code == 413
        assert (await client.post("/try", content=endless(), headers=form)).status_code == 413
        many = "&".join(f"a{number}=1" for number in range(500))
        assert (await client.post("/try", content=many, headers=form)).status_code == 400


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
        return found


async def test_headers_and_bodies_that_never_end_are_given_up(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_rules, "HEADERS_WITHIN_S", 0.2)
    monkeypatch.setattr(door_rules, "BODY_WITHIN_S", 0.2)
    head = f"POST /try HTTP/1.1\r\nHost: {HOST}\r\nOrigin: http://{HOST}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n"
    async with pages(tmp_path) as web:
        server = Server(web.door, f"127.0.0.1:{port}")
        await server.start()
        try:
            for sent, answer in ((head, b""), (f"{head}Content-Length: 99\r\n\r\nform=", b"HTTP/1.1 413")):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(sent.encode())
                assert (await asyncio.wait_for(reader.read(100), 10)).startswith(answer)
                writer.close()
        finally:
            await server.stop()


@contextlib.asynccontextmanager
async def listening_to(web: Web, port: int) -> AsyncIterator[Server]:
    server = Server(web.door, f"127.0.0.1:{port}")
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def test_connections_beyond_the_bound_are_cut_off_though_they_ask_nothing(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_rules, "MOST_CONNECTIONS", 3)
    async with pages(tmp_path) as web, listening_to(web, port):
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(10), 10) == b""
        for _, one in [*idle, (reader, writer)]:
            one.close()


async def test_one_address_has_not_all_connections(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_rules, "MOST_OF_ONE", 1)
    monkeypatch.setattr(server_rules, "is_loopback", lambda host: False)
    async with pages(tmp_path) as web, listening_to(web, port):
        _, idle = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(10), 10) == b""
        idle.close()
        writer.close()


async def test_who_takes_nothing_in_is_cut_off(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_rules, "STALLS_S", 0.1)
    gone = asyncio.Event()

    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(200):
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
        gone.set()

    server = Server(large, f"127.0.0.1:{port}")
    await server.start()
    with socket.socket() as client:
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.wait_for(gone.wait(), 10)
    await server.stop()


async def answers(port: int, request: bytes) -> bytes:
    """All that comes until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


async def test_what_is_no_request_is_answered_with_the_headers_too(tmp_path: Path, port: int) -> None:
    async with pages(tmp_path) as web, listening_to(web, port):
        said = await answers(port, b"GARBAGE\r\n\r\n")
        assert said.startswith(b"HTTP/1.1 400")
        for name in door_rules.HEADERS:
            assert name.encode() in said.lower(), name


async def test_one_request_at_a_time_is_answered(tmp_path: Path, port: int) -> None:
    async with pages(tmp_path) as web, listening_to(web, port):
        one = f"GET /static/style.css HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
        assert (await answers(port, one * 3)).count(b"HTTP/1.1 200") == 1


async def test_headers_are_bounded_in_sum(tmp_path: Path) -> None:
    async with pages(tmp_path) as web, web.client() as client:
        many = {f"x-{number}": "a" * 1000 for number in range(20)}
        assert (await client.get("/healthz", headers=many)).status_code == 431
        assert (await client.get("/healthz?" + "a" * 17_000)).status_code == 431


async def test_a_port_in_use_is_said_until_it_is_free_and_then_there_is_a_page(
    tmp_path: Path, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    from monitor.web.site import Site

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        async with pages(tmp_path, web=f'web: {{listen: "127.0.0.1:{port}"}}') as web:
            site = Site(web.app)
            with caplog.at_level(logging.ERROR):
                await site.start()
                await site.try_again()
            why = f"127.0.0.1:{port} cannot be listened at (address already in use)"
            assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == [
                f"no web page: {why}; set web.listen to a free port, or to null"
            ]
            await web.app.vitals.report()
            assert any(why in one.lines[0] for one in web.app.vitals.troubles)
            seen = (await web.app.store.look(_seen_by_others, web.app.config, web.app.clock())).briefs
            assert any(f"no web page: {why}; end what listens there" in brief for brief in seen)
            taken.close()
            await site.try_again()
            assert site.address
            await web.app.vitals.report()
            assert "page" not in {one.key for one in web.app.vitals.troubles}
            await site.stop()


def _seen_by_others(connection: Connection, config: Config, now: datetime) -> Present:
    """As `monitor status` sees it."""
    return look(connection, present.Scope.of(config.feeds, config.channels, config.timezone), now)


async def test_the_page_starts_follows_edits_and_stops_with_the_service(tmp_path: Path, port: int) -> None:
    from monitor.config import load
    from monitor.web.site import Site
    from tests.web_clients import write_config

    def listening(at: str | None, password: str = "null") -> str:
        return f"web: {{listen: {at or 'null'}, password: {password}}}"

    here = f'"127.0.0.1:{port}"'
    async with pages(tmp_path, web=listening(here)) as web, httpx.AsyncClient() as client:
        site = Site(web.app)
        await site.start()
        assert site.address == f"http://127.0.0.1:{port}/"
        assert (await client.get(site.address)).status_code == 200
        web.app.in_force.config = load(str(write_config(tmp_path, web=listening(here, PASSWORD))))
        await site.follow()
        assert (await client.get(site.address)).status_code == 401
        web.app.in_force.config = load(str(write_config(tmp_path, web=listening(None))))
        await site.follow()
        assert site.address == ""
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/")
        await site.stop()
