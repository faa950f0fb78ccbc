"""Opening a store: which kind it is, whether it is ours, and its schema brought up to date.

It knows no table's meaning; what a store then does is `engine`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from monitor.errors import StoreError
from monitor.store import migrations
from monitor.store.engine import Store, damaged, in_words
from monitor.store.sqlite import SqliteStore, check_file

log = logging.getLogger(__name__)


def open_store(url: str, *, create: bool, meanwhile: Callable[[], None] | None = None) -> Store:
    """Open the store, bring its schema up to date when `create` is set. `meanwhile` is begun first, once this process
    is the user's who owns the store.

    Raises StoreError when it is missing (and may not be made), foreign, newer than this program, or unusable.
    """
    store = _store(url, create=create)
    try:
        if meanwhile is not None:
            meanwhile()
        _check_schema(store, create=create)
    except SQLAlchemyError as error:
        store.close()
        raise in_words(error, store) from error
    except UnicodeDecodeError as error:
        store.close()
        raise damaged(store, error) from error
    except BaseException:
        store.close()
        raise
    return store


def _store(url: str, *, create: bool) -> Store:
    if not url.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
        raise StoreError("a store is sqlite:///FILE or postgresql://…; write it so")
    if not url.startswith("sqlite"):
        from monitor.store.postgres import PostgresStore  # its driver is an extra

        return PostgresStore(url)
    if path := make_url(url).database:
        check_file(Path(path), create=create)
    return SqliteStore(url)


def _check_schema(store: Store, *, create: bool) -> None:
    revision = _revision(store)
    if revision == migrations.HEAD:
        return
    if revision is not None and revision not in migrations.revisions():
        newer = f"the store is of a newer version of this program (schema {revision})"
        older = store.way_back(migrations.revisions())
        message = f"{newer}; install that version, or {older or 'restore a backup'}"
        raise StoreError(message)
    if not create:
        if revision is None:
            raise StoreError(
                f"there is no store at {store.where}; start the service ('monitor run') or 'monitor once' first"
            )
        raise StoreError("the store's schema is older than this program; run 'monitor db upgrade'")
    if revision is not None:
        store.upgraded = store.keep_copy(revision)
        log.warning("the store goes from schema %s to %s. %s", revision, migrations.HEAD, store.upgraded)
    upgrade(store)


def _revision(store: Store) -> str | None:
    """The schema's revision, None in an empty database; refuses a database of another program."""
    with store.engine.connect().execution_options(purpose="read") as connection:
        store.check(connection)
        names = set(store.engine.dialect.get_table_names(connection))
        if names and not store.is_ours(connection):
            raise StoreError(f"{store.where} is a database of another program; change 'store' in monitor.yaml")
        if "alembic_version" not in names:
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def upgrade(store: Store) -> None:
    """Bring the schema to this program's, in one transaction."""
    from alembic import command
    from alembic.config import Config

    with store.write() as connection:
        store.mark(connection, is_migrated=False)
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        store.mark(connection, is_migrated=True)
