"""Phone search: asks platforms that mask receivers' numbers for the orders of one."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import PlatformFailure, PlatformTimeout
from gateway.ports import Adapter, ReadOptions
from gateway.services.failures import SHOP_FAILURES
from gateway.services.fan_out import FanOut
from gateway.services.viewer import Viewer
from gateway.store.indexed_contacts import plain_phone
from schema.scope import Scope

#: What a phone number is written in: a text with anything else is none.
_WRITTEN: Final = re.compile(r"[+0-9０-９ ()-]+")
#: A mobile number of China.
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_NAME: Final = "search"
#: The share of a list's time that platforms have; the rest is the index's.
_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class FoundByPhone:
    """The orders that platforms found, by shop and platform id; and the shops that failed."""

    orders: Sequence[tuple[str, str]] = ()
    failures: Mapping[str, PlatformFailure] = field(default_factory=dict)


#: No platform was asked.
NOTHING: Final = FoundByPhone()


async def orders_by_phone(
    text: str | None,
    adapters: Sequence[Adapter],
    viewer: Viewer,
    fan_out: FanOut,
    reading: ReadOptions,
) -> FoundByPhone:
    """The orders of the shops whose receiver may have the number that a search is.

    No platform is asked for a text that is no whole mobile number, or without pii:read.
    """
    phone = None if text is None or Scope.PII_READ not in viewer.scopes else mobile_number(text)
    asked = [adapter for adapter in adapters if adapter.orders_by_phone is not None]
    if phone is None or not asked:
        return NOTHING
    within, seconds = fan_out.bounded(reading, _SHARE)
    answers = await asyncio.gather(*(_ask(one, phone, within, seconds) for one in asked))
    orders: list[tuple[str, str]] = []
    failures: dict[str, PlatformFailure] = {}
    for adapter, answer in zip(asked, answers, strict=True):
        if isinstance(answer, PlatformFailure):
            failures[adapter.shop.key_name] = answer
        else:
            orders += [(adapter.shop.key_name, platform_id) for platform_id in answer]
    return FoundByPhone(orders, failures)


def mobile_number(text: str) -> str | None:
    """The eleven digits of a mobile number, without China's code; None if the text is none."""
    if _WRITTEN.fullmatch(text) is None:
        return None
    phone = plain_phone(text)
    return phone if phone is not None and _MOBILE.fullmatch(phone) else None


async def _ask(
    adapter: Adapter, phone: str, reading: ReadOptions, seconds: float
) -> Sequence[str] | PlatformFailure:
    shop, port = adapter.shop.key_name, adapter.orders_by_phone
    if port is None:
        return ()
    try:
        async with asyncio.timeout(seconds) as limit:
            return [order.platform_id for order in await port.by_phone(phone, reading)]
    except SHOP_FAILURES as failure:
        if isinstance(failure, PlatformFailure):
            return failure
        return PlatformFailure(failure.message, endpoint=_NAME, shop=shop)
    except TimeoutError:
        if not limit.expired():
            raise
        words = f"{_NAME}: the shop had no answer within {seconds:g} s"
        return PlatformTimeout(words, endpoint=_NAME, shop=shop)
