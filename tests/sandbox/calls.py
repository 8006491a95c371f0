"""Asking the sandbox platforms by plain HTTP, as a client that nobody here wrote would."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.platforms.baidu.sandbox.state import SWAN
from gateway.platforms.mini_program.sandbox.state import MINI
from gateway.platforms.wechat_store.sandbox.state import FLAGSHIP
from tests.fixtures_sandbox import Sandbox

FIXTURES = Path(__file__).parents[1] / "fixtures"
CENTRE = "/rest/2.0/smartapp/ordercenter/app"


def sample(platform: str, name: str) -> Any:
    """Give one of the manuals' samples."""
    return json.loads((FIXTURES / platform / f"{name}.json").read_text(encoding="utf-8"))


def to_json(body: Any) -> bytes:
    """Give JSON as the platforms want it: UTF-8, not escaped."""
    return json.dumps(body, ensure_ascii=False).encode()


def ask_store(sandbox: Sandbox, endpoint: str, body: Any = None, token: str = "") -> dict[str, Any]:
    """Call `/merchant/...`; without a body by GET."""
    query = {"access_token": token or sandbox.token(FLAGSHIP)}
    path = f"/merchant/{endpoint.replace('.', '/')}"
    if body is None:
        answer = sandbox.client.get(path, params=query)
    else:
        answer = sandbox.client.post(path, params=query, content=to_json(body))
    assert answer.status_code == 200
    result: dict[str, Any] = answer.json()
    return result


def ask_mini(
    sandbox: Sandbox, path: str, body: Any, query: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Call the shopping list or the partner-order endpoint."""
    params = {"access_token": sandbox.token(MINI), **(query or {})}
    answer = sandbox.client.post(path, params=params, content=to_json(body))
    assert answer.status_code == 200
    result: dict[str, Any] = answer.json()
    return result


def import_orders(sandbox: Sandbox, action: str, *orders: Any) -> dict[str, Any]:
    """Call `/mall/importorder` with `action` add-order or update-order."""
    return ask_mini(sandbox, "/mall/importorder", {"order_list": orders}, {"action": action})


def ask_baidu(
    sandbox: Sandbox, endpoint: str, body: Any, query: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Call the order centre, as one made-up buyer unless the query says another."""
    params = {"access_token": sandbox.token(SWAN), "open_id": "swanbuyer", **(query or {})}
    path = f"{CENTRE}/{endpoint.replace('.', '/')}"
    answer = sandbox.client.post(path, params=params, content=to_json(body))
    assert answer.status_code == 200
    result: dict[str, Any] = answer.json()
    return result


def code_of(answer: Mapping[str, Any]) -> int:
    """Give WeChat's `errcode`."""
    code: int = answer["errcode"]
    return code
