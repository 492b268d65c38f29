"""Conversations on disk: stored before an answer starts, completed after.

Knows values; knows no assistant.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from llmops.errors import ConfigError
from llmops.schemas import AssistantName, Conversation, Exchange
from llmops.store.database import storage, transaction

_RECENT = 60


def new_conversation(assistant: AssistantName) -> Conversation:
    """Return an empty conversation with an id of its own."""
    return Conversation(id=f"c-{uuid.uuid4().hex[:16]}", assistant=assistant)


class ConversationStore:
    """Keeps conversations in an open database.

    Args:
        user: The keyed hash of the person whose conversations these are.
    """

    def __init__(self, database: sqlite3.Connection, path: Path, user: str = "") -> None:
        self._database, self._path, self._user = database, path, user

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
        last = exchanges[-1] if exchanges else Exchange(turn_id="", question="")
        return Conversation(
            id=identifier,
            assistant=assistant,
            exchanges=tuple(exchanges),
            facts=last.facts,
            persona=last.persona,
        )

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
        with storage(self._path), transaction(self._database):
            self._database.execute(
                "insert into conversations values(?,?,?,?,?)"
                " on conflict(id) do update set updated_at=excluded.updated_at",
                (conversation.id, conversation.assistant, now, now, self._user),
            )
            self._database.execute(
                "insert into exchanges values"
                "(?,?,(select coalesce(max(number),0)+1 from exchanges where conversation_id=?),?,?)"
                " on conflict(turn_id) do update set document=excluded.document, complete=excluded.complete",
                (exchange.turn_id, conversation.id, conversation.id, exchange.model_dump_json(), int(complete)),
            )

    def forget(self, *users: str) -> int:
        """Delete the conversations of these people; return how many there were.

        Raises:
            StorageError: The database cannot be written.
        """
        marks = ",".join("?" * len(users))
        return self._delete(f"user in ({marks})", users)

    def purge(self, before: datetime) -> int:
        """Delete the conversations that nobody has used since a moment; return how many there were.

        Raises:
            StorageError: The database cannot be written.
        """
        return self._delete("updated_at<?", (before.astimezone(UTC).isoformat(),))

    def _delete(self, where: str, values: Sequence[str]) -> int:
        gone = f"select id from conversations where {where}"
        with storage(self._path), transaction(self._database):
            self._database.execute(f"delete from exchanges where conversation_id in ({gone})", values)
            return self._database.execute(f"delete from conversations where {where}", values).rowcount
