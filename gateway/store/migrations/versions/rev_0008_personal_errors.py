"""What platforms' words say of a person, apart from the errors of pushes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
#: Code of the revision before still works with the tables.
additive = True


def upgrade() -> None:
    """Adds the column; the words of existing errors are sealed at the next start."""
    op.add_column("pushes", sa.Column("told", sa.LargeBinary(), nullable=True))
