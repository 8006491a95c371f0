"""Batched look-ups by shop: a failing shop affects only its own keys."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from gateway.ports import Adapter
from gateway.services.directory import Directory
from gateway.services.failures import SHOP_FAILURES
from gateway.services.viewer import Viewer
from gateway.stale_reads import StaleReads, named
from schema.key import Key

T = TypeVar("T")

#: The object of a key, None if there is none, or the failure to read it.
Found: TypeAlias = T | Exception | None


async def batch_by_shop(
    directory: Directory,
    viewer: Viewer,
    keys: Sequence[Key],
    load: Callable[[Adapter, Sequence[Key]], Awaitable[Mapping[Key, Found[T]]]],
) -> Sequence[Found[T]]:
    """The objects of the keys, in their order; stale reads are noted by the keys.

    Args:
        directory: the shops; keys of a shop that the viewer does not see have no object.
        viewer: who asks.
        keys: of any shops, possibly repeated.
        load: looks up one shop's distinct keys; a failure of a single key may be its value. Notes
        stale reads by the platform's ids.
    """
    groups: defaultdict[str, dict[Key, None]] = defaultdict(dict)
    for key in keys:
        groups[key.shop][key] = None
    found: dict[Key, Found[T]] = {}

    async def ask(shop: str, mine: Sequence[Key]) -> None:
        adapter = directory.find(shop, viewer)
        if adapter is None:
            return
        try:
            with StaleReads() as stale:
                found.update(await load(adapter, mine))
        except SHOP_FAILURES as failure:
            found.update(dict.fromkeys(mine, failure))
        else:
            stale.note_as((key.platform_id, key) for key in mine)

    if len(groups) == 1:
        ((shop, mine),) = groups.items()
        await ask(shop, list(mine))
    else:
        await asyncio.gather(*(ask(shop, list(mine)) for shop, mine in groups.items()))
    return [found.get(key) for key in keys]


async def key_by_key(
    keys: Sequence[Key], read: Callable[[Key], Awaitable[T | None]]
) -> dict[Key, Found[T]]:
    """The object of each key that has one, or the failure to read it; read concurrently.

    Stale reads are noted by the platform's ids.
    """
    found = await asyncio.gather(
        *(named(key.platform_id, read(key)) for key in keys), return_exceptions=True
    )
    answers: dict[Key, Found[T]] = {}
    for key, answer in zip(keys, found, strict=True):
        if isinstance(answer, BaseException) and not isinstance(answer, SHOP_FAILURES):
            raise answer
        if answer is not None:
            answers[key] = answer
    return answers


def raised(found: Found[T]) -> T | None:
    """The object, or None; raises the failure to read it."""
    if isinstance(found, Exception):
        raise found
    return found
