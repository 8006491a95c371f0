"""Calls the platform by a ReadOptions; None for things that do not exist."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from gateway.concurrency.sliced_work import Steps
from gateway.errors import PlatformRejected
from gateway.ports import ReadOptions
from gateway.stale_reads import named
from gateway.upstream.answer import PlatformAnswer
from gateway.upstream.client import PlatformClient
from gateway.upstream.endpoint import Endpoint, Req, Res

T = TypeVar("T")


async def ask(
    client: PlatformClient,
    endpoint: Endpoint[Req, Res],
    request: Req,
    reading: ReadOptions,
    *,
    prepare: Callable[[PlatformAnswer[Res]], Steps[None]] | None = None,
) -> PlatformAnswer[Res]:
    """The platform's answer, from the cache unless a fresh one is requested.

    `prepare`: as in `PlatformClient.call`.
    """
    return await client.call(
        endpoint,
        request,
        fresh=reading.fresh,
        strict=reading.strict,
        deadline=reading.deadline,
        probe_seconds=reading.probe_seconds,
        prepare=prepare,
    )


async def find(
    client: PlatformClient, endpoint: Endpoint[Req, Res], request: Req, reading: ReadOptions
) -> PlatformAnswer[Res] | None:
    """The answer to a look-up by id; None if the platform has no such thing."""
    try:
        return await ask(client, endpoint, request, reading)
    except PlatformRejected as refusal:
        if client.errors.absent(refusal):
            return None
        raise


async def each(ids: Iterable[str], one: Callable[[str], Awaitable[T | None]]) -> dict[str, T]:
    """Looks things up concurrently; raises the first failure once all have completed.

    Stale reads are noted by the things' ids.
    """
    distinct = list(dict.fromkeys(ids))
    if not distinct:
        return {}
    if len(distinct) == 1:
        # Without tasks, which cost more than the rest of an answer from the cache.
        alone = await named(distinct[0], one(distinct[0]))
        return {} if alone is None else {distinct[0]: alone}
    answers = await together(named(id_, one(id_)) for id_ in distinct)
    return {
        id_: answer for id_, answer in zip(distinct, answers, strict=True) if answer is not None
    }


async def together(calls: Iterable[Awaitable[T]]) -> list[T]:
    """The answers of concurrent calls; raises the first failure once all have completed."""
    answers: list[T] = []
    for answer in await asyncio.gather(*calls, return_exceptions=True):
        if isinstance(answer, BaseException):
            raise answer
        answers.append(answer)
    return answers
