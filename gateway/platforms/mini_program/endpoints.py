"""The Mini Program's table of calls: the shopping list, partner stores, shipping management."""

from typing import Any, Final

from gateway.platforms.mini_program.wire import account, goods, order, partner, payment, shipping
from gateway.platforms.mini_program.wire.base import Done
from gateway.upstream.endpoint import Endpoint, EntryList, LostAnswer

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

# A payment is reported again once only: a lost report is looked for before it is sent again.
UPLOAD_SHIPPING: Final = Endpoint(
    name="upload_shipping_info",
    method="POST",
    path="/wxa/sec/order/upload_shipping_info",
    request=shipping.UploadShipping,
    response=Done,
    section="发货信息管理 发货信息录入",
    summary="Report the shipping of a payment",
    after_lost_answer=LostAnswer.LOOK,
    invalidates=("sec.get_order",),
)

GET_PAYMENT: Final = Endpoint(
    name="sec.get_order",
    method="POST",
    path="/wxa/sec/order/get_order",
    request=payment.GetPayment,
    response=payment.FoundPayment,
    section="发货信息管理 查询订单发货状态",
    summary="A payment and its shipping",
    repeatable=True,
    ttl="orders",
)

GET_PAYMENTS: Final = Endpoint(
    name="get_order_list",
    method="POST",
    path="/wxa/sec/order/get_order_list",
    request=payment.GetPayments,
    response=payment.Payments,
    section="发货信息管理 查询订单列表",
    summary="The payments of a span",
    repeatable=True,
    entries=EntryList(member="order_list", id="transaction_id"),
)

GET_DELIVERY_LIST: Final = Endpoint(
    name="get_delivery_list",
    method="POST",
    path="/cgi-bin/express/delivery/open_msg/get_delivery_list",
    request=shipping.GetDeliveryList,
    response=shipping.DeliveryList,
    section="物流服务 获取运力id列表",
    summary="The carriers that a report can name",
    repeatable=True,
    entries=EntryList(member="delivery_list", id="delivery_id"),
    ttl="catalogue",
)

IS_TRADE_MANAGED: Final = Endpoint(
    name="is_trade_managed",
    method="POST",
    path="/wxa/sec/order/is_trade_managed",
    request=account.IsTradeManaged,
    response=account.TradeManaged,
    section="发货信息管理 查询小程序是否已开通发货信息管理服务",
    summary="Whether shipping has to be reported",
    repeatable=True,
)

GET_DETAIL_PATH: Final = Endpoint(
    name="get_order_detail_path",
    method="POST",
    path="/wxa/sec/order/get_order_detail_path",
    request=account.GetDetailPath,
    response=account.DetailPath,
    section="小程序购物订单 查询订单详情 path",
    summary="The page that the order centre opens",
    repeatable=True,
    ttl="catalogue",
)

SET_DETAIL_PATH: Final = Endpoint(
    name="update_order_detail_path",
    method="POST",
    path="/wxa/sec/order/update_order_detail_path",
    request=account.SetDetailPath,
    response=Done,
    section="小程序购物订单 配置订单详情 path",
    summary="Set the page that the order centre opens",
    invalidates=("get_order_detail_path",),
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
    UPLOAD_SHIPPING,
    GET_PAYMENT,
    GET_PAYMENTS,
    GET_DELIVERY_LIST,
    IS_TRADE_MANAGED,
    GET_DETAIL_PATH,
    SET_DETAIL_PATH,
)
