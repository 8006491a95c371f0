"""The home page as the store's one shelf, from the reference's samples (weixin-store.md 7)."""

import msgspec
import pytest

from gateway.platforms.weixin_store.mapping.storefront import (
    HOME_PAGE,
    ClassId,
    class_id,
    groups_from_wire,
    home_page,
    visible_products,
)
from gateway.platforms.weixin_store.wire.storefront import (
    Banner,
    BannerResponse,
    TreeResponse,
    VersionedTree,
    WindowProduct,
    WindowResponse,
)
from schema.key import Key
from schema.shelf import Shelf, ShelfBanner, ShelfGroupTabs, ShelfProductList
from tests.platforms.weixin_store.samples import answer, make_shop

SHOP = make_shop()
TREE = answer("store.classification.tree.get", TreeResponse)
WINDOW = answer("store.window.product.list.get", WindowResponse).products or []
BANNER = answer("basics.homepage.banner.get", BannerResponse).banner


def page(banner: Banner | None = BANNER, tree: TreeResponse = TREE) -> Shelf:
    return home_page(tree, WINDOW, banner, SHOP)


def test_the_sample() -> None:
    shelf = page()

    assert (shelf.key, shelf.platform_id) == (Key("Shelf", "weixin", HOME_PAGE), HOME_PAGE)
    assert (shelf.name, shelf.banner) == ("微信小店", None)
    product, video, article, tabs, products = shelf.modules
    assert isinstance(product, ShelfBanner)
    assert (product.title, product.url) == ("Caddy", None)
    assert product.image == "https://store.mp.video.tencent-cloud.com/abc"
    assert product.product_key == Key("Product", "weixin", "123")
    assert isinstance(video, ShelfBanner)
    assert (video.title, video.url, video.product_key) == ("Harvest", None, None)
    assert isinstance(article, ShelfBanner)
    assert article.url == "https://mp.weixin.qq.com/abc"
    assert isinstance(tabs, ShelfGroupTabs)
    # One that does not say whether it is shown is shown.
    assert [entry.platform_id for entry in tabs.entries] == ["4", "8"]
    assert isinstance(products, ShelfProductList)
    assert (products.entry.platform_id, products.count) == ("home", 1)
    assert products.shown.group == Key("ProductGroup", "weixin", "home")


def test_a_store_without_banner_and_classes_has_its_products() -> None:
    waiting = msgspec.convert({"apply": {"apply_id": 1}}, BannerResponse).banner
    bare = TreeResponse(resp=VersionedTree())

    assert [type(one) for one in page(waiting, bare).modules] == [ShelfProductList]


def test_an_answer_with_neither_banner_nor_application_is_none() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"errcode": 0}, BannerResponse)


def test_pinned_products_come_first_and_hidden_ones_not_at_all() -> None:
    window = [
        WindowProduct(product_id=1, is_set_hide=0, is_set_top=0),
        WindowProduct(product_id="2", is_set_hide=True),
        WindowProduct(product_id="3", is_set_top=True),
        WindowProduct(product_id="4"),
    ]

    assert visible_products(window) == ("3", "1", "4")


def test_groups_are_the_classes_of_both_levels() -> None:
    assert [(one.platform_id, one.name) for one in groups_from_wire(TREE)] == [
        ("4", "Tea"),
        ("4-5", "Green"),
        ("6", "Pots"),
        ("8", "Spoons"),
    ]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("4", ClassId(4, 0)),
        ("4-5", ClassId(4, 5)),
        ("", None),
        ("4-", None),
        ("4-5-6", None),
        ("home", None),
        ("²", None),
    ],
)
def test_only_numbers_are_classes(group: str, expected: ClassId | None) -> None:
    assert class_id(group) == expected
