"""Common types of the order centre's documents: loose scalars, pages, base classes."""

import msgspec
from msgspec import field

#: A number in the manual's tables, text in every sample response.
Loose = int | str


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a response: documented fields may be missing."""


class Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of a request: None is omitted."""


class DetailPage(Written, frozen=True, kw_only=True):
    """`status` 0 hidden, 1 shown, 2 shown and opens; the schemas are addresses of the page."""

    status: Loose | None = field(name="Status", default=None)
    name: str | None = field(name="Name", default=None)
    h5_schema: str | None = field(name="H5Schema", default=None)
    swan_schema: str | None = field(name="SwanSchema", default=None)
    iphone_schema: str | None = field(name="IPhoneSchema", default=None)
    android_schema: str | None = field(name="AndroidSchema", default=None)


class PaymentLine(Written, frozen=True, kw_only=True):
    """A discount or a charge; `value` per unit, in fen."""

    name: str = field(name="Name")
    value: int = field(name="Value")
    quantity: int = field(name="Quantity")


class Payment(Written, frozen=True, kw_only=True):
    """`method` 1 online, 2 cash on delivery; `time` in seconds, 0 if there is none.

    Amount = Σ PayPrice × Quantity + Σ PaymentInfo − Σ PreferentialInfo, each Value × Quantity.
    """

    method: int = field(name="Method")
    amount: int = field(name="Amount")
    is_payment: bool = field(name="IsPayment")
    time: int | None = field(name="Time", default=None)
    preferential_info: tuple[PaymentLine, ...] = field(name="PreferentialInfo", default=())
    payment_info: tuple[PaymentLine, ...] = field(name="PaymentInfo", default=())
