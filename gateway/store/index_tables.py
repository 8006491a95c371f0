"""The tables of the index: what the platforms told of orders, products and after-sales.

The ledger's kinds of columns and times are used (see `gateway.store.tables`). On SQLite the words
of orders and products are in FTS5 tables beside these, which triggers keep; on PostgreSQL a GIN
index over `words` finds them (see `gateway.store.full_text`).
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
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.store.bulk_tables import metadata as metadata  # noqa: PLC0414 - with these tables
from gateway.store.tables import Counted, PlainText, partial_index

#: Of `index_orders`: rows whose personal data was not erased.
HAS_CONTACT: Final = text("(contact IS NOT NULL OR personal IS NOT NULL)")
#: Of `index_after_sales`, likewise.
HAS_BUYER: Final = text("(open_id IS NOT NULL OR personal IS NOT NULL)")
IS_COPY: Final = text("original_shop IS NOT NULL")
#: Of `index_orders`: whether it has an after-sale that is open.
HAS_OPEN_AFTER_SALE: Final = text("open_after_sale")
#: Of `index_after_sales`: whether it is not settled.
IS_OPEN: Final = text("open")

index_orders = Table(
    "index_orders",
    metadata,
    #: Its creation in unix seconds × 2**20, plus what tells apart orders of one second: the row
    #: number of the words, which are read in its order.
    Column("number", Counted, primary_key=True, autoincrement=False),
    Column("shop", PlainText, nullable=False),
    Column("platform_id", PlainText, nullable=False),
    #: The partner store's app id; empty: an order of the shop itself.
    Column("part", PlainText, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    #: `created_at` where the platform tells no change.
    Column("updated_at", BigInteger, nullable=False),
    #: 0: not paid, or not told.
    Column("paid_at", BigInteger, nullable=False),
    Column("status", PlainText, nullable=False),
    #: In fen, as `refunded`.
    Column("total", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("open_after_sale", Boolean, nullable=False),
    #: Of a copy: which order it was copied from, as `mirrors` has it.
    Column("original_shop", PlainText),
    Column("original_id", PlainText),
    #: Blind indexes: of the open id (without one the swan id), as in `orders`; of the phone number;
    #: of the receiver's name.
    Column("buyer", LargeBinary),
    Column("phone", LargeBinary),
    Column("receiver", LargeBinary),
    #: A keyed hash of all that was told, in hexadecimal: what is told again is not written again.
    Column("digest", PlainText, nullable=False),
    #: When the platform was asked: an older answer does not replace a newer one.
    Column("seen_at", Double, nullable=False),
    Column("written_at", Double, nullable=False),
    #: Words to find it by, each between spaces; nothing personal.
    Column("words", Text, nullable=False),
    #: Sealed: what the blind indexes are made of, so that they can be made with another key.
    Column("contact", LargeBinary),
    #: The platform's document without what is personal, and that, sealed; null: the ledger has it.
    Column("document", Text),
    Column("personal", LargeBinary),
    UniqueConstraint("shop", "platform_id", "part"),
    Index(None, "shop", "created_at", "platform_id"),
    Index(None, "shop", "status", "created_at", "platform_id"),
    Index(None, "shop", "updated_at", "platform_id"),
    Index(None, "shop", "paid_at", "platform_id"),
    Index(None, "shop", "total", "platform_id"),
    Index(None, "shop", "buyer", "created_at", "platform_id"),
    Index(None, "shop", "phone", "created_at", "platform_id"),
    Index(None, "shop", "receiver", "created_at", "platform_id"),
    partial_index(
        "ix_index_orders_open_after_sale",
        "shop",
        "created_at",
        "platform_id",
        where=HAS_OPEN_AFTER_SALE,
    ),
    partial_index("ix_index_orders_copies", "shop", "original_shop", where=IS_COPY),
    partial_index("ix_index_orders_personal", "written_at", where=HAS_CONTACT),
)

index_order_lines = Table(
    "index_order_lines",
    metadata,
    #: Of `index_orders`.
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    #: From 0.
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("shop", PlainText, nullable=False),
    Column("platform_product_id", PlainText, nullable=False),
    Column("code", PlainText),
    Column("units", BigInteger, nullable=False),
    #: In fen, without shipping and discounts of the order.
    Column("total", BigInteger, nullable=False),
    ForeignKeyConstraint(["number"], ["index_orders.number"], ondelete="CASCADE"),
    Index(None, "shop", "platform_product_id", "number"),
    Index(None, "shop", "code", "number"),
)

#: Counts and sums of `index_orders`, kept in the transactions that write it.
index_order_sums = Table(
    "index_order_sums",
    metadata,
    Column("shop", PlainText, primary_key=True),
    #: Which time the day is of: "created" or "paid".
    Column("basis", PlainText, primary_key=True),
    #: Days since 1970 in China.
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("status", PlainText, primary_key=True),
    #: Of copies the shop of the original; empty: originals.
    Column("original_shop", PlainText, primary_key=True),
    #: As in `push_counts`.
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("orders", BigInteger, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
)

index_products = Table(
    "index_products",
    metadata,
    #: The row number of the words.
    Column("number", Counted, primary_key=True),
    Column("shop", PlainText, nullable=False),
    Column("platform_id", PlainText, nullable=False),
    Column("title", Text, nullable=False),
    #: The title as it is sorted.
    Column("title_key", PlainText, nullable=False),
    #: In fen; of those that are not told see `gateway.store.index_pages`.
    Column("price_min", BigInteger, nullable=False),
    Column("price_max", BigInteger, nullable=False),
    #: Units of all SKUs.
    Column("stock", BigInteger, nullable=False),
    Column("status", PlainText, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("written_at", Double, nullable=False),
    #: Words to find it by, each between spaces.
    Column("words", Text, nullable=False),
    #: The platform's own; null: the ledger has it.
    Column("document", Text),
    #: Why the platform's audit last refused the draft, and when, in unix seconds.
    Column("draft_refusal", Text),
    Column("draft_refused_at", BigInteger),
    UniqueConstraint("shop", "platform_id"),
    Index(None, "shop", "status", "platform_id"),
    Index(None, "shop", "title_key", "platform_id"),
    Index(None, "shop", "price_min", "platform_id"),
    Index(None, "shop", "stock", "platform_id"),
)

index_skus = Table(
    "index_skus",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("platform_product_id", PlainText, primary_key=True),
    #: Empty: the product has one SKU only.
    Column("platform_sku_id", PlainText, primary_key=True),
    #: The merchant's own.
    Column("code", PlainText),
    #: In fen; null as `stock`: not told.
    Column("price", BigInteger),
    Column("stock", BigInteger),
    Index(None, "shop", "code", "platform_product_id"),
    Index(None, "shop", "stock", "platform_product_id"),
)

index_after_sales = Table(
    "index_after_sales",
    metadata,
    Column("shop", PlainText, primary_key=True),
    Column("order_platform_id", PlainText, primary_key=True),
    #: As in `index_orders`.
    Column("part", PlainText, primary_key=True),
    Column("platform_id", PlainText, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    #: `created_at` where the platform tells no change.
    Column("updated_at", BigInteger, nullable=False),
    #: Of those that are not told see `gateway.store.index_pages`.
    Column("answer_before", BigInteger, nullable=False),
    Column("status", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("open", Boolean, nullable=False),
    #: In fen; null: not told.
    Column("refund", BigInteger),
    Column("seen_at", Double, nullable=False),
    Column("written_at", Double, nullable=False),
    #: A blind index, as in `orders`, and the open id, sealed; null where the platform tells none.
    Column("buyer", LargeBinary),
    Column("open_id", LargeBinary),
    #: As in `index_orders`.
    Column("document", Text),
    Column("personal", LargeBinary),
    Index("ix_index_after_sales_created", "shop", "created_at", "order_platform_id", "platform_id"),
    Index("ix_index_after_sales_updated", "shop", "updated_at", "order_platform_id", "platform_id"),
    Index(
        "ix_index_after_sales_answer", "shop", "answer_before", "order_platform_id", "platform_id"
    ),
    Index(
        "ix_index_after_sales_status",
        "shop",
        "status",
        "created_at",
        "order_platform_id",
        "platform_id",
    ),
    Index(None, "shop", "buyer"),
    *(
        partial_index(name, "shop", by, "order_platform_id", "platform_id", where=IS_OPEN)
        for name, by in (
            ("ix_index_after_sales_open", "answer_before"),
            ("ix_index_after_sales_open_created", "created_at"),
            ("ix_index_after_sales_open_updated", "updated_at"),
        )
    ),
    partial_index("ix_index_after_sales_personal", "written_at", where=HAS_BUYER),
)

#: How far the index of each shop reaches.
index_progress = Table(
    "index_progress",
    metadata,
    Column("shop", PlainText, primary_key=True),
    #: What is read: "orders", "products" or "after_sales".
    Column("kind", PlainText, primary_key=True),
    #: Where the back-fill continues, in words of its kind; null: at the beginning.
    Column("position", Text),
    #: Everything created then or later is in the index; null: nothing is known to be.
    Column("complete_from", BigInteger),
    #: When the platform was last compared with it.
    Column("in_step_at", Double),
    #: Whether the back-fill has read all.
    Column("done", Boolean, nullable=False),
    #: How much the back-fill has read, and of how much; null: not known.
    Column("seen", BigInteger, nullable=False),
    Column("expected", BigInteger),
    Column("written_at", Double, nullable=False),
)
