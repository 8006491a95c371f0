"""A repeated mutation gives back what its key may see by then, and nothing of an erased buyer."""

import asyncio
import sqlite3
import time
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from graphql import GraphQLObjectType

from gateway.auth.key_manager import KeyManager
from gateway.auth.keys_file import read_keys, write_keys
from gateway.store.store import Store
from resolvers.schema import executable
from schema.declare import scopes_of_field
from schema.scope import Scope
from tests.e2e.api_keys import key
from tests.e2e.order_samples import baidu_order, mini_order
from tests.e2e.test_wanted_items import line
from tests.fixtures_served import KEY, Asked, Client, Serve

REPEATED: Final = {"Idempotency-Key": "first"}
PERSON: Final = {"name": "王小明", "mobile": "13800138000", "street": "新港中路397号"}
IMPORT: Final = """
mutation ($input: OrderImportInput!) {
  done: orderImport(input: $input) {
    order {
      platformId
      buyer { openId }
      ...Parcel
      details { ... on MiniProgramOrderDetails { invoice { title } } }
      pushes(first: 1) { nodes { state } }
      raw
    }
    push { state }
    userErrors { code }
  }
}
fragment Parcel on Order { to: shippingAddress { name mobile street } }
"""
BOTH: Final = """
mutation ($mini: OrderImportInput!, $swan: OrderImportInput!) {
  mini: orderImport(input: $mini) { order { platformId } }
  swan: orderImport(input: $swan) { order { platformId } }
}
"""
WANTED: Final = """
mutation ($input: WantedItemsImportInput!) {
  done: wantedItemsImport(input: $input) { wantedItems { openId platformProductId } }
}
"""


def with_a_person(platform_id: str) -> dict[str, Any]:
    """An order to import, with a parcel's address and an invoice."""
    invoice = {"type": "PERSON", "title": PERSON["name"]}
    return mini_order(platform_id, shippingAddress=PERSON, invoice=invoice)


def change_key(folder: Path, scopes: Collection[Scope], shops: Collection[str]) -> None:
    """Give every key of the file these scopes and shops."""
    path = folder / "keys.toml"
    granted = {"scopes": frozenset(scopes), "shops": frozenset(shops)}
    write_keys(path, [msgspec.structs.replace(one, **granted) for one in read_keys(path)])


async def erase(folder: Path, shop: str, open_id: str) -> dict[str, int]:
    """Erase a buyer as `gateway erase` does; answers the rows of each place that had some."""
    store = await Store.open(f"sqlite:///{folder}/gateway.db", encryption_key=KEY, clock=time.time)
    erased = await store.personal.erase_buyer(shop, open_id)
    await store.close()
    return {place: rows for place, rows in erased.rows_by_place.items() if rows}


async def run_sql(folder: Path, statement: str) -> list[Any]:
    """Run SQL beside the gateway."""

    def run() -> list[Any]:
        with closing(sqlite3.connect(folder / "gateway.db", isolation_level=None)) as database:
            return database.execute(statement).fetchall()

    return await asyncio.to_thread(run)


async def test_the_outcome_is_given_again_whole(gateway: Client) -> None:
    first = await gateway.ask(IMPORT, {"input": with_a_person("M1")}, REPEATED)
    again = await gateway.ask(IMPORT, {"input": with_a_person("M1")}, REPEATED)

    assert first.data["done"]["order"]["to"] == PERSON
    assert again.body == {**first.body, "extensions": {"idempotentReplay": True}}


async def test_an_erased_buyer_is_not_given_again(gateway: Client, tmp_path: Path) -> None:
    order = with_a_person("M1")
    first = await gateway.ask(IMPORT, {"input": order}, REPEATED)
    other = await gateway.ask(IMPORT, {"input": {**order, "platformId": "M2", "openId": "other"}})
    erased = await erase(tmp_path, "mini", order["openId"])

    again = await gateway.ask(IMPORT, {"input": order}, REPEATED)

    assert erased["outcomes of mutations"] == 1
    assert first.data["done"]["order"]["buyer"] == {"openId": order["openId"]}
    assert other.data["done"]["order"]["to"] == PERSON
    assert again.data["done"] == {
        "order": {
            "platformId": "M1",
            "buyer": None,
            "to": None,
            "details": {"invoice": None},
            "pushes": {"nodes": [{"state": "DELIVERED"}]},
            "raw": None,
        },
        "push": {"state": "DELIVERED"},
        "userErrors": [],
    }
    assert again.body["extensions"] == {"idempotentReplay": True}


async def test_other_buyers_outcomes_stay(gateway: Client, tmp_path: Path) -> None:
    first = await gateway.ask(IMPORT, {"input": with_a_person("M1")}, REPEATED)
    await erase(tmp_path, "mini", "another buyer")
    again = await gateway.ask(IMPORT, {"input": with_a_person("M1")}, REPEATED)

    assert again.data == first.data


async def test_a_wanted_line_is_given_again_without_its_erased_buyer(
    gateway: Client, tmp_path: Path
) -> None:
    given = {"shop": "mini", "openId": "somebody", "items": [line("s1")]}
    first = await gateway.ask(WANTED, {"input": given}, REPEATED)
    await erase(tmp_path, "mini", "somebody")
    again = await gateway.ask(WANTED, {"input": given}, REPEATED)

    assert first.data["done"]["wantedItems"] == [{"openId": "somebody", "platformProductId": "p1"}]
    assert again.data["done"]["wantedItems"] == [{"openId": None, "platformProductId": "p1"}]


