"""The sealed columns of each table, and what their values are sealed for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Table

from gateway.store.bulk_operations import request_place
from gateway.store.bulk_pieces import piece_name
from gateway.store.bulk_tables import bulk_operations, bulk_pieces
from gateway.store.buyer_links import link_name
from gateway.store.idempotency import sealed_as
from gateway.store.index_tables import index_after_sales, index_orders
from gateway.store.push_exchanges import exchange_name
from gateway.store.tables import (
    buyer_links,
    idempotency_keys,
    inbox_events,
    metadata_items,
    mirrors,
    order_changes,
    orders,
    push_exchanges,
    pushes,
    wanted_items,
)
from gateway.store.webhook_tables import webhook_endpoints


@dataclass(frozen=True, slots=True)
class SealedColumns:
    """The sealed columns of one table."""

    table: Table
    names: tuple[str, ...]
    #: The shop and the row that the values are sealed for.
    place: Callable[[Any], tuple[str, str]]
    #: Rows of one transaction at the most, where they are large; None: as many as others.
    batch: int | None = None

    def place_of(self, row: Any, name: str) -> dict[str, str]:
        """The arguments of `Vault.seal` and `Vault.unseal` for a value of a row."""
        shop, row_name = self.place(row)
        return {"shop": shop, "row": row_name, "column": f"{self.table.name}.{name}"}


_SEALED: Final = (
    # First: `Rekeying` looks for the buyers of links that do not have their open id in the others.
    SealedColumns(
        buyer_links,
        ("to_open_id", "open_id"),
        lambda row: (row.shop, link_name(row.to_shop, row.buyer)),
    ),
    SealedColumns(orders, ("personal",), lambda row: (row.shop, row.platform_id)),
    SealedColumns(pushes, ("personal", "told"), lambda row: (row.shop, row.dedupe_key)),
    SealedColumns(
        push_exchanges, ("request", "response"), lambda row: (row.shop, exchange_name(row))
    ),
    SealedColumns(wanted_items, ("open_id",), lambda row: (row.shop, row.item_id)),
    SealedColumns(
        mirrors, ("personal",), lambda row: (row.shop, f"{row.platform_id}/{row.to_shop}")
    ),
    SealedColumns(order_changes, ("open_id",), lambda row: (row.shop, str(row.cursor))),
    SealedColumns(
        metadata_items,
        ("open_id",),
        lambda row: (row.shop, f"{row.kind}/{row.platform_id}/{row.part}/{row.key}"),
    ),
    SealedColumns(inbox_events, ("body",), lambda row: (row.shop, row.event_key)),
    SealedColumns(
        idempotency_keys,
        ("outcome", "personal", "receipts"),
        lambda row: ("", sealed_as(row.caller, row.key, "")["row"]),
    ),
    SealedColumns(bulk_operations, ("request",), lambda row: ("", request_place(row.id)["row"])),
    SealedColumns(
        index_orders,
        ("contact", "personal"),
        lambda row: (row.shop, f"{row.platform_id}/{row.part}"),
    ),
    SealedColumns(
        index_after_sales,
        ("open_id", "personal"),
        lambda row: (row.shop, f"{row.order_platform_id}/{row.part}/{row.platform_id}"),
    ),
    SealedColumns(webhook_endpoints, ("secret", "previous_secret"), lambda row: ("", str(row.id))),
    SealedColumns(bulk_pieces, ("content",), lambda row: ("", piece_name(row)), batch=10),
)
#: By the tables' names.
SEALED: Final[Mapping[str, SealedColumns]] = {one.table.name: one for one in _SEALED}
