"""How the table of a language's word forms lies in its file: a hash index over records of lemma and forms.

It packs and unpacks; where files are is none of its business.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from dataclasses import dataclass

#: Changed whenever the layout or what stands in it changes; a file of another version is built anew.
VERSION = 2

#: What the keys of rules begin with; no word does.
RULE_KEY = "\x01"
_MAGIC = b"news-monitor forms\n"
_HEAD = struct.Struct("<III")  # version, slots, length of the records
_CHECK = struct.Struct("<I")
HEADER_LENGTH = len(_MAGIC) + _HEAD.size + _CHECK.size + 1  # padded to 36


@dataclass(frozen=True, slots=True)
class Header:
    slots: int
    records: int

    @property
    def length(self) -> int:
        """Bytes of the whole file."""
        return HEADER_LENGTH + 6 * self.slots + self.records


class TableDamaged(ValueError):
    """The file is not a whole table of this version."""


def pack(header: Header, tags: array[int], offsets: array[int], records: bytes) -> bytes:
    """The bytes of a table file (little endian; CRC-32 of what follows the header)."""
    body = tags.tobytes() + offsets.tobytes() + records
    head = _MAGIC + _HEAD.pack(VERSION, header.slots, header.records) + _CHECK.pack(zlib.crc32(body))
    return head.ljust(HEADER_LENGTH, b"\0") + body


def unpack_header(data: bytes | memoryview) -> Header:
    """The header of a whole and sound file. Raises TableDamaged."""
    if bytes(data[: len(_MAGIC)]) != _MAGIC or len(data) < HEADER_LENGTH:
        raise TableDamaged("not a table of word forms")
    version, slots, records = _HEAD.unpack_from(data, len(_MAGIC))
    header = Header(slots, records)
    if version != VERSION or header.length != len(data):
        raise TableDamaged("a table of another version, or cut short")
    (check,) = _CHECK.unpack_from(data, len(_MAGIC) + _HEAD.size)
    if zlib.crc32(data[HEADER_LENGTH:]) != check:
        raise TableDamaged("a damaged table")
    return header


def hash_of(form: str, slots: int) -> tuple[int, int]:
    """Slot and tag (1..65535) of a form. The hash is CRC-32, the same in every process."""
    value = zlib.crc32(form.encode())
    return value % slots, (value >> 16) or 1


def encode_paradigm(lemma: str, forms: list[str]) -> bytes:
    """A record: the lemma, then each form as the length of what it shares with the first form, and the rest."""
    first = forms[0]
    parts = [lemma, "\t", first]
    for form in forms[1:]:
        shared = 0
        for a, b in zip(form, first, strict=False):
            if a != b or shared >= 90:
                break
            shared += 1
        parts += ("\t", chr(33 + shared), form[shared:])
    parts.append("\n")
    return "".join(parts).encode()


def decode_paradigm(record: str) -> tuple[str, list[str]]:
    """Lemma and forms of a record without its last newline."""
    lemma, first, *rest = record.split("\t")
    return lemma, [first, *(first[: ord(part[0]) - 33] + part[1:] for part in rest)]
