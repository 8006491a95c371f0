"""What the edge takes of GraphQL multipart requests, and what it refuses."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.http.multipart import from_form
from gateway.http.refusal import HttpRefusal
from schema.scalars import UploadedFile
from tests.http.small_gateway import SmallGateway, served

TYPE = "multipart/form-data; boundary=x"
OPERATIONS = {"query": "mutation ($f: Upload!) { send(file: $f) }", "variables": {"f": None}}
MAP = {"0": ["variables.f"]}

Parts = list[tuple[str, bytes]]


def _field(name: str, value: Any) -> tuple[str, bytes]:
    return f'form-data; name="{name}"', json.dumps(value).encode()


def _file(name: str, content: bytes = b"bytes", file: str = "a.png") -> tuple[str, bytes]:
    return f'form-data; name="{name}"; filename="{file}"', content


def _form(parts: Parts) -> bytes:
    body = b"".join(
        b"--x\r\nContent-Disposition: " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"
        for disposition, content in parts
    )
    return body + b"--x--\r\n"


def test_a_file_stands_where_null_stood() -> None:
    content = bytes(range(256)) + b"\r\n--x"
    nested = {**OPERATIONS, "variables": {"input": {"f": None, "n": 1}}}
    parts = [_field("operations", nested), _field("map", {"0": ["variables.input.f"]})]

    asked = from_form(_form([*parts, _file("0", content[:-5], "图.png")]), TYPE, 300)

    assert asked.query == OPERATIONS["query"]
    assert asked.variables == {
        "input": {"f": UploadedFile("图.png", content[:-5]), "n": 1},
    }


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ('filename="a.png"', "a.png"),
        ('filename=""', ""),
        ('filename="a;b.png"', "a;b.png"),
        ("filename*=UTF-8''%E5%9B%BE.png", "图.png"),
        ("filename*=utf-8'zh-CN'%e5%9b%be.png", "图.png"),
        ("FileName*=UTF-8''a%20b.png", "a b.png"),
        ("filename* = UTF-8''a.png", "a.png"),
        ("filename*=iso-8859-1'en'%A3.png", "£.png"),
        ("filename*=UTF-8''it%27s.png", "it's.png"),
        ("filename*=UTF-8''it's.png", "it's.png"),
        # What RFC 8187 does not allow is a file all the same, with a name as far as it can be read.
        ("filename*=\"UTF-8''%E5%9B%BE.png\"", "图.png"),
        ("filename*=a.png", "a.png"),
        ("filename*=UTF-8''%FF.png", "\ufffd.png"),
        ("filename*=gbk''%CD%BC.png", "\u037c.png"),
        ("filename*=", ""),
        # The plain name is the one that RFC 7578 knows.
        ("filename=\"a.png\"; filename*=UTF-8''b.png", "a.png"),
        ("filename*=UTF-8''b.png; filename=\"a.png\"", "a.png"),
    ],
)
def test_a_file_has_its_name_in_either_form(parameters: str, name: str) -> None:
    parts = [_field("operations", OPERATIONS), _field("map", MAP)]
    body = _form([*parts, (f'form-data; name="0"; {parameters}', b"bytes")])

    asked = from_form(body, TYPE, 300)

    assert asked.variables == {"f": UploadedFile(name, b"bytes")}


@pytest.mark.parametrize(
    "disposition",
    [
        'form-data; name="0"',
        'form-data; name="0"; title="x; filename*=UTF-8\'\'a.png"',
        "form-data; name=\"0\"; xfilename*=UTF-8''a.png",
    ],
)
def test_a_part_without_a_file_name_is_no_file(disposition: str) -> None:
    parts = [_field("operations", OPERATIONS), _field("map", MAP), (disposition, b"bytes")]

    with pytest.raises(HttpRefusal, match="a part that is not a file"):
        from_form(_form(parts), TYPE, 300)


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("operations", rb'{"variables": {"n": "\ud83d"}}', "The body has half of a surrogate pair"),
        ("map", rb'{"0": ["variables.\ud83d"]}', "`map` has half of a surrogate pair"),
        ("map", b"{", "`map` is not JSON at line 1"),
        ("map", b'{"0": ["\xff"]}', "`map` is not in UTF-8"),
    ],
)
def test_what_is_wrong_with_a_field_is_said(field: str, text: bytes, message: str) -> None:
    fields = dict([_field("operations", OPERATIONS), _field("map", MAP)])
    fields[f'form-data; name="{field}"'] = text

    with pytest.raises(HttpRefusal, match=message):
        from_form(_form([*fields.items(), _file("0")]), TYPE, 300)


def test_a_byte_order_mark_before_a_field_is_ignored() -> None:
    mark = b"\xef\xbb\xbf"
    fields = [_field("operations", OPERATIONS), _field("map", MAP)]
    marked = [(name, mark + text) for name, text in fields]

    asked = from_form(_form([*marked, _file("0")]), TYPE, 300)

    assert asked.variables == {"f": UploadedFile("a.png", b"bytes")}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        pytest.param([_field("map", MAP), _file("0")], "no field `operations`", id="no-operations"),
        pytest.param(
            [_file("operations"), _field("map", MAP), _file("0")],
            "no field `operations`",
            id="operations-as-a-file",
        ),
        pytest.param([_field("operations", OPERATIONS), _file("0")], "no field `map`", id="no-map"),
        pytest.param(
            [_field("operations", [OPERATIONS]), _field("map", MAP), _file("0")],
            "one operation per request",
            id="a-list-of-operations",
        ),
        pytest.param(
            [_field("operations", OPERATIONS), _field("map", MAP)],
            "a part that is not a file",
            id="no-file",
        ),
        pytest.param(
            [_field("operations", OPERATIONS), _field("map", MAP), _field("0", 1)],
            "a part that is not a file",
            id="a-field-in-the-file-s-place",
        ),
        pytest.param(
            [_field("operations", OPERATIONS), _field("map", MAP), _file("0"), _file("1")],
            "may have one file",
            id="two-files",
        ),
        pytest.param(
            [_field("operations", OPERATIONS), _field("map", MAP), _field("map", MAP)],
            "Two parts of the form have the same name",
            id="two-maps",
        ),
        pytest.param(
            [_field("operations", OPERATIONS), _field("map", {"operations": ["variables.f"]})],
            "a part that is not a file",
            id="a-map-to-the-operations",
        ),
        *(
            pytest.param(
                [_field("operations", OPERATIONS), _field("map", mapped), _file("0")],
                message,
                id=f"map-{number}",
            )
            for number, (mapped, message) in enumerate(
                [
                    ([], "`map` must be an object"),
                    ({}, "`map` must be an object"),
                    ({"0": [], "1": []}, "`map` must be an object"),
                    ({"0": "variables.f"}, "one path"),
                    ({"0": ["variables.f", "variables.f"]}, "one path"),
                    ({"0": [1]}, "one path"),
                    ({"0": ["query"]}, "only into `variables`"),
                    ({"0": ["variables"]}, "only into `variables`"),
                    ({"0": ["variables.g"]}, "does not have null"),
                    ({"0": ["variables.f.g"]}, "does not have null"),
                    ({"0": ["variables.f.g.h"]}, "does not have null"),
                ]
            )
        ),
    ],
)
def test_a_form_against_the_specification_is_refused(parts: Parts, message: str) -> None:
    with pytest.raises(HttpRefusal, match=message) as refused:
        from_form(_form(parts), TYPE, 300)

    assert refused.value.status == 400


def test_a_place_that_is_taken_is_no_place() -> None:
    taken = {**OPERATIONS, "variables": {"f": 1}}
    body = _form([_field("operations", taken), _field("map", MAP), _file("0")])

    with pytest.raises(HttpRefusal, match="does not have null"):
        from_form(body, TYPE, 300)


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (b"", TYPE, "incomplete"),
        (b"no form at all", TYPE, "malformed"),
        (_form([_field("operations", OPERATIONS)])[:-6], TYPE, "incomplete"),
        (b"", "multipart/form-data", "no boundary"),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, content_type: str, message: str) -> None:
    with pytest.raises(HttpRefusal, match=message):
        from_form(body, content_type, 300)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(SmallGateway().app) as url:
        yield url


def test_a_form_without_a_query_is_told_so(address: str) -> None:
    files = {"operations": (None, "{}"), "map": (None, "{}")}

    asked = httpx.post(
        address, files=files, headers={"GraphQL-Require-Preflight": "1"}, trust_env=False
    )

    assert asked.status_code == 400
    assert "`query` is missing" in asked.json()["errors"][0]["message"]
