"""Mirrors: which orders are copied into which other shops, and kept in sync there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Row, and_, bindparam, func, or_, select, update

from gateway.errors import LedgerUnreadable
from gateway.store.crypto import Vault
from gateway.store.documents import MirrorDocument
from gateway.store.encrypted_values import EncryptedValues
from gateway.store.engine import Database, Transaction
from gateway.store.tables import meta, mirrors, orders

_SETTINGS: Final = msgspec.json.Decoder(MirrorDocument)
_OF_ORDERS: Final = select(mirrors).where(
    mirrors.c.shop == bindparam("in_shop"),
    mirrors.c.platform_id.in_(bindparam("ids", expanding=True)),
)
#: A deleted copy is none, and what is imported under its id later is another order.
HAS_COPY: Final = or_(mirrors.c.stopped.is_(None), mirrors.c.stopped != "DELETED")
_OF_COPIES: Final = select(mirrors).where(
    mirrors.c.to_shop == bindparam("in_target"),
    mirrors.c.to_platform_id.in_(bindparam("ids", expanding=True)),
    HAS_COPY,
)
_ORIGINALS: Final = _OF_COPIES.with_only_columns(
    mirrors.c.shop, mirrors.c.platform_id, mirrors.c.to_platform_id
)
_COPIES: Final = (
    _OF_ORDERS.with_only_columns(mirrors.c.platform_id, mirrors.c.to_shop, mirrors.c.to_platform_id)
    .where(HAS_COPY)
    .order_by(mirrors.c.to_shop)
)
_OF_BUYERS: Final = select(mirrors).where(
    mirrors.c.shop == bindparam("in_shop"),
    mirrors.c.to_shop == bindparam("in_target"),
    mirrors.c.buyer.in_(bindparam("buyers", expanding=True)),
)

_TOUCH: Final = (
    update(mirrors)
    .where(
        mirrors.c.shop == bindparam("in_shop"),
        mirrors.c.platform_id.in_(bindparam("ids", expanding=True)),
    )
    .values(written_at=bindparam("at"))
)
#: Statuses of orders that no longer change.
_ENDED: Final = ("COMPLETED", "CLOSED", "REFUNDED", "HIDDEN")
_UNSEEN: Final = (
    select(
        mirrors.c.platform_id,
        mirrors.c.to_shop,
        (orders.c.status.not_in(_ENDED) & orders.c.deleted_at.is_(None)).label("is_open"),
    )
    .outerjoin(
        orders,
        (orders.c.shop == mirrors.c.to_shop) & (orders.c.platform_id == mirrors.c.to_platform_id),
    )
    .where(
        mirrors.c.shop == bindparam("in_shop"),
        mirrors.c.written_at < bindparam("before"),
        mirrors.c.personal.is_not(None),
        mirrors.c.ended_at.is_(None),
    )
    .order_by(mirrors.c.written_at)
    .limit(bindparam("limit"))
)
_OF_MIRROR: Final = and_(
    mirrors.c.shop == bindparam("in_shop"),
    mirrors.c.platform_id == bindparam("of_id"),
    mirrors.c.to_shop == bindparam("in_target"),
)
_STOPPED: Final = select(mirrors.c.stopped).where(_OF_MIRROR)
_STOP: Final = (
    update(mirrors)
    .where(
        mirrors.c.to_shop == bindparam("in_target"),
        mirrors.c.to_platform_id.in_(bindparam("ids", expanding=True)),
        HAS_COPY,
    )
    .values(
        stopped=bindparam("as_stopped"),
        # It is looked at no more.
        ended_at=func.coalesce(mirrors.c.ended_at, bindparam("at")),
    )
)
_MARK_COPIES: Final = (
    update(orders)
    .where(
        orders.c.shop == bindparam("in_target"),
        orders.c.platform_id.in_(bindparam("ids", expanding=True)),
        orders.c.original_shop != bindparam("of_shop"),
    )
    .values(original_shop=bindparam("of_shop"))
)
_END: Final = update(mirrors).where(_OF_MIRROR).values(ended_at=bindparam("at"))
_LOOK_AGAIN: Final = (
    update(mirrors).where(_OF_MIRROR, mirrors.c.stopped.is_(None)).values(ended_at=None)
)
_FOLLOWED: Final = select(meta.c.value).where(meta.c.name == bindparam("of_name"))


class StoppedMirror(Enum):
    """What became of the copy of a mirror that keeps it in step no more."""

    #: It stays as it is.
    KEPT = "KEPT"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """An order and its copy.

    `open_id` is the buyer's in `shop`, None if unknown; `to_open_id` the one that the caller gave
    for `to_shop`, None: look it up in the links. Both are None once they are erased, and if they
    cannot be decrypted.
    """

    shop: str
    platform_id: str
    to_shop: str
    to_platform_id: str
    settings: MirrorDocument = field(default_factory=MirrorDocument)
    open_id: str | None = None
    to_open_id: str | None = None
    #: Why the two stored open ids cannot be read.
    unreadable: LedgerUnreadable | None = None
    #: None: it keeps its copy in step.
    stopped: StoppedMirror | None = None

    @property
    def has_copy(self) -> bool:
        """Whether its copy was not deleted; it may have none yet."""
        return self.stopped is not StoppedMirror.DELETED


class MirroredBuyer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `mirrors.personal` seals."""

    open_id: str | None = None
    to_open_id: str | None = None


