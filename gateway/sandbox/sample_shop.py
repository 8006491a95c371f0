"""The sample shop: products, buyers and orders, deterministic for a seed and a time.

It is platform-independent: each platform's part converts it to the platform's form.
"""

import base64
import hashlib
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.concurrency.clock import DAY
from gateway.sandbox.sample_products import ROWS, ProductRow

DEFAULT_SEED = 20_191_101

FIRST_CODE = 1001
IMAGES_EACH = 3
STEP = 500  # fen between one SKU's price and the next
MOST_STOCK = 400

BUYERS = 24
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

#: The orders of a platform span this many days.
SPREAD_DAYS = 90


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a SKU, or one property of a product."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SampleSku:
    """One SKU; prices in fen, `code` the merchant's own."""

    code: str
    attributes: tuple[Attribute, ...]
    price: int
    list_price: int
    stock: int
    image: str


@dataclass(frozen=True, slots=True)
class SampleProduct:
    """One product, sold on every platform under the same title; `code` is the merchant's own."""

    code: str
    title: str
    description: str
    category_path: tuple[str, str]
    properties: tuple[Attribute, ...]
    skus: tuple[SampleSku, ...]
    images: tuple[str, ...]
    on_shelf: bool
    post_free: bool
    buy_limit: int


@dataclass(frozen=True, slots=True)
class SampleBuyer:
    """A placeholder buyer; name, number and address are not a real person's."""

    number: int
    name: str
    nickname: str
    mobile: str
    province: str
    city: str
    district: str
    street: str

    def open_id(self, app: str, prefix: str = "") -> str:
        """Return the buyer's 28-character open id, which differs by app."""
        digest = hashlib.sha256(f"{app} buyer {self.number}".encode()).hexdigest()
        return f"{prefix}{digest}"[:28]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order; prices in fen."""

    product: SampleProduct
    sku: SampleSku
    quantity: int

    @property
    def total(self) -> int:
        """What the line costs, in fen."""
        return self.sku.price * self.quantity


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """One order: buyer, time (unix s), lines and freight in fen; number 0 is the newest."""

    number: int
    buyer: SampleBuyer
    created: int
    lines: tuple[OrderLine, ...]
    freight: int

    @property
    def subtotal(self) -> int:
        """All lines together, in fen."""
        return sum(line.total for line in self.lines)


@dataclass(frozen=True, slots=True)
class SampleShop:
    """The whole sample shop, its times relative to `now` (unix s)."""

    now: int
    rng_seed: int
    products: tuple[SampleProduct, ...]
    buyers: tuple[SampleBuyer, ...]

    def rng(self, purpose: str) -> random.Random:
        """Return randomness for one purpose, independent of other purposes."""
        # Deterministic, not secret.
        return random.Random(f"{self.rng_seed} {purpose}")  # noqa: S311

    def orders(self, purpose: str, count: int) -> list[SampleOrder]:
        """Draw `count` orders over the last ninety days, newest first, denser towards now."""
        rng = self.rng(purpose)
        span = SPREAD_DAYS * DAY
        ages = sorted(int(span * rng.random() ** 1.5) + 60 for _ in range(count))
        return [self._order(rng, number, self.now - age) for number, age in enumerate(ages)]

    def _order(self, rng: random.Random, number: int, created: int) -> SampleOrder:
        size = rng.choices((1, 2, 3), weights=(7, 2, 1))[0]
        lines = tuple(_line(rng, product) for product in rng.sample(self.products, size))
        free = all(line.product.post_free for line in lines)
        return SampleOrder(number, rng.choice(self.buyers), created, lines, 0 if free else 1000)


def sample_shop(now: int, rng_seed: int = DEFAULT_SEED) -> SampleShop:
    """Make the sample shop; the same arguments give the same shop, `now` in unix seconds."""
    rng = random.Random(rng_seed)  # noqa: S311 - deterministic, not secret
    products = tuple(
        _product(row, f"SC{FIRST_CODE + index}", rng) for index, row in enumerate(ROWS)
    )
    return SampleShop(now, rng_seed, products, tuple(map(_buyer, range(BUYERS))))


def image_url(text: str) -> str:
    """Return an address on WeChat's image host, the same for the same text."""
    name = base64.urlsafe_b64encode(hashlib.sha512(text.encode()).digest()).decode()
    return f"http://mmbiz.qpic.cn/mmbiz/{name[:43]}/0"


def _line(rng: random.Random, product: SampleProduct) -> OrderLine:
    return OrderLine(product, rng.choice(product.skus), rng.choice((1, 1, 1, 2, 3)))


def _product(row: ProductRow, code: str, rng: random.Random) -> SampleProduct:
    return SampleProduct(
        code=code,
        title=row.title,
        description=row.description,
        category_path=row.category_path,
        properties=(Attribute(*row.property),),
        skus=tuple(_skus(row, code, rng)),
        images=tuple(image_url(f"{row.title}{number}") for number in range(IMAGES_EACH)),
        on_shelf=row.on_shelf,
        post_free=row.post_free,
        buy_limit=row.buy_limit,
    )


def _skus(row: ProductRow, code: str, rng: random.Random) -> Sequence[SampleSku]:
    choices = [[Attribute(name, value) for value in values] for name, values in row.axes]
    return [
        SampleSku(
            code=f"{code}-{number:02}",
            attributes=chosen,
            price=row.price + STEP * (number - 1),
            list_price=row.list_price + STEP * (number - 1),
            stock=rng.randint(0, MOST_STOCK) if row.stock is None else row.stock,
            image=image_url(f"{row.title}{number}{chosen}"),
        )
        for number, chosen in enumerate(itertools.product(*choices), start=1)
    ]


def _buyer(number: int) -> SampleBuyer:
    province, city, district = PLACES[number % len(PLACES)]
    return SampleBuyer(
        number=number,
        name=NAMES[number % len(NAMES)],
        nickname=f"买家{number + 1:02}",
        mobile=f"1380000{number:04}",
        province=province,
        city=city,
        district=district,
        street=f"示例路{number + 1}号",
    )
