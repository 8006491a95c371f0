"""Documents by their hash: Apollo's automatic form, and trusted ones from a file."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.errors import BadUserInput, ConfigurationError, PersistedQueryNotFound
from gateway.http.persisted import PersistedDocuments, read_trusted
from gateway.http.refusal import HttpRefusal
from tests.fixtures_served import Client, Serve
from tests.http.small_gateway import without_cost

SHOPS = "{ shops { key } }"
KEYS = ["flagship", "mini", "swan"]


def named(document: str, **more: Any) -> dict[str, Any]:
    """The extensions that name a document."""
    digest = sha256(document.encode()).hexdigest()
    return {"persistedQuery": {"version": 1, "sha256Hash": digest, **more}}


async def post(client: Client, body: dict[str, Any]) -> tuple[int, Any]:
    answer = await client.http.post("/graphql", json=body)
    return answer.status_code, without_cost(answer)


async def test_a_document_is_sent_once_and_named_from_then_on(gateway: Client) -> None:
    _, unknown = await post(gateway, {"extensions": named(SHOPS)})
    _, sent = await post(gateway, {"query": SHOPS, "extensions": named(SHOPS)})
    _, known = await post(gateway, {"extensions": named(SHOPS)})

    (error,) = unknown["errors"]
    assert error["message"] == "PersistedQueryNotFound"
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert [shop["key"] for shop in sent["data"]["shops"]] == KEYS
    assert known == sent


async def test_a_hash_works_by_get(gateway: Client) -> None:
    await post(gateway, {"query": SHOPS, "extensions": named(SHOPS)})
    extensions = orjson.dumps(named(SHOPS)).decode()

    answer = await gateway.http.get("/graphql", params={"extensions": extensions})

    assert [shop["key"] for shop in answer.json()["data"]["shops"]] == KEYS


async def test_a_hash_of_another_document_poisons_nothing(gateway: Client) -> None:
    _, refused = await post(gateway, {"query": "{ viewer { name } }", "extensions": named(SHOPS)})
    _, unknown = await post(gateway, {"extensions": named(SHOPS)})

    assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert unknown["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "persisted",
    [
        pytest.param("abc", id="text"),
        pytest.param({"version": 2, "sha256Hash": "0" * 64}, id="another-version"),
        pytest.param({"version": 1, "sha256Hash": "abc"}, id="a-short-hash"),
        pytest.param({"version": 1}, id="no-hash"),
    ],
)
async def test_a_malformed_name_is_refused(gateway: Client, persisted: Any) -> None:
    status, body = await post(gateway, {"extensions": {"persistedQuery": persisted}})

    assert status == 400
    assert "sha256Hash" in body["errors"][0]["message"]


async def test_trusted_documents_are_known_and_may_be_all_there_are(
    serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "documents.json"
    file.write_bytes(orjson.dumps({"shops": SHOPS}))
    section = {"trusted_documents": str(file), "only_trusted": True}
    async with serve(graphql=section) as client:
        _, by_hash = await post(client, {"extensions": named(SHOPS)})
        _, by_text = await post(client, {"query": SHOPS})
        _, other = await post(client, {"query": "{ viewer { name } }"})

    assert [shop["key"] for shop in by_hash["data"]["shops"]] == KEYS
    assert by_text == by_hash
    assert other["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert other["errors"][0]["message"] == "Only trusted documents are accepted"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{", "expected JSON", id="no-json"),
        pytest.param("[]", "expected an object of GraphQL documents by their hash", id="a-list"),
        pytest.param('{"a": 1}', "expected an object of GraphQL documents", id="no-text"),
    ],
)
def test_a_file_of_another_form_stops_the_start(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "documents.json"
    file.write_text(text)

    with pytest.raises(ConfigurationError, match=message):
        read_trusted(file)


def test_a_file_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        read_trusted(tmp_path / "documents.json")


def test_what_is_remembered_is_bounded() -> None:
    persisted = PersistedDocuments(max_bytes=1_150)
    documents = [f"{{ a{number} }}" for number in range(3)]
    for document in documents:
        persisted.text_of(document, named(document))

    with pytest.raises(PersistedQueryNotFound):
        persisted.text_of(None, named(documents[0]))
    assert persisted.text_of(None, named(documents[2])) == documents[2]
    long = "{ " + "a " * 600 + "}"
    assert persisted.text_of(long, named(long)) == long
    with pytest.raises(PersistedQueryNotFound):
        persisted.text_of(None, named(long))


@pytest.mark.parametrize("only_trusted", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_text_and_hash_must_agree(*, known: bool, only_trusted: bool) -> None:
    trusted = {sha256(text.encode()).hexdigest(): text for text in ("{ a }", "{ b }")}
    persisted = PersistedDocuments(trusted if only_trusted else None, only_trusted=only_trusted)
    if known:
        assert persisted.text_of("{ b }", named("{ b }")) == "{ b }"

    with pytest.raises(BadUserInput, match="is not the SHA-256 of `query`"):
        persisted.text_of("{ a }", named("{ b }"))


def test_one_of_them_is_needed() -> None:
    with pytest.raises(HttpRefusal, match="`query` is missing"):
        PersistedDocuments().text_of(None, {})
