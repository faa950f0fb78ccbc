"""The schema of 1.2.0.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "near_misses",
        sa.Column("watchlist", sa.Text(), primary_key=True),
        sa.Column("watch", sa.Text(), primary_key=True),
        sa.Column("day", sa.Integer(), primary_key=True),
        sa.Column("cause", sa.Text(), primary_key=True),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sqlite_with_rowid=False,
    )
    op.add_column("channels", sa.Column("is_gone", sa.Boolean()))
    op.add_column("troubles", sa.Column("brief", sa.Text()))
    op.add_column("alerts", sa.Column("held_until", sa.BigInteger()))
    op.add_column("decisions", sa.Column("held_until", sa.BigInteger()))
    op.add_column("decisions", sa.Column("cause", sa.Text()))
    _take_out_of_words()


def _take_out_of_words() -> None:
    """`held until 17:30: quiet hours of desk` and `silenced until …` were read out of sentences."""
    behind = "substr(why, {} + 2)".format(
        "instr(why, ': ')" if op.get_bind().dialect.name == "sqlite" else "position(': ' in why)"
    )
    due = "SELECT max(due_at) FROM deliveries JOIN delivery_alerts ON delivery_id = deliveries.id"
    op.execute(
        f"UPDATE alerts SET held_until = ({due} WHERE alert_id = alerts.id), why = {behind} "  # noqa: S608  our own
        "WHERE why LIKE 'held until %: %'"
    )
    held = "SELECT article_id, channel, max(held_until) AS held FROM alerts GROUP BY article_id, channel"
    op.execute(
        f"UPDATE decisions SET held_until = told.held, why = {behind} FROM ({held}) AS told "  # noqa: S608  our own
        "WHERE told.article_id = decisions.article_id AND told.channel = decisions.channel AND held IS NOT NULL "
        "AND why LIKE 'held until %: %'"
    )
    op.execute("UPDATE decisions SET cause = 'silenced' WHERE action = 'archive' AND why LIKE 'silenced until %'")
