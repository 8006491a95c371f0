"""The small values that several documents are made of."""

import msgspec


class Attribute(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A name and a value, for instance 颜色 and 红色."""

    name: str
    value: str


class PageLink(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page that a platform's app opens; `state` is a PageLinkState."""

    state: str | None = None
    name: str | None = None
    h5: str | None = None
    swan: str | None = None
    ios: str | None = None
    android: str | None = None
    mini_program_path: str | None = None


class PaymentLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A discount or a charge; `amount` is for one, in fen, and `quantity` of them count."""

    name: str
    amount: int
    quantity: int = 1
