"""Metadata of orders and products, on each of the databases."""

import pytest

from gateway.store.store import Store
from schema.key import Key

ORDER = Key("Order", "mini", "42")
#: The same number in a partner store.
PARTNERS = Key("Order", "mini", "42", "wxshop")
PRODUCT = Key("Product", "mini", "42")


@pytest.fixture
async def filled(store: Store) -> Store:
    """Answer a ledger with metadata of objects that have the same number."""
    async with store.transaction() as transaction:
        for of, value in ((ORDER, "order"), (PARTNERS, "partner's"), (PRODUCT, "product")):
            await store.metadata_items.change(transaction, of, {"b": value, "a": "x"}, None)
    return store


async def test_each_object_has_its_own_values(filled: Store) -> None:
    nothing = Key("Order", "swan", "42")

    found = await filled.metadata_items.get_many([PARTNERS, nothing, PRODUCT, ORDER])

    assert found == {
        PARTNERS: {"a": "x", "b": "partner's"},
        nothing: {},
        PRODUCT: {"a": "x", "b": "product"},
        ORDER: {"a": "x", "b": "order"},
    }
    assert list(found[ORDER]) == ["a", "b"]
    assert await filled.metadata_items.get_many([]) == {}


async def test_values_are_replaced_added_and_removed(filled: Store) -> None:
    async with filled.transaction() as transaction:
        changes = {"a": "", "b": "new", "c": "中文\n第二行", "missing": ""}
        await filled.metadata_items.change(transaction, ORDER, changes, "buyer")
        within = await filled.metadata_items.get_many([ORDER], within=transaction)

    assert within[ORDER] == {"b": "new", "c": "中文\n第二行"}
    found = await filled.metadata_items.get_many([ORDER, PARTNERS])
    assert found == {ORDER: within[ORDER], PARTNERS: {"a": "x", "b": "partner's"}}


async def test_what_there_is_no_longer_has_no_metadata(filled: Store) -> None:
    async with filled.transaction() as transaction:
        await filled.metadata_items.delete(transaction, "Order", "mini", ["42", "43"])
        await filled.metadata_items.delete(transaction, "Product", "mini", [])

    found = await filled.metadata_items.get_many([ORDER, PARTNERS, PRODUCT])

    assert found == {
        ORDER: {},
        PARTNERS: {"a": "x", "b": "partner's"},
        PRODUCT: {"a": "x", "b": "product"},
    }
