"""The sample shop's categories: the manual's own (1.7 to 1.9) and some more."""

from dataclasses import dataclass

from gateway.platforms.wechat_store.sandbox.state import Category
from gateway.sandbox.request import Wire


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category; SKU axes and properties in wire form (1.8, 1.9)."""

    category_id: int
    name: str
    parent: int
    sku_table: tuple[Wire, ...] = ()
    properties: tuple[Wire, ...] = ()


ROOT = 1
CAMERAS = 537874913
BAGS_AND_CASES = 537900300
CLOTHES = 537900100
SHOES = 537900200
FOOD = 537900400
HOME = 537900500
BEAUTY = 537900600
TOYS = 537900700

COLOUR_ID, COLOUR = "1075741873", "颜色"
CLOTHES_COLOUR_ID, SIZE_ID = "10000983", "10001007"
WEIGHT_ID, SET_ID = "10001101", "10001102"
BRAND_ID, ORIGIN_ID, MATERIAL_ID = "1075741879", "1075754200", "1075754201"


def _values(pairs: tuple[tuple[str, str], ...]) -> list[Wire]:
    return [{"id": value_id, "name": name} for value_id, name in pairs]


def _axis(name_id: str, name: str, *pairs: tuple[str, str]) -> Wire:
    return {"id": name_id, "name": name, "value_list": _values(pairs)}


def _property(name_id: str, name: str, *pairs: tuple[str, str]) -> Wire:
    return {"id": name_id, "name": name, "property_value": _values(pairs)}


CAMERA_COLOURS = _axis(
    COLOUR_ID, COLOUR, ("1079742386", "黑色"), ("1079742363", "白色"), ("1079742377", "银色")
)
SAMPLE_COLOURS = _axis(COLOUR_ID, COLOUR, ("1079742375", "撞色"), ("1079742376", "桔色"))
BAG_COLOURS = _axis(
    COLOUR_ID, COLOUR, ("1079742386", "黑色"), ("1079742376", "桔色"), ("1079742380", "米色")
)
CLOTHES_COLOURS = _axis(
    CLOTHES_COLOUR_ID,
    COLOUR,
    ("10000995", "粉色"),
    ("10000996", "白色"),
    ("10000997", "黑色"),
    ("10000998", "藏青"),
)
CLOTHES_SIZES = _axis(
    SIZE_ID, "尺码", ("10001010", "M"), ("10001011", "L"), ("10001012", "XL"), ("10001013", "XXL")
)
SHOE_SIZES = _axis(
    SIZE_ID, "尺码", ("10001036", "36"), ("10001038", "38"), ("10001040", "40"), ("10001042", "42")
)
WEIGHTS = _axis(
    WEIGHT_ID, "净含量", ("10001201", "250g"), ("10001202", "500g"), ("10001203", "2.5kg")
)
SETS = _axis(SET_ID, "规格", ("10001301", "标准装"), ("10001302", "家庭装"), ("10001303", "礼盒装"))

CAMERA_PROPERTIES = (
    _property(BRAND_ID, "品牌", ("1079749967", "Fujifilm/富士"), ("1079749968", "其他")),
    _property("1075754127", "屏幕尺寸", ("1079795198", "1.8英寸"), ("1079795199", "3.0英寸")),
    _property("1075777334", "防抖性能", ("1079837440", "CCD防抖"), ("1079837441", "光学防抖")),
)
BAG_PROPERTIES = (
    _property(
        BRAND_ID,
        "品牌",
        ("200050867", "VIC&#38"),
        ("200050868", "Kate&#38"),
        ("200050971", "M&#38"),
        ("200050972", "Black&#38"),
    ),
    _property("123456789", "颜色", ("1079742375", "撞色"), ("1079742376", "桔色")),
)
MATERIALS = (
    _property(
        MATERIAL_ID,
        "材质",
        ("200060001", "棉"),
        ("200060002", "亚麻"),
        ("200060003", "帆布"),
        ("200060004", "陶瓷"),
        ("200060005", "木"),
    ),
)
ORIGINS = (
    _property(
        ORIGIN_ID,
        "产地",
        ("200070001", "浙江杭州"),
        ("200070002", "福建南平"),
        ("200070003", "四川凉山"),
        ("200070004", "新疆阿克苏"),
        ("200070005", "广东广州"),
    ),
)

_CLOTHES = (CLOTHES_COLOURS, CLOTHES_SIZES)
_SHOES = (CLOTHES_COLOURS, SHOE_SIZES)


CATEGORIES = (
    CategoryRow(CAMERAS, "摄影摄像", ROOT),
    CategoryRow(537074292, "数码相机", CAMERAS, (SAMPLE_COLOURS,), CAMERA_PROPERTIES),
    CategoryRow(537074293, "家用摄像机", CAMERAS, (CAMERA_COLOURS,), CAMERA_PROPERTIES),
    CategoryRow(537074298, "单反相机", CAMERAS, (CAMERA_COLOURS,), CAMERA_PROPERTIES),
    CategoryRow(537082412, "镜头", CAMERAS, (CAMERA_COLOURS,), CAMERA_PROPERTIES),
    CategoryRow(537102001, "单电/微单", CAMERAS, (CAMERA_COLOURS,), CAMERA_PROPERTIES),
    CategoryRow(CLOTHES, "服装", ROOT),
    CategoryRow(537900101, "T恤", CLOTHES, _CLOTHES, MATERIALS),
    CategoryRow(537900102, "卫衣", CLOTHES, _CLOTHES, MATERIALS),
    CategoryRow(537900103, "连衣裙", CLOTHES, _CLOTHES, MATERIALS),
    CategoryRow(537900104, "裤装", CLOTHES, _CLOTHES, MATERIALS),
    CategoryRow(SHOES, "鞋靴", ROOT),
    CategoryRow(537900201, "运动鞋", SHOES, _SHOES, MATERIALS),
    CategoryRow(537900202, "帆布鞋", SHOES, _SHOES, MATERIALS),
    CategoryRow(BAGS_AND_CASES, "箱包", ROOT),
    CategoryRow(537072692, "女包", BAGS_AND_CASES, (BAG_COLOURS,), BAG_PROPERTIES),
    CategoryRow(537900302, "双肩包", BAGS_AND_CASES, (BAG_COLOURS,), BAG_PROPERTIES),
    CategoryRow(FOOD, "食品", ROOT),
    CategoryRow(537900401, "茶叶", FOOD, (WEIGHTS,), ORIGINS),
    CategoryRow(537900402, "坚果", FOOD, (WEIGHTS,), ORIGINS),
    CategoryRow(537900403, "水果", FOOD, (WEIGHTS,), ORIGINS),
    CategoryRow(HOME, "家居", ROOT),
    CategoryRow(537900501, "床品", HOME, (SETS,), MATERIALS),
    CategoryRow(537900502, "餐具", HOME, (SETS,), MATERIALS),
    CategoryRow(537900503, "灯具", HOME, (SETS,), MATERIALS),
    CategoryRow(BEAUTY, "美妆", ROOT),
    CategoryRow(537900601, "面膜", BEAUTY, (SETS,), ORIGINS),
    CategoryRow(537900602, "口红", BEAUTY, (SETS,), ORIGINS),
    CategoryRow(TOYS, "玩具", ROOT),
    CategoryRow(537900701, "积木", TOYS, (SETS,), MATERIALS),
)


def sample_categories() -> dict[int, Category]:
    """Return the categories by id, as store state."""
    return {
        row.category_id: Category(
            row.category_id, row.name, row.parent, list(row.sku_table), list(row.properties)
        )
        for row in CATEGORIES
    }
