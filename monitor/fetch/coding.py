"""Content codings undone with the size capped inside the decoder: gzip and deflate, one of them at most.

Only these are offered to servers: other decoders give half a gigabyte for 809 bytes in a single call.
"""

from __future__ import annotations

import zlib
from typing import Any, Protocol

from monitor.errors import FetchFailed

#: What `Accept-Encoding` says.
OFFERED = "gzip, deflate"
_PIECE = 65536
# Servers write these where they mean that nothing was encoded.
_PLAIN = frozenset({"", "identity", "none", "utf-8", "binary", "8bit", "text/html", "charset=utf-8"})


class Decoder(Protocol):
    """Takes the body as it comes and keeps it decoded; raises FetchFailed as soon as it grows over its
    limit."""

    def feed(self, data: bytes) -> None: ...
    def finish(self) -> bytes: ...
    def so_far(self) -> bytes: ...


def decoder(content_encoding: str, limit: int, name: str) -> Decoder:
    """For a Content-Encoding header. `limit` in bytes after decoding; `name` starts the error messages."""
    codings = [part.strip().lower() for part in content_encoding.split(",")]
    codings = [part for part in codings if part not in _PLAIN]
    if len(codings) > 1:
        raise FetchFailed(f"{name} sent {len(codings)} content codings on top of each other", kind="encoding")
    if not codings:
        return _Plain(limit, name)
    if codings[0] in ("gzip", "x-gzip", "deflate"):
        return _Zlib(limit, name)
    raise FetchFailed(f"{name} sent the content coding '{codings[0][:20]}', which was not asked for", kind="encoding")


class _Plain:
    def __init__(self, limit: int, name: str) -> None:
        self.limit, self.name = limit, name
        self.parts: list[bytes] = []
        self.size = 0

    def feed(self, data: bytes) -> None:
        self.keep(data)

    def keep(self, data: bytes) -> None:
        self.size += len(data)
        self.parts.append(data)
        if self.size > self.limit:
            raise too_large(self.name, self.limit)

    def finish(self) -> bytes:
        return b"".join(self.parts)

    def so_far(self) -> bytes:
        return b"".join(self.parts)[: self.limit]


class _Zlib(_Plain):
    """gzip (several members too), zlib and raw deflate, told apart by the first two bytes.

    What is labelled so and is neither is taken as it is: some servers label what they did not encode.
    """

    def __init__(self, limit: int, name: str) -> None:
        super().__init__(limit, name)
        self.start = b""
        self.inner: Any = None  # zlib names no type for its decompressors
        self.is_plain = False
        self.is_over = False

    def feed(self, data: bytes) -> None:
        if self.inner is None and not self.is_plain:
            self.start += data
            if len(self.start) < 2:
                return
            data, self.start = self.start, b""
            self._begin(data)
        if self.is_plain:
            self.keep(data)
        elif not self.is_over:
            self._inflate(data)

    def _begin(self, data: bytes) -> None:
        if data[:2] == b"\x1f\x8b":
            self.inner = zlib.decompressobj(31)
        elif data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0:
            self.inner = zlib.decompressobj(15)
        elif data.lstrip()[:1] in (b"<", b"{", b"[") or data[:3] == b"\xef\xbb\xbf":
            self.is_plain = True
        else:
            self.inner = zlib.decompressobj(-15)

    def _inflate(self, data: bytes) -> None:
        while True:
            try:
                piece = self.inner.decompress(data, _PIECE)
            except zlib.error as error:
                raise FetchFailed(f"{self.name} sent a damaged compressed body", kind="encoding") from error
            self.keep(piece)
            if not self.inner.eof:
                data = self.inner.unconsumed_tail
                if not data and len(piece) < _PIECE:
                    return
                continue
            data = self.inner.unused_data
            if data[:2] != b"\x1f\x8b":  # padding or garbage after the end is ignored, as browsers do
                self.is_over = True
                return
            self.inner = zlib.decompressobj(31)

    def finish(self) -> bytes:
        if self.start:
            self.keep(self.start)
        elif self.inner is not None and not self.inner.eof:
            raise FetchFailed(f"{self.name} ended in the middle of its compressed body", kind="encoding")
        return super().finish()


def too_large(name: str, limit: int) -> FetchFailed:
    """The error for a body over its limit."""
    size = f"{limit / 1e6:g} MB" if limit >= 100_000 else f"{limit} bytes"
    return FetchFailed(f"{name} is larger than {size}", kind="too-large")
