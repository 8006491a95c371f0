"""What a running gateway says of itself: whether it is ready, and the health of its shops."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from gateway.settings import Settings

#: Seconds that the gateway may take to answer.
_TIMEOUT: Final = 3.0
#: Addresses to listen on which stand for all of the machine's.
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - recognised, not bound
_BREAKER: Final = "gateway_upstream_breaker_open"
_TOKEN: Final = "gateway_token_expires_timestamp_seconds"  # noqa: S105 - the name of a metric
_BUILD: Final = "gateway_build_info"


@dataclass(frozen=True, slots=True)
class RunningGateway:
    """The answer of the gateway that listens where the configuration says.

    `state` is "ready", "unready", "stopping", or "unreachable" where nothing answers. `version`
    and what concerns shops are None if its metrics are not given to this caller.
    """

    address: str
    state: str
    version: str | None = None
    #: By shop, the endpoints whose calls are refused because they kept failing.
    open_breakers: Mapping[str, tuple[str, ...]] | None = None
    #: By shop, when its token ends, in unix seconds.
    tokens: Mapping[str, float] = field(default_factory=dict)


async def ask_gateway(settings: Settings, within: float = _TIMEOUT) -> RunningGateway:
    """Ask the gateway of this configuration on this machine; nothing is changed by it.

    What does not answer within so many seconds is unreachable.
    """
    server = settings.server
    host = f"[{server.host}]" if ":" in server.host else server.host
    address = f"http://{_EVERYWHERE.get(server.host, host)}:{server.port}"
    async with httpx.AsyncClient(base_url=address, timeout=within, trust_env=False) as http:
        try:
            state = (await http.get("/readyz")).json()["status"]
            metrics = await http.get("/metrics")
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return RunningGateway(address, "unreachable")
    if metrics.status_code != httpx.codes.OK:
        return RunningGateway(address, str(state))
    return _with_metrics(address, str(state), metrics.text)


def _with_metrics(address: str, state: str, text: str) -> RunningGateway:
    version: str | None = None
    breakers: dict[str, list[str]] = {}
    tokens: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = sample.labels
            if sample.name == _BUILD:
                version = labels["version"]
            elif sample.name == _BREAKER and sample.value:
                breakers.setdefault(labels["shop"], []).append(labels["endpoint"])
            elif sample.name == _TOKEN and sample.value:
                tokens[labels["shop"]] = sample.value
    opened = {shop: tuple(sorted(endpoints)) for shop, endpoints in breakers.items()}
    return RunningGateway(address, state, version, opened, tokens)
