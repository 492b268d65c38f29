"""What a person asked to remember, across conversations.

Knows values; knows no assistant.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from llmops.schemas import PersonFact
from llmops.store.database import storage, transaction


class MemoryStore:
    """Keeps the facts of one person in an open database.

    Args:
        user: The keyed hash of the person.
    """

    def __init__(self, database: sqlite3.Connection, path: Path, user: str = "") -> None:
        self._database, self._path, self._user = database, path, user

    def load(self) -> tuple[PersonFact, ...]:
        """Return the facts in the order they were kept.

        Raises:
            StorageError: The database cannot be read.
        """
        with storage(self._path):
            rows = self._database.execute(
                "select document from memories where user=? order by number", (self._user,)
            ).fetchall()
        return tuple(PersonFact.model_validate_json(document) for (document,) in rows)

    def keep(self, facts: Sequence[PersonFact]) -> None:
        """Replace all that is kept of the person.

        Raises:
            StorageError: The database cannot be written.
        """
        now = datetime.now(UTC).isoformat()
        rows = [(self._user, number, fact.model_dump_json(), now) for number, fact in enumerate(facts)]
        with storage(self._path), transaction(self._database):
            self._database.execute("delete from memories where user=?", (self._user,))
            self._database.executemany("insert into memories values(?,?,?,?)", rows)

    def forget(self, *users: str) -> int:
        """Delete what is kept of these people; return how many facts there were.

        Raises:
            StorageError: The database cannot be written.
        """
        marks = ",".join("?" * len(users))
        return self._delete(f"user in ({marks})", users)

    def purge(self, before: datetime) -> int:
        """Delete what nobody has changed since a moment; return how many facts there were.

        Raises:
            StorageError: The database cannot be written.
        """
        return self._delete("kept_at<?", (before.astimezone(UTC).isoformat(),))

    def _delete(self, where: str, values: Sequence[str]) -> int:
        with storage(self._path), transaction(self._database):
            return self._database.execute(f"delete from memories where {where}", values).rowcount
