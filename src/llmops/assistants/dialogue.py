"""A dialogue: one conversation, its assistant, its store and its recorder.

A turn is stored and recorded before its answer starts and completed after. Knows roles; knows no terminal.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from llmops.protocols import Assistant, Recorder, ReplyStream
from llmops.schemas import Conversation, Exchange, Feedback, Reply, Turn, TurnRecord
from llmops.store.conversations import ConversationStore, new_conversation

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

    def set_private(self, private: bool) -> bool:
        """Stop or start keeping texts; return the new state."""
        self.private = self._recorder.private = private
        return private

    def renew(self) -> None:
        """Start a new conversation with the same assistant."""
        self.conversation, self.last = new_conversation(self.conversation.assistant), None

    def ask(self, turn: Turn, show: Printer) -> Reply:
        """Answer a prepared turn: keep it, let `show` take the stream, complete it.

        Raises:
            StorageError: The conversation cannot be kept.
        """
        started = datetime.now(UTC)
        self._keep(turn, None, complete=False)
        self._record(turn, None, started)
        stream = self.assistant.reply(turn)
        try:
            show(stream)
        finally:
            reply = stream.reply
            self.last = (turn, reply)
            self._keep(turn, reply, complete=True)
            self._record(turn, reply, started)
        return reply

    def _record(self, turn: Turn, reply: Reply | None, started: datetime) -> None:
        self._recorder.turn(
            TurnRecord(
                turn_id=turn.id,
                started_at=started,
                question=turn.question,
                resolved=turn.resolved,
                reply=reply,
                answer=reply.answer if reply else None,
            )
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
            self._store.save(self.conversation, exchange, complete=complete)

    def rate(self, rating: int, comment: str) -> bool:
        """Record a person's rating of the last answer; False when there is none."""
        if self.last is None:
            return False
        self._recorder.feedback(
            Feedback(
                turn_id=self.last[0].id,
                rating=1 if rating > 0 else -1,
                comment=comment,
                given_at=datetime.now(UTC),
            )
        )
        return True
