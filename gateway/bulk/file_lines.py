"""Lines of an import's file while it arrives: JSON lines, or CSV that is turned into them."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from gateway.errors import GatewayError

#: Bytes of one line, or of one record of CSV.
LONGEST_LINE: Final = 1_000_000
_BYTE_ORDER_MARK: Final = codecs.BOM_UTF8
#: Columns of shipments, and fields of their JSON lines.
SHIPMENT_COLUMNS: Final = ("platformId", "carrier", "otherCarrier", "trackingNumber")
_NEEDED_COLUMNS: Final = ("platformId", "trackingNumber")
_BLANK: Final = re.compile(rb"\s*")


class InvalidFile(GatewayError):
    """The file cannot be imported; the message says why, and what to do."""

    code = "BAD_USER_INPUT"


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line to import; `number` is where it begins in the file, from 1."""

    number: int
    text: bytes


class FileLines:
    """Cuts a file into lines, as its parts arrive; empty ones are left out.

    JSON lines are UTF-8. With `csv_allowed` a file that does not begin with `{` is CSV with a head
    line, in UTF-8 or GB18030; a record may span several lines.
    """

    def __init__(self, *, csv_allowed: bool) -> None:
        self._csv_allowed = csv_allowed
        self._records: _CsvRecords | None = None
        self._began = False
        self._rest = bytearray()
        #: Lines read so far.
        self.read = 0

    def feed(self, data: bytes) -> Iterator[FileLine]:
        """The lines that are complete; raises InvalidFile."""
        self._rest += data
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        for line in lines:
            yield from self._line(line)
        if len(rest) > LONGEST_LINE:
            raise self._too_long(self.read + 1)

    def finish(self) -> Iterator[FileLine]:
        """The last line, if it has no end; raises InvalidFile."""
        if self._rest:
            yield from self._line(bytes(self._rest))
        if self._records is not None:
            self._records.finish()

    def _line(self, line: bytes) -> Iterator[FileLine]:
        self.read += 1
        if len(line) > LONGEST_LINE:
            raise self._too_long(self.read)
        if self.read == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        line = line.removesuffix(b"\r")
        if not self._began and not _BLANK.fullmatch(line):
            self._began = True
            if self._csv_allowed and not line.lstrip().startswith((b"{", b"[")):
                self._records = _CsvRecords()
        if self._records is not None:
            yield from self._records.line(self.read, line)
        elif not _BLANK.fullmatch(line):
            try:
                line.decode()
            except UnicodeDecodeError:
                message = f"Line {self.read} is not in UTF-8: save the file as UTF-8."
                raise InvalidFile(message) from None
            yield FileLine(self.read, line)

    def _too_long(self, number: int) -> InvalidFile:
        return InvalidFile(
            f"Line {number} is longer than {LONGEST_LINE:,} bytes: end each object with a line end."
        )


class _CsvRecords:
    """Reads CSV line by line; a record is complete where its quotes are even."""

    def __init__(self) -> None:
        self._columns: list[str] = []
        self._encoding = "utf-8"
        #: Whether anything but ASCII was read as UTF-8.
        self._decided = False
        self._open: list[str] = []
        self._begun = 0
        self._size = 0

    def line(self, number: int, line: bytes) -> Iterator[FileLine]:
        """The record that this line completes."""
        text = self._decoded(number, line)
        if not self._open:
            self._begun, self._size = number, 0
            if not text.strip():
                return
        self._open.append(text)
        self._size += len(line)
        if self._size > LONGEST_LINE:
            raise self._unclosed()
        record = "\n".join(self._open)
        if record.count('"') % 2:
            return
        self._open = []
        try:
            (cells,) = csv.reader([record], strict=True)
        except (csv.Error, ValueError):
            # A quote within a cell that is not quoted, or a line end that another system writes.
            message = f"Line {self._begun} is not CSV: put cells with quotes between quotes."
            raise InvalidFile(message) from None
        if not self._columns:
            self._columns = self._head([cell.strip() for cell in cells])
            return
        values = {
            (self._columns[place] if place < len(self._columns) else f"column {place + 1}"): cell
            for place, cell in enumerate(map(str.strip, cells))
            if cell
        }
        if values:
            yield FileLine(self._begun, orjson.dumps(values))

    def finish(self) -> None:
        """The file has ended; raises InvalidFile where a record has not."""
        if self._open:
            raise self._unclosed()

    def _unclosed(self) -> InvalidFile:
        return InvalidFile(f"The quote that a cell of line {self._begun} begins with never ends.")

    def _decoded(self, number: int, line: bytes) -> str:
        if line.isascii():
            return line.decode("ascii")
        try:
            text = line.decode(self._encoding)
        except UnicodeDecodeError:
            if self._decided or self._encoding != "utf-8":
                message = f"Line {number} is neither UTF-8 nor GB18030: save the file as UTF-8."
                raise InvalidFile(message) from None
            self._encoding = "gb18030"
            return self._decoded(number, line)
        self._decided = True
        return text

    def _head(self, names: list[str]) -> list[str]:
        known = ", ".join(SHIPMENT_COLUMNS)
        if unknown := [name for name in names if name not in SHIPMENT_COLUMNS]:
            listed = ", ".join(f'"{name[:40]}"' for name in unknown[:10])
            message = f"The head line has unknown columns: {listed}. The columns are {known}."
            raise InvalidFile(f"{message} Separate them by commas.")
        missing = [name for name in _NEEDED_COLUMNS if name not in names]
        if missing or len(set(names)) < len(names):
            what = f"lacks {' and '.join(missing)}" if missing else "has a column twice"
            raise InvalidFile(f"The head line {what}. The columns are {known}.")
        return names
