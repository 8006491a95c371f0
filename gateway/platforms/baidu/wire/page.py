"""A page that Baidu's app opens: DetailPage."""

from msgspec import field

from gateway.platforms.baidu.wire.base import Loose, Written


class DetailPage(Written, frozen=True, kw_only=True):
    """`status` 0 hidden, 1 shown, 2 shown and opens; the schemas are addresses of the page."""

    status: Loose | None = field(name="Status", default=None)
    name: str | None = field(name="Name", default=None)
    h5_schema: str | None = field(name="H5Schema", default=None)
    swan_schema: str | None = field(name="SwanSchema", default=None)
    iphone_schema: str | None = field(name="IPhoneSchema", default=None)
    android_schema: str | None = field(name="AndroidSchema", default=None)
