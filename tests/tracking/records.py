"""Turns as the dialogue hands them to the recorder."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from llmops.schemas import Feedback, Guard, Reply, Retrieved, Source, Timings, Turn, TurnRecord, Usage
from llmops.store.database import connect
from llmops.store.outbox import Outbox
from llmops.tracking.fallback import Fallback
from llmops.tracking.recorder import OutboxRecorder

QUESTION = "какой сейчас мрот, мой телефон 8 916 123-45-67"
ANSWER = "МРОТ - 27 093 ₽ в месяц."


def turn(turn_id: str = "", **changed: Any) -> Turn:
    """Return a turn that found an entry."""
    fields: dict[str, Any] = {
        "id": turn_id or uuid.uuid4().hex,
        "conversation_id": "c-1",
        "assistant": "finance",
        "question": QUESTION,
        "resolved": QUESTION,
        "outcome": "answered",
        "origin": "knowledge_base",
        "answer": ANSWER,
        "sources": (Source(id="mrot", title="Минимальная зарплата", score=0.9),),
        "retrieved": (Retrieved(id="mrot", area="salary", title="Минимальная зарплата", score=0.9),),
        "guard": Guard(in_scope=0.95, threshold=0.4, foreign=0.01),
        "retrieve_ms": 4.0,
    }
    return Turn.model_validate(fields | changed)


def reply(asked: Turn, **changed: Any) -> Reply:
    """Return the turn's answer."""
    fields: dict[str, Any] = {
        "assistant": asked.assistant,
        "outcome": asked.outcome,
        "reason": asked.reason,
        "answer": asked.answer,
        "origin": asked.origin,
        "sources": asked.sources,
        "model": "static-ru",
        "timings_ms": Timings(total=6.0, retrieve=asked.retrieve_ms),
        "usage": Usage(),
        "conversation_id": asked.conversation_id,
        "trace_id": f"tr-{asked.id}",
    }
    return Reply.model_validate(fields | changed)


def asked(turn_id: str = "", at: datetime | None = None, **changed: Any) -> TurnRecord:
    """Return a turn whose answer has not ended."""
    return TurnRecord(turn=turn(turn_id, **changed), started_at=at or datetime.now(UTC))


def answered(turn_id: str = "", at: datetime | None = None, **changed: Any) -> TurnRecord:
    """Return a turn with its answer."""
    made = turn(turn_id, **changed)
    return TurnRecord(turn=made, started_at=at or datetime.now(UTC), reply=reply(made))


def rating(turn_id: str, value: int = 1, comment: str = "", at: datetime | None = None) -> Feedback:
    """Return a person's rating."""
    fields = {"turn_id": turn_id, "assistant": "finance", "rating": value, "comment": comment}
    return Feedback.model_validate({**fields, "given_at": at or datetime.now(UTC)})


class Home:
    """A state folder with its outbox and recorder."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder, self.path = folder, folder / "llmops.db"
        self.lock = folder / ".export.lock"
        self.database = connect(self.path, wait_s=0.002)
        self.outbox = Outbox(self.database)
        self.fallback = Fallback((folder / "outbox", folder / "elsewhere"))
        self.recorder = OutboxRecorder(self.outbox, self.fallback, user="u-0123456789abcdef", **options)

    def states(self) -> dict[str, int]:
        """Count the turns by state."""
        return dict(
            self.database.execute("select state, count(*) from outbox where kind='turn' group by state").fetchall()
        )

    def close(self) -> None:
        """Close the database."""
        self.database.close()
