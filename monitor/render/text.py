"""Untrusted text made presentable: what could steer a terminal, a header or the reading direction is
taken out.

It must not escape for any one receiver; each receiver's file does that, after this.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, urlsplit

ELLIPSIS = "…"

# Controls, line and paragraph separators, bidirectional overrides and isolates, byte order mark, interlinear
# annotations, lone surrogates, non-characters. Joiners, marks of direction and variation selectors stay:
# Persian, Hebrew and emoji need them.
_UNSAFE = "\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
_SPACES = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
_DROPPED = re.compile(f"[{_UNSAFE}]")
_REPLACED = re.compile(
    f"[{_UNSAFE.replace(chr(0) + '-' + chr(0x1F), chr(0) + '-' + chr(8) + chr(0xB) + '-' + chr(0x1F))}]"
)
_CROWD = re.compile(
    r"([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def plain(text: str | None) -> str:
    """`text` as one clean line: no controls, no overrides, white space collapsed, at most four stacked
    accents."""
    if not text:
        return ""
    if text.isascii() and text.isprintable() and "  " not in text:  # most texts: a tenth of the time
        return text.strip()
    return _CROWD.sub(r"\1", _DROPPED.sub("", _SPACES.sub(" ", text))).strip()


def same_length(text: str | None) -> str:
    """`text` with each unsafe character replaced by U+FFFD, so that offsets into it still hold (for
    machines)."""
    return _REPLACED.sub("\ufffd", text or "")


def inert(text: str) -> str:
    """`text` without what could steer its reader's eye, its line breaks and spaces as they are."""
    return _CROWD.sub(r"\1", _REPLACED.sub("", text))


def shorten(text: str, limit: int, size: Callable[[str], int] = len) -> str:
    """The longest beginning of `text` that with … measures at most `limit`, cut where no character is split.

    `size` measures a text as the receiver does, after escaping, for instance; it never shrinks as a text
    grows.
    """
    if size(text) <= limit:
        return text
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if size(text[:middle] + ELLIPSIS) <= limit:
            low = middle
        else:
            high = middle - 1
    cut = _boundary(text, low)
    return (text[:cut].rstrip() + ELLIPSIS) if cut else (ELLIPSIS if limit > 0 else "")


def _boundary(text: str, index: int) -> int:
    """The last place at or before `index` where a reader sees one character end (UAX 29, its common part)."""
    for candidate in range(index, max(0, index - 64), -1):
        if not is_inside(text, candidate):
            return candidate
    return index  # a pile of marks longer than any script's: cut it


def is_inside(text: str, index: int) -> bool:
    """Whether cutting before `text[index]` would split what is seen as one character."""
    if not 0 < index < len(text):
        return False
    before, after = text[index - 1], text[index]
    if before == "\u200d" or after == "\u200d" or _extends(after):
        return True
    return _is_flag(before) and _is_flag(after) and _flags_before(text, index) % 2 == 1


def _extends(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
        or "\u1160" <= character <= "\u11ff"
    )


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flags_before(text: str, index: int) -> int:
    count = 0
    while index - count > 0 and _is_flag(text[index - count - 1]):
        count += 1
    return count


def is_rtl(text: str) -> bool:
    """Whether `text` starts right to left: by its first letter with a direction (UAX 9, rule P2)."""
    for character in text:
        if (direction := unicodedata.bidirectional(character)) in ("L", "R", "AL"):
            return direction != "L"
    return False


def web_link(url: str | None) -> str | None:
    """`url` if it is an http(s) link fit to be shown, in ASCII and without user name, every character
    that any mark-up could trip over percent-encoded (RFC 3986 section 2.1); else None."""
    text = _DROPPED.sub("", url or "").strip()
    try:
        parts = urlsplit(text)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not name or len(text) > 2000:
        return None
    netloc = _host_name(name) + (f":{port}" if port else "")
    if not netloc or netloc.startswith(":"):
        return None
    path, query, fragment = (quote(part, safe="!$%&'()*+,-./:;=?@_~") for part in parts[2:5])
    return f"{parts.scheme}://{netloc}{path}" + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _host_name(name: str) -> str:
    """The name in ASCII, "" if it is none."""
    if re.fullmatch(r"[0-9a-f:.]+", name):
        return f"[{name}]" if ":" in name else name
    try:
        ascii_name = name.encode("idna").decode()
    except UnicodeError:
        return ""
    return ascii_name if re.fullmatch(r"[A-Za-z0-9._-]+", ascii_name) else ""


def host(url: str | None) -> str:
    """The host of a link, for a reader; "" if there is none."""
    link = web_link(url)
    return (urlsplit(link).hostname or "").removeprefix("www.") if link else ""
