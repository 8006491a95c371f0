"""The sandbox answers the manual's own requests with the manual's own answers."""

from gateway.platforms.mini_program.sandbox.part import ROUTES
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import ask_mini, sample


def test_the_shopping_list_accepts_its_samples_in_turn(sandbox: Sandbox) -> None:
    calls = [
        ("importorder.add", "/mall/importorder", {"action": "add-order"}),
        ("importorder.update", "/mall/importorder", {"action": "update-order"}),
        ("deleteorder", "/mall/deleteorder", {}),
        ("addshoppinglist", "/mall/addshoppinglist", {}),
        ("deleteshoppinglist", "/mall/deleteshoppinglist", {}),
        ("importproduct", "/mall/importproduct", {}),
        (
            "brandmanage.set_shoppingcart_path",
            "/mall/brandmanage",
            {"action": "set_shoppingcart_path"},
        ),
    ]
    for name, path, query in calls:
        answer = ask_mini(sandbox, path, sample("mini_program", f"{name}.request"), query)
        assert answer == sample("mini_program", f"{name}.response")


def test_an_update_of_an_unknown_order_fails_as_printed(sandbox: Sandbox) -> None:
    request = sample("mini_program", "importorder.update.request")
    answer = ask_mini(sandbox, "/mall/importorder", request, {"action": "update-order"})
    printed = sample("mini_program", "importorder.update.failed.response")
    failed, expected = answer["fail_order_list"][0], printed["fail_order_list"][0]
    assert answer["errcode"] == printed["errcode"]
    assert failed["order_id"] == expected["order_id"]
    assert failed["error_code"] == expected["error_code"]


def test_the_partner_order_is_read_as_printed(sandbox: Sandbox) -> None:
    request = sample("mini_program", "cooperation.order.get.request")
    answer = ask_mini(sandbox, "/channels/ec/cooperation/order/get", request)
    assert answer == sample("mini_program", "cooperation.order.get.response")


def test_every_endpoint_is_played_and_has_its_sample() -> None:
    printed = {str(known.get("path")) for known in sample("mini_program", "sources").values()}
    assert {path.partition("?")[0] for path in printed} == ROUTES.keys()
    assert len({path for path in printed if "/mall/" in path}) == 8
