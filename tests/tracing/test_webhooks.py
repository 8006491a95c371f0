"""Traces of calls of integrators' endpoints."""

import shutil
from functools import partial
from pathlib import Path

from gateway.tracing import TracingConfiguration
from gateway.tracing.export import open_tracing
from tests.tracing.collector import CLIENT, Collector
from tests.upstream.server import answer, platform
from tests.waiting import eventually
from tests.webhooks.worlds import world


async def test_each_call_of_an_endpoint_has_a_trace(
    collector: Collector, tmp_path: Path, ledger_template: Path
) -> None:
    shutil.copy(ledger_template, tmp_path / "gateway.db")
    answers = [answer("", 500), answer("", 204)]
    async with (
        platform(lambda _: answers.pop(0)) as played,
        world(f"sqlite:///{tmp_path / 'gateway.db'}") as here,
        open_tracing(TracingConfiguration(collector.url)) as tracer,
    ):
        await here.endpoint(f"{played.url}/a-path-that-is-hard-to-guess")
        await here.orders(("1", "PAID"))
        await here.recorder().once()
        deliverer = here.deliverer(tracer=tracer)
        for attempts in (1, 2):
            await deliverer.once()
            await eventually(partial(here.observed.counted, attempts))
            here.now += 1.0
        await deliverer.stop()
    topic = {"http.request.method": "POST", "gateway.webhook.topic": "ORDER_CHANGED"}
    spans = {span.failed: span for span in collector.named("deliver webhook")}
    assert spans[True].attributes == topic | {
        "http.response.status_code": 500,
        "error.type": "500",
    }
    assert spans[False].attributes == topic | {
        "http.response.status_code": 204,
        "http.request.resend_count": 1,
    }
    assert {span.kind for span in spans.values()} == {CLIENT}
