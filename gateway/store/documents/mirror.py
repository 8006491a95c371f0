"""What was given for the copy of an order in another shop."""

import msgspec


class MirrorDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the target wants and the source does not tell; None: what the gateway makes of it."""

    title: str | None = None
    #: A BaiduOrderKind.
    kind: str | None = None
    paid_at: int | None = None
