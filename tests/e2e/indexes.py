"""Waits for the index of a gateway that is asked by GraphQL."""

from collections.abc import Collection, Mapping

from tests.fixtures_served import Client
from tests.waiting import eventually

#: The shops of the usual configuration whose orders are in the ledger.
IN_LEDGER = ("mini", "swan")


async def indexed(
    client: Client, headers: Mapping[str, str] | None = None, shops: Collection[str] = IN_LEDGER
) -> None:
    """Return once the ledger's orders and products of these shops are in the index."""

    async def read() -> bool:
        asked = await client.ask("{ shops { key index { inStepAt } } }", headers=headers)
        known = {shop["key"]: shop["index"] for shop in asked.data["shops"]}
        return all(known[shop]["inStepAt"] for shop in shops)

    await eventually(read)
