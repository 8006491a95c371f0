"""Turning the sample shop into the state of each platform."""

import copy

from gateway.sandbox.accounts import Account
from gateway.sandbox.seed import SeedProduct, SeedShop, seed
from gateway.sandbox.seed.manual_samples import PRODUCT_ID, sample_orders, sample_product
from gateway.sandbox.state import (
    BaiduOrder,
    BaiduShop,
    Category,
    MallOrder,
    MiniShop,
    PartnerOrder,
    ProductGroup,
    SandboxState,
    StoreProduct,
    StoreShop,
    Wire,
)

ROOM_FOR_EXPRESS = ((10_000_027, 500), (10_000_028, 1000), (10_000_029, 1800))


def seeded_state(accounts: tuple[Account, ...], now: int, rng_seed: int) -> SandboxState:
    """Give a fresh state: each seeded account starts with the sample shop, the others empty."""
    state = SandboxState(seeded_at=now)
    sample = seed(now, rng_seed)
    for account in accounts:
        shop = sample if account.seeded else None
        if account.platform == "wechat_store":
            state.stores[account.app_id] = store_shop(shop) if shop else StoreShop()
        elif account.platform == "mini_program":
            state.minis[account.app_id] = mini_shop(shop) if shop else MiniShop()
        else:
            state.swans[account.app_id] = baidu_shop(shop, account.app_id) if shop else BaiduShop()
    return state


def store_shop(shop: SeedShop) -> StoreShop:
    """Give the WeChat Store: the sample shop and the manual's own product and orders."""
    products = {known.store_id: _store_product(known) for known in shop.products}
    sample = StoreProduct(PRODUCT_ID, sample_product(), on_shelf=True, listed_before=True)
    orders = (*sample_orders(), *shop.store_orders)
    return StoreShop(
        categories={
            known.category_id: Category(
                known.category_id,
                known.name,
                known.parent,
                list(known.sku_table),
                list(known.properties),
            )
            for known in shop.categories
        },
        products={**products, PRODUCT_ID: sample},
        templates={known["Id"]: copy.deepcopy(known) for known in shop.templates},
        groups={
            known.group_id: ProductGroup(known.group_id, known.name, list(known.products))
            for known in shop.groups
        },
        shelves={known["shelf_id"]: copy.deepcopy(known) for known in shop.shelves},
        orders={known["order_id"]: copy.deepcopy(known) for known in orders},
        images=set(shop.images),
        buyers={known["buyer_openid"] for known in orders}
        | {known.store_open_id for known in shop.buyers},
    )


def mini_shop(shop: SeedShop) -> MiniShop:
    """Give the Mini Program: its shopping list and the partner stores' orders."""
    wanted: dict[str, list[Wire]] = {}
    for item in shop.wanted_items:
        wanted.setdefault(item.open_id, []).append(copy.deepcopy(item.wire))
    return MiniShop(
        orders={
            known.wire["order_id"]: MallOrder(known.open_id, copy.deepcopy(known.wire))
            for known in shop.mini_orders
        },
        wanted=wanted,
        products={known["item_code"]: copy.deepcopy(known) for known in shop.synced_products},
        cart_path=shop.cart_path,
        partner_orders={
            known.order_id: PartnerOrder(known.shop_appid, known.event_time, known.wire)
            for known in shop.partner_orders
        },
        buyers={known.mini_open_id for known in shop.buyers},
    )


def baidu_shop(shop: SeedShop, app_key: str) -> BaiduShop:
    """Give the order centre of an app."""
    orders: dict[str, BaiduOrder] = {}
    for known in shop.baidu_orders:
        main = copy.deepcopy(known.wire) | {"BizAPPID": app_key}
        subs = main["EXT"].pop("SubsOrder", None)
        orders[main["ResourceID"]] = BaiduOrder(known.open_id, main, subs)
    return BaiduShop(orders=orders, buyers={known.baidu_open_id for known in shop.buyers})


def _store_product(product: SeedProduct) -> StoreProduct:
    document: Wire = {
        "product_base": _base(product),
        "sku_list": [
            {
                "sku_id": sku.store_sku_id,
                "price": sku.price,
                "icon_url": sku.image,
                "quantity": sku.stock,
                "product_code": sku.code,
                "ori_price": sku.list_price,
            }
            for sku in product.skus
        ],
        "attrext": {
            "isPostFree": 0 if product.template_id else 1,
            "isHasReceipt": 1,
            "isUnderGuaranty": 0,
            "isSupportReplace": 1,
            "location": {
                "country": "中国",
                "province": "浙江省",
                "city": "杭州市",
                "address": "示例路1号",
            },
        },
    }
    if product.template_id:
        document["delivery_info"] = _delivery(product.template_id)
    return StoreProduct(product.store_id, document, product.on_shelf, product.listed_before)


def _base(product: SeedProduct) -> Wire:
    axes: dict[str, list[str]] = {}
    for sku in product.skus:
        for item in sku.attributes:
            known = axes.setdefault(item.name_id, [])
            if item.value_id not in known:
                known.append(item.value_id)
    return {
        "category_id": [str(product.category_id)],
        "property": [{"id": item.name_id, "vid": item.value_id} for item in product.properties],
        "name": product.title,
        "sku_info": [{"id": name_id, "vid": values} for name_id, values in axes.items()],
        "main_img": product.images[0],
        "img": list(product.images),
        "detail": [{"text": product.description}, *({"img": url} for url in product.images[1:])],
        "buy_limit": product.buy_limit,
    }


def _delivery(template_id: int) -> Wire:
    """Give flat rates for the odd template ids and the template itself for the others."""
    if template_id % 2:
        express = [{"id": number, "price": price} for number, price in ROOM_FOR_EXPRESS]
        return {"delivery_type": 0, "template_id": 0, "express": express}
    return {"delivery_type": 1, "template_id": template_id}
