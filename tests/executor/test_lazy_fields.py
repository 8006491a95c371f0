"""What is made when it is first read: only what a document selects, by either executor."""

from typing import Any

import pytest
import strawberry
from graphql import parse

from schema.declare import described, public_type
from schema.lazy_fields import begin_lazy, lazy_fields
from tests.executor.both import asked, assert_same, executors, given


@lazy_fields("skus", "details")
@public_type
class Product:
    """Something of which most ask for little."""

    title: str = described("What it is called.")
    skus: list[str] = described("What of it can be bought.")
    details: str | None = described("What else is told.", default=None)


class Rest:
    """Makes the rest of one product, but not of every one."""

    def __init__(self, made: list[str], *, sound: bool) -> None:
        self.made = made
        self.sound = sound

    def make_skus(self, product: Product) -> list[str]:
        """One."""
        self.made.append(f"skus of {product.title}")
        if not self.sound:
            raise ValueError("no SKUs")
        return [product.title]

    def make_details(self, product: Product) -> str | None:
        """None at all."""
        self.made.append(f"details of {product.title}")
        if not self.sound:
            raise ValueError("no details")
        return None


def _product(title: str, made: list[str], *, sound: bool = True) -> Product:
    product = begin_lazy(Product, Rest(made, sound=sound))
    product.title = title
    return product


@strawberry.type
class Query:
    """Two products, of which one has a rest that cannot be made."""

    @strawberry.field
    def products(self, info: strawberry.Info[Any, None]) -> list[Product | None]:
        """Made anew for each run; `made` of the context notes what is made of them."""
        made: list[str] = info.context
        return [_product("tea", made), _product("coffee", made, sound=False)]


SCHEMA = strawberry.Schema(Query)._schema  # noqa: SLF001 - there is no public way to it
CORE, OURS = executors(SCHEMA)


@pytest.mark.parametrize(
    ("selected", "data", "made", "errors"),
    [
        pytest.param("title", [{"title": "tea"}, {"title": "coffee"}], [], [], id="plain"),
        pytest.param(
            "skus",
            [{"skus": ["tea"]}, None],
            ["skus of tea", "skus of coffee"],
            [("no SKUs", ["products", 1, "skus"])],
            id="not-null",
        ),
        pytest.param(
            "title details",
            [{"title": "tea", "details": None}, {"title": "coffee", "details": None}],
            ["details of tea", "details of coffee"],
            [("no details", ["products", 1, "details"])],
            id="nullable",
        ),
    ],
)
async def test_what_is_not_selected_is_not_made(
    selected: str, data: list[Any], made: list[str], errors: list[Any]
) -> None:
    operation = asked(parse(f"{{ products {{ {selected} }} }}"))
    variables = given(SCHEMA, operation, {})
    assert OURS.compiled(operation, variables.values) is not None
    runs = []
    for executor in (CORE, OURS):
        noted: list[str] = []
        result = await executor.execute(operation, variables, noted)
        assert result.data == {"products": data}
        assert [(error.message, error.path) for error in result.errors or ()] == errors
        assert list(dict.fromkeys(noted)) == made
        runs.append(result)

    assert assert_same(*runs)
