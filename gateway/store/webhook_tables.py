"""The tables of webhooks: endpoints of integrators, and what is delivered to them.

The ledger's kinds of columns and times are used (see `gateway.store.tables`). No row holds personal
data: a body has ids, statuses and a cursor.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from gateway.store.index_tables import metadata as metadata  # noqa: PLC0414 - with these tables
from gateway.store.tables import Counted, PlainText, partial_index

#: Of `webhook_deliveries`: not delivered, and not given up.
IS_PENDING: Final = text("state = 'PENDING'")

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    #: From `counters`.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    #: Names of WebhookTopic, as a JSON list.
    Column("topics", Text, nullable=False),
    #: Keys of shops, as a JSON list; null: all shops of the key.
    Column("shops", Text),
    Column("enabled", Boolean, nullable=False),
    #: Why the gateway turned it off; null: it did not.
    Column("disabled_reason", Text),
    #: The name and the id of the API key that made it.
    Column("key_name", PlainText, nullable=False),
    Column("key_id", PlainText, nullable=False),
    #: Sealed; the key that signs, and the one before it, which signs too until its time is over.
    Column("secret", LargeBinary, nullable=False),
    Column("previous_secret", LargeBinary),
    Column("previous_until", Double),
    #: The last changes that it is not told of, and when it was made or turned on.
    Column("order_cursor", BigInteger, nullable=False),
    Column("object_cursor", BigInteger, nullable=False),
    Column("begun_at", Double, nullable=False),
    #: The first failure since the last success; null: the last attempt succeeded.
    Column("failing_since", Double),
    Column("created_at", Double, nullable=False),
)

#: A message for one endpoint. Those of one subject are its line, and are sent one after the other.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Counted, primary_key=True),
    #: No foreign key: what was sent to an endpoint that is deleted goes with its time.
    Column("endpoint", BigInteger, nullable=False),
    #: The public id of what changed; null: it is in no line.
    Column("subject", PlainText),
    #: A WebhookTopic.
    Column("topic", PlainText, nullable=False),
    #: The shop that it concerns; null: several, or none.
    Column("shop", PlainText),
    #: JSON, as it is signed and sent.
    Column("body", Text, nullable=False),
    #: A WebhookDeliveryState.
    Column("state", PlainText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued_at", Double, nullable=False),
    Column("delivered_at", Double),
    #: Of a PENDING one that is first in its line; null: it waits for the one before it.
    Column("next_attempt_at", Double),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("lease_owner", PlainText),
    Column("lease_until", Double),
    partial_index(
        "ix_webhook_deliveries_due", "endpoint", "next_attempt_at", "id", where=IS_PENDING
    ),
    partial_index("ix_webhook_deliveries_line", "endpoint", "subject", "id", where=IS_PENDING),
    partial_index("ix_webhook_deliveries_since", "endpoint", "queued_at", where=IS_PENDING),
    Index("ix_webhook_deliveries_list", "endpoint", "id"),
    Index("ix_webhook_deliveries_state", "endpoint", "state", "id"),
    Index("ix_webhook_deliveries_subject", "subject", "endpoint", "id"),
    Index(None, "queued_at"),
    sqlite_autoincrement=True,
)
