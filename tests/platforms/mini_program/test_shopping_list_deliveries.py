import json
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from gateway.errors import PlatformRejected
from gateway.outbox.message import OutboxMessage
from gateway.outbox.shopping_list_messages import CartPath, WantedKey, shopping_list_message
from gateway.platform_kit.connection import PlatformClients
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.ports import Adapter, DeliveryResult, DeliveryStatus
from gateway.registry import build_adapters
from gateway.store.documents import OrderPersonal, ProductSku
from gateway.store.store import Store
from tests.fixtures_ledger import NOW
from tests.fixtures_sandbox import Sandbox
from tests.platforms.mini_program.conftest import settings
from tests.platforms.mini_program.documents import PERSONAL, PRODUCT, SKU, SYNCED, WANTED
from tests.platforms.mini_program.samples import sample

BUYER = PERSONAL.open_id
ADD = "/mall/addshoppinglist"
REMOVE = "/mall/deleteshoppinglist"
SYNC = "/mall/importproduct"
PATH = "/mall/brandmanage?action=set_shoppingcart_path"


async def send(adapter: Adapter, *messages: OutboxMessage) -> Sequence[DeliveryResult]:
    assert adapter.deliveries is not None
    assert len({adapter.deliveries.batch(message) for message in messages}) == 1
    return await adapter.deliveries.deliver(messages)


def sent(sandbox: Sandbox, endpoint: str) -> list[Any]:
    return [one["body"] for one in sandbox.requests(endpoint)]


@pytest.mark.parametrize(
    ("message", "endpoint", "fixture"),
    [
        (shopping_list_message("WANTED_ITEMS_IMPORT", WANTED, BUYER), ADD, "addshoppinglist"),
        (
            shopping_list_message(
                "WANTED_ITEMS_REMOVE",
                WantedKey(platform_product_id=PRODUCT, platform_sku_id=SKU),
                BUYER,
            ),
            REMOVE,
            "deleteshoppinglist",
        ),
        (shopping_list_message("PRODUCTS_SYNC", SYNCED), SYNC, "importproduct"),
        (
            shopping_list_message("CART_PATH", CartPath(path="/pages/cart")),
            PATH,
            "brandmanage.set_shoppingcart_path",
        ),
    ],
)
async def test_what_is_sent_is_the_sample(
    adapter: Adapter, sandbox: Sandbox, message: OutboxMessage, endpoint: str, fixture: str
) -> None:
    wanted = sample(f"{fixture}.request")
    if "shoppingcart_path" in wanted:
        message = replace_payload(message, {"path": wanted["shoppingcart_path"]})

    (outcome,) = await send(adapter, message)

    assert sent(sandbox, endpoint) == [wanted]
    assert outcome.result_status is DeliveryStatus.DELIVERED


def replace_payload(message: OutboxMessage, payload: Any) -> OutboxMessage:
    return OutboxMessage(
        operation=message.operation, payload=json.dumps(payload), personal=message.personal
    )


async def test_ten_lines_of_one_buyer_go_in_one_call(adapter: Adapter, sandbox: Sandbox) -> None:
    lines = [
        shopping_list_message(
            "WANTED_ITEMS_IMPORT", replace(WANTED, platform_sku_id=str(number)), BUYER
        )
        for number in range(10)
    ]
    other = shopping_list_message("WANTED_ITEMS_IMPORT", WANTED, "another buyer")
    assert adapter.deliveries is not None

    outcomes = await send(adapter, *lines)

    assert [outcome.result_status for outcome in outcomes] == [DeliveryStatus.DELIVERED] * 10
    (body,) = sent(sandbox, ADD)
    assert [line["sku_info"]["sku_id"] for line in body["sku_product_list"]] == [
        str(number) for number in range(10)
    ]
    assert adapter.deliveries.batch(lines[0]).most == 10
    assert adapter.deliveries.batch(other) != adapter.deliveries.batch(lines[0])


