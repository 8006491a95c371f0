"""The tables of the ledger.

Times from a platform or a caller are whole unix seconds; times of the gateway's own clock are
unix seconds with fractions. Documents are JSON; what is personal is sealed
(see `crypto`), and buyers are found by blind indexes.

An index that is added to a table of an earlier version is declared here only:
`gateway.store.indexes` builds what a ledger lacks, while gateways run.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    text,
    true,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

#: Text sorted by code point, as in SQLite, and in Python, which merges lists.
PlainText = Text().with_variant(Text(collation="C"), "postgresql")
#: SQLite counts up in INTEGER columns only.
Counted = BigInteger().with_variant(Integer, "sqlite")


def partial_index(name: str, *columns: str, where: TextClause) -> Index:
    """An index of the rows for which a condition holds.

    Statements repeat the condition with its literals: a plan that is kept for any parameter cannot
    use the index.
    """
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


_WAITS: Final = text("state = 'PENDING'")
_UNENDED: Final = text("personal IS NOT NULL AND ended_at IS NULL")
#: Of `orders` and `mirrors`: rows whose personal data was not erased.
HAS_PERSONAL: Final = text("(personal IS NOT NULL OR buyer IS NOT NULL)")
#: Of `pushes`: what was sent goes a while after a push has ended.
HAS_PAYLOAD: Final = text("payload <> ''")
HAS_NO_PAYLOAD: Final = text("payload = ''")
#: Of `inbox_events`.
HAS_BODY: Final = text("body IS NOT NULL")
#: Of `metadata_items`.
IS_OF_ORDER: Final = text("kind = 'Order'")
#: Of `idempotency_keys`: outcomes of a version that did not store whom they concern.
IS_WHOLE_OUTCOME: Final = text("buyers IS NULL AND outcome IS NOT NULL")

meta = Table(
    "meta",
    metadata,
    Column("name", PlainText, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

shops = Table(
    "shops",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("cart_path", Text),
    Column("version", BigInteger, nullable=False),
    Column("written_at", Double, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("platform_id", PlainText, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger),
    Column("status", PlainText, nullable=False),
    Column("platform_status", PlainText),
    Column("buyer", LargeBinary),
    Column("document", Text, nullable=False),
    Column("personal", LargeBinary),
    Column("version", BigInteger, nullable=False),
    Column("written_at", Double, nullable=False),
    Column("deleted_at", Double),
    #: Of a copy: the shop of the order that a mirror made it from; empty: it is no copy.
    Column("original_shop", PlainText, nullable=False, server_default=text("''")),
    #: What its payment is found by, cut (see `gateway.store.orders`).
    Column("payment_reference", PlainText),
    Column("trade_number", PlainText),
    Index(None, "shop", "created_at", "platform_id"),
    Index(None, "shop", "payment_reference"),
    Index(None, "shop", "trade_number"),
    Index(None, "shop", "status", "created_at", "platform_id"),
    Index(None, "shop", "buyer", "created_at", "platform_id"),
    Index("ix_orders_buyer_status", "shop", "buyer", "status", "created_at", "platform_id"),
    Index("ix_orders_original", "shop", "original_shop", "status", "created_at", "platform_id"),
    partial_index("ix_orders_personal", "written_at", where=HAS_PERSONAL),
    Index(None, "written_at"),
    Index(None, "written_at", "shop", "platform_id"),
)

after_sales = Table(
    "after_sales",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("order_platform_id", PlainText, primary_key=True),
    #: Unique within its order only: Baidu names an after-sale by both.
    Column("platform_id", PlainText, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger),
    Column("status", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("document", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("written_at", Double, nullable=False),
    ForeignKeyConstraint(
        ["shop", "order_platform_id"],
        ["orders.shop", "orders.platform_id"],
        ondelete="CASCADE",
    ),
    Index(None, "shop", "created_at", "order_platform_id", "platform_id"),
    Index(
        "ix_after_sales_status", "shop", "status", "created_at", "order_platform_id", "platform_id"
    ),
    Index("ix_after_sales_kind", "shop", "kind", "created_at", "order_platform_id", "platform_id"),
)

products = Table(
    "products",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("platform_id", PlainText, primary_key=True),
    Column("status", PlainText, nullable=False),
    #: Title, SKU codes and ids in lower case, for the search.
    Column("words", Text, nullable=False),
    Column("document", Text, nullable=False),
    #: The document's time: an order seen later must not bring back an older product.
    Column("as_of", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("written_at", Double, nullable=False),
    Index(None, "shop", "status", "platform_id"),
    Index(None, "written_at", "shop", "platform_id"),
)

wanted_items = Table(
    "wanted_items",
    metadata,
    Column("shop", PlainText, primary_key=True),
    #: A blind index over buyer, product and SKU, in hexadecimal.
    Column("item_id", PlainText, primary_key=True),
    Column("buyer", LargeBinary, nullable=False),
    Column("open_id", LargeBinary, nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("written_at", Double, nullable=False),
    Index(None, "shop", "buyer", "added_at", "item_id"),
    Index(None, "written_at"),
)

partner_orders = Table(
    "partner_orders",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("app_id", PlainText, primary_key=True),
    Column("order_id", PlainText, primary_key=True),
    Column("event_at", BigInteger, nullable=False),
    Column("written_at", Double, nullable=False),
    Index(None, "shop", "event_at", "order_id", "app_id"),
)

#: Overlay of an order that the platform keeps.
order_overlays = Table(
    "order_overlays",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("platform_id", PlainText, primary_key=True),
    Column("closed_at", BigInteger),
    #: By the event of its payment; when it was first shipped here; of its last change in the feed.
    Column("paid_at", BigInteger),
    Column("shipped_at", BigInteger),
    Column("changed_at", BigInteger),
    #: The last OrderStatus seen, so that the reconciler finds changes.
    Column("status", PlainText),
    #: Whether a change of the feed has announced that status.
    Column("told", Boolean, nullable=False, server_default=true()),
    Column("written_at", Double, nullable=False),
    partial_index(
        "ix_order_overlays_closed", "shop", "platform_id", where=text("closed_at IS NOT NULL")
    ),
)

#: The last written form of a product that loses data when it is read back.
product_originals = Table(
    "product_originals",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("platform_id", PlainText, primary_key=True),
    Column("document", Text, nullable=False),
    #: Hash of the platform's answer to a read of it: another one means that others wrote since.
    Column("answer_hash", LargeBinary),
    Column("written_at", Double, nullable=False),
)

#: The integrators' own keys and values of orders and products.
metadata_items = Table(
    "metadata_items",
    metadata,
    #: "Order" or "Product".
    Column("kind", PlainText, primary_key=True),
    Column("shop", PlainText, primary_key=True),
    Column("platform_id", PlainText, primary_key=True),
    #: The partner store's app id; empty: of the shop itself.
    Column("part", PlainText, primary_key=True),
    Column("key", PlainText, primary_key=True),
    Column("value", PlainText, nullable=False),
    #: Of an order whose buyer was known: a blind index of the buyer's id, as in `orders`, and the
    #: id, sealed, so that its index can be written with another key.
    Column("buyer", LargeBinary),
    Column("open_id", LargeBinary),
    Column("written_at", Double, nullable=False),
    Index(None, "shop", "key", "value"),
    Index(None, "shop", "buyer"),
    partial_index("ix_metadata_items_age", "written_at", where=IS_OF_ORDER),
)

buyer_links = Table(
    "buyer_links",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("buyer", LargeBinary, primary_key=True),
    Column("to_shop", PlainText, primary_key=True),
    Column("to_buyer", LargeBinary, nullable=False),
    Column("to_open_id", LargeBinary, nullable=False),
    #: Sealed; null: a link of a version that kept its index only.
    Column("open_id", LargeBinary),
    Column("written_at", Double, nullable=False),
    Index(None, "to_shop", "to_buyer"),
    Index("ix_buyer_links_list", "shop", "to_shop", "written_at", "buyer"),
    Index(None, "written_at"),
)

mirrors = Table(
    "mirrors",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("platform_id", PlainText, primary_key=True),
    Column("to_shop", PlainText, primary_key=True),
    Column("to_platform_id", PlainText, nullable=False),
    Column("buyer", LargeBinary),
    #: The caller's settings for the target, such as kind and title.
    Column("settings", Text, nullable=False),
    Column("personal", LargeBinary),
    Column("version", BigInteger, nullable=False),
    Column("written_at", Double, nullable=False),
    #: When its copy was found to change no more; null: it is looked at from time to time.
    Column("ended_at", Double),
    #: A `StoppedMirror`: it no longer keeps its copy in step; null: it does.
    Column("stopped", PlainText),
    Index(None, "to_shop", "to_platform_id"),
    Index(None, "shop", "buyer"),
    partial_index("ix_mirrors_personal", "written_at", where=HAS_PERSONAL),
    partial_index("ix_mirrors_unended", "shop", "written_at", where=_UNENDED),
)

#: The outbox: pushes that were accepted for a platform, and their state.
pushes = Table(
    "pushes",
    metadata,
    Column("id", Counted, primary_key=True),
    Column("shop", PlainText, nullable=False),
    #: Pushes of one aggregate are delivered in sequence, for instance "order/42".
    Column("aggregate", PlainText, nullable=False),
    #: The aggregate's version in this push.
    Column("version", BigInteger, nullable=False),
    Column("subject_kind", PlainText),
    Column("subject_id", PlainText),
    #: The order that it concerns, also if the subject is an after-sale.
    Column("order_id", PlainText),
    Column("operation", PlainText, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued_at", Double, nullable=False),
    Column("delivered_at", Double),
    Column("next_attempt_at", Double),
    Column("lease_owner", PlainText),
    Column("lease_until", Double),
    Column("buyer", LargeBinary),
    Column("payload", Text, nullable=False),
    Column("personal", LargeBinary),
    #: Without personal data.
    Column("last_error", Text),
    #: Sealed; the platform's words of `last_error`, if they have personal data.
    Column("told", LargeBinary),
    Column("dedupe_key", PlainText, nullable=False),
    #: The name of the API key, or the mirror; null: of a version that did not keep it.
    Column("queued_by", PlainText),
    UniqueConstraint("shop", "dedupe_key"),
    Index(None, "shop", "order_id", "id"),
    Index(None, "shop", "aggregate", "id"),
    Index(None, "shop", "buyer"),
    Index(None, "state", "next_attempt_at"),
    #: Lists of pushes, by state and operation (see `push_counts`), of all times and of a range.
    Index("ix_pushes_list", "shop", "operation", "state", "id"),
    Index("ix_pushes_queued", "shop", "operation", "state", "queued_at", "id"),
    #: What is due of an operation, the oldest first; what precedes it in its line (by the state it
    #: is preferred to the index of all pushes); how long the oldest waits.
    partial_index(
        "ix_pushes_due", "shop", "operation", "state", "next_attempt_at", "id", where=_WAITS
    ),
    partial_index("ix_pushes_line", "shop", "aggregate", "state", "id", where=_WAITS),
    partial_index("ix_pushes_waiting_since", "shop", "queued_at", where=_WAITS),
    partial_index("ix_pushes_told", "shop", "id", where=text("told IS NOT NULL")),
    partial_index("ix_pushes_sent", "queued_at", "id", where=HAS_PAYLOAD),
    partial_index("ix_pushes_emptied", "queued_at", "id", where=HAS_NO_PAYLOAD),
    sqlite_autoincrement=True,
)

#: The last call of each push: what was sent, and what the platform answered.
push_exchanges = Table(
    "push_exchanges",
    metadata,
    Column("push", BigInteger, primary_key=True, autoincrement=False),
    Column("shop", PlainText, nullable=False),
    #: Sealed; JSON in the platform's form, of this push alone.
    Column("request", LargeBinary, nullable=False),
    #: Sealed; null: no answer arrived.
    Column("response", LargeBinary),
    Column("written_at", Double, nullable=False),
    Index(None, "written_at"),
)

#: How many pushes there are, kept by triggers, so that processes of every version count.
push_counts = Table(
    "push_counts",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("operation", PlainText, primary_key=True),
    Column("state", PlainText, primary_key=True),
    #: Transactions of PostgreSQL that write at the same time count in different rows, whose sum
    #: is the number: none waits for another. On SQLite it is 0.
    Column("slot", Integer, primary_key=True, autoincrement=False),
    #: Of one slot it may be negative.
    Column("pushes", BigInteger, nullable=False),
)

#: Counters that grow in the order of commits: the row stays locked until its transaction ends.
counters = Table(
    "counters",
    metadata,
    Column("name", PlainText, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

order_changes = Table(
    "order_changes",
    metadata,
    #: From `counters`: a reader that has seen one has seen all the smaller ones.
    Column("cursor", BigInteger, primary_key=True, autoincrement=False),
    Column("shop", PlainText, nullable=False),
    Column("platform_id", PlainText, nullable=False),
    Column("partner_app_id", PlainText),
    Column("status", PlainText),
    Column("previous_status", PlainText),
    Column("cause", PlainText, nullable=False),
    Column("buyer", LargeBinary),
    #: Sealed, so that its index can be written with another key; null as in `buyer_links`.
    Column("open_id", LargeBinary),
    Column("created_at", BigInteger),
    #: What the change itself tells: the platform's code, when it was paid, and the parcel as JSON.
    Column("platform_status", PlainText),
    Column("paid_at", BigInteger),
    Column("shipment", Text),
    Column("written_at", Double, nullable=False),
    Index(None, "written_at"),
    Index(None, "shop", "buyer"),
    Index(None, "shop", "platform_id"),
)

#: Changes of other objects; earlier versions read those of orders whole.
object_changes = Table(
    "object_changes",
    metadata,
    #: From `counters`, as the cursor of `order_changes`.
    Column("cursor", BigInteger, primary_key=True, autoincrement=False),
    #: The GraphQL type: AfterSale, Product, Push or BulkOperation.
    Column("kind", PlainText, nullable=False),
    Column("shop", PlainText, nullable=False),
    #: Of a push and of a bulk operation its number.
    Column("platform_id", PlainText, nullable=False),
    #: Of an after-sale.
    Column("order_id", PlainText),
    #: Null once it was deleted.
    Column("status", PlainText),
    Column("previous_status", PlainText),
    Column("cause", PlainText, nullable=False),
    Column("written_at", Double, nullable=False),
    Index(None, "written_at"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", PlainText, primary_key=True),
    Column("key", PlainText, primary_key=True),
    #: Of document, operation name, variables and uploads.
    Column("operation_hash", LargeBinary, nullable=False),
    Column("owner", PlainText, nullable=False),
    Column("lease_until", Double, nullable=False),
    #: Sealed; null while the first request is in progress.
    Column("outcome", LargeBinary),
    Column("written_at", Double, nullable=False),
    #: Sealed; what the ledger's transactions did under this key, written in each of them.
    Column("receipts", LargeBinary),
    #: Sealed; what of the outcome only pii:read shows, with its places in it.
    Column("personal", LargeBinary),
    #: Blind indexes of the buyers whom `personal` may concern, in hexadecimal; null: an outcome of
    #: a version that kept all in `outcome`.
    Column("buyers", Text),
    Index(None, "written_at"),
    partial_index("ix_idempotency_keys_whole", "caller", "key", where=IS_WHOLE_OUTCOME),
)

inbox_events = Table(
    "inbox_events",
    metadata,
    Column("shop", PlainText, primary_key=True),
    #: Equal for two deliveries of the same event.
    Column("event_key", PlainText, primary_key=True),
    Column("kind", PlainText, nullable=False),
    #: False if the signature does not cover the body: then it is only a hint.
    Column("trusted", Boolean, nullable=False),
    Column("event_at", BigInteger, nullable=False),
    #: Sealed: with the kind and the time it reveals a purchase.
    Column("body", LargeBinary),
    Column("state", PlainText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Double),
    Column("lease_owner", PlainText),
    Column("lease_until", Double),
    Column("written_at", Double, nullable=False),
    #: Of a dead letter: why it is one, in words without a value of it, and since when.
    Column("reason", PlainText),
    Column("dead_at", Double),
    Index(None, "state", "next_attempt_at"),
    Index(None, "written_at"),
    Index(None, "shop", "state", "dead_at"),
    partial_index("ix_inbox_events_due", "next_attempt_at", "event_at", "event_key", where=_WAITS),
    partial_index("ix_inbox_events_waiting_since", "shop", "written_at", where=_WAITS),
    partial_index("ix_inbox_events_body", "written_at", where=HAS_BODY),
)

#: The audit log, without personal data. Its key is its order: the time, then a random number.
audit_events = Table(
    "audit_events",
    metadata,
    Column("at", Double, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("actor", PlainText, nullable=False),
    Column("action", PlainText, nullable=False),
    #: Keys of shops, each between commas, as in ",flagship,mini,"; empty: none.
    Column("shops", PlainText, nullable=False),
    Column("subject", PlainText),
    Column("revealed", Integer, nullable=False),
    Column("outcome", PlainText, nullable=False),
    Column("request_id", PlainText, nullable=False),
    Column("peer", PlainText),
    Index(None, "actor", "at", "id"),
    Index(None, "action", "at", "id"),
    sqlite_with_rowid=False,
)

#: Last uses of API keys.
key_uses = Table(
    "key_uses",
    metadata,
    Column("key_id", PlainText, primary_key=True),
    Column("last_used_at", Double, nullable=False),
)

#: What API keys with a ceiling refund on the current day, in fen.
refund_totals = Table(
    "refund_totals",
    metadata,
    #: The key's name: a key that replaces another has what is left of the same ceiling.
    Column("key_name", PlainText, primary_key=True),
    #: The day in China, as in "2026-11-30".
    Column("day", PlainText, primary_key=True),
    Column("fen", BigInteger, nullable=False),
)

#: Leases for work that only one replica at a time may do.
leases = Table(
    "leases",
    metadata,
    Column("name", PlainText, primary_key=True),
    Column("owner", PlainText, nullable=False),
    #: Grows with each owner: writes after a lease has expired are refused.
    Column("fence", BigInteger, nullable=False),
    Column("until", Double, nullable=False),
)
