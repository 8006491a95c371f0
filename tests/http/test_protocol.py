"""Methods, media types and bodies: what GraphQL over HTTP asks of a server."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.http.small_gateway import SmallGateway, without_cost

JSON = "application/json"
RESPONSE = "application/graphql-response+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def errors_of(response: httpx.Response) -> list[dict[str, Any]]:
    """The errors of an answer that has no data."""
    body = without_cost(response)
    assert list(body) == ["errors"]
    errors: list[dict[str, Any]] = body["errors"]
    return errors


def code_of(response: httpx.Response) -> str:
    """The code of an answer's only error."""
    (error,) = errors_of(response)
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    code: str = error["extensions"]["code"]
    return code


def test_a_query_is_answered(client: httpx.Client) -> None:
    response = client.post("", json={"query": "{ hello }"})

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert without_cost(response) == {"data": {"hello": "Hello, world"}}


def test_variables_and_the_operation_name_count(client: httpx.Client) -> None:
    document = "query A($n: String!) { hello(name: $n) } query B { number(value: 2) }"

    first = client.post(
        "", json={"query": document, "operationName": "A", "variables": {"n": "你好"}}
    )
    second = client.post("", json={"query": document, "operationName": "B"})

    assert without_cost(first) == {"data": {"hello": "Hello, 你好"}}
    assert without_cost(second) == {"data": {"number": 2}}


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, {JSON};q=0.9", RESPONSE),
        (f"{JSON}, {RESPONSE}", JSON),
        (f"{JSON};q=0.5, {RESPONSE};q=0.8", RESPONSE),
        (f"*/*;q=0.1, {RESPONSE};q=0", JSON),
        (f"text/html, {RESPONSE}; charset=utf-8", RESPONSE),
        ("", JSON),
    ],
)
def test_the_answer_has_the_type_that_is_liked_best(
    client: httpx.Client, accept: str | None, content_type: str
) -> None:
    headers = {} if accept is None else {"accept": accept}
    request = client.build_request("POST", "", json={"query": "{ hello }"}, headers=headers)
    if accept is None:
        del request.headers["accept"]

    response = client.send(request)

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{content_type}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/plain", "image/*", f"{JSON};q=0", f"{JSON};q=x"])
def test_a_client_that_takes_nothing_we_have_is_told(client: httpx.Client, accept: str) -> None:
    response = client.post("", json={"query": "{ hello }"}, headers={"accept": accept})

    assert response.status_code == 406
    assert code_of(response) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{ hello", None, "GRAPHQL_PARSE_FAILED"),
        ("{ helo }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { number(value: $n) }", {"n": "x"}, "BAD_USER_INPUT"),
        ("query ($n: Int!) { number(value: $n) }", None, "BAD_USER_INPUT"),
    ],
)
def test_a_refused_operation_has_no_data(
    client: httpx.Client, query: str, variables: Mapping[str, Any] | None, code: str
) -> None:
    body = {"query": query, "variables": variables}

    new = client.post("", json=body, headers={"accept": RESPONSE})
    old = client.post("", json=body, headers={"accept": JSON})

    assert (new.status_code, code_of(new)) == (400, code)
    assert (old.status_code, code_of(old)) == (200, code)


def test_an_error_says_where_it_is(client: httpx.Client) -> None:
    response = client.post("", json={"query": "{\n  helo\n}"}, headers={"x-request-id": "r-1"})

    assert errors_of(response) == [
        {
            "message": "Cannot query field 'helo' on type 'Query'. Did you mean 'hello'?",
            "locations": [{"line": 2, "column": 3}],
            "extensions": {"code": "GRAPHQL_VALIDATION_FAILED", "requestId": "r-1"},
        }
    ]


def test_the_operation_must_be_named_where_several_could_be_meant(client: httpx.Client) -> None:
    document = "".join(f"query Q{n} {{ hello }} " for n in range(100))

    unnamed = client.post("", json={"query": document})
    unknown = client.post("", json={"query": document, "operationName": "Q100"})

    assert (unnamed.status_code, code_of(unnamed)) == (400, "GRAPHQL_VALIDATION_FAILED")
    assert (unknown.status_code, code_of(unknown)) == (400, "GRAPHQL_VALIDATION_FAILED")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="cut short"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"{ hello }"', id="a string"),
        pytest.param(b"{}", id="no query"),
        pytest.param(b'{"query": ""}', id="an empty query"),
        pytest.param(b'{"query": 1}', id="a query that is a number"),
        pytest.param(b'{"query": "{hello}", "variables": []}', id="variables as a list"),
        pytest.param(b'{"query": "{hello}", "variables": "{}"}', id="variables as a string"),
        pytest.param(b'{"query": "{hello}", "extensions": 1}', id="extensions as a number"),
        pytest.param(b'{"query": "{hello}", "operationName": 1}', id="a name that is a number"),
        pytest.param(b'[{"query": "{hello}"}]', id="a batch"),
        pytest.param(b'{"query": "{hello \xff}"}', id="invalid UTF-8"),
        pytest.param('{"query": "{hello}"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"query": "{hello}"}\0', id="a NUL"),
        pytest.param(rb'{"query": "{hello \ud800}"}', id="half a surrogate pair"),
        pytest.param(b'{"query": "{hello}", "variables": {"a": NaN}}', id="NaN"),
        pytest.param(b"[" * 100_000, id="deep lists"),
        pytest.param(
            b'{"query": "{hello}", "variables": {"a": %b}}' % (b'{"a":' * 100_000), id="deep JSON"
        ),
    ],
)
def test_a_body_that_is_no_request_is_a_bad_request(client: httpx.Client, content: bytes) -> None:
    response = client.post("", content=content, headers={"content-type": JSON})

    assert (response.status_code, code_of(response)) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("content", "flaw"),
    [
        (rb'{"query": "{hello}", "variables": {"n": "\ud83d"}}', "half of a surrogate pair"),
        (rb'{"query": "{hello}", "variables": {"n": "\ude00"}}', "half of a surrogate pair"),
        (rb'{"query": "{hello}", "variables": {"n": "a\ud83d\u0041"}}', "half of a surrogate pair"),
        (rb'{"query": "{hello}", "variables": {"\ud83d": 1}}', "half of a surrogate pair"),
        (b'{"query": "{hello}", "variables": {"n": "\xed\xa0\xbd"}}', "is not in UTF-8"),
        (b'{"query": "{hello}", "variables": {"n": "\xb1\xad"}}', "is not in UTF-8"),
        ('{"query": "{hello}"}'.encode("utf-16"), "is not in UTF-8"),
        (b"[" * 2_000, "is nested too deeply"),
        (b'{"query": "{hello}", "variables": {"n": 1e999}}', "a number that is too large"),
        (b'{"query": "{hello}",\n nil}', "is not JSON at line 2, column 2"),
        (b'\xef\xbb\xbf\xef\xbb\xbf{"query": "{hello}"}', "is not JSON at line 1, column 1"),
    ],
)
def test_what_is_wrong_with_a_body_is_said(client: httpx.Client, content: bytes, flaw: str) -> None:
    response = client.post("", content=content, headers={"content-type": JSON})

    assert code_of(response) == "BAD_USER_INPUT"
    message = errors_of(response)[0]["message"]
    assert message.startswith("The body ")
    assert flaw in message


@pytest.mark.parametrize("name", ["😀", r"\ud83d\ude00"])
def test_a_whole_emoji_is_taken_however_it_is_written(client: httpx.Client, name: str) -> None:
    body = (
        f'{{"query": "query ($n: String!) {{ hello(name: $n) }}", "variables": {{"n": "{name}"}}}}'
    )

    response = client.post("", content=body.encode(), headers={"content-type": JSON})

    assert without_cost(response) == {"data": {"hello": "Hello, 😀"}}


def test_a_byte_order_mark_before_json_is_ignored(client: httpx.Client) -> None:
    body = b'\xef\xbb\xbf{"query": "{ hello }"}'
    variables = "\ufeff" + '{"n": "x"}'
    query = "query ($n: String!) { hello(name: $n) }"

    posted = client.post("", content=body, headers={"content-type": JSON})
    got = client.get("", params={"query": query, "variables": variables})

    assert without_cost(posted) == {"data": {"hello": "Hello, world"}}
    assert without_cost(got) == {"data": {"hello": "Hello, x"}}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json-patch+json",
        "application/json; charset=utf-16",
    ],
)
def test_what_a_page_of_another_site_could_send_is_refused(
    client: httpx.Client, small: SmallGateway, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    content = json.dumps({"query": "mutation { increment }"})

    response = client.post("", content=content, headers=headers)

    assert (response.status_code, code_of(response)) == (415, "BAD_USER_INPUT")
    assert small.journal.increments == 0


@pytest.mark.parametrize(
    "content_type",
    ["Application/JSON", "application/json;charset=UTF-8", 'application/json; charset="utf-8"'],
)
def test_a_content_type_may_be_spelled_otherwise(client: httpx.Client, content_type: str) -> None:
    response = client.post(
        "", content=b'{"query": "{ hello }"}', headers={"content-type": content_type}
    )

    assert response.status_code == 200


def test_a_compressed_body_is_refused(client: httpx.Client) -> None:
    headers = {"content-type": JSON, "content-encoding": "gzip"}

    response = client.post("", content=b"\x1f\x8b", headers=headers)

    assert response.status_code == 415
    assert response.headers["accept-encoding"] == "identity"


def test_queries_go_by_get(client: httpx.Client) -> None:
    response = client.get(
        "",
        params={
            "query": "query A($n: String!) { hello(name: $n) }",
            "operationName": "A",
            "variables": '{"n": "杯子"}',
        },
    )

    assert response.status_code == 200
    assert without_cost(response) == {"data": {"hello": "Hello, 杯子"}}
    assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    "params",
    [
        {"query": "{ hello }"},
        {"query": "{ helo }"},
        {"query": '{ fails(how: "store") }'},
        {"query": "mutation { increment }"},
        {"query": "subscription { ticks }"},
        {},
    ],
)
@pytest.mark.parametrize("accept", [JSON, RESPONSE])
def test_head_is_get_without_the_body(
    client: httpx.Client, small: SmallGateway, params: Mapping[str, str], accept: str
) -> None:
    headers = {"accept": accept, "x-request-id": "r-1"}
    got = client.get("", params=params, headers=headers)
    headed = client.head("", params=params, headers=headers)

    varies = {"date"}
    assert headed.status_code == got.status_code
    assert headed.content == b""
    assert {name: value for name, value in headed.headers.items() if name not in varies} == {
        name: value for name, value in got.headers.items() if name not in varies
    }
    assert small.journal.increments == 0


def test_mutations_do_not_go_by_get(client: httpx.Client, small: SmallGateway) -> None:
    response = client.get("", params={"query": "mutation { increment }"})

    assert (response.status_code, code_of(response)) == (405, "BAD_USER_INPUT")
    assert response.headers["allow"] == "POST"
    assert small.journal.increments == 0


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "query=",
        "query=%ff",
        "query={hello}&variables=x",
        "query={hello}&variables=[]",
        "a&" * 99,
    ],
)
def test_a_get_that_is_no_request_is_a_bad_request(client: httpx.Client, query_string: str) -> None:
    response = client.get(f"?{query_string}")

    assert (response.status_code, code_of(response)) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(client: httpx.Client, method: str) -> None:
    response = client.request(method, "", headers={"content-type": JSON})

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"


def test_a_subscription_needs_a_stream(client: httpx.Client) -> None:
    response = client.post("", json={"query": "subscription { ticks }"})

    assert (response.status_code, code_of(response)) == (400, "BAD_USER_INPUT")


def test_a_hash_without_its_document_asks_for_it(client: httpx.Client) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}

    response = client.post("", json={"extensions": extensions})

    assert code_of(response) == "PERSISTED_QUERY_NOT_FOUND"
    assert errors_of(response)[0]["message"] == "PersistedQueryNotFound"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abc-123", True),
        ("A" * 128, True),
        ("A" * 129, False),
        ("two words", False),
        ("<script>", False),
        ("", False),
    ],
)
def test_a_request_id_is_kept_where_it_is_harmless(
    client: httpx.Client, given: str, *, kept: bool
) -> None:
    response = client.post("", json={"query": "{ caller }"}, headers={"x-request-id": given})

    sent = response.headers["x-request-id"]
    assert (sent == given) is kept
    assert without_cost(response) == {"data": {"caller": f"open False {sent}"}}


@pytest.mark.parametrize(
    ("cache_control", "fresh"),
    [("no-cache", True), ("max-age=0, No-Cache", True), ("no-cached", False), ("", False)],
)
def test_no_cache_reads_afresh(client: httpx.Client, cache_control: str, *, fresh: bool) -> None:
    response = client.post(
        "",
        json={"query": "{ caller }"},
        headers={"cache-control": cache_control, "x-request-id": "r"},
    )

    assert without_cost(response) == {"data": {"caller": f"open {fresh} r"}}


def test_answers_to_a_key_are_private(client: httpx.Client) -> None:
    keyed = client.post("", json={"query": "{ hello }"}, headers={"authorization": "Bearer k"})
    unkeyed = client.post("", json={"query": "{ hello }"})

    assert keyed.headers["cache-control"] == "private"
    assert unkeyed.headers["cache-control"] == "no-store"


def test_operations_are_observed_by_kind_and_code(
    client: httpx.Client, small: SmallGateway
) -> None:
    client.post("", json={"query": "{ hello }"})
    client.post("", json={"query": "mutation { increment }"})
    client.post("", json={"query": '{ fails(how: "platform") }'})
    client.post("", json={"query": "{"})

    assert small.observed.seen == [
        ("query", "OK"),
        ("mutation", "OK"),
        ("query", "PLATFORM_REJECTED"),
        ("none", "GRAPHQL_PARSE_FAILED"),
    ]
