from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.documents import (
    AfterSaleDocument,
    OrderDocument,
    OrderPersonal,
    ProductDocument,
    WantedItemDocument,
)
from tests.store.samples import documents, order

KINDS = (AfterSaleDocument, OrderDocument, OrderPersonal, ProductDocument, WantedItemDocument)


@given(st.one_of(*map(documents, KINDS)))
def test_a_document_survives_json(document: Any) -> None:
    encoded = msgspec.json.encode(document)

    assert msgspec.json.decode(encoded, type=type(document)) == document


def test_json_holds_only_what_was_given() -> None:
    assert msgspec.json.decode(msgspec.json.encode(order("42"))) == {
        "platform_id": "42",
        "status": "SHIPPED",
        "created_at": 1_600_000_000,
        "items": [{"platform_product_id": "p1", "title": "T恤", "quantity": 2, "unit_price": 990}],
        "total": 1980,
        "payment": {"method": "WECHAT_PAY", "paid": True, "paid_at": 1_600_000_060},
    }


def test_a_document_of_a_later_version_is_read_without_what_is_not_known() -> None:
    encoded = msgspec.json.encode({"open_id": "o1", "added_later": 1})

    assert msgspec.json.decode(encoded, type=OrderPersonal) == OrderPersonal(open_id="o1")


@pytest.mark.parametrize("kind", KINDS)
def test_documents_do_not_change(kind: type[Any]) -> None:
    assert kind.__struct_config__.frozen
