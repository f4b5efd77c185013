"""Let PostgreSQL check what events refer to once a statement, and keep no index that moves pay for.

Safe while the previous release still runs: it records and asks as before, and is refused the same.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from adapters.sql.references import ONLY_ON_SQLITE, postgresql_references

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put a trigger in the place of three foreign keys; every move writes every index anew."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    schema = bind.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    for statement in postgresql_references(schema):
        op.execute(statement)
    for name in ONLY_ON_SQLITE:
        op.drop_constraint(name, "event")
    op.drop_index("instance_by_key", "instance")
    op.drop_index("instance_by_cycle", "instance")
    op.create_index("instance_by_state", "instance", ["cycle_id", "workflow", "state"])
