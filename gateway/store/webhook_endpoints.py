"""Webhook endpoints: addresses of integrators, their secrets, and whether they are turned on."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from gateway.store.coordination import Counters
from gateway.store.crypto import Vault
from gateway.store.engine import Database, Transaction
from gateway.store.tables import counters, object_changes, order_changes
from gateway.store.webhook_deliveries import WITHOUT_LINE_BEFORE, pending
from gateway.store.webhook_tables import webhook_deliveries, webhook_endpoints

_COUNTER: Final = webhook_endpoints.name
_SECRET: Final = f"{webhook_endpoints.name}.secret"
_PREVIOUS: Final = f"{webhook_endpoints.name}.previous_secret"

_e = webhook_endpoints.c
_OF_ID: Final = _e.id == bindparam("of_id")
_ADD: Final = insert(webhook_endpoints)
_COUNT: Final = select(func.count()).select_from(webhook_endpoints)
_COUNT_OF_KEY: Final = _COUNT.where(_e.key_id == bindparam("of_key"))
_ALL: Final = select(webhook_endpoints).order_by(_e.id)
_OF_KEY: Final = _ALL.where(_e.key_id == bindparam("of_key"))
_ENABLED: Final = _ALL.where(_e.enabled.is_(True))
_LOCK_ENABLED: Final = _ENABLED.with_for_update()
_GET: Final = select(webhook_endpoints).where(_e.id.in_(bindparam("ids", expanding=True)))
_LOCK: Final = select(webhook_endpoints).where(_OF_ID).with_for_update()
_UPDATE: Final = (
    update(webhook_endpoints)
    .where(_OF_ID)
    .values(url=bindparam("to_url"), topics=bindparam("to_topics"), shops=bindparam("to_shops"))
)
_TURN_ON: Final = (
    update(webhook_endpoints)
    .where(_OF_ID, _e.enabled.is_(False))
    .values(
        enabled=True,
        disabled_reason=None,
        failing_since=None,
        order_cursor=bindparam("orders"),
        object_cursor=bindparam("objects"),
        begun_at=bindparam("at"),
    )
)
_TURN_OFF: Final = (
    update(webhook_endpoints)
    .where(_OF_ID, _e.enabled.is_(True))
    .values(enabled=False, disabled_reason=bindparam("reason"))
)
_DELETE: Final = delete(webhook_endpoints).where(_OF_ID)
_ROTATE: Final = (
    update(webhook_endpoints)
    .where(_OF_ID)
    .values(
        secret=bindparam("new"),
        previous_secret=bindparam("previous"),
        previous_until=bindparam("until"),
    )
)
_SUCCEEDED: Final = (
    update(webhook_endpoints)
    .where(_OF_ID, _e.failing_since.is_not(None))
    .values(failing_since=None)
)
_FAILED: Final = (
    update(webhook_endpoints)
    .where(_OF_ID)
    .values(failing_since=func.coalesce(_e.failing_since, bindparam("at")))
    .returning(_e.failing_since)
)
_CURSORS: Final = select(counters.c.name, counters.c.value).where(
    counters.c.name.in_((order_changes.name, object_changes.name))
)
_RELEASE_LINES: Final = (
    update(webhook_deliveries)
    .where(
        webhook_deliveries.c.endpoint == bindparam("of_id"),
        pending(webhook_deliveries),
        webhook_deliveries.c.next_attempt_at.is_(None),
        WITHOUT_LINE_BEFORE,
    )
    .values(next_attempt_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhookEndpoint:
    """An endpoint to make; it is turned on, and is told what follows."""

    url: str
    #: Names of WebhookTopic.
    topics: frozenset[str]
    #: Keys of shops; None: all shops of the key.
    shops: frozenset[str] | None
    #: The API key that makes it: its name, and its id, which a key that replaces it has too.
    key_name: str
    key_id: str
    #: As the integrator sees it, such as `whsec_…`.
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWebhookEndpoint:
    """An endpoint without its secrets; its times are unix seconds with fractions."""

    id: int
    url: str
    #: Names of WebhookTopic.
    topics: frozenset[str]
    #: Keys of shops; None: all shops of the key.
    shops: frozenset[str] | None
    enabled: bool
    #: Why the gateway turned it off; None: it did not.
    disabled_reason: str | None
    key_name: str
    key_id: str
    #: The last changes that it is not told of, by their cursors.
    order_cursor: int
    object_cursor: int
    #: When it was made, or turned on again.
    begun_at: float
    #: The first failure since the last success; None: the last attempt succeeded.
    failing_since: float | None
    created_at: float

    @property
    def host(self) -> str:
        """What may be shown of the address: its path or query may hold a secret."""
        return urlsplit(self.url).hostname or "-"

    def wants(self, topic: str, shop: str | None) -> bool:
        """Whether it asks for a topic of a shop; None: of several shops."""
        if topic not in self.topics:
            return False
        return shop is None or self.shops is None or shop in self.shops


class WebhookEndpoints:
    """Makes, changes and reads the endpoints; every method raises StoreUnavailable."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._counters = Counters(database)

    async def add(
        self, transaction: Transaction, endpoint: NewWebhookEndpoint, *, most: int
    ) -> int | None:
        """Makes an endpoint; returns its number. None: its key has `most` of them already."""
        # Taking a number locks the counter: two requests cannot both be the last of the key.
        (number,) = await self._counters.take(transaction, _COUNTER)
        rows = await self._database.fetch(_COUNT_OF_KEY, {"of_key": endpoint.key_id}, transaction)
        if int(rows[0][0]) >= most:
            return None
        orders, objects = await self._cursors(transaction)
        row = {
            "id": number,
            **_target(endpoint.url, endpoint.topics, endpoint.shops),
            "enabled": True,
            "key_name": endpoint.key_name,
            "key_id": endpoint.key_id,
            "secret": self._seal(endpoint.secret, number, _SECRET),
            "order_cursor": orders,
            "object_cursor": objects,
            "begun_at": transaction.now,
            "created_at": transaction.now,
        }
        await transaction.connection.execute(_ADD, row)
        return number

    async def get_many(
        self, ids: Collection[int], *, within: Transaction | None = None
    ) -> dict[int, StoredWebhookEndpoint]:
        """The endpoints that exist, by their numbers."""
        if not ids:
            return {}
        rows = await self._database.fetch(_GET, {"ids": list(ids)}, within)
        return {row.id: _stored(row) for row in rows}

    async def all(self, key_id: str | None = None) -> list[StoredWebhookEndpoint]:
        """The endpoints in the order in which they were made; those of one key, or all."""
        if key_id is None:
            rows = await self._database.fetch(_ALL)
        else:
            rows = await self._database.fetch(_OF_KEY, {"of_key": key_id})
        return [_stored(row) for row in rows]

    async def enabled(self) -> list[StoredWebhookEndpoint]:
        """The endpoints that are turned on, in the order in which they were made."""
        return [_stored(row) for row in await self._database.fetch(_ENABLED)]

    async def lock_enabled(self, transaction: Transaction) -> list[StoredWebhookEndpoint]:
        """The endpoints that are turned on, locked until the transaction ends; see `lock`."""
        return [
            _stored(row) for row in await self._database.fetch(_LOCK_ENABLED, None, transaction)
        ]

    async def lock(
        self, transaction: Transaction, endpoint_id: int
    ) -> StoredWebhookEndpoint | None:
        """An endpoint, locked until the transaction ends; None if there is none.

        Its lines change only while it is locked: see `WebhookDeliveries`.
        """
        rows = await self._database.fetch(_LOCK, {"of_id": endpoint_id}, transaction)
        return _stored(rows[0]) if rows else None

    async def update(
        self,
        transaction: Transaction,
        endpoint_id: int,
        *,
        url: str,
        topics: frozenset[str],
        shops: frozenset[str] | None,
    ) -> None:
        """Changes where it is called, and what for; what was recorded before is still sent."""
        target = _target(url, topics, shops)
        values = {f"to_{name}": value for name, value in target.items()}
        await transaction.connection.execute(_UPDATE, {"of_id": endpoint_id, **values})

    async def turn_on(self, transaction: Transaction, endpoint_id: int) -> bool:
        """Turns an endpoint on: what follows is recorded, what waited is sent.

        False: it was on, or there is none.
        """
        if await self.lock(transaction, endpoint_id) is None:
            return False
        orders, objects = await self._cursors(transaction)
        values = {"of_id": endpoint_id, "at": transaction.now}
        cursors = {"orders": orders, "objects": objects}
        done = await transaction.connection.execute(_TURN_ON, values | cursors)
        if done.rowcount != 1:
            return False
        # Retention may have deleted the first of a line while the endpoint was off.
        await transaction.connection.execute(_RELEASE_LINES, values)
        return True

    async def turn_off(
        self, transaction: Transaction, endpoint_id: int, reason: str | None
    ) -> bool:
        """Turns an endpoint off: nothing more is recorded for it or sent to it.

        `reason` is None where its owner does it. False: it was off, or there is none.
        """
        values = {"of_id": endpoint_id, "reason": reason}
        return (await transaction.connection.execute(_TURN_OFF, values)).rowcount == 1

    async def delete(self, transaction: Transaction, endpoint_id: int) -> bool:
        """Deletes an endpoint with its secrets; False: there was none.

        Its deliveries are sent no more, and are deleted with their time.
        """
        done = await transaction.connection.execute(_DELETE, {"of_id": endpoint_id})
        return done.rowcount == 1

    async def secrets(self, endpoint_id: int, *, within: Transaction | None = None) -> list[str]:
        """The secrets that sign now, the present one first; empty if there is no endpoint.

        Raises:
            LedgerUnreadable: they were sealed with another key.
        """
        rows = await self._database.fetch(_GET, {"ids": [endpoint_id]}, within)
        return [secret for row in rows for secret in self._secrets_of(row, self._database.now())]

    async def rotate_secret(
        self, transaction: Transaction, endpoint_id: int, secret: str, *, overlap: float
    ) -> bool:
        """Replaces the secret; the one before signs too for `overlap` seconds.

        One that was about to end ends now. False: there is no endpoint.

        Raises:
            LedgerUnreadable: the present secret was sealed with another key.
        """
        rows = await self._database.fetch(_LOCK, {"of_id": endpoint_id}, transaction)
        if not rows:
            return False
        present = self._unseal(rows[0].secret, endpoint_id, _SECRET)
        values = {
            "of_id": endpoint_id,
            "new": self._seal(secret, endpoint_id, _SECRET),
            "previous": self._seal(present, endpoint_id, _PREVIOUS),
            "until": transaction.now + overlap,
        }
        await transaction.connection.execute(_ROTATE, values)
        return True

    async def note_success(self, transaction: Transaction, endpoint_id: int) -> None:
        """Records that an attempt succeeded."""
        await transaction.connection.execute(_SUCCEEDED, {"of_id": endpoint_id})

    async def note_failure(self, transaction: Transaction, endpoint_id: int) -> float | None:
        """Records that an attempt failed; since when all have. None: there is no endpoint."""
        values = {"of_id": endpoint_id, "at": transaction.now}
        row = (await transaction.connection.execute(_FAILED, values)).one_or_none()
        return None if row is None else float(row[0])

    async def _cursors(self, transaction: Transaction) -> tuple[int, int]:
        """The newest changes of orders and of other objects."""
        rows = await self._database.fetch(_CURSORS, None, transaction)
        newest = {row.name: int(row.value) for row in rows}
        return newest.get(order_changes.name, 0), newest.get(object_changes.name, 0)

    def _secrets_of(self, row: Row[Any], now: float) -> list[str]:
        secrets = [self._unseal(row.secret, row.id, _SECRET)]
        if row.previous_secret is not None and now < row.previous_until:
            secrets.append(self._unseal(row.previous_secret, row.id, _PREVIOUS))
        return secrets

    def _seal(self, secret: str, endpoint_id: int, column: str) -> bytes:
        return self._vault.seal(secret.encode(), shop="", row=str(endpoint_id), column=column)

    def _unseal(self, sealed: bytes, endpoint_id: int, column: str) -> str:
        plain = self._vault.unseal(sealed, shop="", row=str(endpoint_id), column=column)
        return plain.decode()


def _target(url: str, topics: frozenset[str], shops: frozenset[str] | None) -> dict[str, Any]:
    return {
        "url": url,
        "topics": json.dumps(sorted(topics)),
        "shops": None if shops is None else json.dumps(sorted(shops)),
    }


def _stored(row: Row[Any]) -> StoredWebhookEndpoint:
    return StoredWebhookEndpoint(
        id=row.id,
        url=row.url,
        topics=frozenset(json.loads(row.topics)),
        shops=None if row.shops is None else frozenset(json.loads(row.shops)),
        enabled=row.enabled,
        disabled_reason=row.disabled_reason,
        key_name=row.key_name,
        key_id=row.key_id,
        order_cursor=row.order_cursor,
        object_cursor=row.object_cursor,
        begun_at=row.begun_at,
        failing_since=row.failing_since,
        created_at=row.created_at,
    )
