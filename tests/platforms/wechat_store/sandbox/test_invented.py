"""What no source tells stands in one table, and the sandbox follows whatever the table says."""

from gateway.platforms.wechat_store.sandbox.invented import Invented
from gateway.platforms.wechat_store.sandbox.part import WechatStoreSandbox
from gateway.sandbox.app import create_sandbox
from tests.fixtures_sandbox import served
from tests.sandbox.calls import ask_store
from tests.sandbox.invented_tables import moved

SWAPPED = moved(Invented())


def test_the_store_follows_the_table() -> None:
    with served(create_sandbox([WechatStoreSandbox(SWAPPED)])) as sandbox:
        unknown = ask_store(sandbox, "get", {"product_id": "pUnknown"})
        assert unknown["errcode"] == SWAPPED.codes.product_not_found
        key = {"order_id": "7197417460812584720"}
        assert ask_store(sandbox, "order.close", key)["errcode"] == 0
        closed = ask_store(sandbox, "order.getbyid", key)["order"]["order_status"]
        assert closed == SWAPPED.statuses.closed
        assert sandbox.order(paid=False)["order_status"] == SWAPPED.statuses.awaiting_payment
