"""What WeChat says to requests that no endpoint understands."""

import pytest

from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import to_json

ORDER = {"order_id": "7197417460812533543"}


@pytest.mark.parametrize("path", ["/merchant/get", "/merchant/order/getbyfilter"])
def test_a_read_printed_as_get_wants_a_body(sandbox: Sandbox, path: str) -> None:
    query = {"access_token": sandbox.token(FLAGSHIP), "product_id": "pDF3iY6Kr_BV_CXaiYysoGqJhppQ"}
    assert sandbox.client.get(path, params=query).json()["errcode"] == 44002
    body = {"product_id": query["product_id"]}
    assert sandbox.client.post(path, params=query, content=to_json(body)).json()["errcode"] == 0


@pytest.mark.parametrize(
    ("method", "path", "content", "code"),
    [
        ("GET", "/merchant/order/getbyid", b"", 43002),
        ("POST", "/merchant/shelf/getall", b"{}", 43001),
        ("POST", "/merchant/order/getbyid", b"", 44002),
        ("POST", "/merchant/order/getbyid", b"{", 47001),
        ("POST", "/merchant/order/getbyid", b"[]", 47001),
        ("POST", "/merchant/order/getbyid", b'{"order_id": "\\u5c0f"}', 40033),
        ("POST", "/merchant/order/unheard", b"{}", 40066),
        ("POST", "/mall/queryshoppinglist", b"{}", 48001),
        ("POST", "/mall/unheard", b"{}", 40066),
        ("GET", "/mall/deleteorder", b"", 48001),
        ("GET", "/cgi-bin/elsewhere", b"", 40066),
    ],
)
def test_a_request_is_refused(
    sandbox: Sandbox, method: str, path: str, content: bytes, code: int
) -> None:
    query = {"access_token": sandbox.token(FLAGSHIP)}
    answer = sandbox.client.request(method, path, params=query, content=content)
    assert answer.status_code == 200
    assert answer.json()["errcode"] == code


def test_escapes_of_control_characters_and_of_backslashes_are_no_escapes_of_text(
    sandbox: Sandbox,
) -> None:
    query = {"access_token": sandbox.token(FLAGSHIP)}
    for text in (rb"\u001f", rb"\\u5c0f"):
        content = b'{"order_id": "' + text + b'"}'
        answer = sandbox.client.post("/merchant/order/getbyid", params=query, content=content)
        assert answer.json()["errmsg"].startswith("order not exist rid: ")


def test_a_refusal_names_the_call(sandbox: Sandbox) -> None:
    answer = sandbox.client.get("/merchant/group/getall").json()
    message, _, rid = answer["errmsg"].partition(" rid: ")
    assert message == "access_token missing"
    assert [len(part) for part in rid.split("-")] == [8, 8, 8]


def test_text_comes_unescaped(sandbox: Sandbox) -> None:
    query = {"access_token": sandbox.token(FLAGSHIP)}
    answer = sandbox.client.post("/merchant/order/getbyid", params=query, content=to_json(ORDER))
    assert "张小猫".encode() in answer.content
    assert answer.headers["content-type"] == "application/json; encoding=utf-8"
