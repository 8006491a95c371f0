"""All rows of the catalogue, A1 to F8, in its order."""

from tests.chaos import (
    client_rows,
    event_rows,
    process_rows,
    store_rows,
    token_rows,
    upstream_rows,
)

ROWS = (
    *upstream_rows.ROWS,
    *token_rows.ROWS,
    *store_rows.ROWS,
    *process_rows.ROWS,
    *event_rows.ROWS,
    *client_rows.ROWS,
)
