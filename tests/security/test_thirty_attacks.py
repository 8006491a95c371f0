"""Thirty attacks on GraphQL servers, by every transport, with a credential.

The numbers are those of the list of attacks. Those that need a connection of their own, or a token
of another issuer, have their tests beside what they attack, in `tests/http/` and `tests/auth/`.
"""

import gc
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from statistics import median
from time import process_time
from typing import Any, Final

import httpx
import pytest
from graphql import get_introspection_query

from gateway.auth.key_manager import KeyManager
from gateway.http.parsing import count_tokens
from schema.key import Key
from schema.scope import Scope
from tests.auth.issuer import AUDIENCE, ISSUER, Issuer
from tests.e2e.api_keys import key
from tests.fixtures_served import Client, Serve
from tests.security.shapes import plain
from tests.security.transports import TRANSPORTS, Outcome, Send

PARSE: Final = "GRAPHQL_PARSE_FAILED"
INVALID: Final = "GRAPHQL_VALIDATION_FAILED"
COST: Final = "COST_LIMIT_EXCEEDED"
INPUT: Final = "BAD_USER_INPUT"
FORBIDDEN: Final = "FORBIDDEN"
#: More does not fit into the address of a GET, which is answered with 431.
ADDRESS: Final = 32_000
#: CPU of an attack, in that of a plain document of as many tokens by the same transport.
BOUND: Final = 2.0
#: Below that, what any request takes outweighs its tokens.
FEW: Final = 200

SCOPES: Final = [Scope.CATALOG_READ, Scope.ORDERS_READ]
#: What a deployment's credentials are: a header each.
CREDENTIALS: Final[Mapping[str, Callable[[KeyManager, Issuer], dict[str, str]]]] = {
    "key": lambda book, _: key(book, SCOPES),
    "JWT": lambda _, issuer: {"Authorization": f"Bearer {issued(issuer)}"},
}


def issued(issuer: Issuer) -> str:
    """A token that outlives the test, with what the key may do."""
    return issuer.token(
        exp=int(time.time()) + 3_600, scope=" ".join(SCOPES), shops=["flagship", "mini", "swan"]
    )


def _doubled(links: int) -> str:
    chain = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(links))
    return f"{{ ...f0 }} {chain} fragment f{links} on Query {{ nowhere }}"


def _deep(levels: int) -> str:
    return "{ orders { nodes { " + "afterSales { order { " * levels + "id" + " }" * (2 * levels + 3)


_ORDER: Final = Key("Order", "flagship", "7197417460812533543").encode()

