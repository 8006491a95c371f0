"""Files of bulk imports, sent as clients send them, and their operations."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from tests.e2e.uploads import PREFLIGHT
from tests.fixtures_served import Asked, Client
from tests.http.small_gateway import without_cost
from tests.waiting import eventually

OPERATION = """
  id kind state done failed total error resultUrl
"""
BULK_IMPORT = f"""
mutation ($shop: String!, $kind: BulkKind!, $file: Upload!) {{
  bulkImport(shop: $shop, kind: $kind, file: $file) {{
    operation {{ {OPERATION} }} userErrors {{ code message field }}
  }}
}}"""
GET = f"query ($id: ID!) {{ bulkOperation(id: $id) {{ {OPERATION} }} }}"
BOUNDARY = "a-boundary-of-the-tests"
HEADERS = PREFLIGHT | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def head(shop: str, kind: str, query: str = BULK_IMPORT) -> bytes:
    """The form up to the file's content."""
    variables = {"shop": shop, "kind": kind, "file": None}
    operations = json.dumps({"query": query, "variables": variables})
    fields = {"operations": operations, "map": '{"0":["variables.file"]}'}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    disposition = 'Content-Disposition: form-data; name="0"; filename="lines.jsonl"'
    return f"{''.join(parts)}--{BOUNDARY}\r\n{disposition}\r\n\r\n".encode()


TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


def lines_of(values: Sequence[Any]) -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


async def send(
    gateway: Client,
    content: bytes | AsyncIterator[bytes],
    *,
    shop: str = "swan",
    kind: str = "ORDERS_IMPORT",
    headers: Mapping[str, str] | None = None,
) -> Asked:
    """Send a file; content that comes in parts is sent as they come."""

    async def body() -> AsyncIterator[bytes]:
        yield head(shop, kind)
        if isinstance(content, bytes):
            yield content
        else:
            async for part in content:
                yield part
        yield TAIL

    answer = await gateway.http.post(
        "/graphql", content=body(), headers={**HEADERS, **(headers or {})}
    )
    return Asked(answer.status_code, without_cost(answer), answer.headers)


async def begun(gateway: Client, content: bytes, **asked: Any) -> dict[str, Any]:
    """The operation that a file began."""
    answer = (await send(gateway, content, **asked)).data["bulkImport"]
    assert answer["userErrors"] == []
    operation: dict[str, Any] = answer["operation"]
    return operation


async def ended(
    gateway: Client, id_: str, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The operation once it has ended."""
    found: dict[str, Any] = {}

    async def over() -> bool:
        asked = await gateway.ask(GET, {"id": id_}, headers)
        found.update(asked.data["bulkOperation"])
        return found["state"] not in {
            "WAITING",
            "RUNNING",
        }

    await eventually(over)
    return found


async def result(
    gateway: Client, operation: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The lines of an operation's result."""
    if operation["resultUrl"] is None:
        return []
    path = "/bulk/" + operation["resultUrl"].rpartition("/")[2]
    answer = await gateway.http.get(path, headers=headers)
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]
