"""Bounds of inputs: how long each string and list may be, by the name of its field or argument.

The schema declares them, with their descriptions; `gateway.http.input_size` checks them before
anything is coerced. An input that has none fails `tests/schema/test_bounds.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphql import (
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLScalarType,
)

from schema.page_sizes import MAX_PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Bound:
    """The size of one input at most; None: the dimension does not apply.

    `characters` and `words` of a string, or of each entry of a list of strings; `entries` of a
    list.
    """

    characters: int | None = None
    words: int | None = None
    entries: int | None = None

    def __str__(self) -> str:
        """As a description says it."""
        if self.entries is not None and self.characters is not None:
            return f"At most {self.entries:,} entries of {self.characters:,} characters each."
        if self.entries is not None:
            return f"At most {self.entries:,} entries."
        words = f" and {self.words:,} words" if self.words is not None else ""
        return f"At most {self.characters:,} characters{words}."


#: Key of the bound in the extensions of an argument or an input field.
BOUND: Final = "gateway.bound"

_ID_CHARACTERS: Final = 2_000
#: A name, a code, a number of a phone or a parcel.
_NAME: Final = Bound(characters=200)
_ID: Final = Bound(characters=_ID_CHARACTERS)
#: A cursor holds a mark of each shop that its list reads.
_CURSOR: Final = Bound(characters=20_000)
_TITLE: Final = Bound(characters=500)
#: A URL, or a page's path with its query.
_LINK: Final = Bound(characters=2_048)
_REMARK: Final = Bound(characters=2_000)
_TEXT: Final = Bound(characters=10_000)
#: Values of an enum, each of which would do once.
_VALUES: Final = Bound(entries=50)
_SHOPS: Final = Bound(entries=200, characters=200)
_FEW: Final = Bound(entries=100)
_MANY: Final = Bound(entries=500)
_LINKS: Final = Bound(entries=100, characters=2_048)
_IDS: Final = Bound(entries=500, characters=_ID_CHARACTERS)

#: Of scalars that have the same bound wherever they are read.
SCALAR_BOUNDS: Final[Mapping[str, Bound]] = {
    "DateTime": Bound(characters=64),
    "Decimal": Bound(characters=64),
    "ID": _ID,
}

#: Scalars of one size; `limits.max_upload_bytes` bounds an upload.
_SIZELESS: Final = frozenset({"BigInt", "Boolean", "Float", "Int", "Upload"})

#: By the name of an argument or an input field.
BOUNDS: Final[Mapping[str, Bound]] = {
    "actions": Bound(entries=50, characters=200),
    "actors": Bound(entries=50, characters=200),
    "add": _IDS,
    "address": _TITLE,
    "after": _CURSOR,
    "afterSales": _FEW,
    "android": _LINK,
    # Baidu's SKU attributes, at most 400.
    "attributes": Bound(entries=400),
    "background": _LINK,
    "bankAccount": _NAME,
    "bankName": _NAME,
    "banner": _LINK,
    "barcode": _NAME,
    "before": _CURSOR,
    "brandId": _ID,
    "brandPhone": _NAME,
    "buyerOpenId": _ID,
    "carrier": _NAME,
    "carrierCode": _NAME,
    "carrierName": _NAME,
    "categoryIds": Bound(entries=50, characters=_ID_CHARACTERS),
    "categoryPath": Bound(entries=50, characters=200),
    "charges": _FEW,
    "city": _NAME,
    "code": _NAME,
    "companyAddress": _TITLE,
    "contactPage": _LINK,
    "country": _NAME,
    "description": _TEXT,
    "detail": _FEW,
    "detailText": _TEXT,
    "discounts": _FEW,
    "district": _NAME,
    "entries": _FEW,
    "evidence": _LINKS,
    "fees": _FEW,
    "filename": _TITLE,
    "flatRates": _FEW,
    "groupBy": _VALUES,
    "groupIds": Bound(entries=100, characters=_ID_CHARACTERS),
    "h5": _LINK,
    "ids": Bound(entries=MAX_PAGE_SIZE, characters=_ID_CHARACTERS),
    "image": _LINK,
    "images": _LINKS,
    "input": _MANY,
    "ios": _LINK,
    "items": _MANY,
    "key": _NAME,
    "kinds": _VALUES,
    "links": _MANY,
    "mainImage": _LINK,
    "merchantId": _ID,
    "merchantTradeNumber": _ID,
    "metadata": _VALUES,
    "miniProgramPath": _LINK,
    "mobile": _NAME,
    "modules": _FEW,
    "name": _TITLE,
    "nameId": _ID,
    "nationalCode": _NAME,
    "note": _REMARK,
    "openId": _ID,
    "openIds": _IDS,
    "operations": _VALUES,
    "otherCarrier": _NAME,
    "pagePath": _LINK,
    "parcels": _FEW,
    "partnerAppId": _ID,
    "path": _LINK,
    "phone": _NAME,
    "platformId": _ID,
    "platformIds": Bound(entries=MAX_PAGE_SIZE, characters=_ID_CHARACTERS),
    "platformProductId": _ID,
    "platformSkuId": _ID,
    "platforms": _VALUES,
    "productAttributes": Bound(entries=400),
    "productIds": _IDS,
    "products": _MANY,
    "properties": _MANY,
    "province": _NAME,
    "reasonCode": _NAME,
    "reference": _ID,
    # One for each city of China.
    "regional": _MANY,
    "remark": _REMARK,
    "remove": _IDS,
    "returnAddressId": _ID,
    "search": Bound(characters=200, words=10),
    "selection": _TEXT,
    "shipments": _FEW,
    "shop": _NAME,
    "shops": _SHOPS,
    "shortTitle": _TITLE,
    "since": _CURSOR,
    "skuAttributes": _FEW,
    "skuCodes": Bound(entries=MAX_PAGE_SIZE, characters=200),
    # A product of the WeChat Store has at most 500.
    "skus": _MANY,
    "states": _VALUES,
    "statuses": _VALUES,
    "street": _TITLE,
    "swan": _LINK,
    "swanId": _ID,
    "taxNumber": _NAME,
    "telephone": _NAME,
    "text": _TEXT,
    "title": _TITLE,
    "toOpenId": _ID,
    "toShop": _NAME,
    "topics": _VALUES,
    "trackingNumber": _NAME,
    "url": _LINK,
    "value": _TITLE,
    "valueId": _ID,
    "valueIds": _IDS,
}

#: By `Type.field.argument` or `Input.field`, where the name alone is not enough.
OF_ONE_INPUT: Final[Mapping[str, Bound]] = {
    # They are found by an index of both, whose entries are bounded.
    "MetadataInput.key": Bound(characters=64),
    "MetadataInput.value": Bound(characters=500),
    "Mutation.metadataSet.items": Bound(entries=50),
    "Mutation.ordersShip.input": _FEW,
}


def bound_of(coordinate: str, kind: GraphQLInputType) -> Bound | None:
    """The bound of an argument or an input field of this type.

    None: it has no string and no list, only scalars of `SCALAR_BOUNDS`, or lacks its bound.
    """
    listed = OF_ONE_INPUT.get(coordinate) or BOUNDS.get(coordinate.rpartition(".")[2])
    of_list, inner = _unwrapped(kind)
    if inner.name == "ID":
        listed = listed or (None if of_list else _ID)
    elif inner.name != "String" and not of_list:
        return None
    return listed if listed is not None and is_sufficient(listed, kind) else None


def is_sufficient(bound: Bound, kind: GraphQLInputType) -> bool:
    """Whether the bound limits all that a value of this type is made of."""
    of_list, inner = _unwrapped(kind)
    if of_list != (bound.entries is not None):
        return False
    return (inner.name in {"ID", "String"}) == (bound.characters is not None)


def needs_bound(kind: GraphQLInputType) -> bool:
    """Whether a value of this type has a string or a list that no scalar's bound limits."""
    of_list, inner = _unwrapped(kind)
    if of_list:
        return True
    return isinstance(inner, GraphQLScalarType) and inner.name not in {
        *SCALAR_BOUNDS.keys() - {"ID"},
        *_SIZELESS,
    }


def _unwrapped(kind: GraphQLInputType) -> tuple[bool, GraphQLNamedType]:
    of_list = False
    while isinstance(kind, GraphQLList | GraphQLNonNull):
        of_list = of_list or isinstance(kind, GraphQLList)
        kind = kind.of_type
    return of_list, kind