#: Name, document, variables, and the code that it is refused with.
ATTACKS: Final[list[tuple[str, str, Mapping[str, Any], str]]] = [
    ("1 introspection", get_introspection_query(), {}, INVALID),
    (
        "2 circular introspection",
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        {},
        INVALID,
    ),
    ("3 suggestions", "{ ordrs { nodes { id } } }", {}, INVALID),
    ("4 aliases", "{ " + " ".join(f"a{n}: viewer {{ name }}" for n in range(900)) + " }", {}, COST),
    ("5 a field 500 times", "{ " + "viewer { name } " * 500 + "}", {}, COST),
    ("5 a field 10000 times", "{ " + "x " * 10_000 + "}", {}, COST),
    ("6 unknown directives", "{ viewer { name " + "@aa " * 1_000 + "} }", {}, INVALID),
    ("6 skip 500 times", "{ viewer { name " + "@skip(if: true) " * 500 + "} }", {}, INVALID),
    ("7 depth 50", _deep(24), {}, COST),
    (
        "8 lists in lists",
        (
            "{ shops { products(first: 100) { nodes { shop { products(first: 100) { nodes { shop {"
            " products(first: 100) { nodes { id } } } } } } } } } }"
        ),
        {},
        COST,
    ),
    ("9 a page too large", "{ orders(first: 99999999) { nodes { id } } }", {}, INPUT),
    ("9 a page below zero", "{ orders(first: -1) { nodes { id } } }", {}, INPUT),
    (
        "10 a cycle of fragments",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        {},
        INVALID,
    ),
    ("11 fragments doubled", _doubled(20), {}, INVALID),
    ("12 inline fragments", "{ " + "... { " * 500 + "x" + " }" * 501, {}, PARSE),
    ("12 braces", "{" * 4_900, {}, PARSE),
    ("12 brackets", "{ nodes(ids: " + "[" * 2_400 + "]" * 2_400 + ") { id } }", {}, PARSE),
    ("13 tokens", "{ " + "x " * 45_000 + "}", {}, COST),
    ("13 commas", "{ viewer { name } }" + "," * 900_000, {}, COST),
    ("14 a long string", '{ nodes(ids: ["' + "x" * 900_000 + '"]) { id } }', {}, COST),
    (
        "18 operations",
        " ".join(f"query Q{n} {{ viewer {{ name }} }}" for n in range(100)),
        {},
        INVALID,
    ),
    (
        "19 overlapping fields",
        "{ orders { nodes { " + "... on Order { id status } " * 600 + "} } }",
        {},
        COST,
    ),
    (
        "26 another type's id",
        "query ($id: ID!) { product(id: $id) { id } }",
        {"id": _ORDER},
        INPUT,
    ),
    ("26 an id that nobody made", '{ product(id: "Li4vLi4vZXRj") { id } }', {}, INPUT),
    ("27 an alias", "{ a: pushes { nodes { id } } }", {}, FORBIDDEN),
    (
        "27 a fragment",
        "{ ...F } fragment F on Query { ... on Query { pushes { nodes { id } } } }",
        {},
        FORBIDDEN,
    ),
    (
        "27 an interface",
        "query ($id: ID!) { node(id: $id) { ... on Order { buyer { nickname } } } }",
        {"id": _ORDER},
        FORBIDDEN,
    ),
    ("30 a field by aliases", "{ " + "a: viewer { name } " * 60 + "}", {}, COST),
]


def is_too_long(query: str) -> bool:
    """Whether a GET cannot carry the document."""
    return len(str(httpx.QueryParams({"query": query}))) > ADDRESS


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    """Answer where the keys are."""
    return tmp_path / "keys.toml"


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer().serving() as serving:
        yield serving


@pytest.fixture
def credential(request: pytest.FixtureRequest, keys_file: Path, issuer: Issuer) -> dict[str, str]:
    """Answer the header of a caller with few scopes: a key's where no other is asked for."""
    book = KeyManager(keys_file, lambda: datetime.now(UTC), token_bytes)
    book.add("first", frozenset(SCOPES), frozenset({"*"}))
    return CREDENTIALS[getattr(request, "param", "key")](book, issuer)


@pytest.fixture
async def client(
    serve: Serve, keys_file: Path, credential: dict[str, str], issuer: Issuer
) -> AsyncIterator[Client]:
    """Ask a gateway as it is in production, where tokens and keys are taken."""
    assert credential
    tokens = {"jwks_url": issuer.url, "issuer": ISSUER, "audience": AUDIENCE}
    async with serve(
        auth={"mode": "jwt", "keys_file": str(keys_file), **tokens},
        server={"introspection": False},
        limits={"cost_per_minute": 10_000_000},
    ) as client:
        yield client


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    """Answer the name of a transport."""
    return str(request.param)


@pytest.mark.parametrize("credential", CREDENTIALS, indirect=True)
async def test_each_is_refused_briefly(
    client: Client, credential: dict[str, str], transport: str
) -> None:
    send = TRANSPORTS[transport]
    for name, query, variables, code in ATTACKS:
        if transport == "GET" and is_too_long(query):
            with suppress(httpx.TransportError, httpx.InvalidURL):
                response = await client.http.get(
                    "/graphql", params={"query": query}, headers=credential
                )
                assert response.status_code == 431, name
            continue
        answer = await send(client, credential, query, variables)

        assert code in answer.codes, (name, answer.codes, answer.text[:300])
        assert set(answer.codes) == {code}, (name, answer.codes)
        assert len(answer.text) < 6_000, name
        assert "Did you mean" not in answer.text, name


async def _seconds(work: Callable[[str], Awaitable[object]], text: str, times: int) -> float:
    found = []
    for number in range(times):
        gc.collect()
        began = process_time()
        # None is cached.
        await work(f"{text}#{number} {began}")
        found.append(process_time() - began)
    return median(found)


