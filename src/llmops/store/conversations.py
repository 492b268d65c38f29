"""Conversations on disk: stored before an answer starts, completed after.

Knows values; knows no assistant.
"""

from __future__ import annotations

import sqlite3
import uuid
from datetime import UTC, datetime
from pathlib import Path

from llmops.errors import ConfigError
from llmops.schemas import AssistantName, Conversation, Exchange
from llmops.store.database import storage

_RECENT = 20


def new_conversation(assistant: AssistantName) -> Conversation:
    """Return an empty conversation with an id of its own."""
    return Conversation(id=f"c-{uuid.uuid4().hex[:16]}", assistant=assistant)


class ConversationStore:
    """Keeps conversations in an open database."""

    def __init__(self, database: sqlite3.Connection, path: Path) -> None:
        self._database, self._path = database, path

    def load(self, identifier: str, assistant: AssistantName) -> Conversation:
        """Return a conversation with its last exchanges.

        Raises:
            ConfigError: There is none with this id for this assistant.
            StorageError: The database cannot be read.
        """
        with storage(self._path):
            row = self._database.execute("select assistant from conversations where id=?", (identifier,)).fetchone()
            if row is None or row[0] != assistant:
                raise ConfigError(f"Разговора {identifier} нет.", hint="Начните новый: llmops chat " + assistant)
            rows = self._database.execute(
                "select document, complete from exchanges where conversation_id=? order by number desc limit ?",
                (identifier, _RECENT),
            ).fetchall()
        exchanges = [Exchange.model_validate_json(document) for document, _ in reversed(rows)]
        return Conversation(id=identifier, assistant=assistant, exchanges=tuple(exchanges))

    def latest(self, assistant: AssistantName) -> Conversation:
        """Return the conversation that was used last.

        Raises:
            ConfigError: There is none yet.
        """
        with storage(self._path):
            row = self._database.execute(
                "select id from conversations where assistant=? order by updated_at desc, rowid desc limit 1",
                (assistant,),
            ).fetchone()
        if row is None:
            raise ConfigError(
                "Продолжать нечего: разговоров ещё не было.", hint="Начните новый: llmops chat " + assistant
            )
        return self.load(row[0], assistant)

    def save(self, conversation: Conversation, exchange: Exchange, *, complete: bool) -> None:
        """Keep an exchange of a conversation; saving the same turn again replaces it.

        Raises:
            StorageError: The database cannot be written.
        """
        now = datetime.now(UTC).isoformat()
        with storage(self._path):
            self._database.execute("begin immediate")
            try:
                self._database.execute(
                    "insert into conversations values(?,?,?,?)"
                    " on conflict(id) do update set updated_at=excluded.updated_at",
                    (conversation.id, conversation.assistant, now, now),
                )
                self._database.execute(
                    "insert into exchanges values"
                    "(?,?,(select coalesce(max(number),0)+1 from exchanges where conversation_id=?),?,?)"
                    " on conflict(turn_id) do update set document=excluded.document, complete=excluded.complete",
                    (
                        exchange.turn_id,
                        conversation.id,
                        conversation.id,
                        exchange.model_dump_json(),
                        int(complete),
                    ),
                )
                self._database.execute("commit")
            except sqlite3.Error:
                self._database.execute("rollback")
                raise
