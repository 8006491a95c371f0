"""What /metrics tells of the way to the platforms: breakers, and tokens."""

import time
from pathlib import Path

import pytest

from gateway.concurrency.clock import Clock
from gateway.registry import PLATFORMS
from gateway.settings import Settings
from tests.e2e.storefront_samples import id_of
from tests.fixtures_sandbox import Sandbox
from tests.fixtures_served import Client, Serve, configuration, serving

SHELF = id_of("Shelf", 22)
QUERY = "query ($id: ID!) { shelf(id: $id) { id } }"
#: Seconds; the platform says it of its tokens.
LIFE = 7200


async def figure(gateway: Client, name: str) -> float | None:
    """Answer one figure; None where there is none by that name."""
    lines = (await gateway.http.get("/metrics")).text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), None)


async def test_an_endpoint_that_is_left_alone_shows_until_it_answers(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    later = 0.0
    settings = Settings.from_dict(
        PLATFORMS, configuration(sandbox, tmp_path, upstream={"retries": 0})
    )
    clock = Clock(monotonic=lambda: time.monotonic() + later)
    name = 'gateway_upstream_breaker_open{endpoint="shelf.getbyid",shop="flagship"}'
    async with serving(settings, clock) as gateway:
        assert await figure(gateway, name) is None
        sandbox.fault("http_status", 503, path="/merchant/shelf/getbyid", times=None)
        seen = []
        for _ in range(6):
            assert (await gateway.ask(QUERY, {"id": SHELF})).codes == ["PLATFORM_UNAVAILABLE"]
            seen.append(await figure(gateway, name))
        assert seen == [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]
        assert len(sandbox.requests("/merchant/shelf/getbyid")) == 5

        sandbox.clear_faults()
        later = 40.0
        assert (await gateway.ask(QUERY, {"id": SHELF})).data == {"shelf": {"id": SHELF}}
        assert await figure(gateway, name) == 0.0


async def test_a_token_counts_when_it_is_fetched_and_tells_when_it_ends(
    gateway: Client,
) -> None:
    began = time.time()
    await gateway.ask(QUERY, {"id": SHELF})
    await gateway.ask(QUERY, {"id": id_of("Shelf", 23)})

    fetched = 'gateway_token_fetches_total{outcome="ok",shop="flagship"}'
    assert await figure(gateway, fetched) == 1.0
    ends = await figure(gateway, 'gateway_token_expires_timestamp_seconds{shop="flagship"}')
    assert ends == pytest.approx(began + LIFE, abs=60)


async def test_a_refused_secret_is_counted(serve: Serve, sandbox: Sandbox) -> None:
    async with serve() as gateway:
        sandbox.fault("errcode", 40125, platform="wechat_tokens", times=None)

        assert (await gateway.ask(QUERY, {"id": SHELF})).codes == ["PLATFORM_CREDENTIALS"]

        refused = 'gateway_token_fetches_total{outcome="refused",shop="flagship"}'
        assert await figure(gateway, refused) == 1.0
        assert sandbox.requests("/merchant/shelf/getbyid") == []
