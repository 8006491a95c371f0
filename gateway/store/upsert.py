"""An INSERT that replaces the row where it is there already."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store.engine import Database


def upsert(database: Database, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Writes all columns of the row; a `version` that is there already grows by one."""
    insert = database.insert(table)
    key = list(table.primary_key.columns)
    values = {
        column.name: column + 1 if column.name == "version" else insert.excluded[column.name]
        for column in table.columns
        if column not in key
    }
    return insert.on_conflict_do_update(index_elements=key, set_=values)
