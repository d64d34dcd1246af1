"""A task keeps an `updated_at` that cannot advance: the SQL is in `migrations/sql/0002_*.sql`."""

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
    """Replace the function of the trigger that sets `updated_at`."""
    _run("0002_touch.sql")


def downgrade() -> None:
    """Put the function of the first migration back."""
    _run("0002_drop.sql")
