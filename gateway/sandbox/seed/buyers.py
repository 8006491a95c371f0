"""The sample shop's buyers: placeholder names, numbers and addresses, of nobody."""

import hashlib

from gateway.sandbox.seed.model import SeedBuyer

NAMES = ("张三", "李四", "王五", "赵六", "孙七", "周八", "吴九", "郑十")
PLACES = (
    ("北京市", "北京市", "朝阳区"),
    ("上海市", "上海市", "浦东新区"),
    ("广东省", "广州市", "天河区"),
    ("广东省", "深圳市", "南山区"),
    ("浙江省", "杭州市", "西湖区"),
    ("江苏省", "南京市", "玄武区"),
    ("四川省", "成都市", "武侯区"),
    ("湖北省", "武汉市", "洪山区"),
    ("陕西省", "西安市", "雁塔区"),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区"),
)
BUYERS = 24


def make_buyers() -> tuple[SeedBuyer, ...]:
    """Make the buyers, each with an open id for every app."""
    return tuple(_buyer(number) for number in range(BUYERS))


def _buyer(number: int) -> SeedBuyer:
    province, city, district = PLACES[number % len(PLACES)]
    return SeedBuyer(
        name=NAMES[number % len(NAMES)],
        nickname=f"买家{number + 1:02}",
        mobile=f"1380000{number:04}",
        province=province,
        city=city,
        district=district,
        street=f"示例路{number + 1}号",
        store_open_id=_open_id("oDF3iY", "store", number),
        mini_open_id=_open_id("oMn5x4", "mini", number),
        baidu_open_id=_open_id("", "baidu", number),
    )


def _open_id(prefix: str, app: str, number: int) -> str:
    digest = hashlib.sha256(f"{app} buyer {number}".encode()).hexdigest()
    return f"{prefix}{digest}"[:28]
