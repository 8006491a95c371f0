"""What no source tells stands in one table, and the sandbox follows whatever the table says."""

from gateway.platforms.mini_program.sandbox.invented import Invented, ShoppingListChoices
from gateway.platforms.mini_program.sandbox.part import MiniProgramSandbox
from gateway.sandbox.app import create_sandbox
from tests.fixtures_sandbox import served
from tests.sandbox.calls import ask_mini, import_orders, sample
from tests.sandbox.invented_tables import moved

SWAPPED = moved(Invented())


def test_the_mini_program_follows_the_table() -> None:
    with served(create_sandbox([MiniProgramSandbox(SWAPPED)])) as sandbox:
        good = sample("mini_program", "importorder.add.request")["order_list"][0]
        import_orders(sandbox, "add-order", good)
        again = import_orders(sandbox, "add-order", good, {**good, "order_id": "other"})
        assert again["fail_order_list"][0]["error_code"] == SWAPPED.shopping_list.repeated_import
        deleted = {"user_open_id": good["ext_info"]["user_open_id"], "order_id": "other"}
        # The other order of the bad call was not kept, so there is nothing to delete.
        answer = ask_mini(sandbox, "/mall/deleteorder", deleted)
        assert answer["errcode"] == SWAPPED.shopping_list.order_to_delete_not_found
        unwanted = ask_mini(
            sandbox,
            "/mall/deleteshoppinglist",
            sample("mini_program", "deleteshoppinglist.request"),
        )
        assert unwanted["errcode"] == SWAPPED.shopping_list.item_to_delete_not_found
        partner = ask_mini(
            sandbox, "/channels/ec/cooperation/order/get", {"shop_appid": "a", "order_id": "b"}
        )
        assert partner["errcode"] == SWAPPED.partner_orders.order_not_found
        unnamed = ask_mini(sandbox, "/wxa/sec/order/get_order", {})
        assert unnamed["errcode"] == SWAPPED.shipping.bad_request


def test_an_import_repeated_may_be_made_to_overwrite() -> None:
    choices = ShoppingListChoices(repeated_import=0)
    part = MiniProgramSandbox(Invented(shopping_list=choices))
    with served(create_sandbox([part])) as sandbox:
        order = sample("mini_program", "importorder.add.request")["order_list"][0]
        for fee in (1, 2):
            assert import_orders(sandbox, "add-order", {**order, "fee": fee})["errcode"] == 0
        minis = sandbox.shops("mini_program").values()
        assert next(iter(minis))["orders"][order["order_id"]]["document"]["fee"] == 2
