"""What hit programs of this kind, and which test here would notice the same: the list as a threat model.

Each advisory names the tests that answer it; a test that is renamed or removed fails here. What cannot apply says why.
"""

from __future__ import annotations

import html
import re
import tomllib
from pathlib import Path

import pytest

from monitor.errors import ParseFailed
from monitor.parse import parse_feed
from monitor.render import Style, atom, mail, slack, webhook
from tests.messages import alert, article
from tests.test_render_inert import ENVELOPE
from tests.web_clients import HOST, PASSWORD, pages

TESTS = Path(__file__).parents[1]
PROJECT = tomllib.loads((TESTS.parent / "pyproject.toml").read_text("utf-8"))["project"]

SSRF = "hostile/test_ways_in.py::test_no_way_leads_to_an_address_that_is_not_public"
REBINDING = "hostile/test_ways_in.py::test_a_name_is_resolved_once_and_its_checked_address_is_the_one_connected_to"
ONE_WAY = "hostile/test_one_way_out.py::test_only_named_files_can_open_connections"
REDIRECT = "hostile/test_ways_in.py::test_a_redirect_leads_nowhere_either"
SCHEMES = "test_fetch.py::test_addresses_that_are_not_asked"
LINKS = "test_parse.py::test_only_http_links_come_out"
MAIL = "test_render_inert.py::test_mail_holds_no_header_script_or_link_of_a_feed"
ATOM = "test_render_inert.py::test_nothing_in_the_atom_feed_is_mark_up_but_ours"
CANARY = "hostile/test_canary.py::test_no_canary_leaves_its_cage"
BOMBS = "test_parse_attacks.py::test_bombs_in_every_encoding"
OPML = "test_config_files.py::test_entities_are_refused_in_every_encoding"
WORKERS = "test_workers.py::test_no_secret_reaches_a_worker_and_nothing_is_said_there"
DOOR = "test_web_door.py::"
PAGES = "test_web_pages.py::test_texts_of_feeds_stay_texts_on_every_page"
HERE = "hostile/test_advisories.py::"

