"""Ratings joined with their turns, in a real outbox written by the real recorder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmops.schemas import Feedback, Reply, Source, Timings, Turn, TurnRecord
from llmops.store.outbox import Outbox
from llmops.tracking.fallback import Fallback
from llmops.tracking.ratings import RatedTurn, rated_turns
from llmops.tracking.recorder import OutboxRecorder
from llmops.tracking.redaction import Capture
from tests.tracking.turns import opened

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with opened(tmp_path / "llmops.db") as opened_outbox:
        yield opened_outbox


def recorder(outbox: Outbox, *, private: bool = False, capture: Capture = "redacted") -> OutboxRecorder:
    return OutboxRecorder(outbox, Fallback(()), user="u-1", private=private, capture=capture)


def ask(writer: OutboxRecorder, identifier: str, question: str = "какой сейчас мрот", **changed: Any) -> None:
    """Record an answered turn."""
    shared = {
        "assistant": "finance",
        "outcome": "answered",
        "origin": "knowledge_base",
        "conversation_id": "c-1",
        "answer": "МРОТ - 27 093 ₽ в месяц.",
        "sources": (Source(id="mrot", title="Минимальная зарплата", score=0.9),),
    } | changed
    resolved = shared.pop("resolved", question)
    turn = Turn.model_validate({"id": identifier, "question": question, "resolved": resolved, **shared})
    reply = Reply.model_validate(
        {"model": "static", "timings_ms": Timings(total=5.0), "trace_id": f"tr-{identifier}", **shared}
    )
    writer.turn(TurnRecord(turn=turn, started_at=NOON, reply=reply))
    assert not writer.failures


def rate(writer: OutboxRecorder, identifier: str, rating: int, comment: str = "", *, minutes: int = 0) -> None:
    writer.feedback(
        Feedback(
            turn_id=identifier,
            assistant="finance",
            rating=1 if rating > 0 else -1,
            comment=comment,
            given_at=NOON + timedelta(minutes=minutes),
        )
    )


def test_a_rating_comes_with_its_question_answer_and_entry(outbox: Outbox):
    writer = recorder(outbox)
    ask(writer, "t-1")
    rate(writer, "t-1", 1, "спасибо")
    assert rated_turns(outbox).turns == (
        RatedTurn(question="какой сейчас мрот", answer="МРОТ - 27 093 ₽ в месяц.", rating=1, comment="спасибо", entry="mrot", assistant="finance", rated_at=NOON),
    )  # fmt: skip


def test_rating_again_replaces_the_rating(outbox: Outbox):
    writer = recorder(outbox)
    ask(writer, "t-1")
    rate(writer, "t-1", 1)
    rate(writer, "t-1", -1, "передумал", minutes=5)
    assert [(turn.rating, turn.comment) for turn in rated_turns(outbox).turns] == [(-1, "передумал")]


def test_a_follow_up_comes_with_the_question_before_it(outbox: Outbox):
    writer = recorder(outbox)
    ask(writer, "t-1", "а в москве?", resolved="какой сейчас мрот а в москве?")
    rate(writer, "t-1", 1)
    assert rated_turns(outbox).turns[0].question == "какой сейчас мрот а в москве?"


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "calculator", "sources": (Source(id="calculator", title="Кредит", score=1.0),)},
        {"outcome": "refused", "reason": "low_confidence", "sources": ()},
        {"outcome": "refused", "reason": "policy", "origin": "policy", "sources": ()},
    ],
)
def test_what_no_entry_answered_names_no_entry(outbox: Outbox, changed: dict[str, Any]):
    writer = recorder(outbox)
    ask(writer, "t-1", **changed)
    rate(writer, "t-1", 1)
    assert "entry" not in rated_turns(outbox).turns[0].model_dump(exclude_none=True)


def test_of_two_entries_shown_both_are_named(outbox: Outbox):
    writer = recorder(outbox)
    ask(writer, "t-1", sources=(Source(id="a", title="А", score=0.5), Source(id="b", title="Б", score=0.4)))
    rate(writer, "t-1", 1)
    turn = rated_turns(outbox).turns[0]
    assert (turn.entry, turn.also) == ("a", "b")


def test_what_was_not_kept_is_counted_and_left_out(outbox: Outbox):
    private, mute = recorder(outbox, private=True), recorder(outbox, capture="none")
    ask(private, "t-private")
    rate(private, "t-private", 1, "тайна")
    ask(mute, "t-mute")
    rate(mute, "t-mute", -1)
    rate(recorder(outbox), "t-gone", 1)
    found = rated_turns(outbox)
    assert found.turns == ()
    assert (found.private, found.without_texts, found.without_turns) == (1, 1, 1)


def test_personal_data_leaves_as_labels(outbox: Outbox):
    writer = recorder(outbox)
    ask(writer, "t-1", "звонят с +7 916 123-45-67, это банк?")
    rate(writer, "t-1", 1, "мне на 89161234567 звонили")
    turn = rated_turns(outbox).turns[0]
    assert turn.question == "звонят с [телефон], это банк?"
    assert "[телефон]" in turn.comment


def test_ratings_are_chosen_by_sign_time_and_assistant(outbox: Outbox):
    writer = recorder(outbox)
    for number, rating in enumerate((1, -1, 1)):
        ask(writer, f"t-{number}")
        rate(writer, f"t-{number}", rating, minutes=number)
    assert len(rated_turns(outbox, rating=1).turns) == 2
    assert len(rated_turns(outbox, rating=-1).turns) == 1
    assert len(rated_turns(outbox, since=(NOON + timedelta(minutes=1)).timestamp()).turns) == 2
    assert rated_turns(outbox, assistant="companion").turns == ()
    assert len(rated_turns(outbox, assistant="finance").turns) == 3
