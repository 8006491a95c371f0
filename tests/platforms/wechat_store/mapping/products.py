"""Any product that the schema and the platform's rules admit, for Hypothesis."""

from typing import Any, Final

from hypothesis import strategies as st

from gateway.platforms.wechat_store.mapping.regions import PROVINCES
from schema.delivery import DeliveryService
from schema.inputs.product import (
    DetailBlockInput,
    FlatRateInput,
    LocationInput,
    ProductCreateInput,
    ProductDeliveryInput,
    PropertyInput,
    SkuAttributeChoiceInput,
    SkuInput,
)
from schema.key import Key
from schema.money import MoneyInput

_PICTURES: Final = st.integers(0, 9**9).map(lambda n: f"http://mmbiz.qpic.cn/mmbiz/{n}/0")
_NUMBERS: Final = st.integers(1, 10**17).map(str)
_WORDS: Final = st.text(
    st.characters(codec="utf-8", exclude_characters=":;&", exclude_categories=["Cs", "Cc"]),
    min_size=1,
    max_size=12,
)
_IDS: Final = _NUMBERS | _WORDS.map(lambda words: f"${words}")
_TEXTS: Final = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
_TITLES: Final = _WORDS.filter(lambda words: bool(words.strip()))
_SERVICES: Final = [service for service in DeliveryService if service.name != "UNKNOWN"]
_PLACES: Final = [(one.country, one.name, city) for one in PROVINCES for city in one.cities]


def _ids(kind: str) -> st.SearchStrategy[Any]:
    return _NUMBERS.map(lambda number: Key(kind, "flagship", number).encode())


_BLOCKS: Final = _TEXTS.map(lambda text: DetailBlockInput(text=text)) | _PICTURES.map(
    lambda url: DetailBlockInput(image=url)
)
_PROPERTIES: Final = st.builds(PropertyInput, name_id=_NUMBERS, value_id=_NUMBERS)
_AXES: Final = st.lists(
    st.builds(
        SkuAttributeChoiceInput,
        name_id=_IDS,
        value_ids=st.lists(_IDS, min_size=1, max_size=3, unique=True),
    ),
    max_size=3,
    unique_by=lambda axis: axis.name_id,
)
_LOCATIONS: Final = st.builds(
    lambda place, address: LocationInput(
        country=place[0], province=place[1], city=place[2], address=address
    ),
    st.sampled_from(_PLACES),
    _TITLES,
)
_RATES: Final = st.lists(
    st.builds(
        FlatRateInput,
        service=st.sampled_from(_SERVICES),
        price=st.integers(0, 10**6).map(lambda fen: MoneyInput(fen=fen)),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda rate: rate.service,
)
_DELIVERIES: Final = _RATES.map(lambda rates: ProductDeliveryInput(flat_rates=rates)) | _ids(
    "DeliveryTemplate"
).map(lambda id_: ProductDeliveryInput(template_id=id_))


@st.composite
def _skus(draw: st.DrawFn, axes: list[SkuAttributeChoiceInput]) -> list[SkuInput]:
    chosen = st.tuples(*(st.sampled_from(axis.value_ids) for axis in axes))
    choices = draw(st.lists(chosen, min_size=1, max_size=4 if axes else 1, unique=True))
    return [
        draw(
            _sku(
                ";".join(
                    f"{axis.name_id}:{value}" for axis, value in zip(axes, choice, strict=True)
                )
            )
        )
        for choice in choices
    ]


@st.composite
def _sku(draw: st.DrawFn, sku_id: str) -> SkuInput:
    price = draw(st.integers(0, 10**6))
    return SkuInput(
        platform_id=sku_id,
        price=MoneyInput(fen=price),
        list_price=MoneyInput(fen=price + draw(st.integers(1, 10**6))),
        stock=draw(st.integers(0, 10**6)),
        image=draw(st.none() | _PICTURES),
        code=draw(st.none() | _TITLES),
    )


@st.composite
def new_products(draw: st.DrawFn) -> ProductCreateInput:
    """A product of the shop "flagship"."""
    axes = draw(_AXES)
    free = draw(st.booleans())
    return ProductCreateInput(
        shop="flagship",
        title=draw(_TITLES),
        category_ids=draw(st.lists(_ids("Category"), min_size=1, max_size=3)),
        properties=draw(st.lists(_PROPERTIES, max_size=3)),
        main_image=draw(_PICTURES),
        images=draw(st.lists(_PICTURES, min_size=1, max_size=4)),
        detail=draw(st.lists(_BLOCKS, min_size=1, max_size=4)),
        purchase_limit=draw(st.none() | st.integers(0, 1000)),
        sku_attributes=axes,
        skus=draw(_skus(axes)),
        origin=draw(st.none() | _LOCATIONS),
        postage_free=free,
        has_receipt=draw(st.booleans()),
        under_guaranty=draw(st.booleans()),
        supports_replacement=draw(st.booleans()),
        delivery=draw(st.none() | _DELIVERIES) if free else draw(_DELIVERIES),
    )
