"""Splits a platform's document into what the index keeps in plain, and what is personal."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Self, TypeAlias, TypeVar

import msgspec
import orjson

from gateway.ports.index import KeptDocument, SplitDocument
from schema.after_sale import AfterSale
from schema.order import Order

#: The members of an object that are not personal, by name: with those of the objects in it, or
#: None for a plain value. A list counts as its entries do.
Members: TypeAlias = Mapping[str, "Members | None"]

Wire = TypeVar("Wire")

_LEFT_OUT: Final = object()


class IndexDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document of the index: the platform's own, and what the gateway adds.

    `status` is the name of the public status. Times are in unix seconds, None if they are not
    known: `at` is that of creation, if the platform's own document may lack it, the others those
    that it never has.
    """

    status: str | None
    raw: dict[str, Any]
    at: int | None = None
    paid_at: int | None = None
    updated_at: int | None = None
    shipped_at: int | None = None
    #: Until when the shop must answer an after-sale, whose document may say so relative to its
    #: reading only; left out where it is None.
    answer_before: int | None = None

    @classmethod
    def of_order(cls, order: Order, at: int | None) -> Self:
        """The document of an order that was received, created at `at`; raises ValueError."""
        return cls(
            status=order.status.name,
            raw=received(order.raw_source),
            at=at,
            paid_at=_second(order.paid_at),
            updated_at=_second(order.updated_at),
            shipped_at=next((_second(one.shipped_at) for one in order.shipments), None),
        )

    @classmethod
    def of_after_sale(cls, after_sale: AfterSale) -> Self:
        """The document of an after-sale that was received; raises ValueError."""
        return cls(
            status=after_sale.status.name,
            raw=received(after_sale.raw_source),
            answer_before=_second(after_sale.answer_before),
        )

    def times_on(self, order: Order) -> Order:
        """The order with the times that its own document never has."""
        order.paid_at = order.paid_at or _moment(self.paid_at)
        order.updated_at = order.updated_at or _moment(self.updated_at)
        for parcel in order.shipments:
            parcel.shipped_at = parcel.shipped_at or _moment(self.shipped_at)
        return order


_DECODER: Final = msgspec.json.Decoder(IndexDocument)


def received(source: Callable[[], Any] | None) -> dict[str, Any]:
    """The object that a `raw_source` gives; raises ValueError if there is none."""
    raw = None if source is None else source()
    if not isinstance(raw, dict):
        raise ValueError("the platform sent no object")  # noqa: TRY004 - of the document
    return raw


def plain_document(document: IndexDocument) -> str:
    """A document without anything personal, as it is kept."""
    members = msgspec.structs.asdict(document)
    if document.answer_before is None:
        del members["answer_before"]
    return orjson.dumps(members).decode()


def split_document(document: IndexDocument, members: Members) -> SplitDocument:
    """Both parts: a member that is not known at all counts as personal.

    A member that has something personal within is in both, and whole in the personal part.
    """
    raw = document.raw
    plain = _known(raw, members)
    rest = {name: value for name, value in raw.items() if plain.get(name, _LEFT_OUT) != value}
    return SplitDocument(
        plain_document(msgspec.structs.replace(document, raw=plain)),
        orjson.dumps(rest) if rest else None,
    )


def joined_document(
    kept: KeptDocument, decode: Callable[[bytes], Wire]
) -> tuple[IndexDocument, Wire]:
    """The document as it was split, and its wire model; without what was erased.

    `decode` reads the platform's own part of it.

    Raises:
        ValueError: another version of the gateway wrote it.
    """
    try:
        document = _DECODER.decode(kept.document)
        rest = {} if kept.personal is None else orjson.loads(kept.personal)
        raw = document.raw | rest
        return msgspec.structs.replace(document, raw=raw), decode(orjson.dumps(raw))
    except msgspec.DecodeError as error:
        raise ValueError("the index has a document of another form") from error


def _second(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _moment(second: int | None) -> datetime | None:
    return None if second is None else datetime.fromtimestamp(second, UTC)


def _known(raw: Mapping[str, Any], members: Members) -> dict[str, Any]:
    kept = {name: _kept(value, members[name]) for name, value in raw.items() if name in members}
    return {name: value for name, value in kept.items() if value is not _LEFT_OUT}


def _kept(value: Any, members: Members | None) -> Any:
    if isinstance(value, list):
        entries = [_kept(entry, members) for entry in value]
        return _LEFT_OUT if any(entry is _LEFT_OUT for entry in entries) else entries
    if isinstance(value, dict):
        return _LEFT_OUT if members is None else _known(value, members)
    return value
