"""What the Weixin Store refuses of goods: rules with their paths, states, codes, quotas."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from schema.key import Key
from tests.e2e.weixin_shop import (
    ADJUST,
    CREATE,
    DELETE,
    IN_AUDIT,
    LISTED,
    PRICE,
    SUBMIT,
    UPDATE,
    WITHDRAW,
    address,
    done,
    errors_of,
    id_of,
    new_product,
    requests,
    section,
    sku,
)
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve

INVALID, ELSEWHERE = "INVALID", "UNSUPPORTED_BY_PLATFORM"

OF_LISTED: Final = {"id": id_of("Product", LISTED)}
OF_AUDITED: Final = {"id": id_of("Product", IN_AUDIT)}
OF_NONE: Final = {"id": id_of("Product", "1")}
FIRST_SKU: Final = {"id": id_of("Sku", LISTED, "4400000401")}
AUDITED_SKU: Final = {"id": id_of("Sku", IN_AUDIT, "4400000201")}
#: One fen.
LEAST: Final = {"price": {"fen": 1}}

#: Changes of a product that is sound, each with the error and its path.
RULES: Final[list[tuple[dict[str, Any], str, str]]] = [
    ({"title": "好茶叶!!"}, INVALID, "title"),
    ({"title": "iPhone 13"}, INVALID, "title"),
    ({"title": "茶" * 61}, INVALID, "title"),
    ({"images": [address(2)]}, INVALID, "images"),
    ({"images": [address(2), address(2)]}, INVALID, "images"),
    ({"images": [address(number) for number in range(2, 12)]}, INVALID, "images"),
    ({"images": [address(2), "https://example.com/3.png"]}, INVALID, "images.1"),
    ({"mainImage": "http://mmecimage.cn/p/1"}, INVALID, "mainImage"),
    ({"detail": []}, INVALID, "detail"),
    ({"detail": [{"image": address(4)}, {"text": "好"}]}, ELSEWHERE, "detail.1.text"),
    ({"detail": [{"image": "x"}]}, INVALID, "detail.0.image"),
    ({"detail": [{"image": address(number)} for number in range(21)]}, INVALID, "detail"),
    ({"detail": [{"image": address(4)}] * 2}, INVALID, "detail"),
    ({"categoryIds": []}, INVALID, "categoryIds"),
    ({"properties": [{"nameId": "1", "name": "a", "value": "b"}]}, INVALID, "properties.0.nameId"),
    (
        {"properties": [{"valueId": "1", "name": "a", "value": "b"}]},
        INVALID,
        "properties.0.valueId",
    ),
    ({"properties": [{"name": "产地"}]}, INVALID, "properties.0.value"),
    ({"properties": [{"name": "a", "value": "b"}] * 2}, INVALID, "properties"),
    ({"skus": []}, INVALID, "skus"),
    ({"skus": [sku("1", 1), sku("1", 2)]}, INVALID, "skus.1.attributes"),
    ({"skus": [sku("1", 0)]}, INVALID, "skus.0.price"),
    ({"skus": [sku("1", 1_000_000_001)]}, INVALID, "skus.0.price"),
    ({"skus": [sku("1", 2, listPrice={"fen": 1})]}, INVALID, "skus.0.price"),
    ({"skus": [sku("1", 2, stock=-1)]}, INVALID, "skus.0.stock"),
    ({"skus": [sku("1", 2, image="x")]}, INVALID, "skus.0.image"),
    ({"skus": [sku("1", 2, platformId="1")]}, INVALID, "skus.0.platformId"),
    (
        {"skus": [sku("1", 2, attributes=[{"name": " ", "value": "1"}])]},
        INVALID,
        "skus.0.attributes.0.name",
    ),
    ({"purchaseLimit": 3}, ELSEWHERE, "purchaseLimit"),
    ({"postageFree": True}, ELSEWHERE, "postageFree"),
    ({"delivery": {"flatRates": []}}, ELSEWHERE, "delivery.flatRates"),
    ({"weixinStore": {"shortTitle": "茶" * 21}}, INVALID, "weixinStore.shortTitle"),
    ({"weixinStore": {"weightGrams": -1}}, INVALID, "weixinStore.weightGrams"),
]


@pytest.fixture
async def gateway(serve: Serve, sandbox: Sandbox) -> AsyncIterator[Client]:
    """Ask a gateway of this one shop."""
    async with serve(shops=[section(sandbox)]) as client:
        yield client


async def test_a_rule_of_the_platform_is_told_with_its_path(
    gateway: Client, sandbox: Sandbox
) -> None:
    for changes, code, path in RULES:
        payload = await done(gateway, CREATE, **new_product(**changes))

        assert (code, path, None) in errors_of(payload), changes
        assert payload["product"] is None

    assert requests(sandbox, "product/add") == []


async def test_a_sku_of_another_product_is_not_sent(gateway: Client, sandbox: Sandbox) -> None:
    skus = [sku("250g", 16800, platformId="1")]

    payload = await done(gateway, UPDATE, input={**OF_LISTED, "skus": skus})

    assert errors_of(payload) == [(INVALID, "skus.0.platformId", None)]
    assert requests(sandbox, "product/update") == []


async def test_what_an_update_clears_must_not_be_needed(gateway: Client, sandbox: Sandbox) -> None:
    cleared = dict.fromkeys(("title", "categoryIds", "mainImage", "images", "detail", "skus"))

    payload = await done(gateway, UPDATE, input={**OF_LISTED, **cleared})

    # The images together are looked at once each part is sound.
    assert {path for _, path, _ in errors_of(payload)} == cleared.keys() - {"images", "skus"}
    assert requests(sandbox, "product/update") == []


async def test_a_price_has_bounds(gateway: Client, sandbox: Sandbox) -> None:
    for price in ({"fen": 0}, {"fen": 1_000_000_001}):
        payload = await done(gateway, PRICE, **FIRST_SKU, price=price)
        assert errors_of(payload) == [(INVALID, "price", None)]

    payload = await done(gateway, PRICE, **FIRST_SKU, price={"amount": "0.001"})
    assert errors_of(payload) == [(INVALID, "price.amount", None)]
    assert requests(sandbox, "product/auditfree") == []


async def test_what_is_not_there_is_not_found(gateway: Client) -> None:
    no_sku = {"id": id_of("Sku", "1", "1")}
    for operation, given in (
        (UPDATE, {"input": {**OF_NONE, "title": "明前龙井绿茶"}}),
        (SUBMIT, OF_NONE),
        (WITHDRAW, OF_NONE),
        (DELETE, OF_NONE),
        (PRICE, {**no_sku, **LEAST}),
        (PRICE, {"id": id_of("Sku", LISTED, "1"), **LEAST}),
        (ADJUST, {**no_sku, "delta": 1}),
    ):
        (error,) = (await done(gateway, operation, **given))["userErrors"]
        assert error["code"] == "NOT_FOUND", operation


async def test_a_state_that_forbids_it_is_told_in_the_platform_s_words(gateway: Client) -> None:
    for operation, given, code in (
        (UPDATE, {"input": {**OF_AUDITED, "title": "亚麻宽松长袖衬衫"}}, 10020049),
        (SUBMIT, OF_AUDITED, 10020049),
        (DELETE, OF_AUDITED, 10020049),
        (WITHDRAW, OF_LISTED, 10020044),
        (PRICE, {**AUDITED_SKU, **LEAST}, 10020049),
        (ADJUST, {**AUDITED_SKU, "delta": 1}, 10020217),
        (ADJUST, {**FIRST_SKU, "delta": -100_000}, 10020219),
    ):
        ((told, _, platform_code),) = errors_of(await done(gateway, operation, **given))
        assert (told, platform_code) == ("REJECTED_BY_PLATFORM", str(code))


async def test_a_draft_that_was_never_listed_has_no_stock_and_no_price_to_change(
    gateway: Client,
) -> None:
    created = (await done(gateway, CREATE, **new_product()))["product"]
    first = created["skus"][0]["id"]

    adjusted = await done(gateway, ADJUST, id=first, delta=1)
    priced = await done(gateway, PRICE, id=first, **LEAST)

    assert [errors_of(payload)[0][2] for payload in (adjusted, priced)] == ["10020289", "10020065"]


async def test_each_refusal_is_told_with_its_code(gateway: Client, sandbox: Sandbox) -> None:
    listing = (10020008, 10020050, 10020051, 10020053, 10020067, 10020110, 10020208, 10020279)
    for call, operation, given, codes in (
        ("listing", SUBMIT, OF_LISTED, (*listing, 10020290)),
        ("stock/update", ADJUST, {**FIRST_SKU, "delta": 1}, (10020054, 10020218)),
    ):
        for code in codes:
            sandbox.fault("errcode", code, path=f"/channels/ec/product/{call}")
            ((told, _, platform_code),) = errors_of(await done(gateway, operation, **given))
            assert (told, platform_code) == ("REJECTED_BY_PLATFORM", str(code))


async def test_a_spent_quota_is_told_as_one(gateway: Client, sandbox: Sandbox) -> None:
    for call, operation, given, codes in (
        ("add", CREATE, new_product(), (10020066, 1002001, 10020111, 1002002)),
        ("stock/update", ADJUST, {**FIRST_SKU, "delta": 1}, (10020112,)),
    ):
        for code in codes:
            sandbox.fault("errcode", code, path=f"/channels/ec/product/{call}")
            ((told, _, platform_code),) = errors_of(await done(gateway, operation, **given))
            assert (told, platform_code) == ("RATE_LIMITED", str(code))


async def test_the_hour_s_drafts_are_counted(gateway: Client, sandbox: Sandbox) -> None:
    answer = sandbox.client.post("/_sandbox/weixin/shop", json={"drafts_per_hour": 1})
    assert answer.status_code == 200
    await done(gateway, CREATE, **new_product())

    payload = await done(gateway, CREATE, **new_product())

    assert errors_of(payload) == [("RATE_LIMITED", None, "10020066")]


async def test_other_platforms_take_no_names_and_know_no_audit(serve: Serve) -> None:
    product = Key("Product", "flagship", "p").encode()
    of_sku = Key("Sku", "flagship", "p", "s").encode()
    async with serve() as gateway:
        given = {**new_product()["input"], "shop": "flagship"}
        refused = await done(gateway, CREATE, input=given)
        withdrawn = await done(gateway, WITHDRAW, id=product)
        priced = await done(gateway, PRICE, id=of_sku, **LEAST)

    assert {
        ("weixinStore", INVALID),
        ("properties.0.name", INVALID),
        ("properties.0.value", INVALID),
        ("skus.0.attributes", INVALID),
        ("skus.0.barcode", INVALID),
    } <= {(path, code) for code, path, _ in errors_of(refused)}
    assert errors_of(withdrawn) == errors_of(priced) == [(ELSEWHERE, "id", None)]
