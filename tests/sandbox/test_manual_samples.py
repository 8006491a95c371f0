"""The sandbox answers the manual's own requests with the manual's own answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.accounts import FLAGSHIP
from tests.fixtures_sandbox import Sandbox

FIXTURES = Path(__file__).parents[1] / "fixtures"


def sample(platform: str, name: str) -> Any:
    return json.loads((FIXTURES / platform / f"{name}.json").read_text(encoding="utf-8"))


def ask_store(sandbox: Sandbox, endpoint: str, body: Any) -> Any:
    path = f"/merchant/{endpoint.replace('.', '/')}"
    content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    method = "GET" if body is None else "POST"
    query = {"access_token": sandbox.token(FLAGSHIP)}
    return sandbox.client.request(method, path, params=query, content=content).json()


@pytest.mark.parametrize("endpoint", ["category.getsub", "category.getsku", "category.getproperty"])
def test_a_category_is_read_as_printed(sandbox: Sandbox, endpoint: str) -> None:
    request = sample("wechat_store", f"{endpoint}.request")
    assert ask_store(sandbox, endpoint, request) == sample("wechat_store", f"{endpoint}.response")
