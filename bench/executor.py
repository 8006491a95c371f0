"""Measures the compiled executor beside graphql-core, with everything ready in memory.

A: 50 orders with the products of their items by loader, 10 of them distinct. B: one small product.
C: 50 products of 5 SKUs each. The answers are compared before they are timed.
"""

import asyncio
import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from platform import python_version
from statistics import median
from time import perf_counter
from types import SimpleNamespace
from typing import Any, Final

import orjson
import strawberry
from graphql import GraphQLSchema, OperationDefinitionNode, parse
from graphql.execution.values import VariableValues
from strawberry.schema.config import StrawberryConfig

from gateway.executor import Bounds, CompiledExecutor
from gateway.http.executor import CoreExecutor
from resolvers.dataloader import DataLoader
from resolvers.schema import Query, hints
from schema.category import Category
from schema.connection import Cursors
from schema.key import Key
from schema.money import Money
from schema.order import Order, OrderConnection
from schema.order_item import OrderItem
from schema.order_status import OrderStatus
from schema.platform import Platform
from schema.product import Product, ProductConnection
from schema.product_status import ProductStatus
from schema.scalars import SCALARS
from schema.shop import Shop
from schema.sku import Sku

QUERIES: Final = {
    "A": """{ orders(first: 50) { nodes { id platformId status createdAt total { fen amount }
        items { title quantity product { id title status mainImage } } } } }""",
    "B": '{ product(id: "x") { id title status } }',
    "C": """{ products(first: 50) { nodes { id platformId title status images
        skus { id platformId price { fen amount } stock } } } }""",
}
ROUNDS: Final = 7
SECONDS: Final = 0.4


@dataclass
class Operation:
    """An operation as the executors want it."""

    node: OperationDefinitionNode
    fragments: dict[str, Any] = field(default_factory=dict)
    plans: dict[str, Any] = field(default_factory=dict)

    def grow(self, _added: int) -> None:
        """Count nothing."""


NO_VARIABLES: Final = SimpleNamespace(values=VariableValues({}, {}), sent={})


class Context:
    """A request that may everything; its products are ready."""

    def __init__(self, products: dict[Key, Product]) -> None:
        async def found(keys: list[Key]) -> list[Product]:
            return [products[key] for key in keys]

        self.loaders = SimpleNamespace(product=DataLoader[Key](found))

    def permits(self, *_: Any) -> bool:
        """Grant everything."""
        return True


def _product(shop: Shop, number: int, skus: int) -> Product:
    key = Key("Product", "flagship", str(number))
    made = [
        Sku(
            key=Key("Sku", "flagship", str(number), str(one)),
            product_key=key,
            platform_id=str(one),
            attributes=[],
            price=Money(fen=1990 + one),
            stock=one,
        )
        for one in range(skus)
    ]
    return Product(
        key=key,
        known_status=ProductStatus.ON_SHELF,
        shop=shop,
        platform=shop.platform,
        platform_id=str(number),
        title=f"杯子 {number}",
        main_image="https://img.example/1.jpg",
        images=["https://img.example/1.jpg", "https://img.example/2.jpg"],
        skus=made,
    )


def _order(shop: Shop, number: int, products: list[Product]) -> Order:
    key = Key("Order", "flagship", str(number))
    items = [
        OrderItem(
            order_key=key,
            product_key=products[(number + one) % len(products)].key,
            platform_product_id=str(one),
            title="杯子",
            images=[],
            quantity=2,
            unit_price=Money(fen=1990),
            attributes=[],
        )
        for one in range(3)
    ]
    return Order(
        key=key,
        shop=shop,
        platform=shop.platform,
        platform_id=str(number),
        status=OrderStatus.AWAITING_CONFIRMATION,
        created_at=datetime(2026, 1, 31, 8, 0, number % 60, tzinfo=UTC),
        items=items,
        total=Money(fen=5970),
        shipments=[],
    )


async def _unknown() -> None:
    """How many there are on all pages."""


def _schema() -> tuple[GraphQLSchema, Callable[[], Context]]:
    """The schema, its root fields answered from memory."""
    config = StrawberryConfig(scalar_map=SCALARS)
    made = strawberry.Schema(query=Query, types=[Category], config=config)
    schema = made._schema  # noqa: SLF001 - as resolvers.schema has it
    shop = Shop(
        key=Key("Shop", "flagship"),
        key_name="flagship",
        platform=next(iter(Platform)),
        name="旗舰店",
        capabilities=[],
    )
    products = [_product(shop, number, 5) for number in range(50)]
    cursors = Cursors(at=str, has_next_page=False, has_previous_page=False)
    orders = [_order(shop, number, products[:10]) for number in range(50)]
    answers: dict[str, Any] = {
        "orders": OrderConnection(cursors=cursors, total=_unknown, nodes=orders, sources=[]),
        "products": ProductConnection(cursors=cursors, total=_unknown, nodes=products, sources=[]),
        "product": products[0],
    }
    for name, answer in answers.items():
        _answer(schema, name, answer)
    by_key = {product.key: product for product in products}
    return schema, lambda: Context(by_key)


def _answer(schema: GraphQLSchema, name: str, answer: Any) -> None:
    async def resolve(*_: Any, **__: Any) -> Any:
        return answer

    if schema.query_type is not None:
        schema.query_type.fields[name].resolve = resolve


async def _timed(executor: Any, operation: Operation, contexts: Callable[[], Context]) -> float:
    """Seconds for one execution, its answer written out."""
    count, started = 0, perf_counter()
    while (passed := perf_counter() - started) < SECONDS:
        for _ in range(5):
            result = await executor.execute(operation, NO_VARIABLES, contexts())
            orjson.dumps(result.data)
        count += 5
    return passed / count


async def main() -> None:
    """Print microseconds for one execution, medians of interleaved rounds."""
    schema, contexts = _schema()
    core: Any = CoreExecutor(schema)
    compiled: Any = CompiledExecutor(schema, core, hints, Bounds(runs_before=0))
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
    sys.stdout.write(f"Python {python_version()}; microseconds, medians of {ROUNDS} rounds\n")
    for name, text in QUERIES.items():
        node = parse(text).definitions[0]
        if not isinstance(node, OperationDefinitionNode):
            raise TypeError(name)
        operation = Operation(node)
        answers = [
            await one.execute(operation, NO_VARIABLES, contexts()) for one in (core, compiled)
        ]
        if orjson.dumps(answers[0].data) != orjson.dumps(answers[1].data) or answers[1].errors:
            raise AssertionError(f"The answers to {name} differ")
        rounds = [
            [await _timed(one, operation, contexts) for one in (core, compiled)]
            for _ in range(ROUNDS)
        ]
        slow, fast = (median(times) * 1e6 for times in zip(*rounds, strict=True))
        sys.stdout.write(
            f"{name}: graphql-core {slow:.0f}, compiled {fast:.0f}, ratio {slow / fast:.1f}\n"
        )


if __name__ == "__main__":
    asyncio.run(main())
