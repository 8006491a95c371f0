"""What was given for the copy of an order in another shop."""

import msgspec


class MirrorDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the target needs and the source does not report; None: the gateway's default."""

    title: str | None = None
    #: A BaiduOrderKind.
    kind: str | None = None
    paid_at: int | None = None
