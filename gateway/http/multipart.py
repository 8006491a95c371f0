"""Reads a GraphQL multipart request: an operation with one file.

By the GraphQL multipart request specification: `operations` has the JSON of the request with
null in the file's place, `map` says which variable that is, and the file's part comes last.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.types import Receive

from gateway.http import parameters
from gateway.http.refusal import HttpRefusal
from gateway.http.request import BodyStream, RequestInfo
from schema.scalars import BulkUpload, UploadedFile

_OPERATIONS: Final = "operations"
_MAP: Final = "map"
_PARTS: Final = 3
#: One parameter of a header; a quoted value may hold semicolons.
_PARAMETER: Final = re.compile(r';\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
#: Those of RFC 8187, and of RFC 5987 before it.
_CHARSETS: Final = ("utf-8", "iso-8859-1")
#: A page of another site can send forms, but none of these headers without a preflight.
_PREFLIGHTED: Final = (
    "authorization",
    "x-request-id",
    "idempotency-key",
    "graphql-require-preflight",
    "apollo-require-preflight",
)


def is_multipart(content_type: str | None) -> bool:
    """Whether a request is a form with files."""
    if content_type == "application/json":
        return False
    return (content_type or "").partition(";")[0].strip().lower() == "multipart/form-data"


def require_preflight(request: RequestInfo) -> None:
    """Refuse a form that any page could make a browser send (CSRF).

    Raises:
        HttpRefusal: 415.
    """
    if not any(request.headers.get(name) for name in _PREFLIGHTED):
        raise HttpRefusal(
            415, "Send a form with the header GraphQL-Require-Preflight: 1, or with a key"
        )


def from_form(body: bytes, content_type: str, max_file: int) -> parameters.Parameters:
    """Read the body of a form; the file is put into the variables.

    Raises:
        HttpRefusal: 400 for an invalid form, 413 for a file of more than `max_file` bytes.
    """
    parser = _FormParser(content_type)
    parser.feed(body)
    return _whole(parser.finish(), max_file)


def _whole(parts: "dict[str, _Part]", max_file: int) -> parameters.Parameters:
    asked = parameters.from_body(_text(parts, _OPERATIONS))
    name, path = _target(_text(parts, _MAP))
    file = parts.get(name)
    if file is None or file.file_name is None:
        raise HttpRefusal(400, "`map` names a part that is not a file of this form")
    if set(parts) != {_OPERATIONS, _MAP, name}:
        raise HttpRefusal(400, "The form has a part that `map` does not name")
    if len(file.content) > max_file:
        raise HttpRefusal(413, f"The file is larger than {max_file} bytes")
    _put(asked.variables, path, UploadedFile(file.file_name, bytes(file.content)))
    return asked


class FormStream:
    """A form whose file may be read while it arrives.

    Every method raises HttpRefusal for an invalid form, and ClientGone.
    """

    def __init__(self, receive: Receive, request: RequestInfo) -> None:
        self._body = BodyStream(receive, request)
        self._parser = _FormParser(request.headers.get("content-type", ""))

    async def fields(self, max_bytes: int) -> parameters.Parameters | None:
        """What is asked for, once the file begins; None: the file does not come last.

        The variables have null in the file's place. No more than `max_bytes` are read.
        """
        while not self._parser.file_begun:
            if (chunk := await self._body.next(max_bytes)) is None:
                return None
            self._parser.feed(chunk)
        parts = self._parser.parts()
        return parameters.from_body(_text(parts, _OPERATIONS))

    async def whole(self, max_fields: int, max_file: int) -> parameters.Parameters:
        """The rest of the form, read to its end; the file is put into the variables."""
        self._body.check_length(max_fields + max_file)
        while (chunk := await self._body.next(max_fields + max_file)) is not None:
            self._parser.feed(chunk)
        return _whole(self._parser.finish(), max_file)

    def put(self, variables: dict[str, Any]) -> BulkUpload:
        """Put a file that is yet to be read into the variables."""
        parts = self._parser.parts()
        name, path = _target(_text(parts, _MAP))
        file = parts.get(name)
        if file is None or file.file_name is None:
            raise HttpRefusal(400, "`map` names a part that is not a file of this form")
        upload = BulkUpload(file.file_name)
        _put(variables, path, upload)
        return upload

    async def chunks(self, max_file: int) -> AsyncIterator[bytes]:
        """The file's content as it arrives, to its end; then the form is complete."""
        size = 0
        file = self._parser.file
        while True:
            content = bytes(file.content)
            file.content.clear()
            size += len(content)
            if size > max_file:
                raise HttpRefusal(
                    413,
                    f"The file is larger than {max_file} bytes, the limit limits.max_bulk_bytes:"
                    " import it in several files",
                )
            if content:
                yield content
            if (chunk := await self._body.next(None)) is None:
                break
            self._parser.feed(chunk)
        self._parser.finish()


