"""Orders as callers give them, read into the ledger's documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.ledger.mapping.buyer import kept_address
from gateway.ledger.mapping.standing import standing
from gateway.store.documents import (
    AfterSaleDocument,
    AfterSaleItem,
    Attribute,
    Invoice,
    OrderDocument,
    OrderItem,
    OrderPersonal,
    PageLink,
    Payment,
    PaymentLine,
    Shipment,
    ShipmentItem,
)
from gateway.writes.money import read_money
from gateway.writes.problems import Problems
from schema.inputs.after_sale import AfterSaleInput, AfterSaleItemInput
from schema.inputs.attribute import SkuAttributeInput
from schema.inputs.money import MoneyInput
from schema.inputs.order import OrderImportInput
from schema.inputs.order_parts import (
    InvoiceInput,
    OrderItemInput,
    PaymentInput,
    PaymentLineInput,
    ShipmentInput,
)
from schema.inputs.page_link import PageLinkInput

#: Times on the platforms are unsigned and of 32 bits.
_LAST_SECOND: Final = 2**32 - 1
_LONGEST_ID: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOrder:
    """An order, apart from it who bought it, and its after-sales; None: none were given."""

    document: OrderDocument
    personal: OrderPersonal
    after_sales: tuple[AfterSaleDocument, ...] | None


@dataclass(frozen=True, slots=True)
class InputReader:
    """Reads one input; what is wrong is noted with its path below it."""

    problems: Problems
    #: Unix seconds, for what is "now where left out".
    now: int

    def order(self, given: OrderImportInput) -> ReadOrder:
        """An order to import."""
        after_sales = self.after_sales(given)
        status = given.after_sale_status.name if given.after_sale_status else None
        document = OrderDocument(
            platform_id=self.id(given.platform_id, "platformId"),
            status=given.status.name,
            title=given.title,
            kind=given.kind.name if given.kind else None,
            remark=given.remark,
            created_at=self.second(given.created_at, "createdAt"),
            updated_at=(
                self.now if given.updated_at is None else self.second(given.updated_at, "updatedAt")
            ),
            items=self.items(given.items),
            total=self.money(given.total, "total"),
            shipping_fee=self.perhaps_money(given.shipping_fee, "shippingFee"),
            discounts=self.lines(given.discounts, "discounts"),
            charges=self.lines(given.charges, "charges"),
            payment=self.payment(given.payment),
            shipments=self.shipments(given.shipments),
            brand_phone=given.brand_phone,
            contact_page=given.contact_page,
            page=page(given.page),
            review_page=page(given.review_page),
            after_sale_status=status or (standing(after_sales) if after_sales else None),
            history=bool(given.history),
        )
        personal = OrderPersonal(
            open_id=self.id(given.open_id, "openId"),
            shipping_address=kept_address(given.shipping_address),
            invoice=invoice(given.invoice),
        )
        return ReadOrder(document=document, personal=personal, after_sales=after_sales)

    def id(self, text: str, *path: str | int) -> str:
        """A platform's id; ours are made of it, so that no control character may stand in it."""
        if not text or len(text) > _LONGEST_ID or not text.isprintable():
            self.problems.add(
                f"An id is 1 to {_LONGEST_ID} characters, none of them a control character.", *path
            )
        return text

    def second(self, moment: datetime, *path: str | int) -> int:
        """A moment in unix seconds."""
        seconds = int(moment.timestamp())
        if not 0 <= seconds <= _LAST_SECOND:
            self.problems.add("A time is from 1970 to 2106.", *path)
        return seconds

    def perhaps_second(self, moment: datetime | None, *path: str | int) -> int | None:
        """As `second`; None stays None."""
        return None if moment is None else self.second(moment, *path)

    def money(self, given: MoneyInput, *path: str | int) -> int:
        """An amount in fen."""
        amount = read_money(given, self.problems, *path)
        return 0 if amount is None else amount.fen

    def perhaps_money(self, given: MoneyInput | None, *path: str | int) -> int | None:
        """As `money`; None stays None."""
        return None if given is None else self.money(given, *path)

    def count(self, number: int, *path: str | int) -> int:
        """How many, at least one."""
        if number < 1:
            self.problems.add("It is 1 or more.", *path)
        return number

    def items(self, given: Sequence[OrderItemInput]) -> tuple[OrderItem, ...]:
        """The lines of an order, of which there is at least one."""
        if not given:
            self.problems.add("An order has one item at least.", "items")
        return tuple(self._item(item, "items", place) for place, item in enumerate(given))

    def _item(self, given: OrderItemInput, *path: str | int) -> OrderItem:
        sku = given.platform_sku_id
        return OrderItem(
            platform_product_id=self.id(given.platform_product_id, *path, "platformProductId"),
            platform_sku_id=None if sku is None else self.id(sku, *path, "platformSkuId"),
            title=given.title,
            description=given.description,
            quantity=self.count(given.quantity, *path, "quantity"),
            unit_price=self.money(given.unit_price, *path, "unitPrice"),
            list_price=self.perhaps_money(given.list_price, *path, "listPrice"),
            total=self.perhaps_money(given.total, *path, "total"),
            images=tuple(given.images or ()),
            attributes=attributes(given.attributes),
            category_path=tuple(given.category_path or ()),
            page=page(given.page),
        )

    def lines(self, given: Sequence[PaymentLineInput] | None, name: str) -> tuple[PaymentLine, ...]:
        """Discounts or charges."""
        return tuple(
            PaymentLine(
                name=line.name,
                amount=self.money(line.amount, name, place, "amount"),
                quantity=(
                    1
                    if line.quantity is None
                    else self.count(line.quantity, name, place, "quantity")
                ),
            )
            for place, line in enumerate(given or ())
        )

    def payment(self, given: PaymentInput | None) -> Payment | None:
        """How it is paid."""
        if given is None:
            return None
        return Payment(
            method=given.method.name,
            paid=given.paid,
            paid_at=self.perhaps_second(given.paid_at, "payment", "paidAt"),
            reference=given.reference,
        )

    def shipments(self, given: Sequence[ShipmentInput] | None) -> tuple[Shipment, ...]:
        """Its parcels."""
        return tuple(
            self._shipment(parcel, "shipments", place) for place, parcel in enumerate(given or ())
        )

    def _shipment(self, given: ShipmentInput, *path: str | int) -> Shipment:
        return Shipment(
            carrier_code=given.carrier_code,
            carrier_name=given.carrier_name,
            tracking_number=given.tracking_number,
            shipped_at=self.perhaps_second(given.shipped_at, *path, "shippedAt"),
            page=page(given.page),
            items=tuple(
                ShipmentItem(
                    platform_product_id=item.platform_product_id,
                    platform_sku_id=item.platform_sku_id,
                )
                for item in given.items or ()
            ),
        )

    def after_sales(self, given: OrderImportInput) -> tuple[AfterSaleDocument, ...] | None:
        """The after-sales of an order to import."""
        if given.after_sales is None:
            return None
        names = [one.platform_id for one in given.after_sales]
        for place, name in enumerate(names):
            if name in names[:place]:
                self.problems.add("It stands twice.", "afterSales", place, "platformId")
        return tuple(
            self.after_sale(one, given.platform_id, "afterSales", place)
            for place, one in enumerate(given.after_sales)
        )

    def after_sale(
        self, given: AfterSaleInput, order_id: str, *path: str | int
    ) -> AfterSaleDocument:
        """One after-sale; the platform's code of its status is filled in later."""
        return AfterSaleDocument(
            platform_id=self.id(given.platform_id, *path, "platformId"),
            order_platform_id=order_id,
            status=given.status.name,
            platform_status="",
            kind=given.kind.name,
            refund=self.perhaps_money(given.refund, *path, "refund"),
            items=self.after_sale_items(given.items or (), *path, "items"),
            created_at=self.second(given.created_at, *path, "createdAt"),
            updated_at=self.perhaps_second(given.updated_at, *path, "updatedAt"),
            page=page(given.page),
        )

    def after_sale_items(
        self, given: Sequence[AfterSaleItemInput], *path: str | int
    ) -> tuple[AfterSaleItem, ...]:
        """The goods that an after-sale is about."""
        return tuple(
            AfterSaleItem(
                platform_product_id=self.id(
                    item.platform_product_id, *path, place, "platformProductId"
                ),
                quantity=self.count(item.quantity, *path, place, "quantity"),
                refund=self.money(item.refund, *path, place, "refund"),
            )
            for place, item in enumerate(given)
        )


def attributes(given: Sequence[SkuAttributeInput] | None) -> tuple[Attribute, ...]:
    """Names and values."""
    return tuple(Attribute(name=pair.name, value=pair.value) for pair in given or ())


def page(given: PageLinkInput | None) -> PageLink | None:
    """A page that a platform's app opens."""
    if given is None:
        return None
    return PageLink(
        state=given.state.name if given.state else None,
        name=given.name,
        h5=given.h5,
        swan=given.swan,
        ios=given.ios,
        android=given.android,
        mini_program_path=given.mini_program_path,
    )


def invoice(given: InvoiceInput | None) -> Invoice | None:
    """Whom the invoice is made out to."""
    if given is None:
        return None
    return Invoice(
        type=given.type.name,
        title=given.title,
        tax_number=given.tax_number,
        company_address=given.company_address,
        telephone=given.telephone,
        bank_name=given.bank_name,
        bank_account=given.bank_account,
        page=page(given.page),
    )
