"""What no section can tell by itself: the rules between keys."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from gateway.settings.document import Document
from gateway.settings.problem import Problem
from gateway.settings.shops import BaiduShop, WechatStoreShop


def contradictions(document: Document) -> list[Problem]:
    """Every rule between keys that the document breaks."""
    return list(chain(_auth(document), _processes(document), _shops(document), _mirrors(document)))


def _auth(document: Document) -> Iterator[Problem]:
    if document.auth.mode == "jwt":
        yield Problem("auth.mode", '"jwt" is not built in this version; use "keys"')
    if document.auth.mode == "open" and not document.server.on_loopback:
        yield Problem(
            "auth.mode",
            f'"open" lets everyone in, so server.host must be 127.0.0.1, not '
            f'{document.server.host}; use "keys"',
        )


def _processes(document: Document) -> Iterator[Problem]:
    if document.server.workers > 1 and document.cache.is_memory:
        yield Problem(
            "server.workers",
            f"{document.server.workers} processes cannot share memory://; "
            "set cache.url to redis://HOST:6379/0, or workers to 1",
        )


def _shops(document: Document) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for index, shop in enumerate(document.shops):
        place = f"shops[{index}]"
        seen[shop.key] += 1
        if seen[shop.key] > 1:
            yield Problem(f"{place}.key", f"expected a key of its own; {shop.key} is taken")
        if isinstance(shop, BaiduShop):
            continue
        if shop.event_aes_key is not None and shop.event_token is None:
            yield Problem(f"{place}.event_token", "missing; event_aes_key is of no use without it")
        if shop.event_aes_key_previous is not None and shop.event_aes_key is None:
            yield Problem(f"{place}.event_aes_key", "missing; event_aes_key_previous follows it")


def _mirrors(document: Document) -> Iterator[Problem]:
    shops = {shop.key: shop for shop in document.shops}
    pairs: Counter[tuple[str, str]] = Counter()
    for index, mirror in enumerate(document.mirrors):
        place = f"mirrors[{index}]"
        for name, key in (("from", mirror.source), ("to", mirror.target)):
            if key not in shops:
                yield Problem(f"{place}.{name}", f"expected a shop of this file: {_list(shops)}")
        if isinstance(shops.get(mirror.target), WechatStoreShop):
            yield Problem(
                f"{place}.to", "expected a mini_program or baidu shop: it takes orders in"
            )
        if mirror.source == mirror.target:
            yield Problem(f"{place}.to", "expected another shop than the one in from")
        pairs[mirror.source, mirror.target] += 1
        if pairs[mirror.source, mirror.target] > 1:
            yield Problem(place, f"{mirror.source} to {mirror.target} stands here twice")


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "it has none"
