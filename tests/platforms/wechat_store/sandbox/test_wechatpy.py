"""A merchant client that nobody here wrote (wechatpy 1.8.18) works with the sandbox.

Its known bugs are worked around by calling the right method.
"""

from typing import Any

import pytest
import wechatpy
from wechatpy.exceptions import WeChatClientException

from gateway.platforms.wechat_store.sandbox.invented import Invented
from tests.fixtures_sandbox import Sandbox
from tests.sandbox.calls import sample


def test_the_version_is_the_one_named() -> None:
    assert wechatpy.__version__ == "1.8.18"


def test_products_are_read(merchant: Any) -> None:
    listed = merchant.get_by_status(0)
    assert len(listed["products_info"]) == 42
    product = merchant.get("pDF3iY6Kr_BV_CXaiYysoGqJhppQ")
    assert product == sample("wechat_store", "get.response")


def test_categories_are_read(merchant: Any) -> None:
    assert len(merchant.category.get_sub_categories(1)) == 8
    assert merchant.category.get_sku_list(537074292)[0]["name"] == "颜色"
    assert merchant.category.get_properties(537072692)[0]["name"] == "品牌"


def test_orders_are_read(merchant: Any) -> None:
    order = merchant.order.get("7197417460812533543")
    assert order == sample("wechat_store", "order.getbyid.response")["order"]
    assert len(merchant.order.get_by_filter()) == 123
    to_ship = merchant.order.get_by_filter(status=2, begin_time=1397130460, end_time=1397130470)
    assert [known["order_id"] for known in to_ship] == ["7197417460812584720"]


def test_groups_are_read(merchant: Any) -> None:
    groups = merchant.group.get_all()
    assert {"group_id": 200077549, "group_name": "最新上架"} in groups
    assert merchant.group.get(29)["group_name"] == "食品馆"


def test_shelves_are_read(merchant: Any) -> None:
    assert [shelf["shelf_id"] for shelf in merchant.shelf.get_all()] == [19, 22, 23, 97, 12345]
    assert merchant.shelf.get(22)["shelf_name"] == "新新人类"


def test_templates_are_read_one_by_one(merchant: Any) -> None:
    # get_all reads `template_info`, where the manual and the platform say `templates_info`.
    with pytest.raises(KeyError, match="template_info"):
        merchant.express.get_all()
    assert merchant.express.get(103312916)["Name"] == "testexpress"


def test_what_it_writes_is_there(merchant: Any, sandbox: Sandbox) -> None:
    created = merchant.create(sample("wechat_store", "create.request"))
    assert merchant.update_product_status(created["product_id"], 1)["errcode"] == 0
    merchant.stock.add(created["product_id"], 5, "1075741873:1079742386")
    product = merchant.get(created["product_id"])["product_info"]
    assert product["sku_list"][0]["quantity"] == 805
    merchant.order.set_delivery("7197417460812584720", "059Yunda", "1900659372473")
    assert merchant.order.get("7197417460812584720")["order_status"] == 3
    merchant.order.close("7197417460812584720")
    closed = merchant.order.get("7197417460812584720")["order_status"]
    assert closed == Invented().statuses.closed
    group = merchant.group.add("新分组", [created["product_id"]])
    assert merchant.group.get(group["group_id"])["product_list"] == [created["product_id"]]
    assert sandbox.counts()["/cgi-bin/token"] == 1


def test_an_image_is_uploaded(merchant: Any) -> None:
    url = merchant.common.upload_image("test.png", b"\x89PNG\r\n\x1a\n")
    assert url.startswith("http://mmbiz.qpic.cn/mmbiz/")


def test_a_refusal_comes_as_its_code(merchant: Any) -> None:
    with pytest.raises(WeChatClientException) as raised:
        merchant.order.get("99")
    assert raised.value.errcode == Invented().codes.order_not_found


def test_an_expired_token_is_renewed(merchant: Any, sandbox: Sandbox) -> None:
    merchant.order.get("7197417460812533543")
    sandbox.advance(7201)
    assert merchant.order.get("7197417460812533543")["order_status"] == 6
    assert sandbox.counts()["/cgi-bin/token"] == 2
