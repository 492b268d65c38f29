"""Opening the database: one file, WAL, a version of its tables.

Knows SQLite; the tables' users are `conversations` and the recorder.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmops.errors import StorageError

_VERSION = 3
_TABLES = """
create table if not exists conversations(
    id text primary key, assistant text not null, created_at text not null, updated_at text not null,
    user text not null default '');
create table if not exists exchanges(
    turn_id text primary key, conversation_id text not null references conversations(id), number integer not null,
    document text not null, complete integer not null);
create index if not exists exchanges_by_conversation on exchanges(conversation_id, number);
create table outbox(
    seq integer primary key autoincrement, kind text not null, key text not null, state text not null,
    started real not null, assistant text not null, user text not null, conversation text not null,
    outcome text not null, owner text not null, version integer not null default 0, tries integer not null default 0,
    error text not null default '', counts text not null, body text not null, unique(kind, key));
create index outbox_unsent on outbox(state, seq) where state<>'sent';
create index outbox_errors on outbox(seq) where error<>'';
create index outbox_by_start on outbox(kind, started);
create index outbox_refused on outbox(started) where outcome='refused';
create index outbox_by_user on outbox(user) where user<>'';
create table counts(
    assistant text not null, metric text not null, hour integer not null, bucket text not null, n real not null,
    primary key(assistant, metric, hour, bucket)) without rowid;
"""
_MEMORIES = """
create table memories(
    user text not null, number integer not null, document text not null, kept_at text not null,
    primary key(user, number));
"""
# The first version kept turns unredacted and nothing ever read them: they are dropped, not carried over.
_FIRST_WAIT_S = 10.0
_CHECKPOINT_PAGES = 8000  # writing the log back takes 10 ms and more: seldom in a chat, the exporter does it between
_UPGRADES = {
    0: _TABLES + _MEMORIES,
    2: _MEMORIES,
    1: "drop table turns; drop table feedback; alter table conversations add column user text not null default '';"
    + _TABLES
    + _MEMORIES,
}


@contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's complaints into one sentence."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            f"База {path} недоступна: {error}.",
            hint="Проверьте место и права или задайте другую папку в LLMOPS_HOME.",
        ) from error


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Commit what is executed inside, or nothing of it."""
    database.execute("begin immediate")
    try:
        yield
        database.execute("commit")
    except BaseException:
        if database.in_transaction:
            database.execute("rollback")
        raise


def connect(path: Path, *, wait_s: float = 0.25) -> sqlite3.Connection:
    """Open the database and make its tables; the file is readable by its owner alone.

    Args:
        wait_s: How long a statement waits for another process's write.

    Raises:
        StorageError: It cannot be opened or written, or a newer program made it.
    """
    with storage(path):
        if str(path) != ":memory:":
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        database = sqlite3.connect(path, timeout=_FIRST_WAIT_S, isolation_level=None, check_same_thread=False)
        database.execute("pragma journal_mode=wal")
        database.execute("pragma synchronous=normal")
        database.execute(f"pragma wal_autocheckpoint={_CHECKPOINT_PAGES}")
        version = int(database.execute("pragma user_version").fetchone()[0])
        if version > _VERSION:
            raise StorageError(f"База {path} сделана более новой программой.", hint="Обновите llmops.")
        if version < _VERSION:
            _upgrade(database)
        database.execute(f"pragma busy_timeout={round(wait_s * 1000)}")
    return database


def _upgrade(database: sqlite3.Connection) -> None:
    """Bring the tables to this version; of two processes that start at once, the second finds them made."""
    with transaction(database):
        version = int(database.execute("pragma user_version").fetchone()[0])
        if version < _VERSION:
            for statement in _UPGRADES[version].split(";"):
                database.execute(statement)
            database.execute(f"pragma user_version={_VERSION}")
