"""The Mini Program's table of calls: eight of the shopping list, one of partner stores."""

from typing import Any, Final

from gateway.platforms.mini_program.wire import goods, order, partner
from gateway.platforms.mini_program.wire.base import Done
from gateway.upstream.endpoint import Endpoint, LostAnswer

# After a lost import an update shows whether it arrived: 10001 for the order means it did not.
# If an update cannot show it, the order is deleted and imported again, or left unknown,
# depending on the shop's configuration.
ADD_ORDER: Final = Endpoint(
    name="importorder.add",
    method="POST",
    path="/mall/importorder",
    query={"action": "add-order"},
    query_fields=("is_history", "is_test"),
    request=order.ImportOrders,
    response=order.OrdersDone,
    section="购物单 已购订单 导入“已购订单”",
    summary="Import orders into their buyers' shopping lists",
    after_lost_answer=LostAnswer.LOOK,
)

UPDATE_ORDER: Final = Endpoint(
    name="importorder.update",
    method="POST",
    path="/mall/importorder",
    query={"action": "update-order"},
    query_fields=("is_history",),
    request=order.UpdateOrders,
    response=order.OrdersDone,
    section="购物单 已购订单 更新订单信息",
    summary="Update orders in their buyers' shopping lists",
    after_lost_answer=LostAnswer.REPEAT,
)

DELETE_ORDER: Final = Endpoint(
    name="deleteorder",
    method="POST",
    path="/mall/deleteorder",
    request=order.DeleteOrder,
    response=Done,
    section="购物单 已购订单 删除订单信息",
    summary="Delete an order from its buyer's shopping list",
    after_lost_answer=LostAnswer.REPEAT,
)

ADD_WANTED: Final = Endpoint(
    name="addshoppinglist",
    method="POST",
    path="/mall/addshoppinglist",
    query_fields=("is_test",),
    request=goods.AddWanted,
    response=Done,
    section="购物单 想买清单 导入“想买清单”",
    summary="Put items on a buyer's want-to-buy list",
    after_lost_answer=LostAnswer.REPEAT,
)

DELETE_WANTED: Final = Endpoint(
    name="deleteshoppinglist",
    method="POST",
    path="/mall/deleteshoppinglist",
    request=goods.DeleteWanted,
    response=Done,
    section="购物单 想买清单 删除“想买清单”",
    summary="Take items off a buyer's want-to-buy list",
    after_lost_answer=LostAnswer.REPEAT,
)

QUERY_WANTED: Final = Endpoint(
    name="queryshoppinglist",
    method="POST",
    path="/mall/queryshoppinglist",
    query={"type": "getbypage"},
    request=goods.QueryWanted,
    response=goods.WantedList,
    section="好物圈 收藏 查询用户收藏信息",
    summary="What is on a buyer's want-to-buy list",
    repeatable=True,
)

IMPORT_PRODUCT: Final = Endpoint(
    name="importproduct",
    method="POST",
    path="/mall/importproduct",
    query_fields=("is_test",),
    request=goods.ImportProducts,
    response=Done,
    section="购物单 商品数据 更新商品信息",
    summary="Bring product data up to date",
    after_lost_answer=LostAnswer.REPEAT,
)

SET_CART_PATH: Final = Endpoint(
    name="brandmanage.set_shoppingcart_path",
    method="POST",
    path="/mall/brandmanage",
    query={"action": "set_shoppingcart_path"},
    request=goods.SetCartPath,
    response=Done,
    section="购物单 细节运营 设置购物车源路径",
    summary="Set the page behind the cart button",
    after_lost_answer=LostAnswer.REPEAT,
)

GET_PARTNER_ORDER: Final = Endpoint(
    name="cooperation.order.get",
    method="POST",
    path="/channels/ec/cooperation/order/get",
    request=partner.GetPartnerOrder,
    response=partner.PartnerOrder,
    section="获取合作店铺订单",
    summary="An order of a partner store",
    repeatable=True,
    ttl="orders",
)

ENDPOINTS: Final[tuple[Endpoint[Any, Any], ...]] = (
    ADD_ORDER,
    UPDATE_ORDER,
    DELETE_ORDER,
    ADD_WANTED,
    DELETE_WANTED,
    QUERY_WANTED,
    IMPORT_PRODUCT,
    SET_CART_PATH,
    GET_PARTNER_ORDER,
)
