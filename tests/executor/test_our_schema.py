"""Operations over our own schema are answered as graphql-core answers them."""

from typing import Any

import pytest
from graphql import ExecutionResult, parse, validate

from gateway.http.response import with_stale_reads
from resolvers.schema import hints
from tests.executor.both import asked, assert_same, executors, given, settled
from tests.executor.invented import InventedContext, Inventor, invented_schema

SCHEMA = invented_schema()
CORE, OURS = executors(SCHEMA, hints)

OPERATIONS = {
    "orders": """{ orders(first: 5) { totalCount nodes { id status createdAt total { fen amount }
        shop { key shoppingCartPath } items { title quantity product { id title status
        skus { price { amount } stock attributes { name value } } images } } } } }""",
    "details": """{ orders { nodes { __typename details { __typename
        ... on WechatStoreOrderDetails { __typename } } afterSales { id status } } } }""",
    "guards": """{ a: orders { nodes { raw buyer { openId } shippingAddress { city } } }
        products { nodes { raw title details { __typename ... on WechatStoreProductDetails {
        groups { name } } } } } }""",
    "nodes": """query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Product { title status
        priceRange { min { amount } } } ... on Order { platformId pushes { totalCount } } } }""",
    "lists": """{ shops { key health { availability checkedAt lastError { code } }
        products { edges { cursor node { title } } pageInfo { endCursor } }
        orders { nodes { id pushes { nodes { id subject { __typename } } } } } } }""",
    "shelves": """{ shelves { nodes { id name modules { __typename ... on ShelfProductList {
        products { title } } } } } }""",
    "conditions": """query($yes: Boolean!, $no: Boolean = false) { shops { key @include(if: $yes)
        name @skip(if: $yes) ...More @include(if: $no) } } fragment More on Shop { platform }""",
}
VARIABLES: dict[str, dict[str, Any]] = {"nodes": {"ids": ["1", "2"]}, "conditions": {"yes": True}}


# graphql-core leaves coroutines behind that it cancelled before they began.
@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("mischief", [0, 0.02, 0.2])
async def test_the_answer_is_graphql_cores(name: str, mischief: float) -> None:
    document = parse(OPERATIONS[name])
    assert not validate(SCHEMA, document)
    operation = asked(document)
    variables = given(SCHEMA, operation, VARIABLES.get(name, {}))
    assert OURS.compiled(operation, variables.values) is not None
    for seed in range(12):
        inventor = Inventor(SCHEMA, seed, mischief)

        async def answer(
            executor: Any, world: Inventor = inventor
        ) -> tuple[ExecutionResult, set[int]]:
            context = InventedContext(world)
            result: ExecutionResult = await executor.execute(operation, variables, context)
            return with_stale_reads(result, context), {id(one) for one in context.revealed}

        (ours, revealed), (core, by_core) = await answer(OURS), await answer(CORE)
        assert_same(ours, core)
        if not core.errors:
            # Below a null, what is still read depends on which came first.
            assert ours.extensions == core.extensions
            assert revealed == by_core
        await settled()
