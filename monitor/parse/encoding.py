"""Bytes to text: byte order mark, HTTP charset, XML declaration and a guess, reconciled by what decodes.

It knows nothing of feeds, and must never fail: the last resort is UTF-8 with the broken bytes read as
windows-1252.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How a document without a mark begins, by family (XML 1.0 appendix F); the families' text is 7-bit for no
#: other.
_FAMILIES = (
    (re.compile(rb"[\s]?<\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00\x00\x00<"), "utf-32-be"),
    (re.compile(rb"<\x00[^\x00]\x00"), "utf-16-le"),
    (re.compile(rb"\x00<\x00[^\x00]"), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp500"),  # "<?xm" in EBCDIC
)
_DECLARED = re.compile(r"\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9._:+ \-]{1,40})", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:+\-]{1,40})", re.IGNORECASE)
#: Names as feeds write them, to the superset that browsers read (WHATWG Encoding standard).
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "johab": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "utf-8-sig": "utf-8",
}
_ALIASES = {
    "unicode-1-1-utf-7": "utf-7",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "x-euc-jp": "euc_jp",
    "x-mac-cyrillic": "mac_cyrillic",
    "macintosh": "mac_roman",
    "x-big5": "big5hkscs",
    "utf": "utf-8",
    "utf8mb4": "utf-8",
    "unicode": "utf-8",
    "ansi": "cp1252",
}
#: Text in these is 7-bit, and so valid UTF-8 that means something else: the label is all there is.
_SEVEN_BIT = (
    "utf-7",
    "hz",
    "iso2022_jp",
    "iso2022_jp_1",
    "iso2022_jp_2",
    "iso2022_jp_2004",
    "iso2022_jp_3",
    "iso2022_jp_ext",
    "iso2022_kr",
)
_GUESSABLE = [
    "cp1251",
    "koi8_r",
    "cp1252",
    "cp1250",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp874",
    "gb18030",
    "big5",
    "cp932",
    "euc_jp",
    "euc_kr",
]
#: Codecs of Python that transform text and are no charset of a document.
_NO_CHARSETS = ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem")
_CENTRAL_EUROPEAN = re.compile(
    rb"(?:<(?:dc:)?language>|xml:lang=[\"'])\s*(?:cs|cz|pl|hu|sk|sl|hr|ro|sr|bs|sq)\b", re.IGNORECASE
)
_HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a document, the encoding it was read in, and what was odd about it, in words."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """The text of an XML or JSON document. Order: byte order mark; UTF-8 if the bytes are (nothing else
    looks like it by accident); the HTTP charset, then the XML declaration (RFC 7303 section 3), as far as
    they decode; a guess."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(name, "replace"), name)
    for pattern, name in _FAMILIES:
        if pattern.match(body):
            return _in_family(body, name)
    return _without_mark(body, _python_name(_first(_CHARSET, content_type or "")), declared_encoding(body))


def declared_encoding(body: bytes) -> str | None:
    """The XML declaration's encoding as Python names it; None without one or for one that nobody knows."""
    return _python_name(_first(_DECLARED, body[:400].decode("latin-1")))


def _in_family(body: bytes, name: str) -> Decoded:
    if name == "cp500":
        declared = _python_name(_first(_DECLARED, body[:400].decode("cp500")))
        name = declared if declared and declared.startswith("cp") else name
    text = body[: len(body) // 4 * 4 if name.startswith("utf-32") else None].decode(name, "replace")
    return Decoded(text, name)


def _without_mark(body: bytes, http: str | None, declared: str | None) -> Decoded:
    for label in (http, declared):
        if label in _SEVEN_BIT and not _HIGH.search(body):
            return Decoded(body.decode(label, "replace"), label)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(body, http, declared)
    return Decoded(text, "utf-8", _contradiction(body, http or declared))


def _contradiction(body: bytes, label: str | None) -> tuple[str, ...]:
    if label in (None, "utf-8") or not _HIGH.search(body):
        return ()
    return (f"is labelled {label} but is UTF-8",)


def _legacy(body: bytes, http: str | None, declared: str | None) -> Decoded:
    # Servers send ISO-8859-1 (here: cp1252) by default for what they know nothing about; a declaration
    # knows more.
    labels = [declared, http] if http == "cp1252" else [http, declared]
    if "utf-8" in labels and _is_mostly_utf8(body):
        return _repaired(body)
    for label in dict.fromkeys(label for label in labels if label and not label.startswith("utf-")):
        try:
            return Decoded(body.decode(label), label)
        except UnicodeDecodeError:
            if (text := body.decode(label, "replace")).count("\ufffd") * 200 < len(_HIGH.findall(body)):
                return Decoded(text, label, (f"has bytes that are not {label}",))
    if _is_mostly_utf8(body):
        return _repaired(body)
    guess = _guess(body)
    return Decoded(body.decode(guess, "replace"), guess, (f"does not say its encoding truly; read as {guess}",))


def _is_mostly_utf8(body: bytes) -> bool:
    good = len(re.findall(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", body))
    return good > 4 * body.decode("utf-8", "replace").count("\ufffd")


def _repaired(body: bytes) -> Decoded:
    return Decoded(body.decode("utf-8", _AS_CP1252), "utf-8", ("has bytes that are not UTF-8",))


_AS_CP1252 = "monitor-cp1252"


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_AS_CP1252, _as_cp1252)


def _guess(body: bytes) -> str:
    """What legacy encoding unlabelled bytes are in; windows-1252 when nothing speaks for another."""
    from charset_normalizer import from_bytes

    words = re.sub(rb"<[^<>]{0,400}>|&#?\w{1,12};", b" ", body[:200_000])
    sample = b" ".join(word for word in words.split() if _HIGH.search(word))[:20_000]
    matches = from_bytes(sample, threshold=0.4, cp_isolation=_GUESSABLE) if len(sample) > 3 else None
    best = matches.best() if matches else None
    name = _python_name(best.encoding) if best is not None else None
    if name in (None, "cp1250") and not _CENTRAL_EUROPEAN.search(body[:5000]):
        return "cp1252"  # the two share their letters but for a few, and western text is far more frequent
    return name or "cp1252"


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group(1) if found else None


def _python_name(label: str | None) -> str | None:
    """A label as feeds write it ('cp-1251', 'win-1251', 'ISO 8859-1') to the codec that reads it."""
    if not label:
        return None
    label = label.strip().lower()
    label = _ALIASES.get(label, label)
    short = re.sub(r"\A(?:cp|win|windows|microsoft-cp|x-cp)[-_ ]?(\d{3,4})\Z", r"cp\1", label)
    for name in (short, re.sub(r"[ ]", "-", short), re.sub(r"\Ax-", "", short)):
        try:
            found = codecs.lookup(name)
        except (LookupError, ValueError):
            continue
        if found.name in _NO_CHARSETS or not getattr(found, "_is_text_encoding", True):
            return None  # "zip" and "hex" are codecs to Python too
        return _READ_AS.get(found.name, found.name)
    return None
