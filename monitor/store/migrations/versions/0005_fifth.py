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