#: What came in, and what would notice it here.
ANSWERED = {
    # Feeds and pages that lead the fetcher to where it must not go.
    "Miniflux CVE-2026-21885, SSRF by a proxy of media": (ONE_WAY, SSRF),
    "FreshRSS 1.30.0 #9215 #9272, addresses that are not remote": (SCHEMES, SSRF),
    "tt-rss CVE-2020-25787, addresses not checked before the request": (SCHEMES, SSRF, REDIRECT),
    "changedetection.io CVE-2024-51483, source:file:///etc/passwd": (SCHEMES,),
    "changedetection.io CVE-2024-51998, file:/etc/passwd": (SCHEMES,),
    "changedetection.io CVE-2024-56509, file: checked once only": (SCHEMES, LINKS),
    "changedetection.io CVE-2026-27696, SSRF by a watched address": (SSRF, REBINDING),
    "changedetection.io GHSA-rph4-96w6-q594, two readings of \\@": ("test_fetch.py::test_redirects_that_lead_nowhere",),
    "changedetection.io GHSA-gwph-fp79-379w, SSRF through CGNAT": ("test_guard.py::test_closed_to_everyone",),
    "changedetection.io GHSA-jrxm-qjfh-g54f, GHSA-x9wx-6c32-9556, a way out that was forgotten": (ONE_WAY,),
    "ikiwiki CVE-2019-9187, SSRF and tarpits": (
        SSRF,
        "hostile/test_bombs.py::test_a_slow_server_meets_the_total_deadline",
        "hostile/test_bombs.py::test_a_body_below_the_minimum_rate",
    ),
    "FreshRSS CVE-2025-68148, Retry-After that silences every feed": (
        "test_schedule.py::test_a_hostile_order_silences_for_a_day_at_most",
        "test_fetch.py::test_retry_after",
    ),
    "FreshRSS CVE-2025-46341, forged headers of a proxy's log-in": ("test_fetch.py::test_headers_that_may_not_be_set",),
    # Documents that cost more than they weigh, or are read as something else.
    "feedparser CVE-2012-2921, entities in another encoding": (BOMBS,),
    "feedparser CVE-2009-5065, CVE-2011-1156 to -1158": (HERE + "test_the_old_holes_of_feedparser",),
    "changedetection.io 52b189fc, external entities": (BOMBS, OPML),
    "lxml CVE-2026-41066, local files by default": (HERE + "test_versions_with_known_holes_are_not_installed", BOMBS),
    "lxml_html_clean CVE-2026-28348, CVE-2026-49825": (HERE + "test_versions_with_known_holes_are_not_installed",),
    "Apprise CVE-2021-39229, a pattern that takes for ever": (
        HERE + "test_versions_with_known_holes_are_not_installed",
    ),
    # What a feed writes, shown to people.
    "changedetection.io CVE-2024-32651, a template in a notification": (
        HERE + "test_a_template_in_a_headline_is_text",
    ),
    "changedetection.io GHSA-q8xq-qg4x-wphg, GHSA-p786-3xq7-m552, mark-up in notifications": (MAIL,),
    "changedetection.io CVE-2026-27645, our own feed": (ATOM,),
    "Alertmanager CVE-2023-40577, mark-up in labels": (
        MAIL,
        "test_render_inert.py::test_nothing_mentions_links_or_formats_in_slack",
    ),
    "ntfy CVE-2026-39087, actions in a message": ("test_render_inert.py::test_nothing_pings_or_links_by_apprise",),
    "lxml clean CVE-2014-3146 to CVE-2021-43818, FreshRSS CVE-2025-32015, srcdoc": (MAIL, ATOM),
    "aiosmtplib CVE-2026-53533, lines in addresses": (
        MAIL,
        "test_channels.py::test_addresses_that_are_none_are_refused",
    ),
    "aiosmtplib CVE-2026-55558, commands before STARTTLS": (
        "test_channels.py::test_nothing_is_said_in_clear_after_a_forged_start_of_tls",
    ),
    # The page.
    "Miniflux CVE-2023-27591, metrics opened by a client's header": (HERE + "test_no_header_says_who_asks",),
    "Miniflux CVE-2025-67713, CVE-2026-55185; tt-rss 2019-03-03, a form that leads elsewhere": (
        DOOR + "test_whatever_it_is_told_a_form_leads_back_to_this_page",
        HERE + "test_logging_in_leads_to_no_other_site",
    ),
    "FreshRSS #2121; changedetection.io CVE-2023-24769, CVE-2025-62780, stored mark-up": (PAGES,),
    "changedetection.io CVE-2025-52558, CVE-2026-29038, mark-up in an error": (
        HERE + "test_what_was_asked_stays_text_in_errors",
    ),
    "FreshRSS CVE-2022-23497, changedetection.io CVE-2026-25527, files by their path": (
        HERE + "test_no_file_is_served_by_a_path",
    ),
    "FreshRSS CVE-2025-31136, answers without a policy": (DOOR + "test_every_answer_carries_the_headers",),
    "FreshRSS CVE-2025-31482, a link that logs out": (
        DOOR + "test_no_get_changes_anything",
        DOOR + "test_other_sites_reach_nothing_but_by_a_link_that_is_followed",
    ),
    "FreshRSS CVE-2025-54591, changedetection.io CVE-2024-23329, CVE-2026-35490, routes that nobody guards": (
        DOOR + "test_without_the_password_nothing_answers_but_what_is_named",
        DOOR + "test_without_the_password_nothing_can_be_posted",
        DOOR + "test_every_route_is_guarded_and_the_table_says_who_may_ask",
    ),
    "FreshRSS CVE-2025-54592, a session that outlives its end": (
        DOOR + "test_a_session_that_was_ended_is_over_for_copies_of_its_cookie_too",
    ),
    "FreshRSS CVE-2025-59950, double clickjacking": (DOOR + "test_every_answer_carries_the_headers",),
    "FreshRSS CVE-2025-68402, passwords cut off at 72 bytes": (DOOR + "test_all_of_a_long_password_counts",),
    "FreshRSS 1.30.0 #9171, logging others in": (DOOR + "test_forms_come_from_our_own_pages",),
    "changedetection.io GHSA-vwgh-2hvh-4xm5, access by a part of the path": (
        DOOR + "test_the_token_opens_the_feed_and_the_metrics_and_nothing_else",
        HERE + "test_access_goes_by_the_whole_path",
    ),
    "changedetection.io 624dee60, evidence served as a page": (
        "test_web_pages.py::test_evidence_is_a_download_and_never_a_page",
    ),
    # Secrets.
    "FreshRSS CVE-2023-22481, a password in the log": (CANARY, "test_fetch.py::test_no_address_is_logged"),
    "changedetection.io CVE-2026-33981, the environment in a filter": (WORKERS,),
    "changedetection.io CVE-2026-29065, secrets in a backup": (CANARY,),
}

#: What it takes, which this program has not got.
NOT_HERE = {
    "changedetection.io CVE-2026-29039": "no XPath or other language of a user's reads a page",
    "changedetection.io CVE-2026-43891": "nothing is unpacked: a backup is one database file",
    "FreshRSS CVE-2025-31134": "no extensions, and no file is served by a path from outside",
    "FreshRSS CVE-2025-46339": "nothing of a feed's site is cached for others",
    "FreshRSS CVE-2025-54875": "there are no accounts to make",
    "FreshRSS CVE-2025-62166": "there is one reader, and no ids of others",
    "Miniflux CVE-2023-27592, CVE-2025-31483; tt-rss CVE-2020-25788, -25789": "no proxy of images or media",
    "tt-rss CVE-2021-28373": "no second factor to be skipped",
    "Huginn": "no shell, no scripts of users",
}


@pytest.mark.parametrize("advisory", ANSWERED)
def test_is_answered_by_tests_that_exist(advisory: str) -> None:
    for named in ANSWERED[advisory]:
        file, _, name = named.partition("::")
        source = (TESTS / file).read_text("utf-8")
        assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE), named