class UnseenMirrors(NamedTuple):
    """Mirrors that were not checked for long."""

    #: Platform ids of the orders whose copies can still change, sorted.
    open: list[str]
    #: Platform ids and targets of the mirrors whose copies change no more, or are gone.
    ended: list[tuple[str, str]]


class Mirrors:
    """Reads and writes the mirrors; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._personal = EncryptedValues(vault, MirroredBuyer, column="mirrors.personal")
        self._put = database.upsert(mirrors)
        noted = database.insert(meta)
        self._note = noted.on_conflict_do_update(
            index_elements=[meta.c.name], set_={"value": noted.excluded.value}
        )

    async def put(self, transaction: Transaction, mirror: Mirror) -> None:
        """Inserts or updates the mirror, which keeps its copy in step from then on.

        Its copy, if the ledger has it, is marked as one. Raises LedgerUnreadable for a mirror that
        was unreadable: its open ids would be lost.
        """
        if mirror.unreadable is not None:
            raise mirror.unreadable
        await transaction.connection.execute(self._put, self._row(transaction, mirror))
        await self._mark(transaction, mirror.to_shop, [mirror.to_platform_id], mirror.shop)

    async def stop(
        self, transaction: Transaction, to_shop: str, ids: Collection[str], as_: StoppedMirror
    ) -> int:
        """Ends the mirrors of copies, by the copies' ids; returns how many there were.

        `put` begins one again.
        """
        values = {"in_target": to_shop, "ids": list(ids), "as_stopped": as_.value}
        stopped = await transaction.connection.execute(_STOP, values | {"at": transaction.now})
        if as_ is StoppedMirror.DELETED:
            await self._mark(transaction, to_shop, ids, "")
        return stopped.rowcount

    async def is_stopped(self, transaction: Transaction, mirror: Mirror) -> bool:
        """Whether the mirror was ended, as of now: it may have been read before."""
        values = {
            "in_shop": mirror.shop,
            "of_id": mirror.platform_id,
            "in_target": mirror.to_shop,
        }
        found = (await transaction.connection.execute(_STOPPED, values)).scalar_one_or_none()
        return found is not None

    async def of_copies(self, to_shop: str, ids: Collection[str]) -> list[Mirror]:
        """The mirrors that made these orders of a shop, or would make them."""
        if not ids:
            return []
        values = {"in_target": to_shop, "ids": list(ids)}
        return self._mirrors(await self._database.fetch(_OF_COPIES, values))

    async def of_orders(self, shop: str, platform_ids: Collection[str]) -> list[Mirror]:
        """All copies of these orders."""
        if not platform_ids:
            return []
        values = {"in_shop": shop, "ids": list(platform_ids)}
        return self._mirrors(await self._database.fetch(_OF_ORDERS, values))

    async def originals(self, to_shop: str, ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """By the copies' ids, the shops and the platform ids of their originals."""
        if not ids:
            return {}
        rows = await self._database.fetch(_ORIGINALS, {"in_target": to_shop, "ids": list(ids)})
        return {row.to_platform_id: (row.shop, row.platform_id) for row in rows}

    async def copies(
        self, shop: str, platform_ids: Collection[str]
    ) -> dict[str, list[tuple[str, str]]]:
        """By the orders' ids, the shops and the platform ids of their copies, some to be made."""
        found: dict[str, list[tuple[str, str]]] = {}
        if not platform_ids:
            return found
        values = {"in_shop": shop, "ids": list(platform_ids)}
        for row in await self._database.fetch(_COPIES, values):
            found.setdefault(row.platform_id, []).append((row.to_shop, row.to_platform_id))
        return found

    async def of_buyers(
        self,
        shop: str,
        to_shop: str,
        open_ids: Collection[str],
        *,
        within: Transaction | None = None,
    ) -> list[Mirror]:
        """The copies in `to_shop` of the orders that these buyers of `shop` placed."""
        if not open_ids:
            return []
        buyers = [
            index for open_id in open_ids for index in self._vault.blind_indexes(shop, open_id)
        ]
        values = {"in_shop": shop, "in_target": to_shop, "buyers": buyers}
        return self._mirrors(await self._database.fetch(_OF_BUYERS, values, within))

    async def unseen(self, shop: str, before: float, *, limit: int) -> UnseenMirrors:
        """At most `limit` mirrors of the shop that were not checked since then.

        Pass those that ended to `end`: they are not found again.
        """
        values = {"in_shop": shop, "before": before, "limit": limit}
        rows = await self._database.fetch(_UNSEEN, values)
        return UnseenMirrors(
            sorted({row.platform_id for row in rows if row.is_open}),
            [(row.platform_id, row.to_shop) for row in rows if not row.is_open],
        )

    async def end(
        self, transaction: Transaction, shop: str, mirrors: Collection[tuple[str, str]]
    ) -> None:
        """Marks mirrors, by platform id and target, as ended; putting one again reopens it."""
        rows = [
            {"in_shop": shop, "of_id": platform_id, "in_target": target, "at": transaction.now}
            for platform_id, target in mirrors
        ]
        if rows:
            await transaction.connection.execute(_END, rows)

    async def look_again(self, transaction: Transaction, mirror: Mirror) -> None:
        """Lets `unseen` find the mirror one day, although its copy was found to change no more."""
        values = {
            "in_shop": mirror.shop,
            "of_id": mirror.platform_id,
            "in_target": mirror.to_shop,
        }
        await transaction.connection.execute(_LOOK_AGAIN, values)

    async def touch(
        self, transaction: Transaction, shop: str, platform_ids: Collection[str]
    ) -> None:
        """Marks the copies of these orders as checked now."""
        values = {"in_shop": shop, "ids": list(platform_ids), "at": transaction.now}
        await transaction.connection.execute(_TOUCH, values)

    async def followed(self, shop: str) -> int | None:
        """The cursor of the last processed change of the shop's orders, if any."""
        rows = await self._database.fetch(_FOLLOWED, {"of_name": _cursor_of(shop)})
        return int(rows[0].value) if rows else None

    async def note_followed(self, transaction: Transaction, shop: str, cursor: int) -> None:
        """Records that all changes of the shop's orders up to this one were processed."""
        row = {"name": _cursor_of(shop), "value": str(cursor).encode("ascii")}
        await transaction.connection.execute(self._note, row)

    async def _mark(
        self, transaction: Transaction, to_shop: str, ids: Collection[str], original: str
    ) -> None:
        values = {"in_target": to_shop, "ids": list(ids), "of_shop": original}
        await transaction.connection.execute(_MARK_COPIES, values)

    def _mirrors(self, rows: Iterable[Row[Any]]) -> list[Mirror]:
        return sorted(map(self._mirror, rows), key=lambda one: (one.platform_id, one.to_shop))

    def _row(self, transaction: Transaction, mirror: Mirror) -> dict[str, Any]:
        open_id = mirror.open_id
        buyer = MirroredBuyer(open_id=open_id, to_open_id=mirror.to_open_id)
        return {
            "shop": mirror.shop,
            "platform_id": mirror.platform_id,
            "to_shop": mirror.to_shop,
            "to_platform_id": mirror.to_platform_id,
            "buyer": None if open_id is None else self._vault.blind_index(mirror.shop, open_id),
            "settings": msgspec.json.encode(mirror.settings).decode(),
            "personal": self._personal.seal(buyer, shop=mirror.shop, row=_sealed_as(mirror)),
            "version": 1,
            "written_at": transaction.now,
            "ended_at": None,
            "stopped": None,
        }

    def _mirror(self, row: Row[Any]) -> Mirror:
        named = f"{row.platform_id}/{row.to_shop}"
        found = self._personal.attempt(row.personal, shop=row.shop, row=named)
        buyer = found if isinstance(found, MirroredBuyer) else MirroredBuyer()
        return Mirror(
            shop=row.shop,
            platform_id=row.platform_id,
            to_shop=row.to_shop,
            to_platform_id=row.to_platform_id,
            settings=_SETTINGS.decode(row.settings),
            open_id=buyer.open_id,
            to_open_id=buyer.to_open_id,
            unreadable=found if isinstance(found, LedgerUnreadable) else None,
            stopped=None if row.stopped is None else StoppedMirror(row.stopped),
        )


def _sealed_as(mirror: Mirror) -> str:
    return f"{mirror.platform_id}/{mirror.to_shop}"


def _cursor_of(shop: str) -> str:
    return f"mirrors/{shop}"
