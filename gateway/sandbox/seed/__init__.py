"""The sample shop: made from a seed and a time, the same each time, read by whoever needs it."""

from gateway.sandbox.seed.model import (
    SeedBaiduOrder,
    SeedBuyer,
    SeedMiniOrder,
    SeedPartnerOrder,
    SeedProduct,
    SeedShop,
    SeedSku,
    SeedWantedItem,
)
from gateway.sandbox.seed.shop import seed

__all__ = [
    "SeedBaiduOrder",
    "SeedBuyer",
    "SeedMiniOrder",
    "SeedPartnerOrder",
    "SeedProduct",
    "SeedShop",
    "SeedSku",
    "SeedWantedItem",
    "seed",
]
