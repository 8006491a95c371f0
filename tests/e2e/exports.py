"""Exports of tests: begun by GraphQL, fetched by HTTP."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tests.fixtures_served import Asked, Client
from tests.waiting import eventually

EXPORT: Final = """
mutation ($kind: BulkKind!, $selection: String!, $orders: OrderFilter, $products: ProductFilter,
          $afterSales: AfterSaleFilter) {
  bulkExport(kind: $kind, selection: $selection, orders: $orders, products: $products,
             afterSales: $afterSales) {
    operation { id kind state } userErrors { code message field }
  }
}
"""
OPERATION: Final = """
query ($id: ID!) {
  bulkOperation(id: $id) { state done failed total resultUrl resultBytes error finishedAt }
}
"""


async def begin(
    gateway: Client,
    kind: str,
    selection: str,
    headers: Mapping[str, str] | None = None,
    **filters: Any,
) -> Asked:
    """Ask for an export."""
    return await gateway.ask(EXPORT, {"kind": kind, "selection": selection, **filters}, headers)


async def begun(gateway: Client, kind: str, selection: str, **more: Any) -> str:
    """The id of an export that is accepted."""
    payload = (await begin(gateway, kind, selection, **more)).data["bulkExport"]
    assert payload["userErrors"] == []
    assert payload["operation"]["kind"] == kind
    operation: str = payload["operation"]["id"]
    return operation


async def ended(
    gateway: Client, operation: str, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """An operation, once nothing more is done of it."""
    shown: dict[str, Any] = {}

    async def has_ended() -> bool:
        asked = await gateway.ask(OPERATION, {"id": operation}, headers)
        shown.update(asked.data["bulkOperation"])
        return shown["finishedAt"] is not None

    await eventually(has_ended)
    return shown


async def lines(
    gateway: Client, operation: str, headers: Mapping[str, str] | None = None
) -> list[Any]:
    """The objects of a result."""
    answer = await gateway.http.get(f"/bulk/{operation}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]