@pytest.mark.long
@pytest.mark.parametrize("credential", CREDENTIALS, indirect=True)
async def test_none_takes_more_cpu_than_its_tokens(
    client: Client, credential: dict[str, str], transport: str
) -> None:
    send: Send = TRANSPORTS[transport]
    for name, query, variables, _ in ATTACKS:
        if transport == "GET" and is_too_long(query):
            continue

        async def attack(text: str, variables: Mapping[str, Any] = variables) -> Outcome:
            return await send(client, credential, text, variables)

        async def like(text: str) -> Outcome:
            return await send(client, credential, f"query Q($no: Int) {text}", {})

        tokens = min(max(FEW, count_tokens(query, 10_000)), 4_800)
        # Refused after its validation, for the variable: a plain one is not executed.
        same = plain(tokens if transport != "GET" else min(tokens, 2_000))
        ratios = []
        for times in (1, 3, 5):
            ratios.append(await _seconds(attack, query, times) / await _seconds(like, same, times))
            if ratios[-1] <= BOUND:
                break
        assert min(ratios) <= BOUND, (name, ratios)


async def test_batches_and_odd_bodies_are_refused(
    client: Client, credential: dict[str, str]
) -> None:
    bodies: dict[str, bytes] = {
        "15 deep variables": b'{"query": "{ viewer { name } }", "variables": '
        + b'{"a":' * 100_000
        + b"1"
        + b"}" * 100_000
        + b"}",
        "16 not UTF-8": b'{"query": "{ \xff }"}',
        "16 UTF-16": '{"query": "{ viewer { name } }"}'.encode("utf-16"),
        "16 NUL": b'{"query": "\x00"}',
        "17 a batch": json.dumps([{"query": "{ viewer { name } }"}] * 100).encode(),
        "17 mutations": json.dumps([{"query": "mutation { pushRetry }"}] * 100).encode(),
    }
    headers = {**credential, "content-type": "application/json"}
    for name, body in bodies.items():
        for accept in ("application/json", "text/event-stream"):
            response = await client.http.post(
                "/graphql", content=body, headers={**headers, "accept": accept}
            )

            assert response.status_code == 400, name
            assert response.json()["errors"][0]["extensions"]["code"] == INPUT, name


async def test_a_mutation_has_no_effect_by_get_or_as_a_form(
    client: Client, credential: dict[str, str]
) -> None:
    mutation = 'mutation { pushRetry(id: "x") { userErrors { code } } }'

    by_get = await client.http.get("/graphql", params={"query": mutation}, headers=credential)
    as_form = [
        await client.http.post(
            "/graphql", content=b"query=" + mutation.encode(), headers={**credential, **kind}
        )
        for kind in (
            {"content-type": "text/plain"},
            {"content-type": "application/x-www-form-urlencoded"},
            {"content-type": "multipart/form-data; boundary=x"},
            {},
        )
    ]

    assert by_get.status_code == 405
    assert {response.status_code for response in as_form} <= {400, 403, 415}


async def test_a_document_of_another_hash_poisons_nothing(
    client: Client, credential: dict[str, str]
) -> None:
    known, other = "{ viewer { name } }", "{ shops { key } }"
    extensions = {
        "persistedQuery": {"version": 1, "sha256Hash": sha256(known.encode()).hexdigest()}
    }

    async def ask(**body: Any) -> Any:
        response = await client.http.post(
            "/graphql", json={**body, "extensions": extensions}, headers=credential
        )
        return response.json()

    first = await ask(query=known)
    mismatched = await ask(query=other)
    by_hash = await ask()

    assert mismatched["errors"][0]["extensions"]["code"] == INPUT
    assert by_hash == first
    assert list(first["data"]) == ["viewer"]


async def test_without_a_credential_nothing_is_parsed(client: Client, transport: str) -> None:
    if transport == "WebSocket":
        answer = await TRANSPORTS[transport](client, {}, "{", {})
        assert answer.codes == ["CLOSED 4403"]
        return
    answer = await TRANSPORTS[transport](client, {}, "{", {})

    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
