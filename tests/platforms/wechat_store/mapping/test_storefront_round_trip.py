"""Any shelf and any delivery template that the schema admits survives the platform's wire form."""

from html import unescape

import msgspec
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from gateway.platforms.wechat_store.mapping.delivery import template_from_wire, template_to_wire
from gateway.platforms.wechat_store.mapping.regions import PROVINCES
from gateway.platforms.wechat_store.mapping.shelf import shelf_data_to_wire, shelf_from_wire
from gateway.platforms.wechat_store.rules.delivery import template_from_input
from gateway.platforms.wechat_store.rules.shelf import ShelfDraft, changed_shelf, new_shelf
from gateway.platforms.wechat_store.wire.express import Template
from gateway.platforms.wechat_store.wire.shelf import Shelf as WireShelf
from schema.delivery import DeliveryPayer, DeliveryService, DeliveryValuation
from schema.inputs.delivery import (
    DeliveryFeeInput,
    DeliveryTemplateInput,
    FeeRuleInput,
    RegionalFeeRuleInput,
)
from schema.inputs.shelf import (
    ShelfCoverInput,
    ShelfCreateInput,
    ShelfGalleryEntryInput,
    ShelfGroupGalleryInput,
    ShelfGroupTabsInput,
    ShelfModuleInput,
    ShelfProductListInput,
    ShelfUpdateInput,
)
from schema.key import Key
from schema.money import MoneyInput
from schema.shelf import Shelf
from tests.platforms.wechat_store.samples import make_shop

SHOP = make_shop()
PLACES = [(one.country, one.name, city) for one in PROVINCES for city in one.cities]

#: What the rules let through; what they do not is tried beside them.
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: bool(name.strip()) and unescape(name) == name
)
counts = st.integers(min_value=0, max_value=2**31 - 1)
groups = st.integers(min_value=0, max_value=10**18 - 1).map(
    lambda number: Key("ProductGroup", "flagship", str(number)).encode()
)
pictures = st.text("abcXYZ019_-/", min_size=1, max_size=30).map(
    lambda path: f"http://mmbiz.qpic.cn/mmbiz/{path}0"
)
amounts = st.one_of(
    st.builds(MoneyInput, fen=counts),
    st.builds(MoneyInput, amount=st.decimals(0, 21_474_836, places=2, allow_nan=False)),
)
rules = st.builds(
    FeeRuleInput,
    start_units=counts,
    start_fee=amounts,
    additional_units=counts,
    additional_fee=amounts,
)


@st.composite
def regional(draw: st.DrawFn) -> RegionalFeeRuleInput:
    country, province, city = draw(st.sampled_from(PLACES))
    return RegionalFeeRuleInput(country=country, province=province, city=city, rule=draw(rules))


fees = st.builds(
    DeliveryFeeInput,
    service=st.sampled_from([one for one in DeliveryService if one is not DeliveryService.UNKNOWN]),
    standard=rules,
    regional=st.none()
    | st.lists(regional(), max_size=2, unique_by=lambda one: (one.province, one.city)),
)
templates = st.builds(
    DeliveryTemplateInput,
    name=names,
    payer=st.sampled_from([DeliveryPayer.BUYER, DeliveryPayer.SELLER]),
    valuation=st.just(DeliveryValuation.BY_PIECE),
    fees=st.lists(fees, min_size=1, max_size=2, unique_by=lambda one: one.service),
)

entries = st.builds(ShelfGalleryEntryInput, group_id=groups, image=pictures)
widgets = st.one_of(
    st.builds(
        ShelfModuleInput,
        product_list=st.builds(
            ShelfProductListInput, group_id=groups, count=st.integers(1, 2**31 - 1)
        ),
    ),
    st.builds(
        ShelfModuleInput,
        group_tabs=st.builds(
            ShelfGroupTabsInput, group_ids=st.lists(groups, min_size=1, max_size=4)
        ),
    ),
    st.builds(ShelfModuleInput, group_banner=entries),
    st.builds(
        ShelfModuleInput,
        group_gallery=st.builds(
            ShelfGroupGalleryInput, entries=st.lists(entries, min_size=1, max_size=3)
        ),
    ),
)
covers = st.builds(
    ShelfModuleInput,
    cover=st.builds(
        ShelfCoverInput, group_ids=st.lists(groups, min_size=1, max_size=8), background=pictures
    ),
)
shelves = st.one_of(
    st.builds(
        ShelfCreateInput,
        shop=st.just("flagship"),
        name=names,
        banner=st.none() | pictures,
        modules=st.lists(widgets, min_size=1, max_size=6),
    ),
    st.builds(
        ShelfCreateInput,
        shop=st.just("flagship"),
        name=names,
        banner=st.none(),
        modules=covers.map(lambda cover: [cover]),
    ),
)


def _over_the_wire(draft: ShelfDraft) -> Shelf:
    """A shelf as the platform gives it back."""
    document = {
        "shelf_id": 7,
        "shelf_info": msgspec.to_builtins(shelf_data_to_wire(draft.modules)),
        "shelf_banner": draft.banner or "",
        "shelf_name": draft.name,
    }
    return shelf_from_wire(msgspec.convert(document, WireShelf), SHOP)


@given(templates)
def test_a_template(asked: DeliveryTemplateInput) -> None:
    template = template_from_input(asked, SHOP, "7")
    sent = msgspec.json.encode({"Id": 7, **msgspec.to_builtins(template_to_wire(template))})
    read = template_from_wire(msgspec.json.decode(sent, type=Template), SHOP)

    assert read == template


@given(shelves)
def test_a_shelf(asked: ShelfCreateInput) -> None:
    draft = new_shelf(asked)
    read = _over_the_wire(draft)

    assert (read.name, read.banner, read.modules) == (draft.name, draft.banner, draft.modules)
    assert (read.name, read.banner) == (asked.name, asked.banner)


@given(shelves)
def test_a_change_of_nothing_changes_nothing(asked: ShelfCreateInput) -> None:
    draft = new_shelf(asked)
    shelf = _over_the_wire(draft)
    unchanged = changed_shelf(shelf, ShelfUpdateInput(id=strawberry.ID(shelf.key.encode())))

    assert _over_the_wire(unchanged) == shelf