async def test_the_outcome_of_an_earlier_version_is_erased_with_any_buyer(
    gateway: Client, tmp_path: Path
) -> None:
    await gateway.ask(IMPORT, {"input": with_a_person("M1")}, REPEATED)
    await run_sql(tmp_path, "UPDATE idempotency_keys SET buyers = NULL, personal = NULL")
    erased = await erase(tmp_path, "mini", "anybody")
    again = await gateway.ask(IMPORT, {"input": with_a_person("M1")}, REPEATED)

    assert erased == {"outcomes of mutations": 1}
    assert again.body["data"] == {"done": None}
    assert again.codes == ["FORBIDDEN"]
    assert "erased" in again.body["errors"][0]["message"]


ALL: Final = frozenset(Scope)


@pytest.mark.parametrize(
    ("lost", "hidden"),
    [
        ({Scope.PII_READ}, ["buyer", "to", "invoice"]),
        ({Scope.OPS_READ}, ["pushes"]),
        ({Scope.PII_READ, Scope.OPS_READ}, ["buyer", "to", "invoice", "pushes"]),
        ({Scope.RAW_READ}, []),
        ({Scope.CATALOG_READ}, []),
    ],
)
async def test_what_a_key_may_no_longer_read_is_not_given_again(
    lost: set[Scope],
    hidden: list[str],
    serve: Serve,
    keys: dict[str, Any],
    book: KeyManager,
    tmp_path: Path,
) -> None:
    header = key(book, ALL) | REPEATED
    given = {"input": with_a_person("M1")}
    async with serve(**keys) as client:
        first = await client.ask(IMPORT, given, header)
    change_key(tmp_path, ALL - lost, ["*"])
    async with serve(**keys) as client:
        again = await client.ask(IMPORT, given, header)

    order = first.data["done"]["order"]
    shown = again.body["data"]["done"]["order"]
    for name in ("buyer", "to", "pushes"):
        assert shown[name] == (None if name in hidden else order[name])
    assert shown["details"] == ({"invoice": None} if "invoice" in hidden else order["details"])
    assert shown["platformId"] == "M1"
    assert again.codes == ["FORBIDDEN"] * len(hidden)
    assert [error["path"][-1] for error in again.body.get("errors", [])] == hidden
    assert again.body["extensions"] == {"idempotentReplay": True}


@pytest.mark.parametrize("lost", [{Scope.ORDERS_WRITE}, {Scope.ORDERS_WRITE, Scope.PII_READ}])
async def test_without_its_scope_nothing_of_a_mutation_is_given_again(
    lost: set[Scope], serve: Serve, keys: dict[str, Any], book: KeyManager, tmp_path: Path
) -> None:
    header = key(book, ALL) | REPEATED
    given = {"input": with_a_person("M1")}
    async with serve(**keys) as client:
        await client.ask(IMPORT, given, header)
    change_key(tmp_path, ALL - lost, ["*"])
    async with serve(**keys) as client:
        again = await client.ask(IMPORT, given, header)

    refused(again)


@pytest.mark.parametrize("lost", [set(), {Scope.PII_READ}, {Scope.PII_READ, Scope.ORDERS_WRITE}])
async def test_without_its_shop_nothing_of_a_mutation_is_given_again(
    lost: set[Scope], serve: Serve, keys: dict[str, Any], book: KeyManager, tmp_path: Path
) -> None:
    header = key(book, ALL) | REPEATED
    given = {"input": with_a_person("M1")}
    async with serve(**keys) as client:
        await client.ask(IMPORT, given, header)
    change_key(tmp_path, ALL - lost, ["swan"])
    async with serve(**keys) as client:
        again = await client.ask(IMPORT, given, header)

    refused(again)


async def test_root_fields_of_other_shops_are_given_again(
    serve: Serve, keys: dict[str, Any], book: KeyManager, tmp_path: Path
) -> None:
    header = key(book, ALL) | REPEATED
    given = {"mini": mini_order("M1"), "swan": baidu_order("B1")}
    async with serve(**keys) as client:
        await client.ask(BOTH, given, header)
    change_key(tmp_path, ALL, ["swan"])
    async with serve(**keys) as client:
        again = await client.ask(BOTH, given, header)

    assert again.body["data"] == {"mini": None, "swan": {"order": {"platformId": "B1"}}}
    assert [(one["path"], one["extensions"]["code"]) for one in again.body["errors"]] == [
        (["mini"], "FORBIDDEN")
    ]


async def test_a_scope_that_comes_back_shows_the_outcome_again(
    serve: Serve, keys: dict[str, Any], book: KeyManager, tmp_path: Path
) -> None:
    header = key(book, ALL) | REPEATED
    given = {"input": with_a_person("M1")}
    async with serve(**keys) as client:
        first = await client.ask(IMPORT, given, header)
    change_key(tmp_path, ALL - {Scope.PII_READ}, ["*"])
    async with serve(**keys) as client:
        await client.ask(IMPORT, given, header)
    change_key(tmp_path, ALL, ["*"])
    async with serve(**keys) as client:
        again = await client.ask(IMPORT, given, header)

    assert again.data == first.data


def test_the_scopes_of_every_field_are_known_to_who_gives_it_again() -> None:
    schema = executable()
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    unknown = [
        f"{type_.name}.{name}"
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and type_ not in roots
        for name, field in type_.fields.items()
        if "Needs the scope" in (field.description or "") and not scopes_of_field(field)
    ]

    assert unknown == []


def refused(again: Asked) -> None:
    """Assert that the only root field is null, with one FORBIDDEN, and nothing is told."""
    assert again.body["data"] == {"done": None}
    assert again.codes == ["FORBIDDEN"]
    assert again.body["errors"][0]["path"] == ["done"]
    assert "M1" not in str(again.body)
    assert again.body["extensions"] == {"idempotentReplay": True}
