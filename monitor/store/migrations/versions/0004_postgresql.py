"""Addresses of any length can be found on PostgreSQL, whose B-trees take 2,700 bytes.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_index("articles_canonical_url", "articles")
    op.create_index("articles_canonical_url", "articles", ["canonical_url"], postgresql_using="hash")
