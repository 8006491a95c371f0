"""Cross-field rules of the configuration."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from gateway.settings.document import ConfigurationDocument
from gateway.settings.section import Problem
from gateway.settings.shops import ConfigurablePlatform


def contradictions(
    document: ConfigurationDocument, platforms: Mapping[str, ConfigurablePlatform]
) -> list[Problem]:
    """Every rule between keys that the document breaks; `platforms` are those that there are."""
    return list(
        chain(
            _auth(document),
            _processes(document),
            _shops(document),
            _mirrors(document, platforms),
        )
    )


def _auth(document: ConfigurationDocument) -> Iterator[Problem]:
    if document.auth.mode == "jwt":
        for name in ("jwks_url", "issuer", "audience"):
            if getattr(document.auth, name) is None:
                yield Problem(f"auth.{name}", 'missing; auth.mode "jwt" needs it')
    if document.auth.mode == "open" and not document.server.on_loopback:
        yield Problem(
            "auth.mode",
            f'"open" lets everyone in, so server.host must be 127.0.0.1, not '
            f'{document.server.host}; use "keys"',
        )
    if document.auth.mode == "open" and not document.server.public_on_loopback:
        yield Problem(
            "auth.mode",
            '"open" is for callers on this machine, but server.public_url names another host: '
            f'{document.server.public_url}; use "keys"',
        )


def _processes(document: ConfigurationDocument) -> Iterator[Problem]:
    if document.server.workers > 1 and document.cache.is_memory:
        yield Problem(
            "server.workers",
            f"{document.server.workers} processes cannot share memory://; "
            "set cache.url to redis://HOST:6379/0, or workers to 1",
        )
    if document.server.workers > 1 and document.store.sqlite_file is not None:
        yield Problem(
            "server.workers",
            f"{document.server.workers} processes cannot share one SQLite file, which one process "
            "writes at a time; set store.url to postgresql://USER:PASSWORD@HOST/DATABASE, or "
            "workers to 1",
        )


def _shops(document: ConfigurationDocument) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for index, shop in enumerate(document.shops):
        place = f"shops[{index}]"
        seen[shop.key] += 1
        if seen[shop.key] > 1:
            yield Problem(f"{place}.key", f"expected a key of its own; {shop.key} is taken")
        for problem in shop.contradictions():
            yield Problem(f"{place}.{problem.key}", problem.text)


def _mirrors(
    document: ConfigurationDocument, platforms: Mapping[str, ConfigurablePlatform]
) -> Iterator[Problem]:
    shops = {shop.key: platforms[shop.platform] for shop in document.shops}
    sources = [name for name, platform in platforms.items() if platform.mirrors_from]
    targets = [name for name, platform in platforms.items() if platform.accepts_orders]
    pairs: Counter[tuple[str, str]] = Counter()
    for index, mirror in enumerate(document.mirrors):
        place = f"mirrors[{index}]"
        source, target = shops.get(mirror.source), shops.get(mirror.target)
        for name, key in (("from", mirror.source), ("to", mirror.target)):
            if key not in shops:
                yield Problem(f"{place}.{name}", f"expected a shop of this file: {_list(shops)}")
        if source is not None and not source.mirrors_from:
            yield Problem(
                f"{place}.from", f"expected a {_either(sources)} shop: its orders can be copied"
            )
        if target is not None and not target.accepts_orders:
            yield Problem(f"{place}.to", f"expected a {_either(targets)} shop: it takes orders in")
        if mirror.source == mirror.target:
            yield Problem(f"{place}.to", "expected another shop than the one in from")
        pairs[mirror.source, mirror.target] += 1
        if pairs[mirror.source, mirror.target] > 1:
            yield Problem(place, f"{mirror.source} to {mirror.target} is listed twice")


def _either(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "it has none"
