"""Index entries of orders, after-sales and products, from what was read or what is stored."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gateway.ledger.mapping.order import line_total
from gateway.ledger.mapping.parts import member
from gateway.ports import SplitDocument, after_sale_position, order_position
from gateway.store.documents import AfterSaleDocument, OrderDocument, OrderPersonal
from gateway.store.documents import OrderItem as StoredItem
from gateway.store.indexed_after_sales import AfterSaleIndexEntry
from gateway.store.indexed_order_rows import OrderEntry, OrderLineEntry
from gateway.store.indexed_products import ProductIndexEntry, SkuIndexEntry
from gateway.store.products import StoredProduct
from schema.after_sale import AfterSale, AfterSaleKind, AfterSaleStatus
from schema.order import Order
from schema.order_item import OrderItem
from schema.order_status import OrderStatus
from schema.product import Product
from schema.product_status import ProductStatus

#: A SKU of a shop: its product's id, and its own.
SkuName = tuple[str, str]
#: The merchant's codes of SKUs of one shop.
Codes = Mapping[SkuName, str]

#: Statuses of after-sales that are not settled.
OPEN: Final = frozenset(
    {AfterSaleStatus.APPLYING, AfterSaleStatus.PROCESSING, AfterSaleStatus.IN_DISPUTE}
)


def read_order_entry(
    order: Order, kept: SplitDocument, after_sale: AfterSale | None, codes: Codes, seen_at: float
) -> OrderEntry:
    """The entry of an order that was read from its platform.

    `kept` is its document, `after_sale` the one that its status implies (without one the order may
    tell how its own stand), `codes` are those of SKUs whose lines do not tell them. Seen at
    `seen_at`, in unix seconds.
    """
    buyer, address = order.buyer_data, order.shipping_address_data
    standing = order.after_sale_status if after_sale is None else after_sale.status
    open_id = None if buyer is None else buyer.open_id
    swan_id = None if buyer is None else buyer.swan_id
    phone = None if address is None else address.mobile or address.phone
    return OrderEntry(
        shop=order.key.shop,
        platform_id=order.platform_id,
        part=order.key.part,
        created_at=order_position(order).at,
        updated_at=None if order.updated_at is None else int(order.updated_at.timestamp()),
        paid_at=None if order.paid_at is None else int(order.paid_at.timestamp()),
        status=order.status.name,
        total=order.total.fen,
        refunded=order.total.fen if order.status is OrderStatus.REFUNDED else 0,
        open_after_sale=standing in OPEN,
        buyer=open_id,
        swan_id=None if open_id else swan_id,
        phone=phone,
        receiver=None if address is None else address.name,
        texts=_texts_of(order),
        lines=[_line(item, codes) for item in order.items],
        document=kept.document,
        personal=kept.personal,
        seen_at=seen_at,
    )


def read_after_sale_entry(
    after_sale: AfterSale, order: Order, seen_at: float
) -> AfterSaleIndexEntry:
    """The entry of an after-sale that the status of a read order implies."""
    updated_at, buyer = after_sale.updated_at, order.buyer_data
    return AfterSaleIndexEntry(
        shop=after_sale.key.shop,
        order_platform_id=after_sale.key.platform_id,
        part=order.key.part,
        platform_id=after_sale.key.part,
        created_at=after_sale_position(after_sale).at,
        updated_at=None if updated_at is None else int(updated_at.timestamp()),
        answer_before=None,
        status=after_sale.status.name,
        kind=after_sale.kind.name,
        open=after_sale.status in OPEN,
        refund=None if after_sale.refund is None else after_sale.refund.fen,
        open_id=None if buyer is None else buyer.open_id,
        document=None,
        personal=None,
        seen_at=seen_at,
    )


def own_after_sale_entry(
    after_sale: AfterSale, kept: SplitDocument, seen_at: float
) -> AfterSaleIndexEntry:
    """The entry of an after-sale that its platform keeps, and that was read; `kept` likewise."""
    updated_at, deadline = after_sale.updated_at, after_sale.answer_before
    return AfterSaleIndexEntry(
        shop=after_sale.key.shop,
        order_platform_id=after_sale.key.platform_id,
        platform_id=after_sale.key.part,
        created_at=after_sale_position(after_sale).at,
        updated_at=None if updated_at is None else int(updated_at.timestamp()),
        answer_before=None if deadline is None else int(deadline.timestamp()),
        status=after_sale.status.name,
        kind=after_sale.kind.name,
        open=after_sale.status in OPEN,
        refund=None if after_sale.refund is None else after_sale.refund.fen,
        open_id=after_sale.open_id,
        document=kept.document,
        personal=kept.personal,
        seen_at=seen_at,
    )


def _texts_of(order: Order) -> list[str]:
    texts: list[str | None] = [order.payment_reference]
    for item in order.items:
        texts += [item.title, item.known_code]
    texts += [parcel.tracking_number for parcel in order.shipments]
    return [text for text in texts if text]


def _line(item: OrderItem, codes: Codes) -> OrderLineEntry:
    total = item.unit_price.fen * item.quantity if item.total is None else item.total.fen
    return OrderLineEntry(
        platform_product_id=item.platform_product_id,
        code=item.known_code or codes.get(_sku(item)),
        units=item.quantity,
        total=total,
    )


def _sku(item: OrderItem | StoredItem) -> SkuName:
    return item.platform_product_id, item.platform_sku_id or ""


def codeless_products(items: Iterable[OrderItem]) -> set[str]:
    """The products of lines that do not tell their SKU's code."""
    return {item.platform_product_id for item in items if not item.known_code}


