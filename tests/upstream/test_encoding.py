"""Requests on their way to a URL and a body."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest

from gateway.errors import ConfigurationError
from gateway.upstream.encoding import RequestEncoder
from gateway.upstream.endpoint import BOUNDARY, BodyKind, Endpoint, FilePart


class Request(msgspec.Struct, rename="pascal"):
    open_id: str | None = None
    swan_id: str | msgspec.UnsetType = msgspec.UNSET
    price: int = 5
    paid: bool = True
    note: str | msgspec.UnsetType = msgspec.UNSET


def encoder(**row: Any) -> RequestEncoder:
    return RequestEncoder(
        Endpoint(
            name="x",
            method="POST",
            path="/x",
            request=Request,
            response=Request,
            section="-",
            summary="-",
            **row,
        ),
        b"/base/x",
    )


def test_all_fields_are_the_body_unless_said_otherwise() -> None:
    assert encoder().encode(Request()) == (
        b"/base/x",
        b'{"OpenId":null,"Price":5,"Paid":true}',
    )


def test_fields_of_the_query_leave_the_body() -> None:
    prepared = encoder(query_fields=("open_id", "swan_id"), query={"scene": "a b&c"})
    assert prepared.encode(Request(open_id="茶/1", note="好")) == (
        b"/base/x?scene=a%20b%26c&OpenId=%E8%8C%B6%2F1",
        '{"Price":5,"Paid":true,"Note":"好"}'.encode(),
    )
    assert prepared.encode(Request())[0] == b"/base/x?scene=a%20b%26c"


def test_without_a_body_every_field_is_in_the_query() -> None:
    prepared = encoder(body=BodyKind.NONE)
    assert prepared.encode(Request(swan_id="s")) == (
        b"/base/x?SwanId=s&Price=5&Paid=true",
        b"",
    )
    assert prepared.content_type is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"query_fields": ("nope",)}, "no field nope"),
        ({"body": BodyKind.NONE, "query_fields": ("open_id",)}, "neither in query nor body"),
        ({"body": BodyKind.BYTES}, "one field, no more"),
    ],
)
def test_rows_that_cannot_be_sent_are_refused(row: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        encoder(**row)


@pytest.mark.parametrize(
    "text",
    [
        "../../cgi-bin/token",
        "..%2f..%2ftoken",
        "x&access_token=mine",
        "x?access_token=mine",
        "x#fragment",
        "x\r\nHost: elsewhere.example\r\n\r\nGET /",
        "x y\tz",
        "http://elsewhere.example/",
        '","OpenId":"other',
        "\\",
        "\x00",
    ],
    ids=ascii,
)
def test_a_text_stays_where_it_belongs(text: str) -> None:
    """Whatever a client names a thing, neither the URL nor the body gets another meaning."""
    prepared = encoder(query_fields=("open_id",))

    target, body = prepared.encode(Request(open_id=text, note=text))

    path, _, query = target.partition(b"?")
    assert path == b"/base/x"
    assert set(query) <= set(
        b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%="
    )
    assert parse_qsl(query.decode(), strict_parsing=True) == [("OpenId", text)]
    assert msgspec.json.decode(body) == {"Price": 5, "Paid": True, "Note": text}


class Upload(msgspec.Struct):
    media: FilePart
    kind: int = 0


def test_a_file_is_one_part_of_a_multipart_body() -> None:
    row: Endpoint[Any, Any] = Endpoint(
        name="x",
        method="POST",
        path="/x",
        request=Upload,
        response=Upload,
        section="-",
        summary="-",
        query_fields=("kind",),
        body=BodyKind.MULTIPART,
    )
    prepared = RequestEncoder(row, b"/x")
    part = FilePart(filename="茶.png", media_type="image/png", content=b"\x89PNG\r\n--")

    target, body = prepared.encode(Upload(part))

    assert target == b"/x?kind=0"
    assert prepared.content_type == f"multipart/form-data; boundary={BOUNDARY}"
    assert (
        body
        == (
            f"--{BOUNDARY}\r\n"
            'Content-Disposition: form-data; name="media"; filename="茶.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        ).encode()
        + b"\x89PNG\r\n--"
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
