"""A mutation asked for, and what it told its caller."""

from typing import Any

from tests.e2e.order_samples import DELETE
from tests.fixtures_served import Client


async def run(gateway: Client, operation: str, given: Any) -> Any:
    """Answer the payload of a mutation with one argument."""
    name = "id" if operation is DELETE else "input"
    (payload,) = (await gateway.ask(operation, {name: given})).data.values()
    return payload


def told(payload: Any) -> list[tuple[str, str | None]]:
    """Answer code and field of each user error, in their order."""
    return [
        (error["code"], error["field"] and ".".join(error["field"]))
        for error in payload["userErrors"]
    ]
