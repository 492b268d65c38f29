"""A dialogue: one conversation, its assistant, its store and its recorder.

A turn is recorded when its question arrives, stored before its answer starts, and both are completed after. What is
stored holds no numbers of cards, documents or phones. Knows roles; knows no terminal.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from llmops.errors import ConfigError, StorageError
from llmops.protocols import Assistant, Persona, Recorder, ReplyStream
from llmops.schemas import Conversation, Exchange, Feedback, PersonFact, Reply, Timings, Turn, TurnRecord
from llmops.store.conversations import ConversationStore, new_conversation
from llmops.store.memories import MemoryStore
from llmops.tracking.redaction import redact

_REMEMBERED = 60  # the companion does not repeat what it said within them


class Printer(Protocol):
    """Shows the pieces of an answer as they come."""

    def __call__(self, stream: ReplyStream) -> None:
        """Iterate over the stream."""


class Dialogue:
    """Asks an assistant within a conversation.

    Args:
        store: None when nothing may be written.
        memories: What the person asked to remember across conversations; None where nothing is.
        private: Texts are kept in memory only.
    """

    def __init__(
        self,
        assistant: Assistant,
        conversation: Conversation,
        store: ConversationStore | None,
        recorder: Recorder,
        *,
        memories: MemoryStore | None = None,
        private: bool = False,
    ) -> None:
        self.assistant, self.conversation = assistant, conversation
        self._memories = memories
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
        """Start a new conversation with the same assistant and persona; lasting memories come along."""
        lasting = tuple(fact for fact in self.conversation.facts if fact.lasting)
        fresh = new_conversation(self.conversation.assistant)
        self.conversation = fresh.model_copy(update={"facts": lasting, "persona": self.conversation.persona})
        self.last = None

    def speak_as(self, persona: str) -> None:
        """Let another persona go on.

        Args:
            persona: An id or a name, in any case.

        Raises:
            ConfigError: Nobody is called so.
        """
        found = _persona(self.assistant.personas, persona)
        self.conversation = self.conversation.model_copy(update={"persona": found.id})

    def forget(self, words: str) -> int:
        """Forget what «всё», «имя», «город» or a value names, here and across conversations; return how many facts."""
        gone = self.assistant.named_facts(self.conversation, words)
        self._remember(tuple(fact for fact in self.conversation.facts if fact not in gone))
        return len(gone)

    def _remember(self, facts: tuple[PersonFact, ...]) -> None:
        """Take over what is known after a turn, and keep the lasting part of it when that has changed."""
        before, after = ({fact for fact in known if fact.lasting} for known in (self.conversation.facts, facts))
        self.conversation = self.conversation.model_copy(update={"facts": facts})
        if before != after and self._memories and not self.private:
            try:
                self._memories.keep(tuple(fact for fact in facts if fact.lasting))
            except StorageError as error:
                self.trouble = f"{error.message} Запомнил только на этот разговор."

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
        self._remember(turn.facts)
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
            entry_ids=tuple(source.id for source in turn.sources if turn.origin != "calculator"),
            calculation=turn.calculation,
            facts=turn.facts,
            persona=turn.persona or "",
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


def _persona(personas: Mapping[str, Persona], wanted: str) -> Persona:
    asked = wanted.strip().lower()
    for persona in personas.values():
        if asked in {persona.id, persona.name.lower(), persona.name.split()[0].lower()}:
            return persona
    known = ", ".join(f"{persona.id} ({persona.name})" for persona in personas.values())
    raise ConfigError(f"Персонажа «{wanted}» нет.", hint=f"Есть: {known}.")


def _masked(exchange: Exchange) -> Exchange:
    texts = {name: redact(getattr(exchange, name), "redacted") for name in ("question", "resolved", "answer")}
    return exchange.model_copy(update=texts)
