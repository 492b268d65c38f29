"""Synthetic turns and ratings, written the way the assistants write them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from llmops.schemas import AssistantName, Outcome, Reason, Retrieved, Timings, TurnRecord, Usage
from llmops.store.database import connect
from llmops.store.outbox import Outbox
from llmops.tracking.fallback import Fallback
from llmops.tracking.recorder import OutboxRecorder
from tests.tracking.records import rating as rated
from tests.tracking.records import reply, turn

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
    asked = turn(
        identifier,
        question=question,
        resolved=question,
        answer="",
        assistant=assistant,
        outcome=outcome,
        reason=reason,
        conversation_id=conversation,
        retrieved=(Retrieved(id="entry", area=area, title="Запись", score=score),),
        sources=(),
        guard=None,
        retrieve_ms=None,
    )
    ended = reply(asked, answer="Ответ.", timings_ms=Timings(total=total, **timings), usage=usage)
    return TurnRecord(turn=asked, started_at=datetime.fromtimestamp(started, UTC), reply=ended)


def recorder(outbox: Outbox, user: str = "u-0000000000000001", *, private: bool = False) -> OutboxRecorder:
    """Return a recorder of one person."""
    return OutboxRecorder(outbox, Fallback(()), user=user, private=private)


def keep(outbox: Outbox, *records: TurnRecord, user: str = "u-0000000000000001", private: bool = False) -> None:
    """Write turns as one person's."""
    writer = recorder(outbox, user, private=private)
    for one in records:
        writer.turn(one)
    assert not writer.lost


def rate(outbox: Outbox, one: TurnRecord, rating: int, given: float) -> None:
    """Write a rating of a turn."""
    recorder(outbox).feedback(rated(one.turn.id, 1 if rating > 0 else -1, at=datetime.fromtimestamp(given, UTC)))
