"""Links between open ids of one buyer in two shops: an open id is valid in its own app only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, bindparam, delete, select

from gateway.store.crypto import Vault
from gateway.store.documents import FoundOpenId
from gateway.store.encrypted_values import EncryptedOpenIds
from gateway.store.engine import Database, Transaction
from gateway.store.listing import Listing, Selection, chosen
from gateway.store.tables import buyer_links

_OF_BUYERS: Final = (
    buyer_links.c.shop == bindparam("in_shop"),
    buyer_links.c.to_shop == bindparam("in_target"),
    buyer_links.c.buyer.in_(bindparam("buyers", expanding=True)),
)
_GET: Final = select(buyer_links).where(*_OF_BUYERS)
#: Of links between these shops, those from buyers of a shop, and those to them.
_FROM: Final = select(buyer_links).where(
    buyer_links.c.shop == bindparam("in_shop"),
    buyer_links.c.buyer.in_(bindparam("buyers", expanding=True)),
    buyer_links.c.to_shop.in_(bindparam("shops", expanding=True)),
)
_TO: Final = select(buyer_links).where(
    buyer_links.c.to_shop == bindparam("in_shop"),
    buyer_links.c.to_buyer.in_(bindparam("buyers", expanding=True)),
    buyer_links.c.shop.in_(bindparam("shops", expanding=True)),
)
_REMOVE: Final = delete(buyer_links).where(*_OF_BUYERS)


class LinkPosition(NamedTuple):
    """A place in the list of links: when one was written, and its buyer's blind index."""

    written_at: float
    buyer: bytes


@dataclass(frozen=True, slots=True)
class StoredLink:
    """A link of the list; the failure in place of an open id that cannot be decrypted."""

    open_id: FoundOpenId
    to_open_id: FoundOpenId
    position: LinkPosition


class BuyerLinks:
    """Reads and writes the links; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._to_open_id = EncryptedOpenIds(vault, column="buyer_links.to_open_id")
        self._open_id = EncryptedOpenIds(vault, column="buyer_links.open_id")
        self._put = database.upsert(buyer_links)
        position = (buyer_links.c.written_at, buyer_links.c.buyer)
        # Of a link without it, which an early version wrote, the open id is unknown.
        named = buyer_links.c.open_id.is_not(None)
        self._listing = Listing(database, buyer_links, position, (("shop", "to_shop"),), (named,))

    async def page(
        self, shop: str, to_shop: str, *, after: LinkPosition | None = None, limit: int
    ) -> list[StoredLink]:
        """At most `limit` links that follow `after`, the last written first."""
        selection = Selection(chosen(shop=[shop], to_shop=[to_shop]))
        rows = await self._listing.page(selection, after=after, limit=limit)
        return [self._stored(row) for row in rows]

    async def remove(
        self, transaction: Transaction, shop: str, to_shop: str, open_ids: Collection[str]
    ) -> int:
        """Removes the links of these buyers of `shop`; returns how many there were."""
        if not open_ids:
            return 0
        buyers = [index for open_id in open_ids for index in self._indexes(shop, open_id)]
        values = {"in_shop": shop, "in_target": to_shop, "buyers": buyers}
        return (await transaction.connection.execute(_REMOVE, values)).rowcount

    async def put_many(
        self, transaction: Transaction, shop: str, to_shop: str, links: Mapping[str, str]
    ) -> None:
        """Maps each open id in `shop` to the one in `to_shop`; the last link wins."""
        if not links:
            return
        if self._vault.has_former_keys:
            # A link that a former key indexes would be a second one of the buyer.
            old = [index for open_id in links for index in self._indexes(shop, open_id)[1:]]
            named = {"in_shop": shop, "in_target": to_shop, "buyers": old}
            await transaction.connection.execute(_REMOVE, named)
        rows = [
            self._row(transaction, shop, to_shop, ours, theirs) for ours, theirs in links.items()
        ]
        await transaction.connection.execute(self._put, rows)

    async def get_many(
        self,
        shop: str,
        to_shop: str,
        open_ids: Collection[str],
        *,
        within: Transaction | None = None,
    ) -> dict[str, FoundOpenId]:
        """The open ids in `to_shop` of the linked buyers of `shop`."""
        if not open_ids:
            return {}
        buyers = {index: open_id for open_id in open_ids for index in self._indexes(shop, open_id)}
        values = {"in_shop": shop, "in_target": to_shop, "buyers": list(buyers)}
        rows = await self._database.fetch(_GET, values, within)
        # While processes write with different keys, a buyer may have several: the last one wins.
        rows = sorted(rows, key=lambda row: row.written_at)
        return {buyers[row.buyer]: self._found(row) for row in rows}

    async def joined(self, buyers: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
        """The shops with the open ids that links join to these, in any number of steps; with them.

        Only links between the shops of `buyers` count, and those that can be decrypted.
        """
        shops = sorted({shop for shop, _ in buyers})
        known = dict.fromkeys(buyers)
        fresh = list(known)
        while fresh:
            found: dict[tuple[str, str], None] = {}
            for shop in shops:
                indexes = [
                    index
                    for of, open_id in fresh
                    if of == shop
                    for index in self._indexes(of, open_id)
                ]
                if indexes:
                    found |= dict.fromkeys(await self._neighbours(shop, indexes, shops))
            fresh = [one for one in found if one not in known]
            known |= dict.fromkeys(fresh)
        return list(known)

    async def _neighbours(
        self, shop: str, buyers: Sequence[bytes], shops: Sequence[str]
    ) -> list[tuple[str, str]]:
        values = {"in_shop": shop, "buyers": buyers, "shops": shops}
        linked = [
            (row.to_shop, self._found(row)) for row in await self._database.fetch(_FROM, values)
        ]
        for row in await self._database.fetch(_TO, values):
            if row.open_id is not None:
                name = link_name(row.to_shop, row.buyer)
                linked.append(
                    (row.shop, self._open_id.attempt(row.open_id, shop=row.shop, row=name))
                )
        return [(of, open_id) for of, open_id in linked if isinstance(open_id, str)]

    def _indexes(self, shop: str, open_id: str) -> list[bytes]:
        return self._vault.blind_indexes(shop, open_id)

    def _found(self, row: Row[Any]) -> FoundOpenId:
        name = link_name(row.to_shop, row.buyer)
        return self._to_open_id.attempt(row.to_open_id, shop=row.shop, row=name)

    def _stored(self, row: Row[Any]) -> StoredLink:
        name = link_name(row.to_shop, row.buyer)
        return StoredLink(
            open_id=self._open_id.attempt(row.open_id, shop=row.shop, row=name),
            to_open_id=self._found(row),
            position=LinkPosition(row.written_at, row.buyer),
        )

    def _row(
        self, transaction: Transaction, shop: str, to_shop: str, open_id: str, to_open_id: str
    ) -> dict[str, object]:
        buyer = self._vault.blind_index(shop, open_id)
        name = link_name(to_shop, buyer)
        return {
            "shop": shop,
            "buyer": buyer,
            "to_shop": to_shop,
            "to_buyer": self._vault.blind_index(to_shop, to_open_id),
            "to_open_id": self._to_open_id.seal(to_open_id, shop=shop, row=name),
            "open_id": self._open_id.seal(open_id, shop=shop, row=name),
            "written_at": transaction.now,
        }


def link_name(to_shop: str, buyer: bytes) -> str:
    """The row that a link's values are sealed for."""
    return f"{to_shop}/{buyer.hex()}"
