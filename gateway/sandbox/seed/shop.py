"""Putting the sample shop together."""

import random

from gateway.sandbox.accounts import SWAN
from gateway.sandbox.seed.baidu_shop import make_baidu_orders
from gateway.sandbox.seed.basket import Baskets
from gateway.sandbox.seed.buyers import make_buyers
from gateway.sandbox.seed.categories import CATEGORIES
from gateway.sandbox.seed.manual_samples import IMAGES
from gateway.sandbox.seed.mini_shop import (
    CART_PATH,
    make_mini_orders,
    make_synced_products,
    make_wanted_items,
)
from gateway.sandbox.seed.model import SeedProduct, SeedShop, Wire
from gateway.sandbox.seed.partner_orders import make_partner_orders
from gateway.sandbox.seed.products import make_products
from gateway.sandbox.seed.store_orders import make_store_orders
from gateway.sandbox.seed.storefront import make_groups, make_shelves
from gateway.sandbox.seed.templates import make_templates

DEFAULT_SEED = 20_191_101


def seed(now: int, rng_seed: int = DEFAULT_SEED, *, app_key: str = SWAN.app_id) -> SeedShop:
    """Make the sample shop; the same arguments give the same shop, `now` in unix seconds."""
    rng = random.Random(rng_seed)  # noqa: S311 - it must be the same each time, not secret
    products = make_products(rng)
    buyers = make_buyers()
    shelves = make_shelves()
    baskets = Baskets(rng, products, buyers)
    return SeedShop(
        now=now,
        categories=CATEGORIES,
        products=products,
        templates=make_templates(),
        groups=make_groups(products),
        shelves=shelves,
        images=_images(products, shelves),
        buyers=buyers,
        store_orders=make_store_orders(baskets, now),
        mini_orders=make_mini_orders(baskets, now),
        wanted_items=make_wanted_items(rng, products, buyers, now),
        synced_products=make_synced_products(products),
        cart_path=CART_PATH,
        partner_orders=make_partner_orders(baskets, now),
        baidu_orders=make_baidu_orders(baskets, now, app_key),
    )


def _images(products: tuple[SeedProduct, ...], shelves: tuple[Wire, ...]) -> tuple[str, ...]:
    """Give every address that counts as uploaded: the shop's, and those of the manual's samples."""
    of_products = (url for product in products for url in product.images)
    of_skus = (sku.image for product in products for sku in product.skus)
    found = {*IMAGES, *of_products, *of_skus}
    for shelf in shelves:
        found |= _addresses(shelf)
    return tuple(sorted(found))


def _addresses(part: object) -> set[str]:
    if isinstance(part, dict):
        return {url for value in part.values() for url in _addresses(value)}
    if isinstance(part, list):
        return {url for value in part for url in _addresses(value)}
    return {part} if isinstance(part, str) and part.startswith("http") else set()
