"""Every field of the Weixin Store's calls about goods can be given, and is seen on the wire."""

from typing import Any, Final

from gateway.platforms.weixin_store.endpoints import ENDPOINTS, UPLOAD_IMAGE
from gateway.platforms.weixin_store.sandbox.state import WEIXIN
from tests.e2e.request_fields import fields_of, fields_seen
from tests.e2e.uploads import upload
from tests.e2e.weixin_shop import (
    ADJUST,
    AUDIT,
    CREATE,
    DELETE,
    DELIST,
    FRESH,
    IN_AUDIT,
    LISTED,
    PRICE,
    SHOP,
    SUBMIT,
    UPDATE,
    WITHDRAW,
    address,
    done,
    id_of,
    new_product,
    png,
    requests,
    section,
)
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Serve

FOLDERS: Final = ("product.", "category.")
#: The file itself, what needs a flow of more than fifty changes, and the path of the older tree,
#: which only goes back.
ELSEWHERE: Final = {
    *(
        ("/shop/ec/basics/img/upload", "media", one)
        for one in ("filename", "media_type", "content")
    ),
    # For after-sales.
    ("/shop/ec/basics/img/upload", "img_url"),
    ("/channels/ec/product/stock/getflow", "next_key"),
    ("/channels/ec/product/add", "cats", "cat_id"),
}

#: What the platform's console writes and the API's inputs have no place for.
CONSOLE: Final[dict[str, Any]] = {
    "spu_code": "SPU-1",
    "aftersale_desc": "七天无理由",
    "release_mode": 0,
    "limited_info": {"period_type": 1, "limited_buy_num": 2},
    "deliver_acct_type": [3],
    "product_qua_infos": [{"qua_id": 1111488, "qua_url": [address(8)]}],
    "size_chart": {"enable": False},
    "timing_onsale_info": {"status": 0},
    "spu_deliver_info": {"is_spu_range": 0},
}
CONSOLE_SKU: Final[dict[str, Any]] = {
    "out_sku_id": "OUT-1",
    "sale_price": 100,
    "stock_num": 5,
    "status": 5,
    "sku_attrs": [{"attr_key": "净含量", "attr_value": "250g"}],
    "sku_deliver_info": {
        "stock_type": 1,
        "full_payment_presale_delivery_type": 1,
        "presale_begin_time": 1_790_000_000,
        "presale_end_time": 1_790_600_000,
        "full_payment_presale_delivery_time": 3,
        "spot_after_presale_end": 1,
    },
}


def _written_by_the_console(sandbox: Sandbox) -> str:
    """A product that another client has added and sent to its audit; its id."""
    document = {
        "title": "控制台录入的绿茶",
        "head_imgs": [address(number) for number in (1, 2, 3)],
        "desc_info": {"imgs": [address(4)]},
        "deliver_method": 0,
        "extra_service": {"seven_day_return": 2, "freight_insurance": 0, "damage_guarantee": 1},
        "cats": [{"cat_id": "10000113"}, {"cat_id": "545712"}],
        "skus": [CONSOLE_SKU],
        "listing": 1,
        **CONSOLE,
    }
    answer = sandbox.client.post(
        "/channels/ec/product/add",
        params={"access_token": sandbox.token(WEIXIN)},
        json=document,
    )
    product_id: str = answer.json()["data"]["product_id"]
    return product_id


async def test_every_field_is_seen_on_the_wire(serve: Serve, sandbox: Sandbox) -> None:
    whole = {
        "shortTitle": "礼盒",
        "brandId": "10000031",
        "weightGrams": 300,
        "detailText": "豆香",
        "returnAddressId": "4001",
        "submit": True,
        "sevenDayReturn": True,
        "freightInsurance": True,
    }
    product = _written_by_the_console(sandbox)
    sandbox.clear_log()
    sandbox.advance(AUDIT)
    listed, first = {"id": id_of("Product", LISTED)}, {"id": id_of("Sku", LISTED, "4400000401")}
    async with serve(shops=[section(sandbox)]) as gateway:
        await upload(gateway, png(), shop=SHOP)
        rules = '{ products(first: 1) { nodes { id } } categories(shop: "weixin") { name } }'
        await gateway.ask(rules, headers=FRESH)
        await gateway.ask(
            "query ($id: ID!) { node(id: $id) { ... on Category { properties { name } } } }",
            {"id": id_of("Category", "545712")},
        )
        await done(gateway, CREATE, **new_product(weixinStore=whole))
        changed = await done(
            gateway, UPDATE, input={"id": id_of("Product", product), "weixinStore": whole}
        )
        given = {name: value for name, value in new_product()["input"].items() if name != "shop"}
        await done(gateway, UPDATE, input={**given, **listed})
        await done(gateway, PRICE, **first, price={"fen": 100})
        sandbox.fault("reset", path="/channels/ec/product/stock/update", after=True)
        await done(gateway, ADJUST, **first, delta=1)
        await done(gateway, WITHDRAW, id=id_of("Product", IN_AUDIT))
        for operation in (SUBMIT, DELIST):
            await done(gateway, operation, **listed)
        await done(gateway, DELETE, id=id_of("Product", IN_AUDIT))

    assert changed["userErrors"] == []
    rows = [UPLOAD_IMAGE, *(row for row in ENDPOINTS if row.name.startswith(FOLDERS))]
    expected = fields_of(rows) - ELSEWHERE
    seen = fields_seen(sandbox, rows)
    assert sorted(path for path in expected if not _is_among(path, seen)) == []
    sent = requests(sandbox, "product/update")[0]
    assert {name: sent[name] for name in CONSOLE} == CONSOLE
    assert {name: sent["skus"][0][name] for name in CONSOLE_SKU} == CONSOLE_SKU
    assert sent["extra_service"] == {
        "seven_day_return": 2,
        "freight_insurance": 1,
        "damage_guarantee": 1,
    }


def _is_among(path: tuple[str, ...], seen: set[tuple[str, ...]]) -> bool:
    """Whether a field was seen; one that the platform's own objects fill, by what is in it."""
    return any(one[: len(path)] == path for one in seen)
