"""What an error shows of itself."""

from typing import Any

import httpx
import pytest


def extensions_of(client: httpx.Client, how: str) -> dict[str, Any]:
    """The extensions of the error of a field that fails, its request id left out."""
    response = client.post(
        "",
        json={
            "query": "query ($how: String!) { hello fails(how: $how) }",
            "variables": {"how": how},
        },
    )
    body = response.json()
    assert response.status_code == 200
    assert body["data"] == {"hello": "Hello, world", "fails": None}
    (error,) = body["errors"]
    assert error["path"] == ["fails"]
    assert error["locations"] == [{"line": 1, "column": 31}]
    extensions: dict[str, Any] = error["extensions"]
    assert extensions.pop("requestId") == response.headers["x-request-id"]
    return {"message": error["message"], **extensions}


@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ("forbidden", {"message": "The key lacks the scope pii:read", "code": "FORBIDDEN"}),
        (
            "store",
            {
                "message": "The ledger cannot be read just now",
                "code": "STORE_UNAVAILABLE",
                "retryAfter": 5,
            },
        ),
        ("limited", {"message": "Enough for now", "code": "RATE_LIMITED", "retryAfter": 3}),
        ("secret", {"message": "Internal error", "code": "INTERNAL"}),
        ("unnamed", {"message": "Internal error", "code": "INTERNAL"}),
        (
            "platform",
            {
                "message": "order.getbyid: the order does not exist",
                "code": "PLATFORM_REJECTED",
                "shop": "flagship",
                "platformError": {
                    "endpoint": "order.getbyid",
                    "code": "-1",
                    "message": "order.getbyid: the order does not exist",
                    "httpStatus": 200,
                    "requestId": "req-77",
                },
                "retryAfter": 30,
            },
        ),
    ],
)
def test_a_failed_field_leaves_the_rest(
    client: httpx.Client, how: str, shown: dict[str, Any]
) -> None:
    assert extensions_of(client, how) == shown


def test_a_broken_promise_of_a_resolver_is_internal(client: httpx.Client) -> None:
    response = client.post("", json={"query": "{ missing }"})

    assert response.json()["data"] is None
    (error,) = response.json()["errors"]
    assert error["message"] == "Internal error"
    assert error["extensions"]["code"] == "INTERNAL"


def test_an_argument_that_only_execution_can_refuse_is_the_callers(client: httpx.Client) -> None:
    query = 'query ($how: String = "secret") { hello fails(how: $how) }'

    response = client.post("", json={"query": query, "variables": {"how": None}})

    assert response.json()["data"] == {"hello": "Hello, world", "fails": None}
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "how" in error["message"]
