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

_VERSION = 1
_TABLES = """
create table if not exists conversations(
    id text primary key, assistant text not null, created_at text not null, updated_at text not null);
create table if not exists exchanges(
    turn_id text primary key, conversation_id text not null references conversations(id), number integer not null,
    document text not null, complete integer not null);
create index if not exists exchanges_by_conversation on exchanges(conversation_id, number);
create table if not exists turns(
    turn_id text primary key, started_at text not null, completed_at text, assistant text not null, outcome text,
    document text not null);
create table if not exists feedback(
    turn_id text not null, rating integer not null, comment text not null, given_at text not null);
"""


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


def connect(path: Path) -> sqlite3.Connection:
    """Open the database and make its tables; the file is readable by its owner alone.

    Raises:
        StorageError: It cannot be opened or written, or a newer program made it.
    """
    with storage(path):
        if str(path) != ":memory:":
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        database = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
        database.execute("pragma journal_mode=wal")
        database.execute("pragma synchronous=normal")
        version = int(database.execute("pragma user_version").fetchone()[0])
        if version > _VERSION:
            raise StorageError(f"База {path} сделана более новой программой.", hint="Обновите llmops.")
        if version < _VERSION:
            database.executescript(f"begin immediate;{_TABLES}pragma user_version={_VERSION};commit;")
    return database
