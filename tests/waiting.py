"""Waits for what another task, thread or process does; only pytest's own timeout ends it."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any


async def eventually(found: Callable[[], Any]) -> Any:
    """What `found` answers, asked again until there is something; it may be a coroutine."""
    while True:
        value = found()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        await asyncio.sleep(0.02)
