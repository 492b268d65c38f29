"""A person's right to be forgotten, and the end of what is kept: everywhere on this machine, then in MLflow.

Knows tables and files; knows no MLflow: a request to delete traces waits in the outbox like everything else.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from llmops.schemas import Value
from llmops.store.conversations import ConversationStore
from llmops.store.memories import MemoryStore
from llmops.store.outbox import Outbox
from llmops.tracking.fallback import Fallback


class Forgotten(Value):
    """What was deleted here; `turns` traces wait to be deleted in MLflow."""

    user: str = ""
    turns: int
    conversations: int
    memories: int = 0


class Rights:
    """Deletes from the open database, the files beside it and the history of this terminal.

    Args:
        database: The connection that the outbox and the conversations share.
    """

    def __init__(self, database: sqlite3.Connection, path: Path, fallback: Fallback) -> None:
        self._database, self._fallback = database, fallback
        self._outbox, self._conversations = Outbox(database), ConversationStore(database, path)
        self._memories = MemoryStore(database, path)

    def forget(self, user: str, *, history: Path | None) -> Forgotten:
        """Delete a person's turns, ratings, conversations and memories.

        Args:
            user: The keyed hash.
            history: The file of typed lines, when the person is this terminal's own.

        Raises:
            StorageError: The database cannot be written.
        """
        self._fallback.absorb(self._outbox)
        self._database.execute("pragma secure_delete=on")  # otherwise the bytes stay in free pages
        turns = self._outbox.forget(user)
        owners = (user, "") if history else (user,)  # conversations of before persons were told apart are the owner's
        conversations, memories = self._conversations.forget(*owners), self._memories.forget(*owners)
        if history:
            with suppress(FileNotFoundError):
                history.unlink()
        self._settle()
        return Forgotten(user=user, turns=len(turns), conversations=conversations, memories=memories)

    def purge(self, before: datetime) -> Forgotten:
        """Delete what is older than a moment.

        Raises:
            StorageError: The database cannot be written.
        """
        self._database.execute("pragma secure_delete=on")
        turns = self._outbox.purge(before.timestamp())
        conversations, memories = self._conversations.purge(before), self._memories.purge(before)
        self._settle()
        return Forgotten(turns=len(turns), conversations=conversations, memories=memories)

    def _settle(self) -> None:
        """Write the log back, so that deleted texts stay in neither file."""
        self._database.execute("pragma wal_checkpoint(truncate)").fetchall()