async def test_a_refused_line_does_not_spoil_the_others(adapter: Adapter, sandbox: Sandbox) -> None:
    sandbox.fault("errcode", 9009098, path=ADD, times=2)
    first, second = WANTED, replace(WANTED, platform_sku_id="other")
    messages = [
        shopping_list_message("WANTED_ITEMS_IMPORT", line, BUYER) for line in (first, second)
    ]

    outcomes = await send(adapter, *messages)

    assert [outcome.result_status for outcome in outcomes] == [
        DeliveryStatus.REJECTED,
        DeliveryStatus.DELIVERED,
    ]
    assert isinstance(outcomes[0].failure, PlatformRejected)
    assert outcomes[0].failure.platform_code == "9009098"
    assert sandbox.counts()[ADD] == 3
    (kept,) = sandbox.shops("mini_program")[MINI.app_id]["wanted"][BUYER]
    assert kept["sku_info"]["sku_id"] == "other"


async def test_a_product_of_many_skus_takes_several_calls(
    adapter: Adapter, sandbox: Sandbox
) -> None:
    skus = tuple(ProductSku(platform_id=str(number), status="ON_SALE") for number in range(40))

    outcomes = await send(
        adapter, shopping_list_message("PRODUCTS_SYNC", replace(SYNCED, skus=skus))
    )

    assert [outcome.result_status for outcome in outcomes] == [DeliveryStatus.DELIVERED]
    products = [body["product_list"][0] for body in sent(sandbox, SYNC)]
    assert [len(product["sku_list"]) for product in products] == [16, 16, 8]
    kept = sandbox.shops("mini_program")[MINI.app_id]["products"][PRODUCT]
    assert len(kept["sku_list"]) == 40


async def test_a_lost_answer_is_repeated(adapter: Adapter, sandbox: Sandbox) -> None:
    sandbox.fault("reset", path=SYNC, after=True)

    (outcome,) = await send(adapter, shopping_list_message("PRODUCTS_SYNC", SYNCED))

    assert (outcome.result_status, outcome.lost) == (DeliveryStatus.AGAIN, False)


async def test_an_open_id_of_another_app_is_refused(adapter: Adapter, sandbox: Sandbox) -> None:
    sandbox.fault("errcode", 9009203, path=ADD)

    (outcome,) = await send(adapter, shopping_list_message("WANTED_ITEMS_IMPORT", WANTED, BUYER))

    assert outcome.result_status is DeliveryStatus.REJECTED


async def test_without_its_buyer_nothing_is_sent(adapter: Adapter, sandbox: Sandbox) -> None:
    erased = OutboxMessage(
        operation="WANTED_ITEMS_REMOVE",
        payload=shopping_list_message(
            "WANTED_ITEMS_REMOVE", WantedKey(platform_product_id=PRODUCT), BUYER
        ).payload,
        personal=OrderPersonal(),
    )

    (outcome,) = await send(adapter, erased)

    assert outcome.result_status is DeliveryStatus.REJECTED
    assert sandbox.requests() == []


async def test_what_no_call_can_tell_is_not_sent(adapter: Adapter, sandbox: Sandbox) -> None:
    (outcome,) = await send(
        adapter, shopping_list_message("PRODUCTS_SYNC", replace(SYNCED, skus=()))
    )

    assert outcome.result_status is DeliveryStatus.REJECTED
    assert sandbox.requests() == []


async def test_a_shop_of_test_data_marks_its_imports(
    sandbox: Sandbox, clients: PlatformClients, ledger: Store
) -> None:
    section = settings(sandbox.base_url, test_data=True)
    shop = build_adapters([section], clients, ledger, lambda: NOW)["mini"]

    await send(shop, shopping_list_message("PRODUCTS_SYNC", SYNCED))
    await send(shop, shopping_list_message("WANTED_ITEMS_IMPORT", WANTED, BUYER))

    assert [one["query"].get("is_test") for one in sandbox.requests(SYNC)] == ["1"]
    assert [one["query"].get("is_test") for one in sandbox.requests(ADD)] == ["1"]
