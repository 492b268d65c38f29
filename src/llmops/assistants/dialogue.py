"""A dialogue: one conversation, its assistant, its store and its recorder.

A turn is recorded when its question arrives, stored before its answer starts, and both are completed after. What is
stored holds no numbers of cards, documents or phones. Knows roles; knows no terminal.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from llmops.errors import StorageError
from llmops.protocols import Assistant, Recorder, ReplyStream
from llmops.schemas import Conversation, Exchange, Feedback, Reply, Timings, Turn, TurnRecord
from llmops.store.conversations import ConversationStore, new_conversation
from llmops.tracking.redaction import redact

_REMEMBERED = 20


class Printer(Protocol):
    """Shows the pieces of an answer as they come."""

    def __call__(self, stream: ReplyStream) -> None:
        """Iterate over the stream."""


class Dialogue:
    """Asks an assistant within a conversation.

    Args:
        store: None when nothing may be written.
        private: Texts are kept in memory only.
    """

    def __init__(
        self,
        assistant: Assistant,
        conversation: Conversation,
        store: ConversationStore | None,
        recorder: Recorder,
        *,
        private: bool = False,
    ) -> None:
        self.assistant, self.conversation = assistant, conversation
        self._store, self._recorder = store, recorder
        self.private = private
        self.last: tuple[Turn, Reply] | None = None
        self.trouble = ""
        self._unsaved: dict[str, tuple[Conversation, Exchange, bool]] = {}

    @property
    def unrecorded(self) -> int:
        """How many turns and ratings the recorder could keep nowhere."""
        return self._recorder.lost

    def set_private(self, private: bool) -> bool:
        """Stop or start keeping texts; return the new state."""
        self.private = self._recorder.private = private
        return private

    def renew(self) -> None:
        """Start a new conversation with the same assistant."""
        self.conversation, self.last = new_conversation(self.conversation.assistant), None

    def ask(
        self,
        message: str,
        show: Printer,
        *,
        calculate: bool = False,
        inspect: Callable[[Turn], None] = lambda turn: None,
    ) -> Reply:
        """Answer a message: record it, decide, let `show` take the stream, complete the record.

        Args:
            calculate: The message is an explicit call for a calculation.
            inspect: Sees the turn before its answer.
        """
        arrived, turn = datetime.now(UTC), self._arrival(message)
        self._recorder.turn(TurnRecord(turn=turn, started_at=arrived))
        try:
            decide = self.assistant.calculate if calculate else self.assistant.prepare
            turn = decide(self.conversation, message).model_copy(update={"id": turn.id})
            inspect(turn)
            return self._answer(turn, show, arrived)
        except Exception as error:
            reply = self._failed(turn, arrived)
            self._recorder.turn(TurnRecord(turn=turn, started_at=arrived, reply=reply, error=type(error).__name__))
            raise

    def _answer(self, turn: Turn, show: Printer, arrived: datetime) -> Reply:
        self._keep(turn, None, complete=False)
        stream = self.assistant.reply(turn)
        try:
            show(stream)
        finally:
            reply = stream.reply
            self.last = (turn, reply)
            self._keep(turn, reply, complete=True)
            self._recorder.turn(TurnRecord(turn=turn, started_at=arrived, reply=reply))
        return reply

    def _arrival(self, message: str) -> Turn:
        """Return a turn of which nothing is known but its question."""
        return Turn(
            id=uuid.uuid4().hex,
            conversation_id=self.conversation.id,
            assistant=self.conversation.assistant,
            question=message,
            resolved=message,
            outcome="error",
            origin="knowledge_base",
            answer="",
        )

    def _failed(self, turn: Turn, arrived: datetime) -> Reply:
        elapsed = (datetime.now(UTC) - arrived).total_seconds() * 1000
        return Reply(
            assistant=turn.assistant,
            outcome="error",
            answer="",
            origin=turn.origin,
            model=self.assistant.model,
            timings_ms=Timings(total=max(0.0, round(elapsed, 2))),
            conversation_id=turn.conversation_id,
            trace_id=f"tr-{turn.id}",
        )

    def _keep(self, turn: Turn, reply: Reply | None, *, complete: bool) -> None:
        exchange = Exchange(
            turn_id=turn.id,
            question=turn.question,
            resolved=turn.resolved,
            answer=reply.answer if reply else "",
            outcome=turn.outcome,
            entry_ids=tuple(source.id for source in turn.sources if turn.origin == "knowledge_base"),
            calculation=turn.calculation,
            interrupted=reply.interrupted if reply else True,
        )
        earlier = tuple(kept for kept in self.conversation.exchanges if kept.turn_id != turn.id)
        self.conversation = self.conversation.model_copy(update={"exchanges": (*earlier, exchange)[-_REMEMBERED:]})
        if self._store and not self.private:
            self._unsaved[turn.id] = (self.conversation, _masked(exchange), complete)
            self._save(self._store)

    def _save(self, store: ConversationStore) -> None:
        """Store what is not stored yet; what cannot be stored now is tried again with the next turn."""
        try:
            for identifier, (conversation, exchange, complete) in list(self._unsaved.items()):
                store.save(conversation, exchange, complete=complete)
                del self._unsaved[identifier]
            self.trouble = ""
        except StorageError as error:
            self.trouble = f"{error.message} Отвечаю, но разговор пока не сохраняется."

    def rate(self, rating: int, comment: str) -> bool:
        """Record a person's rating of the last answer; False when there is none."""
        if self.last is None:
            return False
        self._recorder.feedback(
            Feedback(
                turn_id=self.last[0].id,
                assistant=self.conversation.assistant,
                rating=1 if rating > 0 else -1,
                comment=comment,
                given_at=datetime.now(UTC),
            )
        )
        return True


def _masked(exchange: Exchange) -> Exchange:
    texts = {name: redact(getattr(exchange, name), "redacted") for name in ("question", "resolved", "answer")}
    return exchange.model_copy(update=texts)
