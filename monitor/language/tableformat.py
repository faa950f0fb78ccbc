"""How the table of a language's word forms lies in its file: sorted hashes of forms, and records of lemma and forms.

It packs and unpacks; where files are is none of its business.
"""

from __future__ import annotations

import os.path
import struct
import sys
import zlib
from array import array
from bisect import bisect_left

#: Changed whenever the layout or what stands in it changes; a file of another version is built anew.
VERSION = 5

#: What the keys of rules begin with; no word does.
RULE_KEY = "\x01"

_MAGIC = b"news-monitor forms\n"
_HEAD = struct.Struct("=IIII")  # version, number of keys, length of the records, CRC-32 of what follows the header
HEADER_LENGTH = 40  # a multiple of 8, so that the keys are aligned
_GAP = 4  # for the same reason

#: Hashes begin in so many ways: their first 16 bits.
BEGINNINGS = 1 << 16
_REST = 48  # bits of a key behind them


class TableDamaged(ValueError):
    """The file is not a whole table of this version."""


def pack(keys: array[int], records: bytes | bytearray) -> bytes:
    """The bytes of a table file: a header, where in the keys each beginning of a hash begins, the keys (CRC-32 of a
    form << 32 | place of its record, sorted), records."""
    starts = array("I", [bisect_left(keys, beginning << _REST) for beginning in range(BEGINNINGS + 1)])
    body = b"".join((starts.tobytes(), bytes(_GAP), keys.tobytes(), records))
    head = _MAGIC + _HEAD.pack(VERSION, len(keys), len(records), zlib.crc32(body))
    return head.ljust(HEADER_LENGTH, sys.byteorder[:1].encode()) + body


def unpack(data: memoryview) -> tuple[memoryview, memoryview, int]:
    """Where the keys of each beginning of a hash begin, the keys, and where the records begin, of a whole and sound
    file. Raises TableDamaged."""
    if len(data) < HEADER_LENGTH or bytes(data[: len(_MAGIC)]) != _MAGIC:
        raise TableDamaged("not a table of word forms")
    version, keys, records, check = _HEAD.unpack_from(data, len(_MAGIC))
    first = HEADER_LENGTH + 4 * (BEGINNINGS + 1) + _GAP
    start = first + 8 * keys
    if version != VERSION or start + records != len(data) or data[HEADER_LENGTH - 1] != ord(sys.byteorder[0]):
        raise TableDamaged("a table of another version, or cut short")
    if zlib.crc32(data[HEADER_LENGTH:]) != check:
        raise TableDamaged("a damaged table")
    return data[HEADER_LENGTH : first - _GAP].cast("I"), data[first:start].cast("Q"), start


def encode_paradigm(lemma: str, forms: list[str]) -> bytes:
    """A record: the lemma, what all forms begin with, and the rest of each form."""
    stem = os.path.commonprefix(forms)  # noqa: RUF071  (of letters, as its name says)
    cut = len(stem)
    return "\t".join([lemma, stem, *[form[cut:] for form in forms]]).encode() + b"\n"


def decode_paradigm(record: str) -> tuple[str, list[str]]:
    """Lemma and forms of a record without its last newline."""
    lemma, stem, *rest = record.split("\t")
    return lemma, [stem + part for part in rest]