@dataclass(slots=True)
class _Part:
    """One part of a form; without a file name it is a field."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    content: bytearray = field(default_factory=bytearray)

    @property
    def name(self) -> str:
        return self._option(b"name") or ""

    @property
    def file_name(self) -> str | None:
        """The plain name counts: RFC 7578 has no other, but some clients send `filename*` alone."""
        plain = self._option(b"filename")
        return _extended_file_name(self._disposition) if plain is None else plain

    def _option(self, option: bytes) -> str | None:
        value = parse_options_header(self._disposition)[1].get(option)
        return None if value is None else value.decode("utf-8", "replace")

    @property
    def _disposition(self) -> bytes:
        return self.headers.get(b"content-disposition", b"")


def _extended_file_name(disposition: bytes) -> str | None:
    """`filename*` as in RFC 8187, such as UTF-8''%e5%9b%be.png; None if there is none.

    What cannot be decoded is replaced: the name is only a hint.
    """
    for name, value in _PARAMETER.findall(disposition.decode("latin-1")):
        if name.lower() == "filename*":
            charset, *_, encoded = ("", *value.strip(' \t"').split("'", 2))[-3:]
            known = charset.lower() if charset.lower() in _CHARSETS else "utf-8"
            return unquote(encoded, known, "replace")
    return None


class _Reader:
    """Collects parts from the parser's callbacks."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.ended = False
        self.file_begun = False
        self._name = bytearray()
        self._value = bytearray()

    def on_part_begin(self) -> None:
        if len(self.parts) >= _PARTS:
            raise HttpRefusal(400, "A request may have one file")
        self.parts.append(_Part())

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self.parts[-1].headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def on_headers_finished(self) -> None:
        before = {part.name for part in self.parts[:-1]}
        self.file_begun = self.parts[-1].file_name is not None and before == {_OPERATIONS, _MAP}

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].content += data[start:end]

    def on_end(self) -> None:
        self.ended = True


class _FormParser:
    """Parses a form part by part."""

    def __init__(self, content_type: str) -> None:
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise HttpRefusal(400, "The form has no boundary")
        self._reader = reader = _Reader()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": reader.on_part_begin,
                "on_header_field": reader.on_header_field,
                "on_header_value": reader.on_header_value,
                "on_header_end": reader.on_header_end,
                "on_headers_finished": reader.on_headers_finished,
                "on_part_data": reader.on_part_data,
                "on_end": reader.on_end,
            },
        )

    def feed(self, data: bytes) -> None:
        """Parse the next bytes of the body."""
        try:
            self._parser.write(data)
        except MultipartParseError:
            raise HttpRefusal(400, "The form is malformed") from None

    @property
    def file_begun(self) -> bool:
        """Whether the last part is a file, and both fields came before it."""
        return self._reader.file_begun

    @property
    def file(self) -> _Part:
        """The part that is being read."""
        return self._reader.parts[-1]

    def finish(self) -> dict[str, _Part]:
        """All parts by their names, at the end of the body."""
        if not self._reader.ended:
            raise HttpRefusal(400, "The form is incomplete")
        return self.parts()

    def parts(self) -> dict[str, _Part]:
        """The parts so far by their names."""
        parts = {part.name: part for part in self._reader.parts}
        if len(parts) != len(self._reader.parts):
            raise HttpRefusal(400, "Two parts of the form have the same name")
        return parts


def _text(parts: dict[str, _Part], name: str) -> bytes:
    part = parts.get(name)
    if part is None or part.file_name is not None:
        raise HttpRefusal(400, f"The form has no field `{name}`")
    return bytes(part.content)


def _target(text: bytes) -> tuple[str, list[str]]:
    """The file's part, and the path of its variable."""
    mapped = parameters.read_json(text, "`map`")
    if not isinstance(mapped, dict) or len(mapped) != 1:
        raise HttpRefusal(400, '`map` must be an object that names one file, such as {"0": […]}')
    ((name, paths),) = mapped.items()
    if not (isinstance(paths, list) and len(paths) == 1 and isinstance(paths[0], str)):
        raise HttpRefusal(400, '`map` must give the file one path, such as ["variables.file"]')
    root, *path = paths[0].split(".")
    if root != "variables" or not path:
        raise HttpRefusal(400, "`map` may put a file only into `variables`")
    return name, path


def _put(variables: dict[str, Any], path: list[str], file: UploadedFile | BulkUpload) -> None:
    """Put the file in place of null.

    Raises:
        HttpRefusal: 400, there is no such place.
    """
    inside: Any = variables
    *way, last = path
    for name in way:
        inside = inside.get(name) if isinstance(inside, dict) else None
    if not isinstance(inside, dict) or inside.get(last, ...) is not None:
        raise HttpRefusal(400, "`map` names a path at which `operations` does not have null")
    inside[last] = file
