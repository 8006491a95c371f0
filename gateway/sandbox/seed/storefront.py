"""The sample shop's groups and shelves; ids are those that the manual's samples name."""

from collections.abc import Sequence

from gateway.sandbox.seed import categories
from gateway.sandbox.seed.model import SeedGroup, SeedProduct, Wire
from gateway.sandbox.seed.products import image_url

NEWEST, BEST_SELLING, SPECIALS = 200077549, 200079772, 28
PARENT_GROUPS = (
    (49, "服装馆", categories.CLOTHES),
    (50, "鞋靴馆", categories.SHOES),
    (51, "箱包馆", categories.BAGS_AND_CASES),
    (52, "数码馆", categories.CAMERAS),
    (29, "食品馆", categories.FOOD),
    (200080119, "家居馆", categories.HOME),
    (200080118, "美妆馆", categories.BEAUTY),
    (200080135, "玩具馆", categories.TOYS),
)
CATEGORY_GROUPS = (
    (43, "茶叶", 537900401),
    (44, "坚果", 537900402),
    (45, "水果", 537900403),
    (46, "餐具", 537900502),
)


def make_groups(products: Sequence[SeedProduct]) -> tuple[SeedGroup, ...]:
    """Make the groups: by category, and some picked ones."""
    parents = {known.category_id: known.parent for known in categories.CATEGORIES}
    ids = [product.store_id for product in products]
    picked = (
        SeedGroup(NEWEST, "最新上架", tuple(ids[:8])),
        SeedGroup(BEST_SELLING, "全球热卖", tuple(ids[9:25:2])),
        SeedGroup(SPECIALS, "特价专区", tuple(ids[4:16:3])),
        SeedGroup(19, "清仓", ()),
        SeedGroup(200080093, "送礼优选", tuple(ids[16:40:5])),
    )
    by_parent = tuple(
        SeedGroup(number, name, _of(products, {c for c, p in parents.items() if p == parent}))
        for number, name, parent in PARENT_GROUPS
    )
    by_category = tuple(
        SeedGroup(number, name, _of(products, {category}))
        for number, name, category in CATEGORY_GROUPS
    )
    return (*picked, *by_parent, *by_category)


def _of(products: Sequence[SeedProduct], category_ids: set[int]) -> tuple[str, ...]:
    return tuple(known.store_id for known in products if known.category_id in category_ids)


def _groups(*group_ids: int, images: bool = False) -> Wire:
    entries = [
        {"group_id": number, "img": image_url(f"group {number}")}
        if images
        else {"group_id": number}
        for number in group_ids
    ]
    return {"groups": entries}


def _list(group_id: int, count: int) -> Wire:
    return {"group_info": {"group_id": group_id, "filter": {"count": count}}, "eid": 1}


def _banner(group_id: int) -> Wire:
    group = {"group_id": group_id, "img": image_url(f"group {group_id}")}
    return {"group_info": group, "eid": 3}


def _shelf(shelf_id: int, name: str, banner: str, *modules: Wire) -> Wire:
    return {
        "shelf_info": {"module_infos": list(modules)},
        "shelf_banner": banner,
        "shelf_name": name,
        "shelf_id": shelf_id,
    }


def make_shelves() -> tuple[Wire, ...]:
    """Make the shelves (wire form of manual 5.4): all five widgets, the fifth by itself."""
    cover = _groups(200080093, 200080118, 200080119, 200080135)
    cover["img_background"] = image_url("cover")
    return (
        _shelf(
            19,
            "首页",
            image_url("banner 19"),
            _list(NEWEST, 4),
            {"group_infos": _groups(49, 50, 51, 52), "eid": 2},
            _banner(BEST_SELLING),
            {"group_infos": _groups(43, 44, 45, images=True), "eid": 4},
        ),
        _shelf(22, "新新人类", "", {"group_infos": cover, "eid": 5}),
        _shelf(23, "店铺", image_url("banner 23"), _list(200080119, 4)),
        _shelf(97, "新建货架", image_url("banner 97"), _list(SPECIALS, 6), _banner(29)),
        _shelf(
            12345,
            "测试货架",
            image_url("banner 12345"),
            {"group_infos": _groups(43, 46), "eid": 2},
            _list(BEST_SELLING, 2),
        ),
    )
