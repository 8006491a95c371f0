"""An issuer of tokens: its keys, its tokens, and the server of its JWKS."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

Key = RSAKey | ECKey | OKPKey | OctKey

ISSUER = "https://login.example"
AUDIENCE = "commerce-gateway"


class Issuer:
    """Publishes keys and signs tokens; `reads` counts how often its JWKS was read."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {"one": ECKey.generate_key("P-256")}
        self.status = 200
        #: Instead of the JWKS.
        self.answer: bytes | None = None
        self.reads = 0
        self.url = ""
        #: Cleared: answers wait.
        self.answering = asyncio.Event()
        self.answering.set()

    def document(self) -> bytes:
        """The JWKS."""
        if self.answer is not None:
            return self.answer
        keys = [
            {**key.as_dict(private=False), "kid": kid, "use": "sig"}
            for kid, key in self.keys.items()
        ]
        return json.dumps({"keys": keys}).encode()

    async def read(self) -> bytes:
        """The JWKS, as a reader of it gets it."""
        self.reads += 1
        await self.answering.wait()
        return self.document()

    def token(
        self,
        kid: str | None = "one",
        *,
        key: Key | None = None,
        algorithm: str = "ES256",
        now: float | None = None,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A token for a minute, signed with the key of this id; a claim of None is left out."""
        at = int(time.time() if now is None else now)
        said = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "anna",
            "iat": at,
            "exp": at + 60,
            "scope": "openid orders:read catalog:read",
            "shops": ["mini", "swan"],
            **claims,
        }
        return jwt.encode(
            {"alg": algorithm, **({} if kid is None else {"kid": kid}), **(header or {})},
            {name: value for name, value in said.items() if value is not None},
            key or self.keys[str(kid)],
            registry=JWSRegistry(algorithms=[algorithm], strict_check_header=False),
        )

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Issuer"]:
        """Serves the JWKS over HTTP while the context lasts."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks?v=1"
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readuntil(b"\r\n\r\n")
        assert line.startswith(b"GET /jwks?v=1 HTTP/1.1\r\n")
        body = await self.read()
        head = f"HTTP/1.1 {self.status} OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
        writer.write(f"{head}Location: /elsewhere\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()