TEMPLATES = (
    "{{ cycler('uid').read() }}",
    "{% for x in range(9) %}boom{% endfor %}",
    "${7+7} #{7+7} <%= 7+7 %> {7+7}",
)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_in_a_headline_is_text(template: str) -> None:
    message, style = alert(article=article(title=template)), Style()
    shown = (
        slack.payload(message, style)["text"],
        webhook.body(message).decode(),
        mail.text(message, ENVELOPE, style),
        str(mail.compose(message, ENVELOPE, style).get_body(("html",)).get_content()),  # type: ignore[union-attr]
        atom.feed([message], style, updated=message.created).decode(),
    )
    for text in shown:
        assert template[:24] in html.unescape(text)


OLD_HOLES = {
    "nested CDATA": "<title><![CDATA[<![CDATA[<script>alert(1)</script>]]>]]&gt;</title>",
    "comments": "<title>&lt;!-- &lt;script&gt; --&gt;&lt;scr&lt;!-- x --&gt;ipt&gt;alert(1)&lt;/script&gt;</title>",
    "a comment without end": "<title>a &lt;!-- b</title><description>&lt;!-&lt;script&gt;alert(1)</description>",
    "an unexpected scheme": "<title>a</title><link>jAvaScript&#58;alert(1)</link>",
    "a scheme behind a tab": "<title>a</title><link>java&#9;script:alert(1)</link>",
}
DOCTYPES = ("", "<!DOCTYPE", "<!DOCTYPE rss [", '<!DOCTYPE rss PUBLIC "-//x', "<!DOCTYPE rss [<!ELEMENT a (#PCDATA)>]>")


@pytest.mark.parametrize("doctype", DOCTYPES)
@pytest.mark.parametrize("hole", OLD_HOLES)
def test_the_old_holes_of_feedparser(hole: str, doctype: str) -> None:
    """No crash; no link but of http; what stands in texts is shown as text by every receiver."""
    body = f"{doctype}<rss version='2.0'><channel><title>x</title><item>{OLD_HOLES[hole]}</item></channel></rss>"
    try:
        found = parse_feed(body.encode(), url="https://example.org/feed")
    except ParseFailed:
        assert doctype
        return
    for entry in found.entries:
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert "<script" not in entry.title.lower()


# ------------------------------------------------------------------------------------------------------ the page


FORWARDED = ("x-forwarded-for", "x-real-ip", "forwarded", "remote-user", "x-webauth-user", "client-ip")


async def test_no_header_says_who_asks(tmp_path: Path) -> None:
    async with pages(tmp_path, password=PASSWORD) as web, web.client() as stranger:
        for name in FORWARDED:
            for path in ("/metrics", "/api/status", "/"):
                answer = await stranger.get(path, headers={name: "127.0.0.1", "x-forwarded-host": "localhost"})
                assert answer.status_code == 401, (name, path)


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil.example"])
async def test_logging_in_leads_to_no_other_site(tmp_path: Path, back: str) -> None:
    async with pages(tmp_path, password=PASSWORD) as web, web.client(origin=f"http://{HOST}") as client:
        await client.get("/login", params={"back": back})
        entered = await client.post("/login", data=web.form(client, password=PASSWORD, back=back))
        assert (entered.status_code, entered.headers["location"]) == (303, "/")


async def test_what_was_asked_stays_text_in_errors(tmp_path: Path) -> None:
    script = "<script>alert(1)</script>"
    async with pages(tmp_path) as web, web.person() as reader:
        for place in ("/", "/watches/", "/stories/", "/archive?q=(", "/?watch="):
            path = place + script
            assert script not in (await reader.get(path)).text, path
        wrong = await reader.get("/api/feeds", params={script: "1"})
        assert wrong.headers["content-type"] == "application/json"
        assert wrong.headers["x-content-type-options"] == "nosniff"


ESCAPES = ("/static/../monitor.yaml", "/static/%2e%2e/monitor.yaml", "/static/..%2fmonitor.yaml")


@pytest.mark.parametrize("path", [*ESCAPES, "/monitor.db", "/monitor.yaml", "/static/monitor.db.web-key"])
async def test_no_file_is_served_by_a_path(tmp_path: Path, path: str) -> None:
    async with pages(tmp_path) as web, web.person() as reader:
        assert (await reader.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/feeds/static/style.css", "/api/status/healthz", "/deliveries;/static/x", "//feeds"])
async def test_access_goes_by_the_whole_path(tmp_path: Path, path: str) -> None:
    async with pages(tmp_path, password=PASSWORD) as web, web.client() as stranger:
        assert (await stranger.get(f"http://{HOST}{path}")).status_code in (401, 404)


#: Package -> the first version without the hole.
MENDED = {"lxml": "6.1.0", "lxml_html_clean": "0.4.5", "aiosmtplib": "5.1.2", "apprise": "0.9.5.1"}


@pytest.mark.parametrize("package", MENDED)
def test_versions_with_known_holes_are_not_installed(package: str) -> None:
    bound = next(line for line in PROJECT["dependencies"] if re.split(r"[<>=~\[]", line)[0] == package)
    least = re.search(r">=([\d.]+)", bound)
    assert least
    assert _numbers(least[1]) >= _numbers(MENDED[package])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
