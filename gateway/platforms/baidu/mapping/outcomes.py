"""Outcome of each record of a call."""

from gateway.platforms.baidu.wire.calls import Done

#: `rows_affected` of a record that was not applied, even if `errno` is 0.
_NONE = "0"


def not_applied(answer: Done) -> frozenset[str]:
    """The ids of the orders that were not changed."""
    return frozenset(
        record.resource_id for record in answer.data if str(record.rows_affected) == _NONE
    )
