"""Synthetic turns and ratings, written the way the assistants write them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from llmops.schemas import AssistantName, Feedback, Outcome, Reason, Reply, Retrieved, Timings, Turn, TurnRecord, Usage
from llmops.store.database import connect
from llmops.store.outbox import Outbox
from llmops.tracking.fallback import Fallback
from llmops.tracking.recorder import OutboxRecorder

HOUR = 3600.0
NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC).timestamp()


@contextmanager
def opened(path: Path = Path(":memory:")) -> Iterator[Outbox]:
    """Open an outbox and close its database."""
    with closing(connect(path)) as database:
        yield Outbox(database)


def record(
    started: float,
    *,
    total: float = 10.0,
    outcome: Outcome = "answered",
    reason: Reason | None = None,
    assistant: AssistantName = "finance",
    conversation: str = "c-1",
    question: str = "какой сейчас мрот",
    area: str = "salary_work",
    score: float = 0.8,
    identifier: str = "",
    usage: Usage = Usage(),  # noqa: B008 - frozen
    **timings: float,
) -> TurnRecord:
    """Return an ended turn."""
    identifier = identifier or uuid.uuid4().hex
    shared: dict[str, Any] = {"assistant": assistant, "outcome": outcome, "reason": reason, "origin": "knowledge_base", "conversation_id": conversation}  # fmt: skip
    turn = Turn(
        id=identifier,
        question=question,
        resolved=question,
        answer="",
        retrieved=(Retrieved(id="entry", area=area, title="Запись", score=score),),
        **shared,
    )
    reply = Reply(
        answer="Ответ.",
        model="static",
        timings_ms=Timings(total=total, **timings),
        trace_id=f"tr-{identifier}",
        usage=usage,
        **shared,
    )
    return TurnRecord(turn=turn, started_at=datetime.fromtimestamp(started, UTC), reply=reply)


def recorder(outbox: Outbox, user: str = "u-0000000000000001", *, private: bool = False) -> OutboxRecorder:
    """Return a recorder of one person."""
    return OutboxRecorder(outbox, Fallback(()), user=user, private=private)


def keep(outbox: Outbox, *records: TurnRecord, user: str = "u-0000000000000001", private: bool = False) -> None:
    """Write turns as one person's."""
    writer = recorder(outbox, user, private=private)
    for one in records:
        writer.turn(one)
    assert not writer.failures
    assert not writer.unwritten


def rate(outbox: Outbox, turn: TurnRecord, rating: int, given: float) -> None:
    """Write a rating of a turn."""
    recorder(outbox).feedback(
        Feedback(
            turn_id=turn.turn.id,
            assistant=turn.turn.assistant,
            rating=1 if rating > 0 else -1,
            given_at=datetime.fromtimestamp(given, UTC),
        )
    )
