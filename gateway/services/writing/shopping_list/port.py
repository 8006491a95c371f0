"""The port that a shopping list is changed through, and whether it would take what is given."""

from collections.abc import Sequence
from typing import Final, TypeAlias

from gateway.outbox.message import OutboxMessage
from gateway.ports import Adapter, TakesGoods
from gateway.ports.writing.problems import Problems
from gateway.services.viewer import Viewer
from gateway.services.writing.targets import Targets
from gateway.services.writing.validation_errors import collecting_violations

Port: TypeAlias = TakesGoods[OutboxMessage]

_ABILITY: Final = "shopping list"


def goods_port(targets: Targets, shop: str, viewer: Viewer) -> Port:
    """The port of the shop that the field `shop` names.

    Raises:
        InputRefused: there is no such shop, or it is no shopping list.
    """

    def choose(adapter: Adapter) -> Port | None:
        return adapter.goods_writes

    return targets.port(shop, viewer, choose, _ABILITY, "shop")


def add_violations_of_messages(
    port: Port, problems: Problems, messages: Sequence[OutboxMessage], at: str
) -> None:
    """Notes what the platform would not take of the list `at`, which the messages were made of."""
    for place, message in enumerate(messages):
        with collecting_violations(problems, at, place):
            port.check(message)
