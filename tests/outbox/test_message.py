"""A push as its platform's delivery receives it."""

from dataclasses import replace

import msgspec

from gateway.outbox.message import OrderPayload, OutboxMessage, written
from tests.ledger.test_order_mapping import BARE, ITEM

PAYLOAD = OrderPayload(order=BARE, named=("1",), replaces=True)


def test_the_payload_is_read_once() -> None:
    message = OutboxMessage(operation="ORDER_IMPORT", payload=written(PAYLOAD), personal=None)

    assert message.order() == PAYLOAD
    assert message.order() is message.order()


def test_a_message_of_an_order_has_it_without_reading_it() -> None:
    message = OutboxMessage.of_order("ORDER_UPDATE", PAYLOAD, None)

    assert message.order() is PAYLOAD
    assert message == OutboxMessage(
        operation="ORDER_UPDATE", payload=written(PAYLOAD), personal=None
    )


def test_a_message_with_another_payload_reads_that() -> None:
    other = OrderPayload(order=msgspec.structs.replace(BARE, items=(ITEM,)))
    message = OutboxMessage.of_order("ORDER_UPDATE", PAYLOAD, None)

    assert replace(message, payload=written(other)).order() == other
