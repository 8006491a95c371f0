"""The audits of npm's graphql-http, on a running gateway."""

import json
import subprocess
import sys
from pathlib import Path

NODE = Path(sys.executable).parent / "node"


def test_every_audit_of_graphql_http_is_passed(node_packages: Path, gateway_url: str) -> None:
    done = subprocess.run(
        [NODE, "audit.js", gateway_url],
        cwd=node_packages,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    results = json.loads(done.stdout)
    assert [audit for audit in results if audit["status"] != "ok"] == []
    assert len(results) == 61
