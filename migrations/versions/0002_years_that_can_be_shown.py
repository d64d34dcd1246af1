"""Timestamps within the years that RFC 3339 has: the SQL is in `migrations/sql/0002_*.sql`."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql"


def _run(name: str) -> None:
    # Without bind parameters a colon or a percent sign is just itself.
    connection = op.get_bind().execution_options(no_parameters=True)
    connection.exec_driver_sql((SQL / name).read_text(encoding="utf-8"))


def upgrade() -> None:
    """Move existing timestamps into these years, then allow no others."""
    _run("0002_years.sql")


def downgrade() -> None:
    """Allow every timestamp again; those that were moved stay."""
    _run("0002_drop.sql")
