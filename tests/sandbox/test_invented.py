"""What no source tells stands in one table, and the sandbox follows whatever the table says."""

import ast
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import gateway.sandbox
from gateway.sandbox.accounts import SWAN
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.invented import (
    BaiduChoices,
    CooperationCodes,
    Invented,
    MallChoices,
    StoreCodes,
    StoreStatuses,
)
from gateway.sandbox.world import Setting
from tests.fixtures_sandbox import Sandbox, served
from tests.sandbox.calls import ask_baidu, ask_mini, ask_store, import_orders, sample

OFFSET = 10_000
DEFAULT = Invented()


def moved(table: Any) -> Any:
    """Give a table with every number another one and every choice the other one."""
    changed = {
        field.name: not value if isinstance(value, bool) else value + OFFSET
        for field in fields(table)
        for value in [getattr(table, field.name)]
    }
    return replace(table, **changed)


SWAPPED = Invented(
    store=moved(StoreCodes()),
    statuses=moved(StoreStatuses()),
    mall=moved(MallChoices()),
    cooperation=moved(CooperationCodes()),
    baidu=replace(moved(BaiduChoices()), token_error_status=400),
)


def test_the_swapped_table_shares_no_value_with_the_default() -> None:
    for name, table in asdict(DEFAULT).items():
        assert all(value != asdict(SWAPPED)[name][key] for key, value in table.items())


def test_the_sandbox_follows_the_table() -> None:
    with served(create_sandbox(setting=Setting(invented=SWAPPED))) as sandbox:
        check_store(sandbox)
        check_mini(sandbox)
        check_baidu(sandbox)


def check_store(sandbox: Sandbox) -> None:
    unknown = ask_store(sandbox, "get", {"product_id": "pUnknown"})
    assert unknown["errcode"] == SWAPPED.store.product_not_found
    key = {"order_id": "7197417460812584720"}
    assert ask_store(sandbox, "order.close", key)["errcode"] == 0
    closed = ask_store(sandbox, "order.getbyid", key)["order"]["order_status"]
    assert closed == SWAPPED.statuses.closed
    assert sandbox.order(paid=False)["order_status"] == SWAPPED.statuses.awaiting_payment


def check_mini(sandbox: Sandbox) -> None:
    good = sample("mini_program", "importorder.add.request")["order_list"][0]
    import_orders(sandbox, "add-order", good)
    again = import_orders(sandbox, "add-order", good, {**good, "order_id": "other"})
    assert again["fail_order_list"][0]["error_code"] == SWAPPED.mall.repeated_import
    deleted = {"user_open_id": good["ext_info"]["user_open_id"], "order_id": "other"}
    # The other order of the bad call was not kept, so there is nothing to delete.
    answer = ask_mini(sandbox, "/mall/deleteorder", deleted)
    assert answer["errcode"] == SWAPPED.mall.order_to_delete_not_found
    unwanted = ask_mini(
        sandbox, "/mall/deleteshoppinglist", sample("mini_program", "deleteshoppinglist.request")
    )
    assert unwanted["errcode"] == SWAPPED.mall.item_to_delete_not_found
    partner = ask_mini(
        sandbox, "/channels/ec/cooperation/order/get", {"shop_appid": "a", "order_id": "b"}
    )
    assert partner["errcode"] == SWAPPED.cooperation.order_not_found


def check_baidu(sandbox: Sandbox) -> None:
    former = sandbox.token(SWAN)
    assert ask_baidu(sandbox, "add.main.info", sample("baidu", "add.main.info.request"))
    path = "/rest/2.0/smartapp/ordercenter/app/update/main/status"
    void = sandbox.client.post(path, params={"access_token": former}).json()
    assert void["error_code"] == 110
    assert sandbox.client.post(path).json()["error_code"] == SWAPPED.baidu.missing_token
    wrong = sandbox.client.get("/oauth/2.0/token", params={"grant_type": "none"})
    assert wrong.status_code == 400
    appended = sample("baidu", "append.sub.info.request")
    for _ in range(2):
        ask_baidu(sandbox, "append.sub.info", appended)
    order = sandbox.state()["swans"][SWAN.app_id]["orders"]["2221554346520"]
    assert len(order["subs"]["Items"]) == 1


def test_an_import_repeated_may_be_made_to_overwrite() -> None:
    setting = Setting(invented=replace(DEFAULT, mall=replace(DEFAULT.mall, repeated_import=0)))
    with served(create_sandbox(setting=setting)) as sandbox:
        order = sample("mini_program", "importorder.add.request")["order_list"][0]
        for fee in (1, 2):
            assert import_orders(sandbox, "add-order", {**order, "fee": fee})["errcode"] == 0
        minis = sandbox.state()["minis"].values()
        assert next(iter(minis))["orders"][order["order_id"]]["document"]["fee"] == 2


def test_no_other_file_of_the_sandbox_writes_an_invented_code() -> None:
    codes = {
        value
        for table in (DEFAULT.store, DEFAULT.cooperation, DEFAULT.baidu)
        for value in asdict(table).values()
        if not isinstance(value, bool) and value > OFFSET
    }
    folder = Path(gateway.sandbox.__file__).parent
    for path in folder.rglob("*.py"):
        if path.name != "invented.py":
            written = {
                node.value
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Constant) and isinstance(node.value, int)
            }
            assert not codes & written, path
