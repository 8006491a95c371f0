"""What the wire documents of the Weixin Store share; loose scalars are those of WeChat's stores."""

from gateway.wechat.wire import Done, Flag, Id, Nothing, Number, Read, Written

__all__ = [
    "Attribute",
    "Done",
    "Flag",
    "Id",
    "Nothing",
    "Number",
    "Read",
    "Written",
]


class Attribute(Read, frozen=True, kw_only=True):
    """An attribute of a product or a SKU, by name."""

    attr_key: str | None = None
    attr_value: str | None = None
