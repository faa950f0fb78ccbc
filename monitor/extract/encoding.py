"""The characters of a page from its bytes: what it says of itself, what the server says, and what is so.

It decodes; it does not parse.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"\A\s{0,20}<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
#: What these labels mean on the web (WHATWG encoding standard), where Python reads them to the letter.
_WEB = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874", "big5": "big5hkscs",
}  # fmt: skip
#: In these, text other than ASCII consists of bytes below 128, and so passes for UTF-8.
_SEVEN_BIT = frozenset({"iso2022_jp", "iso2022_kr", "hz"})
_NOT_TEXT = frozenset(
    {"base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode", "undefined"}
    | {"unicode_escape", "raw_unicode_escape", "utf-7"}
)


def decode(html: bytes, content_type: str | None) -> str:
    """Byte order mark, then UTF-8 if it is UTF-8, then what the server and the page declare, then a guess.

    What is valid UTF-8 and not ASCII is UTF-8 whatever the labels say. Never raises.
    """
    for mark, name in _BOMS:
        if html.startswith(mark):
            return html.decode(name, "replace")
    declared = _declared(html, content_type)
    if b"<\x00" in html[:200] or b"\x00<" in html[:200]:
        return html.decode("utf-16-le" if b"<\x00" in html[:200] else "utf-16-be", "replace")
    if not (html.isascii() and _SEVEN_BIT.intersection(declared[:1])):
        try:
            return html.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data":
                return html.decode("utf-8", "replace")
    for name in declared:
        try:
            return html.decode(name, "strict")
        except (UnicodeDecodeError, LookupError):
            continue
    return html.decode(_guess(html, declared), "replace")


def _declared(html: bytes, content_type: str | None) -> list[str]:
    """The server's charset, then the page's. Latin-1 from a server is its default and says little: it comes
    last."""
    found = []
    if content_type and (match := _CHARSET.search(content_type)):
        found.append(match[1])
    head = html[:4096]
    found += [match[1].decode("ascii") for match in (_XML.search(head), _META.search(head)) if match]
    names = [name for label in found if (name := _codec(label)) and not name.startswith(("utf-16", "utf-32"))]
    weak = [name for name in names[:1] if name == "cp1252"]
    return names[1:] + weak if weak else names


def _codec(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        match = re.match(r"(?:cp|win(?:dows)?|x-cp)[-_]?(125\d|874)\Z", label, re.IGNORECASE)
        return f"cp{match[1]}" if match else None
    return None if name in _NOT_TEXT else _WEB.get(name, name)


def _guess(html: bytes, declared: list[str]) -> str:
    """The declared one if it is nearly right, else what the bytes look like (charset-normalizer), else
    UTF-8."""
    if declared and html.decode(declared[0], "replace").count("�") * 200 < len(html):
        return declared[0]
    if html.decode("utf-8", "replace").count("�") * 500 < len(html):
        return "utf-8"
    from charset_normalizer import from_bytes

    best = from_bytes(html[:5000] + html[-5000:]).best()
    return best.encoding if best is not None else "utf-8"
