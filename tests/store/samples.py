"""Documents that many tests of the ledger need, and strategies that make any document."""

from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from gateway.store.documents import (
    AfterSaleDocument,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    Payment,
    ProductDocument,
    ProductSku,
    ShippingAddress,
    WantedItemDocument,
)

KEY = "00112233445566778899aabbccddeeff" * 2
OTHER_KEY = "ff" * 32
NOW = 1_700_000_000.5

PERSONAL = OrderPersonal(
    open_id="oABC-buyer-1",
    nickname="小明",
    shipping_address=ShippingAddress(name="收件人", mobile="13800138000", city="广州市"),
)


def order(platform_id: str, **changes: Any) -> OrderDocument:
    """Answer an order with one item."""
    item = OrderItem(platform_product_id="p1", title="T恤", quantity=2, unit_price=990)
    document = OrderDocument(
        platform_id=platform_id,
        status="SHIPPED",
        created_at=1_600_000_000,
        items=(item,),
        total=1980,
        payment=Payment(method="WECHAT_PAY", paid=True, paid_at=1_600_000_060),
    )
    return msgspec.structs.replace(document, **changes)


def after_sale(order_id: str, platform_id: str, **changes: Any) -> AfterSaleDocument:
    """Answer an after-sale of an order."""
    document = AfterSaleDocument(
        platform_id=platform_id,
        order_platform_id=order_id,
        status="APPLYING",
        platform_status="400",
        kind="REFUND_ONLY",
        refund=990,
        created_at=1_600_000_100,
    )
    return msgspec.structs.replace(document, **changes)


def product(platform_id: str, **changes: Any) -> ProductDocument:
    """Answer a product with one SKU."""
    sku = ProductSku(platform_id=f"{platform_id}-red", code="TEE-RED", price=990, status="ON_SALE")
    document = ProductDocument(platform_product_id=platform_id, title="Cotton T恤", skus=(sku,))
    return msgspec.structs.replace(document, **changes)


def wanted_item(product_id: str, **changes: Any) -> WantedItemDocument:
    """Answer a line of a want-to-buy list."""
    document = WantedItemDocument(
        platform_product_id=product_id,
        platform_sku_id=f"{product_id}-red",
        title="T恤",
        status="ON_SALE",
        page_path="/pages/product",
    )
    return msgspec.structs.replace(document, **changes)


#: For properties that ask a database: the same one serves all examples.
FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
#: Any text that JSON can carry: everything but lone surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
#: What a column of its own holds: PostgreSQL takes no NUL there.
COLUMN_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
)
INTEGERS = st.integers(min_value=-(2**63), max_value=2**63 - 1)
COLUMNS = {
    "platform_id",
    "order_platform_id",
    "platform_product_id",
    "status",
    "platform_status",
    "kind",
}


SIMPLE: dict[type, st.SearchStrategy[Any]] = {
    msgspec.inspect.StrType: TEXT,
    msgspec.inspect.IntType: INTEGERS,
    msgspec.inspect.BoolType: st.booleans(),
    msgspec.inspect.NoneType: st.none(),
}


def documents(kind: type[Any], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Answer a strategy for any document of a kind, made from its fields' types."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    fields = {field.name: _values(field.type, field.name) for field in info.fields}
    return st.builds(kind, **fields | given)


def _values(kind: msgspec.inspect.Type, name: str) -> st.SearchStrategy[Any]:
    if name in COLUMNS:
        return COLUMN_TEXT
    match kind:
        case msgspec.inspect.UnionType():
            return st.one_of(*(_values(member, name) for member in kind.types))
        case msgspec.inspect.VarTupleType():
            return st.lists(_values(kind.item_type, name), max_size=2).map(tuple)
        case msgspec.inspect.StructType():
            return documents(kind.cls)
        case _:
            return SIMPLE[type(kind)]
