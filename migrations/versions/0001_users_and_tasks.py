"""Users, tasks, and row-level security: the SQL is in `migrations/sql/0001_*.sql`."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql"


def _run(name: str) -> None:
    # Without bind parameters a colon or a percent sign is just itself.
    connection = op.get_bind().execution_options(no_parameters=True)
    connection.exec_driver_sql((SQL / name).read_text(encoding="utf-8"))


def upgrade() -> None:
    """Create roles, then tables, then row-level security."""
    _run("0001_roles.sql")
    _run("0001_tables.sql")
    _run("0001_isolation.sql")


def downgrade() -> None:
    """Drop everything; the roles too, unless another database or a login role still uses them."""
    _run("0001_drop.sql")
