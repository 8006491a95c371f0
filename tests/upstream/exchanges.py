"""Exchanges of our transport, for tests of it."""

import httpx

from gateway.upstream.limits import UpstreamLimits
from gateway.upstream.transport import UpstreamTransport, Whole
from tests.upstream.server import answer

OK = answer('{"errcode":0}')
QUICK = UpstreamLimits(connect_timeout=1.0, read_timeout=0.2, max_response_bytes=10_000)


async def ask(
    transport: UpstreamTransport, url: str, *, body: bytes = b"{}", **extensions: object
) -> tuple[int, bytes]:
    request = httpx.Request(
        "POST", url, headers={"host": "x"}, stream=Whole(body), extensions=extensions
    )
    response = await transport.handle_async_request(request)
    return response.status_code, await response.aread()
