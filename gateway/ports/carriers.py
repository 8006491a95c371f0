"""Carriers: one key for each on all platforms, by which inputs may name it in place of a code."""

from collections.abc import Mapping, Sequence
from typing import Final

from schema.shipment import Carrier

#: Key → name, then the other names by which platforms and merchants write the same carrier.
CARRIER_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "best": ("百世快递", "百世汇通", "汇通快运", "汇通", "百世"),
    "changling": ("畅灵",),
    "deppon": ("德邦", "德邦快递", "德邦物流"),
    "dhl": ("DHL",),
    "ems": ("EMS", "邮政EMS"),
    "jd": ("京东物流", "京东快递"),
    "jtexpress": ("极兔速递", "极兔"),
    "rufengda": ("如风达",),
    "sf": ("顺丰速运", "顺丰"),
    "shunxing": ("顺兴",),
    "sto": ("申通快递", "申通"),
    "tiantian": ("天天快递", "天天"),
    "uce": ("优速", "优速快递"),
    "yixun": ("易迅快递", "易迅"),
    "yto": ("圆通速递", "圆通", "圆通快递"),
    "yunda": ("韵达快递", "韵达", "韵达快运", "韵达速递"),
    "zjs": ("宅急送",),
    "zto": ("中通快递", "中通", "中通速递"),
}
_KEYS: Final = {name: key for key, names in CARRIER_NAMES.items() for name in names}


def listed(codes: Mapping[str, str]) -> tuple[Carrier, ...]:
    """A platform's table of carriers, from the names by their codes, in the manual's order."""
    return tuple(Carrier(code=code, name=name, key=_KEYS.get(name)) for code, name in codes.items())


def named(name: str) -> Carrier:
    """A carrier that a platform knows by name only."""
    return Carrier(name=name, key=_KEYS.get(name))


def chosen(text: str, table: Sequence[Carrier]) -> Carrier | None:
    """The carrier that an input names by its code on the platform, or by its key.

    One that the platform's table lacks has no code: it is sent by its name. None: there is no
    carrier of this code or key.
    """
    key = text.lower()
    for carrier in table:
        if text == carrier.code or key == carrier.key:
            return carrier
    names = CARRIER_NAMES.get(key)
    return None if names is None else Carrier(name=names[0], key=key)
