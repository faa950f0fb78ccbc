"""Reading pages: text and particulars, encodings, and the texts that are no article."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli import commands
from monitor.extract import extract
from tests.loopback import Site

PARAGRAPHS = [
    "Officials in the capital said on Tuesday that the first of the new aircraft had arrived at the air base.",
    "The delivery follows months of negotiations between the two governments, people with knowledge of them said.",
    "Several drones were seen on the runway in satellite images that were taken over the weekend by a company.",
    "The ministry of defence did not answer questions about the number of aircraft or about their final cost.",
] * 3


def page(body: str | None = None, *, head: str = "", lang: str = ' lang="en-GB"') -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS) if body is None else body
    return (
        f"<!DOCTYPE html><html{lang}><head><title>Aircraft arrive | Daily News</title>{head}</head><body>"
        f"<nav><a href='/'>Home</a></nav><article><h1>Aircraft arrive</h1>{text}</article></body></html>"
    )


def test_text_and_particulars() -> None:
    head = """<meta name="author" content="Jane Roe"><link rel="canonical" href="https://example.org/a">
    <meta property="og:title" content="Aircraft arrive">
    <script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",
    "headline":"Aircraft arrive","datePublished":"2026-11-20T08:30:00+01:00",
    "author":{"@type":"Person","name":"Jane Roe"}}
    </script>"""
    found = extract(page(head=head).encode(), url="https://www.example.org/a?utm_source=rss", content_type="text/html")
    assert found.title == "Aircraft arrive"
    assert found.author == "Jane Roe"
    assert found.published == datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
    assert found.language == "en"
    assert found.canonical_url == "https://example.org/a"
    assert "Several drones were seen" in found.text
    assert "Home" not in found.text
    assert found.defect == ""


STATED = (
    '{"@context":"https://schema.org","@type":"NewsArticle","headline":"%s",'
    '"author":{"@type":"Person","name":"Jane Roe"}%s}'
)


@pytest.mark.parametrize(
    "block",
    [
        STATED % ("Aircraft &quot;arrive&quot; today", ""),
        STATED % ('Aircraft \\"arrive\\" today', ""),
        STATED % ("Aircraft <b>\\u0022arrive\\u0022</b> today", ""),
        "\n//<![CDATA[\n" + STATED % ("Aircraft &#34;arrive&#34; today", "") + "\n//]]>\n",
        STATED % ('Aircraft \\"arrive\\" today', f', "articleBody": "{"said &quot;no&quot;, " * 50_000}"'),
    ],
)
def test_json_about_the_article(block: str) -> None:
    """What quotes, wraps or is very long says as much as what does not."""
    html = page(head=f'<script type="application/ld+json">{block}</script>').replace("<title>", "<title>?")
    found = extract(html.encode(), url="")
    assert found.title == 'Aircraft "arrive" today'
    assert found.author == "Jane Roe"


@pytest.mark.parametrize(
    "block",
    ["[" * 100_000, "null", "[null, 1]", STATED % ("A", ",,"), '"author": "name' * 50_000, "x" + " " * 200_000 + "x"],
)
def test_json_that_says_nothing_costs_nothing_else(block: str) -> None:
    found = extract(page(head=f'<script type="application/ld+json">{block}</script>').encode(), url="")
    assert "Several drones were seen" in found.text


@pytest.mark.parametrize(
    "odd",
    [
        "<script>document.write('<style>')</script>",
        "<SCRIPT type='text/javascript'>if (a < b) document.write('<svg>')</Script >",
        "<!-- <script> -->",
        "<!--> <svg/> <svg />",
        "<svg><style>p { color: red }</style><svg><path/></svg></svg>",
        "<script-of-ours></script-of-ours><style-of-ours>",
        "<script data-template='<svg>'>var a = '<style>'</script>",
        "<script/>",
        "<script src='a.js'/>",
    ],
)
def test_programs_and_drawings_hide_no_text(odd: str) -> None:
    """What is left out before parsing is no more than what it seems to be."""
    last = "The minister of transport opened the new bridge across the river on Tuesday, a year later than planned."
    body = "".join(f"<p>{one}</p>" for one in PARAGRAPHS[:8])
    found = extract(page(f"{body}{odd}<p>{last}</p><script>a</script>").encode(), url="")
    assert PARAGRAPHS[0] in found.text
    assert last in found.text


@pytest.mark.parametrize("odd", ["<style>", "<svg>", "<script", "<script>", "<!--", "</script>"])
def test_what_does_not_end_hides_nothing_before_it(odd: str) -> None:
    assert "Several drones were seen" in extract(f"<script></script>{page()}{odd}".encode(), url="").text


@pytest.mark.parametrize("canonical", ["https://evil.example/b", "https://example.org/", "javascript:alert(1)", "//["])
def test_a_canonical_address_that_cannot_be(canonical: str) -> None:
    head = f'<link rel="canonical" href="{canonical}">'
    assert extract(page(head=head).encode(), url="https://example.org/a").canonical_url in (
        None,
        "https://example.org/a",
    )


RUSSIAN = (
    "<p>" + "Первые самолёты прибыли на авиабазу, сообщили во вторник официальные лица столицы страны. " * 8 + "</p>"
)
JAPANESE = "<p>" + "首都の当局者は火曜日、最初の航空機が空軍基地に到着したと述べた。" * 12 + "</p>"
GERMAN = "<p>" + "Die ersten Flugzeuge sind für die Übergabe an die Luftwaffe eingetroffen, hieß es. " * 8 + "</p>"


@pytest.mark.parametrize(
    ("body", "codec", "head", "content_type"),
    [
        (RUSSIAN, "windows-1251", "", "text/html; charset=windows-1251"),
        (RUSSIAN, "windows-1251", '<meta charset="windows-1251">', None),
        (RUSSIAN, "windows-1251", '<meta charset="windows-1251">', "text/html; charset=iso-8859-1"),
        (
            RUSSIAN,
            "koi8-r",
            '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">',
            "text/html",
        ),
        (RUSSIAN, "utf-8", '<meta charset="windows-1251">', "text/html; charset=windows-1251"),
        (RUSSIAN, "windows-1251", "", None),
        (RUSSIAN, "utf-16", "", None),
        (RUSSIAN, "utf-16-le", '<meta charset="utf-16">', None),
        (RUSSIAN, "utf-8-sig", "", "text/html; charset=iso-8859-1"),
        (JAPANESE, "shift_jis", '<meta charset="Shift_JIS">', None),
        (JAPANESE, "euc-jp", "", "text/html; charset=EUC-JP"),
        (JAPANESE, "iso2022_jp", '<meta charset="iso-2022-jp">', None),
        (GERMAN, "cp1252", "", "text/html; charset=ISO-8859-1"),
        (GERMAN, "cp1252", '<meta charset="utf-8">', None),
        (GERMAN, "utf-8", '<meta charset="utf-16">', None),
        (GERMAN, "utf-8", "", "text/html; charset=zlib"),
        (GERMAN, "utf-8", "", "text/html; charset=no-such-thing"),
    ],
)
def test_encodings(body: str, codec: str, head: str, content_type: str | None) -> None:
    found = extract(page(body, head=head).encode(codec), url="", content_type=content_type)
    assert body[3:40] in found.text


def test_a_broken_byte_does_not_change_the_rest() -> None:
    html = page(RUSSIAN).encode().replace("столицы".encode(), b"\xff\xfe", 1)
    assert "Первые самолёты" in extract(html, url="").text


CONSENT = {
    "en": "We value your privacy. We and our 842 partners store and access cookies to show "
    "personalised ads and "
    "content. You can accept all cookies or manage your preferences at any time in our privacy policy.",
    "de": "Wir benötigen Ihre Einwilligung. Wir und unsere Partner verwenden Cookies und Tracking, um Ihnen "
    "personalisierte Werbung zu zeigen. Mehr dazu in der Datenschutzerklärung. Bitte zustimmen Sie.",
    "fr": "Avec votre consentement, nos 120 partenaires et nous utilisons des cookies pour traiter "
    "des données "
    "personnelles. Vous pouvez retirer votre consentement à tout moment.",
    "es": "Con su consentimiento, nuestros socios y nosotros usamos cookies para tratar datos "
    "personales. Puede retirar "
    "su consentimiento en la política de privacidad.",
    "it": "Con il tuo consenso, noi e i nostri 100 partner usiamo cookie per trattare dati "
    "personali. Il consenso può "
    "essere revocato, vedi l'informativa sui cookie.",
    "pl": "Za Twoją zgodą my i nasi partnerzy używamy plików cookie. Przetwarzamy dane osobowe. "
    "Zgoda na pliki cookie może "
    "być wycofana.",
    "ru": "Мы используем файлы cookie и обработку персональных данных. Продолжая, вы даёте согласие на файлы cookie.",
}


@pytest.mark.parametrize("language", CONSENT)
def test_a_consent_wall_is_no_article(language: str) -> None:
    body = f"<div>{''.join(f'<p>{part}.</p>' for part in CONSENT[language].split('. '))}</div>"
    assert extract(page(body, lang=f' lang="{language}"').encode(), url="").defect == "consent wall"


def test_an_article_about_cookies_is_an_article() -> None:
    law = "The court ruled on Monday that consent to cookies has to be given freely. "
    body = "".join(f"<p>{paragraph}</p>" for paragraph in [law, *PARAGRAPHS[:6]])
    assert extract(page(body).encode(), url="").defect == ""


def test_a_check_for_robots_is_no_article() -> None:
    html = """<html><head><title>Just a moment...</title></head><body><div><p>Checking
    your browser before accessing
    example.org. Enable JavaScript and cookies to continue.</p></div></body></html>"""
    assert extract(html.encode(), url="").defect == "robot check"


def test_the_first_lines_before_a_paywall_are_a_stub() -> None:
    body = f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p><p>Subscribe to continue reading this article.</p>"
    assert extract(page(body).encode(), url="").defect == "stub"
    paid = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>'
    assert extract(page(f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>", head=paid).encode(), url="").defect == "stub"
    assert extract(page(head=paid).encode(), url="").text.count("drones") == 3


@pytest.mark.parametrize(
    ("body", "content_type", "defect"),
    [
        (b"", "text/html", "empty"),
        (b"   \n", None, "empty"),
        (b"%PDF-1.7 ...", None, "not html"),
        (b"<html>", "application/pdf", "not html"),
        (b"\x89PNG\r\n", "text/html", "not html"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "not html"),
        (b"PK\x03\x04" + b"\0" * 50, "text/html", "not html"),
        (b"<html><body></body></html>", "text/html", "empty"),
        (b"\x00" * 5000, None, "not html"),
    ],
)
def test_what_is_no_page(body: bytes, content_type: str | None, defect: str) -> None:
    assert extract(body, url="https://example.org/a", content_type=content_type).defect == defect


# ------------------------------------------------------------------------------------------------- the
# command


def test_json_lines_answer_every_line_in_order(tmp_path: Path) -> None:
    lines = [
        {"id": 1, "html": page(), "url": "https://example.org/a"},
        {"id": "deep", "html": "<div>" * 200_000, "url": ""},
        {"id": 3, "html": page("<p>short</p>", lang="")},
        {"id": 4},
    ]
    file = tmp_path / "pages.jsonl"
    file.write_text("\n".join([json.dumps(line) for line in lines] + ["", "no json", "[1]"]))
    done = CliRunner().invoke(commands, ["extract", "--jsonl", str(file)])
    assert done.exit_code == 0, done.output
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [1, "deep", 3, 4, None, None]
    assert all(list(a) == ["id", "title", "author", "published", "language", "text", "read"] for a in answers)
    assert answers[0]["title"] == "Aircraft arrive"
    assert answers[0]["read"] == "full article"
    assert answers[1]["text"] is None
    assert answers[4]["read"] == "line 6: not JSON"


def test_a_file_a_url_and_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "page.html"
    file.write_text(page())
    done = CliRunner().invoke(commands, ["extract", str(file)])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Aircraft arrive\n")
    assert "language:  en" in done.stdout
    found = json.loads(CliRunner().invoke(commands, ["extract", "--json", "-"], input=page()).stdout)
    assert found["read"] == "full article"
    with Site() as site:
        site.pages["/a"] = page()
        (tmp_path / "monitor.yaml").write_text(f"network: {{allow_private: ['{site.address}']}}\n")
        done = CliRunner().invoke(commands, ["extract", "--config", "monitor.yaml", "--json", site.url("/a")])
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["url"] == site.url("/a")
        assert CliRunner().invoke(commands, ["extract", site.url("/a")]).exit_code == 1
    assert CliRunner().invoke(commands, ["extract", "nowhere.html"]).exit_code == 1


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("Aircraft arrive | Daily News", "Aircraft arrive"),
        ("Aircraft arrive – DN – 28.04.2023", "Aircraft arrive – DN"),
        ("Aircraft arrive - Daily News - 2023/04/28", "Aircraft arrive"),
        ("Su-35 - what is known", "Su-35 - what is known"),
        ("Iran - Russia", "Iran - Russia"),
    ],
)
def test_a_headline_stands_without_its_outlet(title: str, headline: str) -> None:
    head = f'<meta property="og:title" content="{title}"><meta property="og:site_name" content="Daily News">'
    assert extract(page(head=head).encode(), url="https://www.dailynews.org/a").title == headline


def test_a_menu_is_not_taken_for_the_article() -> None:
    """Where the article is in no element known for it, everything on the page would be its text."""
    menu = "".join(f"<li><a href='/{n}'>Section {n}</a></li>" for n in range(150))
    text = "".join(f"<div class='x{n}'>{paragraph}<br></div>" for n, paragraph in enumerate(PARAGRAPHS))
    html = f"<html><head><title>News</title></head><body><ul>{menu}</ul><div>{text}</div></body></html>"
    found = extract(html.encode(), url="")
    assert "Several drones were seen" in found.text
    assert found.text.count("Section") < 20
