"""A file that a person names as a text: its bytes as characters, or why it is none.

It guesses an encoding only where the bytes are no UTF-8, and says so.
"""

from __future__ import annotations

import codecs
import re

import click

from monitor.errors import InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROLS = 0.01  # share of the bytes
_MOST_BROKEN = 0.002  # share of a text in UTF-8 that may be damaged
_SAMPLE = 20_000  # bytes at either end by which an encoding is guessed
_CANDIDATES = (
    "cp1252 cp1251 koi8_r koi8_u cp866 cp1250 cp1253 cp1254 cp1255 cp1256 cp1257 cp874 gb18030 big5 shift_jis euc_jp "
    "euc_kr"
)


def is_page(body: bytes) -> bool:
    """Whether `body` is HTML and no plain text."""
    return body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<"


def as_text(body: bytes, name: str) -> str:
    """`body` decoded, with a word on standard error where that is a guess. Raises InputError if it is not a text."""
    called = "standard input" if name == "-" else name
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _strictly(body, encoding, called)
    if b"\0" in body or len(_CONTROLS.findall(body)) > _MOST_CONTROLS * len(body):
        raise _no_text(called)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        return _damaged(body, called, error) or _guessed(body, called)


def _no_text(called: str) -> InputError:
    return InputError(f"{called} is not a text; give a plain text or an HTML page, best in UTF-8")


def _strictly(body: bytes, encoding: str, called: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        raise _no_text(called) from None


def _damaged(body: bytes, called: str, error: UnicodeDecodeError) -> str:
    """A text in UTF-8 with a few broken characters; "" if it is none."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd") - body.count("\ufffd".encode())
    if broken > max(1, _MOST_BROKEN * len(text)) or text.isascii() or len(text) - broken < 2 or not _has_utf8(body):
        return ""
    click.echo(f"{called}: {broken} broken in UTF-8, the first at byte {error.start + 1}, shown as \ufffd", err=True)
    return text


def _has_utf8(body: bytes) -> bool:
    """Whether any character of more than one byte is whole."""
    return any(ord(character) > 127 and character != "\ufffd" for character in body.decode("utf-8", "replace"))


def _guessed(body: bytes, called: str) -> str:
    from charset_normalizer import from_bytes

    sample = body if len(body) <= 2 * _SAMPLE else body[:_SAMPLE] + body[-_SAMPLE:]
    matches = list(from_bytes(sample, cp_isolation=_CANDIDATES.split()))
    if not matches:
        raise _no_text(called)
    best = matches[0]
    for match in matches:  # of those that fit as well, the one that is written most
        if "cp1252" in match.could_be_from_charset and (match.chaos, -match.coherence) <= (best.chaos, -best.coherence):
            return _announced(body, "cp1252", called)
    return _announced(body, best.encoding, called)


def _announced(body: bytes, encoding: str, called: str) -> str:
    text = _strictly(body, encoding, called)
    click.echo(f"{called} is not in UTF-8; it is read as {encoding}, which is a guess", err=True)
    return text
