"""What is sent to a GraphQL server to make it slow, talkative or obedient."""

import time
from collections.abc import Iterator

import httpx
import pytest
from graphql import get_introspection_query

from tests.http.small_gateway import SmallGateway, served, without_cost
from tests.http.small_schema import SECRET
from tests.http.test_protocol import JSON, RESPONSE, code_of, errors_of

KEY = "gw_small"
PRODUCTION = {"accept": RESPONSE, "authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def closed() -> Iterator[str]:
    """Answer the address of a gateway with keys and without introspection."""
    with served(SmallGateway(introspection=False, key=KEY).app) as url:
        yield url


@pytest.fixture
def production(closed: str) -> Iterator[httpx.Client]:
    """Answer a client that holds a key of it."""
    with httpx.Client(base_url=closed, headers=PRODUCTION, timeout=60, trust_env=False) as client:
        yield client


def doubling(links: int, on: str, body: str) -> str:
    """A chain of fragments, each spreading the next twice, that ends in a body."""
    chain = "".join(f"fragment f{n} on {on} {{ ...f{n + 1} ...f{n + 1} }} " for n in range(links))
    return f"{chain} fragment f{links} on {on} {{ {body} }}"


def branching(links: int) -> str:
    """A chain of fragments that asks for the next one twice, by two names, at each link."""
    chain = "".join(
        f"fragment f{n} on Shop {{ a: me {{ ...f{n + 1} }} b: me {{ ...f{n + 1} }} }} "
        for n in range(links)
    )
    return f"{{ shops {{ ...f0 }} }} {chain} fragment f{links} on Shop {{ key }}"


TOO_MUCH = {
    "1000 aliases": "{" + " ".join(f"a{n}: hello" for n in range(1_000)) + "}",
    "a field 500 times": "{" + "hello " * 500 + "}",
    "a field 10000 times": "{" + "hello " * 10_000 + "}",
    "an alias 500 times": "{" + "a: hello " * 500 + "}",
    "depth 50": "{ shops {" + "products { nodes { shop {" * 16 + "key" + "}}}" * 16 + "}}",
    "depth through fragments": (
        "{ shops { ...f0 } }"
        + "".join(
            f"fragment f{n} on Shop {{ products {{ nodes {{ shop {{ ...f{n + 1} }} }} }} }} "
            for n in range(6)
        )
        + "fragment f6 on Shop { key }"
    ),
    "aliases through fragments": (
        "{" + "shops{...F} ... on Query{shops{...F}}" * 30 + "}"
        "fragment F on Shop { a: key b: key c: key }"
    ),
    "a field in 60 inline fragments": "{" + "... on Query { hello } " * 60 + "}",
    "a field in inline fragments in each other": (
        "{" + "... { ... on Query { hello } ... { hello } } " * 30 + "}"
    ),
    "101 fragments": "{"
    + " ".join(f"...f{n}" for n in range(101))
    + "}"
    + "".join(f"fragment f{n} on Query {{ hello }} " for n in range(101)),
    "aliases doubled 2^12 times": branching(12),
    "100000 tokens": "{" + "hello " * 100_000 + "}",
    "900 kB of commas": "{ hello }" + "," * 900_000,
    "900 kB of comment": "{ hello } #" + "x" * 900_000,
    "900 kB of one string": '{ hello(name: "' + "x" * 900_000 + '") }',
    "aliases doubled 2^90 times": branching(90),
    "amount times depth": (
        "{ shops { products(first: 100) { nodes { shop { products(first: 100) { nodes { shop {"
        " products(first: 100) { nodes { title } } } } } } } } } }"
    ),
    "circular introspection": (
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    ),
    "a tall tower of types": '{ __type(name: "Shop") {' + "ofType {" * 30 + "name" + "}" * 31 + "}",
}


@pytest.mark.parametrize("attack", TOO_MUCH)
def test_an_operation_that_asks_too_much_is_refused_at_once(
    client: httpx.Client, attack: str
) -> None:
    started = time.process_time()
    response = client.post("", json={"query": TOO_MUCH[attack]}, headers={"accept": RESPONSE})
    seconds = time.process_time() - started

    introspects = attack == "circular introspection"
    expected = "GRAPHQL_VALIDATION_FAILED" if introspects else "COST_LIMIT_EXCEEDED"
    assert (response.status_code, code_of(response)) == (400, expected)
    assert len(response.content) < 1_500
    assert seconds < 1


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            TOO_MUCH["1000 aliases"],
            "The operation has 1000 aliased or repeated fields; the limit is 50",
        ),
        (TOO_MUCH["depth 50"], "The operation has 50 levels of fields; the limit is 15"),
        (
            TOO_MUCH["100000 tokens"],
            "The document has 600002 characters; the limit is 100000",
        ),
        (
            "{" + "hello " * 5_000 + "}",
            "The document has more than 5000 tokens, which is the limit",
        ),
        (TOO_MUCH["101 fragments"], "The operation has 101 fragments; the limit is 100"),
    ],
)
def test_the_figure_and_the_limit_are_told(client: httpx.Client, query: str, message: str) -> None:
    response = client.post("", json={"query": query})

    assert errors_of(response)[0]["message"] == message


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("{ ...f0 } " + doubling(20, "Query", "hello"), id="2^20 times one field"),
        pytest.param(
            "{ hello " + "... on Query { " * 150 + "hello" + " }" * 150 + " }",
            id="150 inline fragments",
        ),
    ],
)
def test_what_only_looks_large_is_answered_at_once(client: httpx.Client, query: str) -> None:
    client.post("", json={"query": "{ hello }"})

    started = time.process_time()
    response = client.post("", json={"query": query})
    seconds = time.process_time() - started

    assert without_cost(response) == {"data": {"hello": "Hello, world"}}
    assert seconds < 0.05


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param(
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
            "GRAPHQL_VALIDATION_FAILED",
            id="a cycle of fragments",
        ),
        pytest.param(
            "{ shops { ...A } } fragment A on Shop { products { nodes { shop { ...A } } } }",
            "GRAPHQL_VALIDATION_FAILED",
            id="a cycle through fields",
        ),
        pytest.param(
            "{" + "... on Query {" * 500 + "hello" + "}" * 501,
            "GRAPHQL_PARSE_FAILED",
            id="500 nested inline fragments",
        ),
        pytest.param("{" * 4_000, "GRAPHQL_PARSE_FAILED", id="4000 braces"),
        pytest.param(
            "{ hello(name: " + "[" * 2_000 + "]" * 2_000 + ") }",
            "GRAPHQL_PARSE_FAILED",
            id="a list 2000 deep",
        ),
        pytest.param("{ " + "x" * 50_000 + " }", "GRAPHQL_VALIDATION_FAILED", id="a long name"),
    ],
)
def test_a_crooked_document_gets_one_short_error(
    client: httpx.Client, query: str, code: str
) -> None:
    response = client.post("", json={"query": query}, headers={"accept": RESPONSE})

    assert (response.status_code, code_of(response)) == (400, code)
    assert len(response.content) < 1_500