def codeless_stored(items: Iterable[StoredItem]) -> set[str]:
    """Like `codeless_products`, of lines in the ledger."""
    return {item.platform_product_id for item in items if not item.code}


def stored_order_entry(
    shop: str,
    document: OrderDocument,
    personal: OrderPersonal | None,
    after_sales: Sequence[AfterSaleIndexEntry],
    codes: Codes,
    seen_at: float,
) -> OrderEntry:
    """The entry of an order that the ledger keeps, written at `seen_at`.

    `codes` are those of SKUs whose lines do not tell them.
    """
    address = None if personal is None else personal.shipping_address
    open_id = None if personal is None else personal.open_id
    swan_id = None if personal is None else personal.swan_id
    return OrderEntry(
        shop=shop,
        platform_id=document.platform_id,
        created_at=document.created_at,
        updated_at=document.updated_at,
        paid_at=None if document.payment is None else document.payment.paid_at,
        status=member(document.status, OrderStatus.UNKNOWN).name,
        total=document.total,
        refunded=_refunded(document, after_sales),
        open_after_sale=any(one.open for one in after_sales),
        buyer=open_id,
        swan_id=None if open_id else swan_id,
        phone=None if address is None else address.mobile or address.phone,
        receiver=None if address is None else address.name,
        texts=_texts_in(document),
        lines=[
            OrderLineEntry(
                platform_product_id=item.platform_product_id,
                code=item.code or codes.get(_sku(item)),
                units=item.quantity,
                total=line_total(item),
            )
            for item in document.items
        ],
        document=None,
        personal=None,
        seen_at=seen_at,
    )


def stored_after_sale_entries(
    shop: str,
    document: OrderDocument,
    personal: OrderPersonal | None,
    after_sales: Iterable[AfterSaleDocument],
    implied: Mapping[OrderStatus, AfterSaleStatus],
    seen_at: float,
) -> list[AfterSaleIndexEntry]:
    """The entries of the after-sales of an order that the ledger keeps.

    `implied`: the platform reports no more of them than the order's status; see `PlatformTraits`.
    """
    open_id = None if personal is None else personal.open_id
    if implied:
        standing = implied.get(member(document.status, OrderStatus.UNKNOWN))
        if standing is None:
            return []
        after_sales = (
            AfterSaleDocument(
                platform_id=document.platform_id,
                order_platform_id=document.platform_id,
                status=standing.name,
                platform_status=document.platform_status or "",
                kind=AfterSaleKind.UNKNOWN.name,
                created_at=document.created_at,
                updated_at=document.updated_at,
            ),
        )
    return [_stored_after_sale(shop, one, open_id, seen_at) for one in after_sales]


def _stored_after_sale(
    shop: str, document: AfterSaleDocument, open_id: str | None, seen_at: float
) -> AfterSaleIndexEntry:
    status = member(document.status, AfterSaleStatus.UNKNOWN)
    return AfterSaleIndexEntry(
        shop=shop,
        order_platform_id=document.order_platform_id,
        platform_id=document.platform_id,
        created_at=document.created_at,
        updated_at=document.updated_at,
        answer_before=None,
        status=status.name,
        kind=member(document.kind, AfterSaleKind.UNKNOWN).name,
        open=status in OPEN,
        refund=document.refund,
        open_id=open_id,
        document=None,
        personal=None,
        seen_at=seen_at,
    )


def _refunded(document: OrderDocument, after_sales: Sequence[AfterSaleIndexEntry]) -> int:
    """What was refunded, in fen: by the after-sales where they tell, else all or nothing."""
    settled = [one.refund for one in after_sales if one.status == AfterSaleStatus.REFUNDED.name]
    told = [refund for refund in settled if refund is not None]
    if told:
        return sum(told)
    return document.total if document.status == OrderStatus.REFUNDED.name else 0


def _texts_in(document: OrderDocument) -> list[str]:
    payment = document.payment
    texts = [document.title, None if payment is None else payment.reference]
    for item in document.items:
        texts += [item.title, item.code]
    texts += [parcel.tracking_number for parcel in document.shipments]
    return [text for text in texts if text]


def read_product_entry(
    product: Product, status: ProductStatus, document: str, seen_at: float
) -> ProductIndexEntry:
    """The entry of a product that was read from its platform."""
    return ProductIndexEntry(
        shop=product.key.shop,
        platform_id=product.platform_id,
        title=product.title,
        status=status.name,
        skus=[
            SkuIndexEntry(
                platform_id=sku.platform_id,
                code=sku.code or None,
                price=None if sku.price is None else sku.price.fen,
                stock=sku.stock,
            )
            for sku in product.skus
        ],
        document=document,
        seen_at=seen_at,
    )


def stored_product_entry(product: StoredProduct) -> ProductIndexEntry:
    """The entry of a product that the ledger keeps, as it was written."""
    document = product.document
    return ProductIndexEntry(
        shop=product.shop,
        platform_id=document.platform_product_id,
        title=document.title,
        status=member(product.status, ProductStatus.UNKNOWN).name,
        skus=[
            SkuIndexEntry(
                platform_id=sku.platform_id, code=sku.code or None, price=sku.price, stock=None
            )
            for sku in document.skus
        ],
        document=None,
        seen_at=product.written_at,
    )
