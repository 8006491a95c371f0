"""Forms of the GraphQL multipart request specification, as clients send them."""

import json
from typing import Any

from tests.fixtures_served import Asked, Client
from tests.http.small_gateway import without_cost

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\xff picture \r\n--" * 20
JPEG = b"\xff\xd8\xff\xe0 picture"
GIF = b"GIF89a picture"
UPLOAD = """
mutation ($shop: String!, $file: Upload!, $filename: String) {
  imageUpload(shop: $shop, file: $file, filename: $filename) {
    url userErrors { code field message platformError { endpoint code } }
  }
}"""
PREFLIGHT = {"GraphQL-Require-Preflight": "1"}


async def upload(
    gateway: Client,
    content: bytes,
    name: str = "test.png",
    *,
    shop: str = "flagship",
    headers: dict[str, str] | None = None,
    **variables: Any,
) -> Asked:
    """Upload one picture."""
    operations = {"query": UPLOAD, "variables": {"shop": shop, "file": None, **variables}}
    answer = await gateway.http.post(
        "/graphql",
        files={
            "operations": (None, json.dumps(operations)),
            "map": (None, json.dumps({"0": ["variables.file"]})),
            "0": (name, content, "application/octet-stream"),
        },
        headers=PREFLIGHT if headers is None else headers,
    )
    return Asked(answer.status_code, without_cost(answer), answer.headers)
