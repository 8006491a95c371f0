"""What a made-up order holds and when it was placed, before any platform's form."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.concurrency.clock import DAY
from gateway.sandbox.seed.model import SeedBuyer, SeedProduct, SeedSku

SPREAD_DAYS = 90


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order; prices in fen."""

    product: SeedProduct
    sku: SeedSku
    quantity: int

    @property
    def total(self) -> int:
        """What the line costs, in fen."""
        return self.sku.price * self.quantity


@dataclass(frozen=True, slots=True)
class Basket:
    """One order: who, when (unix s), what, and the freight in fen; `number` counts from newest."""

    number: int
    buyer: SeedBuyer
    created: int
    lines: tuple[Line, ...]
    freight: int

    @property
    def subtotal(self) -> int:
        """All lines together, in fen."""
        return sum(line.total for line in self.lines)


class Baskets:
    """Draws orders of a shop from `rng`."""

    def __init__(
        self, rng: random.Random, products: Sequence[SeedProduct], buyers: Sequence[SeedBuyer]
    ) -> None:
        self.rng = rng
        self._products = products
        self._buyers = buyers

    def draw(self, count: int, now: int) -> list[Basket]:
        """Draw `count` orders over the last ninety days, newest first, denser of late."""
        span = SPREAD_DAYS * DAY
        ages = sorted(int(span * self.rng.random() ** 1.5) + 60 for _ in range(count))
        return [self._one(number, now - age) for number, age in enumerate(ages)]

    def _one(self, number: int, created: int) -> Basket:
        sizes = self.rng.choices((1, 2, 3), weights=(7, 2, 1))[0]
        lines = tuple(self._line(known) for known in self.rng.sample(self._products, sizes))
        free = all(line.product.template_id is None for line in lines)
        return Basket(
            number=number,
            buyer=self.rng.choice(self._buyers),
            created=created,
            lines=lines,
            freight=0 if free else 1000,
        )

    def _line(self, product: SeedProduct) -> Line:
        return Line(product, self.rng.choice(product.skus), self.rng.choice((1, 1, 1, 2, 3)))
