"""The four ways to send an operation, each with a credential, and what comes back."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.fixtures_served import Client

#: Everything that is said in answer to an operation.
_WAIT: Final = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation was answered with, whatever the transport.

    `status` is None on a WebSocket. `text` is all that came.
    """

    status: int | None
    codes: list[str]
    data: Any
    text: str


Send = Callable[[Client, Mapping[str, str], str, Mapping[str, Any]], Awaitable[Outcome]]


async def by_post(
    client: Client, headers: Mapping[str, str], query: str, variables: Mapping[str, Any]
) -> Outcome:
    """A POST of JSON."""
    body = {"query": query, "variables": variables}
    return _of_http(await client.http.post("/graphql", json=body, headers=dict(headers)))


async def by_get(
    client: Client, headers: Mapping[str, str], query: str, variables: Mapping[str, Any]
) -> Outcome:
    """A GET with everything in the address."""
    params = {"query": query, "variables": json.dumps(variables)}
    return _of_http(await client.http.get("/graphql", params=params, headers=dict(headers)))


async def by_events(
    client: Client, headers: Mapping[str, str], query: str, variables: Mapping[str, Any]
) -> Outcome:
    """A POST that asks for server-sent events."""
    body = {"query": query, "variables": variables}
    response = await client.http.post(
        "/graphql", json=body, headers={**headers, "accept": "text/event-stream"}
    )
    for line in response.text.splitlines():
        if line.startswith("data: {"):
            answer = json.loads(line.removeprefix("data: "))
            return _outcome(response.status_code, answer, response.text)
    return _of_http(response)


async def by_web_socket(
    client: Client, headers: Mapping[str, str], query: str, variables: Mapping[str, Any]
) -> Outcome:
    """A message over a WebSocket that is opened for it."""
    url = str(client.http.base_url.join("/graphql")).replace("http", "ws")
    protocols: Any = ["graphql-transport-ws"]
    async with connect(url, subprotocols=protocols, proxy=None) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": dict(headers)}))
        payload = {"query": query, "variables": variables}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        heard = []
        try:
            while True:
                message = json.loads(await asyncio.wait_for(socket.recv(), _WAIT))
                heard.append(message)
                if message["type"] == "next":
                    return _outcome(None, message["payload"], json.dumps(heard))
                if message["type"] == "error":
                    return _outcome(None, {"errors": message["payload"]}, json.dumps(heard))
        except ConnectionClosed as closed:
            return Outcome(None, [f"CLOSED {closed.rcvd and closed.rcvd.code}"], None, str(heard))


def _of_http(response: httpx.Response) -> Outcome:
    return _outcome(response.status_code, response.json(), response.text)


def _outcome(status: int | None, answer: Mapping[str, Any], text: str) -> Outcome:
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    return Outcome(status, codes, answer.get("data"), text)


TRANSPORTS: Final[Mapping[str, Send]] = {
    "POST": by_post,
    "GET": by_get,
    "SSE": by_events,
    "WebSocket": by_web_socket,
}