@pytest.mark.parametrize(
    "query",
    [
        "{ hello " + "@aa " * 1_000 + "}",
        "{ hello " + "@skip(if: true) " * 500 + "}",
        "{" + " ".join(f"x{n}" for n in range(1_000)) + "}",
    ],
)
def test_many_errors_make_a_short_answer(client: httpx.Client, query: str) -> None:
    response = client.post("", json={"query": query})

    assert len(errors_of(response)) == 21
    assert len(response.content) < 8_000


@pytest.mark.parametrize("first", [0, -1, 101, 99_999_999])
def test_a_page_out_of_range_is_the_callers_error(client: httpx.Client, first: int) -> None:
    query = "query ($n: Int) { shops { products(first: $n) { nodes { id } } } }"

    response = client.post("", json={"query": query, "variables": {"n": first}})

    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert response.json()["data"] == {"shops": [{"products": None}]}


def test_a_body_over_the_limit_is_not_read(client: httpx.Client) -> None:
    content = b'{"query": "{ hello }", "variables": {"a": "%b"}}' % (b"x" * 5_000_000)

    response = client.post("", content=content, headers={"content-type": JSON})

    assert (response.status_code, code_of(response)) == (413, "BAD_USER_INPUT")


def test_a_body_that_hides_its_length_is_cut_off(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * 10_000

    response = client.post("", content=endless(), headers={"content-type": JSON})

    assert (response.status_code, code_of(response)) == (413, "BAD_USER_INPUT")


def test_deep_variables_are_refused(client: httpx.Client) -> None:
    deep = '{"size": 1, "inner": ' * 900 + "null" + "}" * 900
    body = (
        f'{{"query": "query ($v: Nested!) {{ nested(value: $v) }}", "variables": {{"v": {deep}}}}}'
    )

    response = client.post("", content=body, headers={"content-type": JSON, "accept": RESPONSE})

    assert (response.status_code, code_of(response)) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "query", [get_introspection_query(), "{ __schema { queryType { name } } }"]
)
def test_introspection_is_refused_where_it_is_off(production: httpx.Client, query: str) -> None:
    response = production.post("", json={"query": query})

    assert response.status_code == 400
    codes = {error["extensions"]["code"] for error in errors_of(response)}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ helo }", {}),
        ("{ hello(nam: 1) }", {}),
        ("{ ...on Querry { hello } }", {}),
        ("query ($v: Nestedd!) { nested(value: $v) }", {"v": {"size": 1}}),
        ("query ($v: Nested!) { nested(value: $v) }", {"v": {"size": 1, "iner": None}}),
        ("{ hello @skipp(if: true) }", {}),
    ],
)
def test_no_names_are_suggested_where_introspection_is_off(
    production: httpx.Client, query: str, variables: dict[str, object]
) -> None:
    response = production.post("", json={"query": query, "variables": variables})

    assert response.status_code == 400
    assert "Did you mean" not in response.text


def test_without_a_key_nothing_is_looked_at(closed: str) -> None:
    for content in (b"{", b'{"query": "{ hello }"}', b'{"query": "{"}'):
        response = httpx.post(
            closed, content=content, headers={"content-type": JSON}, trust_env=False
        )

        assert (response.status_code, code_of(response)) == (401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"] == "Bearer"


def test_two_keys_in_one_request_are_none(closed: str) -> None:
    headers = [("authorization", f"Bearer {KEY}"), ("authorization", f"Bearer {KEY}")]

    response = httpx.post(closed, json={"query": "{ hello }"}, headers=headers, trust_env=False)

    assert response.status_code == 401


def test_the_introspection_query_is_answered_where_it_is_on(client: httpx.Client) -> None:
    query = get_introspection_query(input_value_deprecation=True, specified_by_url=True)

    response = client.post("", json={"query": query})

    assert response.json()["data"]["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}


@pytest.mark.parametrize(
    "query", ['{ fails(how: "secret") }', '{ fails(how: "unnamed") }', "{ wrong }"]
)
def test_nothing_internal_is_told(client: httpx.Client, query: str) -> None:
    response = client.post("", json={"query": query})

    (error,) = response.json()["errors"]
    assert error["message"] == "Internal error"
    assert error["extensions"] == {
        "code": "INTERNAL",
        "requestId": response.headers["x-request-id"],
    }
    assert SECRET not in response.text
