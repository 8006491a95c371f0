"""Which path of which platform is played by which function."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.sandbox import (
    baidu_orders,
    baidu_subs,
    catalogue,
    cooperation,
    express,
    groups,
    images,
    mall_orders,
    mall_products,
    orders,
    products,
    shelves,
    stock,
)
from gateway.sandbox.call import BaiduCall, MiniCall, StoreCall
from gateway.sandbox.state import Wire

GET, POST = ("GET",), ("POST",)
# The manual prints GET with a JSON body; only POST is known to work.
GET_OR_POST = ("GET", "POST")

StoreHandler = Callable[[StoreCall], Wire]
MiniHandler = Callable[[MiniCall], Wire]
BaiduHandler = Callable[[BaiduCall], list[Wire]]


@dataclass(frozen=True, slots=True)
class StoreRoute:
    """A WeChat Store endpoint; `raw` where the body is no JSON."""

    handler: StoreHandler
    methods: tuple[str, ...] = POST
    raw: bool = False


STORE_ROUTES = {
    "/merchant/create": StoreRoute(products.create),
    "/merchant/del": StoreRoute(products.delete),
    "/merchant/update": StoreRoute(products.update),
    "/merchant/get": StoreRoute(products.get, GET_OR_POST),
    "/merchant/getbystatus": StoreRoute(products.getbystatus),
    "/merchant/modproductstatus": StoreRoute(products.modproductstatus),
    "/merchant/category/getsub": StoreRoute(catalogue.getsub),
    "/merchant/category/getsku": StoreRoute(catalogue.getsku),
    "/merchant/category/getproperty": StoreRoute(catalogue.getproperty),
    "/merchant/stock/add": StoreRoute(stock.add),
    "/merchant/stock/reduce": StoreRoute(stock.reduce),
    "/merchant/express/add": StoreRoute(express.add),
    "/merchant/express/del": StoreRoute(express.delete),
    "/merchant/express/update": StoreRoute(express.update),
    "/merchant/express/getbyid": StoreRoute(express.getbyid),
    "/merchant/express/getall": StoreRoute(express.getall, GET),
    "/merchant/group/add": StoreRoute(groups.add),
    "/merchant/group/del": StoreRoute(groups.delete),
    "/merchant/group/propertymod": StoreRoute(groups.propertymod),
    "/merchant/group/productmod": StoreRoute(groups.productmod),
    "/merchant/group/getall": StoreRoute(groups.getall, GET),
    "/merchant/group/getbyid": StoreRoute(groups.getbyid),
    "/merchant/shelf/add": StoreRoute(shelves.add),
    "/merchant/shelf/del": StoreRoute(shelves.delete),
    "/merchant/shelf/mod": StoreRoute(shelves.mod),
    "/merchant/shelf/getall": StoreRoute(shelves.getall, GET),
    "/merchant/shelf/getbyid": StoreRoute(shelves.getbyid),
    "/merchant/order/getbyid": StoreRoute(orders.getbyid),
    "/merchant/order/getbyfilter": StoreRoute(orders.getbyfilter, GET_OR_POST),
    "/merchant/order/setdelivery": StoreRoute(orders.setdelivery),
    "/merchant/order/close": StoreRoute(orders.close),
    "/merchant/common/upload_img": StoreRoute(images.upload_img, raw=True),
}

# Two of the seven share a path and differ in their `action`.
MINI_ROUTES: dict[str, MiniHandler] = {
    "/mall/importorder": mall_orders.importorder,
    "/mall/deleteorder": mall_orders.deleteorder,
    "/mall/addshoppinglist": mall_products.addshoppinglist,
    "/mall/deleteshoppinglist": mall_products.deleteshoppinglist,
    "/mall/importproduct": mall_products.importproduct,
    "/mall/brandmanage": mall_products.brandmanage,
    "/channels/ec/cooperation/order/get": cooperation.get,
}

_CENTRE = "/rest/2.0/smartapp/ordercenter/app"
BAIDU_ROUTES: dict[str, BaiduHandler] = {
    f"{_CENTRE}/add/main/info": baidu_orders.add_info,
    f"{_CENTRE}/update/main/info": baidu_orders.update_info,
    f"{_CENTRE}/update/main/status": baidu_orders.update_status,
    f"{_CENTRE}/append/sub/info": baidu_subs.append_info,
    f"{_CENTRE}/update/sub/info": baidu_subs.update_info,
    f"{_CENTRE}/update/sub/status": baidu_subs.update_status,
}
