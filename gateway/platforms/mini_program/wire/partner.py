"""An order of a partner store: 获取合作店铺订单 (Get orders from partner stores)."""

from gateway.platforms.mini_program.wire.base import Loose, Read, Written
from gateway.wechat.order_prices import PriceInfo


class GetPartnerOrder(Written, frozen=True, kw_only=True):
    """Both ids come with the cooperation account's order event; `order_id` is not the store's."""

    shop_appid: str
    order_id: str


class AttrInfo(Read, frozen=True, kw_only=True):
    """An attribute of the SKU (the page spells the type AtrrInfo)."""

    attr_key: str | None = None
    attr_value: str | None = None


class ProductInfo(Read, frozen=True, kw_only=True):
    """A line of the order; amounts in fen.

    `real_price` is what the line costs: the smaller of `estimate_price`, with all offers used,
    and `change_price`, the total after the store changed it.
    """

    product_id: Loose
    sku_id: Loose | None = None
    thumb_img: str | None = None
    sku_cnt: int
    sale_price: int
    title: str | None = None
    sku_code: str | None = None
    market_price: int | None = None
    sku_attrs: tuple[AttrInfo, ...] | None = None
    real_price: int | None = None
    is_discounted: bool | None = None
    estimate_price: int | None = None
    is_change_price: bool | None = None
    change_price: int | None = None


class OrderDetail(Read, frozen=True, kw_only=True):
    """What was bought, and its price."""

    product_infos: tuple[ProductInfo, ...] | None = None
    price_info: PriceInfo | None = None


class Order(Read, frozen=True, kw_only=True):
    """The order; `status` is documented but missing from the sample."""

    status: Loose | None = None
    openid: str | None = None
    unionid: str | None = None
    order_detail: OrderDetail | None = None


class PartnerOrder(Read, frozen=True, kw_only=True):
    """The response that contains the order."""

    order: Order
