"""A real Prometheus that scrapes one gateway, on a port that it finds by itself."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.monitoring.rules import RULES
from tests.waiting import eventually

CONFIGURATION = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: gateway
    static_configs: [{{targets: ["{target}"]}}]
"""
LISTENS = re.compile(r"Listening on\"? address=127\.0\.0\.1:(\d+)")


class Prometheus:
    """Asks a Prometheus by its HTTP API."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def query(self, expression: str) -> list[Any]:
        """Answer the elements of an instant vector.

        Raises:
            AssertionError: the expression is refused.
        """
        found: list[Any] = await self._asked("query", query=expression)
        return found

    async def series(self, metric: str) -> list[dict[str, str]]:
        """Answer the labels of each series of a metric."""
        found: list[dict[str, str]] = await self._asked("series", **{"match[]": metric})
        return found

    async def rules(self) -> list[dict[str, Any]]:
        """Answer the alert rules, with what became of their evaluation."""
        answer: Any = await self._asked("rules", type="alert")
        return [rule for group in answer["groups"] for rule in group["rules"]]

    async def _asked(self, path: str, **parameters: str) -> Any:
        answer = await self._http.get(f"/api/v1/{path}", params=parameters)
        assert answer.status_code == 200, f"{parameters}: {answer.text}"
        data = answer.json()["data"]
        return data["result"] if path == "query" else data


@asynccontextmanager
async def prometheus_running(
    executable: Path, folder: Path, target: str
) -> AsyncIterator[Prometheus]:
    """Run Prometheus with the alert rules over `target`, host and port, while it lasts."""
    configuration, log = folder / "prometheus.yaml", folder / "prometheus.log"
    configuration.write_text(CONFIGURATION.format(rules=RULES, target=target))
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            executable,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={folder / 'data'}",
            "--web.listen-address=127.0.0.1:0",
            stdout=output,
            stderr=output,
        )
    try:
        while not (found := LISTENS.search(log.read_text(encoding="utf-8"))):
            assert process.returncode is None, log.read_text(encoding="utf-8")
            await asyncio.sleep(0.05)
        url = f"http://127.0.0.1:{found[1]}"
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:

            async def ready() -> bool:
                return (await http.get("/-/ready")).status_code == httpx.codes.OK

            await eventually(ready)
            yield Prometheus(http)
    finally:
        process.terminate()
        await process.wait()
