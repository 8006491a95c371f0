"""The few lines of docs/webhooks.md verify what the gateway signs, and nothing else."""

import asyncio
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.webhooks.signature import new_secret, signed_headers
from tests.house.tree import ROOT

NODE = Path(sys.executable).parent / "node"
SECRET = new_secret(lambda count: b"s" * count)
OTHER = new_secret(lambda count: b"o" * count)
BODY = b'{"type":"order.changed"}'
#: Of what is verified: the secrets that sign, its age in seconds, the body, and the verdict.
CASES = [
    ([SECRET], 0, BODY, True),
    ([OTHER, SECRET], 200, BODY, True),
    ([OTHER], 0, BODY, False),
    ([SECRET], 400, BODY, False),
    ([SECRET], -400, BODY, False),
    ([SECRET], 0, BODY + b" ", False),
]


def documented(language: str) -> str:
    page = (ROOT / "docs" / "webhooks.md").read_text()
    (lines,) = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    return str(lines)


def headers(secrets: list[SecretStr], age: int) -> dict[str, str]:
    return signed_headers(secrets, "msg_1", int(time.time()) - age, BODY)


@pytest.mark.parametrize(("secrets", "age", "body", "genuine"), CASES)
def test_python(secrets: list[SecretStr], age: int, body: bytes, genuine: bool) -> None:  # noqa: FBT001 - of the cases
    names: dict[str, Any] = {}
    exec(documented("python"), names)  # noqa: S102 - our own page

    assert names["is_genuine"](SECRET.get_secret_value(), headers(secrets, age), body) is genuine


async def test_javascript() -> None:
    cases = [[headers(secrets, age), body.decode()] for secrets, age, body, _ in CASES]
    script = (
        f"{documented('javascript')}\nconst cases = {json.dumps(cases)};"
        f"console.log(JSON.stringify(cases.map(([headers, body]) =>"
        f" isGenuine({json.dumps(SECRET.get_secret_value())}, headers, Buffer.from(body)))));"
    )
    node = await asyncio.create_subprocess_exec(NODE, "-e", script, stdout=asyncio.subprocess.PIPE)
    printed, _ = await node.communicate()

    assert json.loads(printed) == [genuine for *_, genuine in CASES]
