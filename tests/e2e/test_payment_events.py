"""Events of payments: what they name is read at once, and its order follows."""

import time
from pathlib import Path
from typing import Any, Final

from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.sandbox.wechat_events import EVENT_AES_KEY, EVENT_TOKEN
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve
from tests.inbox.test_webhooks import deliver, rows, shops
from tests.sandbox.calls import ask_mini, import_orders, sample
from tests.waiting import eventually
from tests.wechat.deliveries import encrypted

#: The payment that the sandbox has of the shopping list's sample.
TRANSACTION: Final = "4200000000000000000000000001"
UPLOAD: Final = "/wxa/sec/order/upload_shipping_info"
GET: Final = "/wxa/sec/order/get_order"
LIST: Final = "/wxa/sec/order/get_order_list"
ORDER: Final = (
    '{ orderByPlatformId(shop: "mini", platformId: "%s") { status platformStatus paidAt } }'
)
CHANGES: Final = """
SELECT previous_status, status, cause FROM order_changes WHERE platform_id = '%s' ORDER BY cursor"""


async def told(gateway: Client, sandbox: Sandbox) -> None:
    """Deliver the one event that the sandbox has, encrypted, as the platform sends it."""
    [event] = sandbox.shops("mini_program")[MINI.app_id]["events"][-1:]
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in event.items())
    delivery = encrypted(
        f"<xml>{inner}</xml>", key=EVENT_AES_KEY, token=EVENT_TOKEN, app_id=MINI.app_id
    )
    assert await deliver(gateway, delivery, "mini") == (200, "success")


def changed(sandbox: Sandbox, state: int) -> None:
    sandbox.admin(f"mini/payments/{TRANSACTION}", order_state=state)


async def test_an_order_follows_its_payment_at_once(
    serve: Serve, sandbox: Sandbox, tmp_path: Path
) -> None:
    (order,) = sample("mini_program", "importorder.add.request")["order_list"]
    paid_at = int(time.time()) - 100
    order |= {"create_time": paid_at - 30, "pay_finish_time": paid_at}
    assert import_orders(sandbox, "add-order", order)["errcode"] == 0
    # What a poll would find, were the test to take a minute, the events alone tell.
    sandbox.fault("errcode", 45009, path=LIST, times=None)
    safe = {"event_token": EVENT_TOKEN, "event_aes_key": EVENT_AES_KEY}
    shown: list[Any] = []

    async with serve(shops=shops(sandbox, tmp_path, **safe)) as gateway:

        async def follows(status: str) -> None:
            async def does() -> bool:
                answer = await gateway.ask(ORDER % TRANSACTION)
                found = answer.data["orderByPlatformId"]
                if found is None or found["status"] != status:
                    return False
                shown.append((found["platformStatus"], found["paidAt"] is not None))
                return True

            await eventually(does)

        # The buyer paid a while ago, and nothing was shipped.
        changed(sandbox, 1)
        await told(gateway, sandbox)
        await follows("AWAITING_SHIPMENT")
        report = sample("mini_program", "upload_shipping_info.request")
        payer = {"payer": {"openid": sandbox_payer(sandbox)}}
        assert ask_mini(sandbox, UPLOAD, report | payer)["errcode"] == 0
        await told(gateway, sandbox)
        await follows("SHIPPED")
        changed(sandbox, 3)
        await told(gateway, sandbox)
        await follows("COMPLETED")
        asked = [one["body"] for one in sandbox.requests(GET)]

    assert shown == [("1", True), ("2", True), ("3", True)]
    assert asked == [{"transaction_id": TRANSACTION}] * 3
    assert rows(tmp_path, CHANGES % TRANSACTION) == [
        (None, "AWAITING_SHIPMENT", "PLATFORM_EVENT"),
        ("AWAITING_SHIPMENT", "SHIPPED", "PLATFORM_EVENT"),
        ("SHIPPED", "COMPLETED", "PLATFORM_EVENT"),
    ]


def sandbox_payer(sandbox: Sandbox) -> str:
    payments = sandbox.shops("mini_program")[MINI.app_id]["payments"]
    return str(payments[TRANSACTION]["document"]["openid"])
