"""The floor: answers that were made once and are sent as they are, on the gateway's server.

What this takes is uvicorn's, the event loop's and the system's: no program on it can take less.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config

from bench import handwritten
from bench.place import Place, serve_as
from gateway.http.server import GatewayProtocol


class Ready:
    """Asks the application for an answer once, by the body of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._answers: dict[bytes, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what the same request was answered with before."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = await receive()
        if asked["body"] not in self._answers:
            self._answers[asked["body"]] = await self._answer(scope, asked)
        for message in self._answers[asked["body"]]:
            await send(message)

    async def _answer(self, scope: Scope, asked: Message) -> list[Message]:
        answer: list[Message] = []

        async def receive() -> Message:
            return asked

        async def send(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, send)
        # Starlette says with an empty part of its own that the body is over.
        return [answer[0], {"type": "http.response.body", "body": _body(answer)}]


def _body(answer: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in answer[1:])


def kept(place: Place) -> None:
    """Serve what the endpoint written by hand answers."""
    app = Ready(handwritten.create(place.platform, keeps=True))
    handwritten.tune_garbage_collector()
    # As `gateway serve` has it; settings of a gateway would weigh in the row's memory.
    config = Config(
        app,
        http=GatewayProtocol,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    serve_as(config, place)
