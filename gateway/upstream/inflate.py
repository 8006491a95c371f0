"""Decompression with a size limit."""

import zlib
from collections.abc import Iterator

#: A decompression bomb is detected at most this many bytes past the limit.
_STEP = 65_536


class TooMuch(Exception):
    """The decompressed bytes exceeded the limit."""


class Inflater:
    """One gzip stream; memory stays within the limit and one step, whatever the input."""

    __slots__ = ("_left", "_unpack")

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._unpack = zlib.decompressobj(wbits=31)

    @property
    def complete(self) -> bool:
        """Whether the stream's end, with its checksum, was seen."""
        return self._unpack.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        """`data` decompressed, in pieces of 64 KiB at most.

        Raises:
            zlib.error: it is not gzip.
            TooMuch: it is past the limit.
        """
        while True:
            piece = self._unpack.decompress(data, _STEP)
            self._left -= len(piece)
            if self._left < 0:
                raise TooMuch
            yield piece
            data = self._unpack.unconsumed_tail
            # A full step may have left more inside, even with nothing more to feed.
            if self._unpack.eof or (not data and len(piece) < _STEP):
                return
