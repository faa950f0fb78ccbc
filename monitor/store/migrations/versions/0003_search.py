"""The full-text index of the archive: FTS5 on SQLite, a tsvector with GIN on PostgreSQL; and what waits for it.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("search_queue", sa.Column("article_id", sa.BigInteger(), primary_key=True, autoincrement=False))
    op.create_table(
        "search_languages",
        sa.Column("language", sa.Text(), primary_key=True),
        sa.Column("articles", sa.BigInteger(), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        # Words come cut and spelled by the matcher, so that the tokenizer has only to split at spaces. Without text,
        # positions and sizes it is as small as an index can be; what it finds is confirmed by the matcher.
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5("
            "words, content='', columnsize=0, detail=none, tokenize=\"ascii tokenchars '<^'\")"
        )
    else:
        op.execute("CREATE TABLE search_index (article_id bigint PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX search_words ON search_index USING gin (words)")
    op.execute("INSERT INTO search_queue SELECT id FROM articles WHERE state IN ('done', 'archived', 'edited')")
