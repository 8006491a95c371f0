"""The gateway behind a real nginx, with the configuration that docs/nginx.conf shows."""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from websockets.asyncio.client import connect

from gateway.auth.key_manager import KeyManager
from tests.crash.killed_gateway import free_port
from tests.e2e.api_keys import key
from tests.fixtures_served import Client, Serve
from tests.house.tree import ROOT

EXAMPLE = ROOT / "docs" / "nginx.conf"
HOST = "shop.example"
PUBLIC = {"public_url": f"https://{HOST}", "trusted_proxies": ["127.0.0.1"]}
HEALTH = "subscription { shopHealthChanged { key } }"
#: What a proxy sends that was set up by nobody: its own address as the host, nothing forwarded.
BARE = """
server {
    listen %s;
    location / {
        proxy_pass http://%s;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
    }
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of nginx's own."""
    made = tmp_path / "nginx"
    made.mkdir()
    return made


def example(folder: Path, listen: str, gateway: str, authority: trustme.CA) -> str:
    """The documented configuration, at addresses of this test."""
    certificate = authority.issue_cert(HOST)
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    text = EXAMPLE.read_text(encoding="utf-8")
    for shown, here in (
        ("listen 443 ssl", f"listen {listen} ssl"),
        ("server 127.0.0.1:8000", f"server {gateway}"),
        ("/etc/ssl/certs/shop.example.pem", f"{folder}/cert.pem"),
        ("/etc/ssl/private/shop.example.key", f"{folder}/key.pem"),
    ):
        assert shown in text
        text = text.replace(shown, here)
    return text


@asynccontextmanager
async def nginx_running(nginx: Path, folder: Path, listen: str, site: str) -> AsyncIterator[None]:
    """Run nginx with a site while the context lasts."""
    user = "user root;" if os.getuid() == 0 else ""
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder}/nginx.pid;\n"
        f"error_log {folder}/error.log; events {{ }}\n"
        f"http {{ access_log off;\n{temporary}\n{site}\n}}",
        encoding="utf-8",
    )
    process = await asyncio.create_subprocess_exec(
        *(nginx, "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf")
    )
    host, _, port = listen.rpartition(":")
    try:
        while True:
            assert process.returncode is None, (folder / "error.log").read_text(encoding="utf-8")
            try:
                _, writer = await asyncio.open_connection(host, int(port))
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                break
        yield
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def proxied(
    nginx: Path, folder: Path, client: Client
) -> AsyncIterator[tuple[httpx.AsyncClient, ssl.SSLContext, str]]:
    """Answer a client of the documented proxy, what trusts it, and where it listens."""
    authority, trust = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trust)
    listen = f"127.0.0.1:{free_port()}"
    site = example(folder, listen, client.http.base_url.netloc.decode(), authority)
    async with (
        nginx_running(nginx, folder, listen, site),
        httpx.AsyncClient(
            base_url=f"https://{listen}",
            verify=trust,
            trust_env=False,
            timeout=60,
            headers={"host": HOST},
        ) as http,
    ):
        yield http, trust, listen


async def test_the_documented_proxy_passes_everything_on(
    nginx: Path, serve: Serve, keys: dict[str, Any], book: KeyManager, folder: Path
) -> None:
    allowed = key(book, ["catalog:read", "ops:read"])
    async with (
        serve(**keys, server=PUBLIC) as client,
        proxied(nginx, folder, client) as (http, trust, listen),
    ):
        ask: dict[str, Any] = {
            "json": {"query": "{ shops { key } }"},
            "extensions": {"sni_hostname": HOST},
        }
        answered = await http.post("/graphql", headers=allowed, **ask)
        refused = await http.post("/graphql", **ask)
        large = {"query": "{ shops { key } }", "x": "y" * 900_000}
        taken = await http.post(
            "/graphql", headers=allowed, json=large, extensions=ask["extensions"]
        )
        metrics = await http.get("/metrics", headers=allowed, extensions=ask["extensions"])
        stream = http.stream(
            "POST",
            "/graphql",
            json={"query": HEALTH},
            headers=allowed | {"accept": "text/event-stream"},
            extensions=ask["extensions"],
        )
        async with stream as events:
            # The head comes before any event: nothing holds it back.
            media_type = events.headers["content-type"]
        socket = connect(
            f"wss://{HOST}/graphql",
            host="127.0.0.1",
            port=int(listen.rpartition(":")[2]),
            ssl=trust,
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            proxy=None,
        )
        async with socket as spoken:
            await spoken.send(json.dumps({"type": "connection_init", "payload": allowed}))
            greeted = json.loads(await spoken.recv())

    assert len(answered.json()["data"]["shops"]) == 3
    assert (refused.status_code, taken.status_code, metrics.status_code) == (401, 200, 404)
    assert media_type.startswith("text/event-stream")
    assert greeted == {"type": "connection_ack"}


@pytest.mark.parametrize(
    ("public_url", "status"), [(PUBLIC["public_url"], 401), ("http://127.0.0.1:8000", 200)]
)
async def test_with_a_public_name_nobody_is_local(
    public_url: str, status: int, nginx: Path, serve: Serve, keys: dict[str, Any], folder: Path
) -> None:
    """A proxy that passes nothing on looks like a program on this machine."""
    listen = f"127.0.0.1:{free_port()}"
    async with serve(**keys, server={"public_url": public_url}) as client:
        gateway = client.http.base_url.netloc.decode()
        async with (
            nginx_running(nginx, folder, listen, BARE % (listen, gateway)),
            httpx.AsyncClient(trust_env=False, timeout=60) as http,
        ):
            answers = [await http.get(f"http://{place}/metrics") for place in (gateway, listen)]

    assert [answer.status_code for answer in answers] == [status, status]
