"""The audits of npm's graphql-http, on the whole gateway."""

import asyncio
import json
import sys
from pathlib import Path

from tests.fixtures_served import Client

NODE = Path(sys.executable).parent / "node"


async def test_every_audit_of_graphql_http_is_passed(node_packages: Path, gateway: Client) -> None:
    url = gateway.http.base_url.join("/graphql")
    audit = await asyncio.create_subprocess_exec(
        NODE, "audit.js", str(url), cwd=node_packages, stdout=asyncio.subprocess.PIPE
    )

    said, _ = await asyncio.wait_for(audit.communicate(), 60)

    results = json.loads(said)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == 61
