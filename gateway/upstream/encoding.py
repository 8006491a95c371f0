"""Encodes a request's Struct as a URL and a body; prepared once per row."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from gateway.errors import ConfigurationError
from gateway.upstream.endpoint import BOUNDARY, BodyKind, Endpoint, FilePart

_JSON = msgspec.json.Encoder()


class RequestEncoder:
    """Writes the requests of one row below one base path."""

    def __init__(self, endpoint: Endpoint[Any, Any], raw_path: bytes) -> None:
        fields = msgspec.structs.fields(endpoint.request)
        names = {field.name: field.encode_name for field in fields}
        in_query = endpoint.query_fields
        if endpoint.body is BodyKind.NONE and not in_query:
            in_query = tuple(names)
        unknown = set(in_query) - set(names)
        if unknown:
            raise ConfigurationError(f"{endpoint.name}: the request has no field {min(unknown)}")
        fixed = urlencode(endpoint.query, quote_via=quote, safe="")
        self._fixed = raw_path + (b"?" + fixed.encode() if fixed else b"")
        self._query = tuple((name, quote(names[name], safe="")) for name in in_query)
        self._body = _body_writer(endpoint, [name for name in names if name not in in_query], names)
        self.content_type = {
            BodyKind.JSON: "application/json; charset=utf-8",
            BodyKind.BYTES: "application/octet-stream",
            BodyKind.MULTIPART: f"multipart/form-data; boundary={BOUNDARY}",
            BodyKind.NONE: None,
        }[endpoint.body]

    def encode(self, request: msgspec.Struct) -> tuple[bytes, bytes]:
        """Path with query, and body; the same for equal requests, byte for byte."""
        if not self._query:
            return self._fixed, self._body(request)
        pairs = []
        for name, spelled in self._query:
            value = getattr(request, name)
            if value is not None and value is not msgspec.UNSET:
                pairs.append(f"{spelled}={quote(_text(value), safe='')}")
        if not pairs:
            return self._fixed, self._body(request)
        joint = b"&" if b"?" in self._fixed else b"?"
        return self._fixed + joint + "&".join(pairs).encode(), self._body(request)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return _JSON.encode(value).decode().strip('"')


def _body_writer(
    endpoint: Endpoint[Any, Any], fields: list[str], names: dict[str, str]
) -> Callable[[msgspec.Struct], bytes]:
    if endpoint.body is BodyKind.NONE:
        if fields:
            raise ConfigurationError(f"{endpoint.name}: {fields[0]} is neither in query nor body")
        return lambda _: b""
    if endpoint.body in {BodyKind.BYTES, BodyKind.MULTIPART}:
        if len(fields) != 1:
            raise ConfigurationError(f"{endpoint.name}: one field, no more, is the body")
        (name,) = fields
        if endpoint.body is BodyKind.MULTIPART:
            return lambda request: _multipart(names[name], getattr(request, name))
        return lambda request: bytes(getattr(request, name))
    if len(fields) == len(names):
        return _JSON.encode
    kept = {names[name] for name in fields}

    def without_query(request: msgspec.Struct) -> bytes:
        whole = msgspec.to_builtins(request)
        return _JSON.encode({name: value for name, value in whole.items() if name in kept})

    return without_query


def _multipart(name: str, part: FilePart) -> bytes:
    """A body of one part (RFC 7578)."""
    head = (
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{name}"; filename="{part.filename}"\r\n'
        f"Content-Type: {part.media_type}\r\n\r\n"
    )
    return b"".join((head.encode(), part.content, f"\r\n--{BOUNDARY}--\r\n".encode()))
