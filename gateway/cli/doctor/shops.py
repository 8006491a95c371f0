"""Checks each shop's credentials against its platform."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from gateway.cli.doctor.finding import Finding, failed, ok
from gateway.errors import PlatformCredentials, PlatformFailure

#: Asks a shop's platform for a token; raises PlatformFailure where it gives none.
Ask = Callable[[], Awaitable[None]]


async def shop_findings(asks: Mapping[str, Ask]) -> list[Finding]:
    """What each shop's platform says of its credentials; all are asked at once."""
    return await asyncio.gather(*(_finding(shop, ask) for shop, ask in asks.items()))


async def _finding(shop: str, ask: Ask) -> Finding:
    subject = f"shop {shop}"
    try:
        await ask()
    except PlatformCredentials as failure:
        return failed(
            subject,
            failure.message,
            "compare its app id and secret with the platform's console, "
            "and this machine's address with the list of allowed ones there",
        )
    except PlatformFailure as failure:
        return failed(subject, failure.message, "check its base_url and the way to the platform")
    return ok(subject, "its platform accepts the credentials")
