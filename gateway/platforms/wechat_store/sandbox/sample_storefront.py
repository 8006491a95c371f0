"""The sample shop's groups, shelves and delivery templates, with ids of the manual's samples."""

from collections.abc import Sequence

from gateway.platforms.wechat_store.sandbox import sample_categories
from gateway.platforms.wechat_store.sandbox.sample_products import category_of, product_id
from gateway.platforms.wechat_store.sandbox.state import ProductGroup
from gateway.sandbox.request import Wire
from gateway.sandbox.sample_shop import SampleProduct, image_url

SURFACE, EXPRESS, EMS = 10_000_027, 10_000_028, 10_000_029
NEWEST, BEST_SELLING, SPECIALS = 200077549, 200079772, 28
PARENT_GROUPS = (
    (49, "服装馆", sample_categories.CLOTHES),
    (50, "鞋靴馆", sample_categories.SHOES),
    (51, "箱包馆", sample_categories.BAGS_AND_CASES),
    (52, "数码馆", sample_categories.CAMERAS),
    (29, "食品馆", sample_categories.FOOD),
    (200080119, "家居馆", sample_categories.HOME),
    (200080118, "美妆馆", sample_categories.BEAUTY),
    (200080135, "玩具馆", sample_categories.TOYS),
)
CATEGORY_GROUPS = (
    (43, "茶叶", 537900401),
    (44, "坚果", 537900402),
    (45, "水果", 537900403),
    (46, "餐具", 537900502),
)


def sample_groups(products: Sequence[SampleProduct]) -> tuple[ProductGroup, ...]:
    """Make the groups: by category, and some curated ones."""
    parents = {known.category_id: known.parent for known in sample_categories.CATEGORIES}
    ids = [product_id(product) for product in products]
    picked = (
        ProductGroup(NEWEST, "最新上架", ids[:8]),
        ProductGroup(BEST_SELLING, "全球热卖", ids[9:25:2]),
        ProductGroup(SPECIALS, "特价专区", ids[4:16:3]),
        ProductGroup(19, "清仓", []),
        ProductGroup(200080093, "送礼优选", ids[16:40:5]),
    )
    by_parent = tuple(
        ProductGroup(number, name, _of(products, {c for c, p in parents.items() if p == parent}))
        for number, name, parent in PARENT_GROUPS
    )
    by_category = tuple(
        ProductGroup(number, name, _of(products, {category}))
        for number, name, category in CATEGORY_GROUPS
    )
    return (*picked, *by_parent, *by_category)


def _of(products: Sequence[SampleProduct], category_ids: set[int]) -> list[str]:
    return [
        product_id(known) for known in products if category_of(known).category_id in category_ids
    ]


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


def sample_shelves() -> tuple[Wire, ...]:
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


def _rule(start_units: int, start_fee: int, more_units: int, more_fee: int) -> Wire:
    return {
        "StartStandards": start_units,
        "StartFees": start_fee,
        "AddStandards": more_units,
        "AddFees": more_fee,
    }


def _region(rule: Wire, province: str, city: str) -> Wire:
    return {**rule, "DestCountry": "中国", "DestProvince": province, "DestCity": city}


def _fee(service: int, normal: Wire, *regional: Wire) -> Wire:
    return {"Type": service, "Normal": normal, "Custom": list(regional)}


def _template(template_id: int, name: str, *fees: Wire) -> Wire:
    return {"Id": template_id, "Name": name, "Assumer": 0, "Valuation": 0, "TopFee": list(fees)}


def sample_templates() -> tuple[Wire, ...]:
    """Make the templates: the manual's own first."""
    guangzhou = ("广东省", "广州市")
    free = _rule(1, 0, 1, 0)
    far = _rule(1, 2500, 1, 1500)
    return (
        _template(
            103312916,
            "testexpress",
            _fee(SURFACE, _rule(1, 2, 3, 1), _region(_rule(1, 1000, 1, 3), *guangzhou)),
            _fee(EXPRESS, _rule(1, 3, 3, 2), _region(_rule(1, 10, 1, 30), *guangzhou)),
            _fee(EMS, _rule(1, 4, 3, 3), _region(_rule(1, 8, 2, 11), *guangzhou)),
        ),
        _template(
            103312920,
            "江浙沪包邮",
            _fee(
                EXPRESS,
                _rule(1, 1000, 1, 500),
                _region(free, "上海市", "上海市"),
                _region(free, "浙江省", "杭州市"),
                _region(free, "江苏省", "南京市"),
            ),
            _fee(EMS, _rule(1, 1800, 1, 800)),
        ),
        _template(
            123456,
            "偏远地区加价",
            _fee(
                EXPRESS,
                _rule(2, 800, 1, 300),
                _region(far, "新疆维吾尔自治区", "乌鲁木齐市"),
                _region(far, "西藏自治区", "拉萨市"),
            ),
        ),
        _template(103312921, "生鲜冷链", _fee(EXPRESS, _rule(1, 1500, 1, 1000))),
    )
