"""The store itself (reference, section 2)."""

from gateway.platforms.weixin_store.wire.base import Flag, Number, Read


class ShopInfo(Read, frozen=True, kw_only=True):
    """What the platform reports of the store.

    `status`: open_finished, closing, close_finished. `open_timestamp` in unix seconds.
    """

    username: str | None = None
    nickname: str | None = None
    headimg_url: str | None = None
    subject_type: str | None = None
    status: str | None = None
    open_timestamp: Number | None = None
    is_local_life: Flag | None = None


class ShopInfoResponse(Read, frozen=True, kw_only=True):
    """The answer to `basics/info/get`."""

    info: ShopInfo
