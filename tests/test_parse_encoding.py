"""Encodings as feeds have them: declared, undeclared, contradicted."""

from __future__ import annotations

import codecs

import pytest

from monitor.parse import parse_feed

RUSSIAN = "Беспилотники атаковали нефтебазу под городом, сообщает агентство со ссылкой на военных"
TEXTS = {
    "windows-1251": RUSSIAN,
    "koi8-r": RUSSIAN,
    "big5": "無人機襲擊城市的煉油廠,通訊社報導,沒有人員傷亡",
    "euc-jp": "ドローンが都市の製油所を攻撃したと通信社が報じた",
    "shift_jis": "ドローンが都市の製油所を攻撃したと通信社が報じた",
    "euc-kr": "무인기가 도시의 정유소를 공격했다고 통신사가 보도했다",
    "gb2312": "无人机袭击城市的炼油厂,通讯社报道,没有人员伤亡",
    "windows-1252": "L’hélicoptère a été abattu près de la forêt, à l’été",
    "windows-1256": "هجوم بطائرات مسيرة على مصفاة النفط في المدينة",
}


def body(text: str, declared: str = "") -> str:
    head = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else '<?xml version="1.0"?>\n'
    return f"{head}<rss version='2.0'><channel><title>T</title><item><title>{text}</title></item></channel></rss>"


def title(data: bytes, content_type: str | None = None) -> str:
    return parse_feed(data, url="https://example.org/", content_type=content_type).entries[0].title


@pytest.mark.parametrize(("encoding", "text"), TEXTS.items())
def test_declared_in_the_document(encoding: str, text: str) -> None:
    assert title(body(text, encoding).encode(encoding)) == text


@pytest.mark.parametrize(("encoding", "text"), TEXTS.items())
def test_named_by_the_server_only(encoding: str, text: str) -> None:
    assert title(body(text).encode(encoding), f"text/xml; charset={encoding}") == text


@pytest.mark.parametrize(("encoding", "text"), TEXTS.items())
def test_utf8_whatever_the_labels_say(encoding: str, text: str) -> None:
    assert title(body(text, encoding).encode(), f'application/xml; charset="{encoding}"') == text


@pytest.mark.parametrize(("encoding", "text"), TEXTS.items())
def test_labelled_utf8_by_the_server_though_it_is_not(encoding: str, text: str) -> None:
    assert title(body(text, encoding).encode(encoding), "text/xml; charset=utf-8") == text


@pytest.mark.parametrize(("encoding", "text"), TEXTS.items())
def test_not_named_at_all(encoding: str, text: str) -> None:
    assert title(body(text).encode(encoding)) == text


@pytest.mark.parametrize("label", ["cp-1251", "win-1251", "CP1251", "Windows-1251", "x-cp1251", "windows1251"])
def test_names_as_feeds_write_them(label: str) -> None:
    assert title(body(RUSSIAN, label).encode("cp1251")) == RUSSIAN


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"]
)
@pytest.mark.parametrize("declared", ["", "utf-8", "windows-1251"])
def test_wide_and_marked(encoding: str, declared: str) -> None:
    assert title(body(RUSSIAN, declared).encode(encoding)) == RUSSIAN


def test_a_declared_utf16_that_is_bytes() -> None:
    assert title(body(RUSSIAN, "utf-16").encode()) == RUSSIAN


def test_the_declaration_knows_more_than_a_servers_default() -> None:
    assert title(body(RUSSIAN, "windows-1251").encode("cp1251"), "text/xml; charset=ISO-8859-1") == RUSSIAN


def test_a_few_broken_bytes_spoil_nothing_else() -> None:
    data = body(RUSSIAN + " café", "utf-8").encode().replace("café".encode(), b"caf\xe9 \x93x\x94")
    assert title(data) == RUSSIAN + " café “x”"


@pytest.mark.parametrize(
    "label", ["zip", "hex", "x-nope", "unicode_escape", "idna", "rot13", "undefined", "'", "a" * 300]
)
def test_labels_that_are_no_charset(label: str) -> None:
    assert title(body("Café", label).encode(), f"text/xml; charset={label}") == "Café"


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF32_BE])
@pytest.mark.parametrize("tail", [b"", b"\x00", b"\xff", b"<\x00r"])
def test_half_a_document_is_no_crash(mark: bytes, tail: bytes) -> None:
    from monitor.errors import ParseFailed

    with pytest.raises(ParseFailed):
        parse_feed(mark + tail, url="https://example.org/")
