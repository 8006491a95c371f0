from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from gateway.ledger.requirements import InvalidForPlatform
from gateway.platforms.mini_program.mapping.batches import in_calls, product_calls
from gateway.platforms.mini_program.mapping.goods_to_wire import (
    product,
    wanted_key,
    wanted_product,
)
from gateway.platforms.mini_program.mapping.outcomes import Refused, refusals
from gateway.platforms.mini_program.wire.order import FailedOrder, OrdersDone
from gateway.store.documents import ProductSku
from tests.platforms.mini_program.documents import PRODUCT, SKU, SYNCED, WANTED
from tests.platforms.mini_program.samples import sample


def tree(wire: msgspec.Struct) -> Any:
    return msgspec.json.decode(msgspec.json.encode(wire))


def test_a_wanted_line_is_the_sample() -> None:
    line = wanted_product(WANTED)

    assert tree(line) == sample("addshoppinglist.request")["sku_product_list"][0]


def test_the_name_of_a_wanted_line_is_the_sample() -> None:
    key = wanted_key(PRODUCT, SKU)

    assert tree(key) == sample("deleteshoppinglist.request")["sku_product_list"][0]


def test_a_product_is_the_sample() -> None:
    assert tree(product(SYNCED)) == sample("importproduct.request")["product_list"][0]


def test_without_a_skus_id_the_products_stands_for_it() -> None:
    single = replace(SYNCED, skus=(ProductSku(platform_id="", status="SOLD_OUT"),))

    assert wanted_product(replace(WANTED, platform_sku_id=None)).sku_info.sku_id == PRODUCT
    assert wanted_key(PRODUCT, None).sku_id == PRODUCT
    assert tree(product(single))["sku_list"] == [{"sku_id": PRODUCT, "status": 3}]


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"category_path": ()}, ["categoryPath"]),
        ({"images": ()}, ["images"]),
        ({"page_path": ""}, ["pagePath"]),
        ({"status": "LATER"}, ["status"]),
    ],
)
def test_what_a_wanted_line_needs(changes: dict[str, Any], paths: list[str]) -> None:
    with pytest.raises(InvalidForPlatform) as caught:
        wanted_product(replace(WANTED, **changes))

    assert [".".join(violation.path) for violation in caught.value.violations] == paths


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"skus": ()}, ["skus"]),
        ({"skus": (ProductSku(platform_id="a"),)}, ["skus.0.status"]),
        ({"page_path": None, "images": ()}, ["images", "pagePath"]),
        ({"category_path": ()}, ["categoryPath"]),
    ],
)
def test_what_a_product_needs(changes: dict[str, Any], paths: list[str]) -> None:
    with pytest.raises(InvalidForPlatform, match="the shopping list needs it") as caught:
        product(replace(SYNCED, **changes))

    assert [".".join(violation.path) for violation in caught.value.violations] == paths


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])]
)
def test_calls_of_ten(count: int, sizes: list[int]) -> None:
    calls = list(in_calls(range(count), 10))

    assert [len(call) for call in calls] == sizes
    assert [entry for call in calls for entry in call] == list(range(count))


def test_a_product_with_many_skus_is_sent_in_parts() -> None:
    skus = tuple(ProductSku(platform_id=f"sku-{n}", status="ON_SALE") for n in range(33))
    products = [
        product(replace(SYNCED, platform_product_id=f"p{n}", skus=skus if n == 0 else skus[:1]))
        for n in range(11)
    ]

    calls = product_calls(products)

    assert [[len(one.sku_list) for one in call] for call in calls] == [
        [16, *[1] * 9],
        [1],
        [16],
        [1],
    ]
    sent = [
        sku.sku_id
        for call in calls
        for one in call
        if one.item_code == "p0"
        for sku in one.sku_list
    ]
    assert sent == [f"sku-{n}" for n in range(33)]
    assert product_calls([]) == []


def test_each_order_that_failed_is_told_with_the_platforms_words() -> None:
    answer = OrdersDone(
        errcode=9009301,
        fail_order_list=(
            FailedOrder(order_id="a", error_code=10001, msg="order not exist"),
            FailedOrder(order_id="b", error_code="-1", msg="system error"),
        ),
    )

    found = refusals(["a", "b", "c"], answer)

    assert found == {
        "a": Refused("10001", "order not exist"),
        "b": Refused("-1", "system error"),
    }
    assert [found["a"].passing, found["b"].passing] == [False, True]


def test_a_failure_of_an_order_that_was_not_sent_is_told_of_all() -> None:
    answer = OrdersDone(fail_order_list=(FailedOrder(order_id="", error_code=-2, msg="bad"),))

    assert refusals(["a", "b"], answer) == {"a": Refused("-2", "bad"), "b": Refused("-2", "bad")}


def test_nothing_failed() -> None:
    assert refusals(["a"], OrdersDone()) == {}
