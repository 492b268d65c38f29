"""Rated turns: every rating joined with the turn it is about, as rows that `prepare-data` accepts.

Only what was kept is joined: private turns and turns without texts are counted and left out.
Knows the outbox; knows no files and no terminal.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from llmops.schemas import Feedback, TurnRecord, Value
from llmops.store.outbox import Outbox


class RatedTurn(Value):
    """A question, what was answered, and what a person thought of it.

    Args:
        question: With the question before it, when it leans on that.
        entry: The entry that answered; None for calculators and refusals.
        also: The second entry, when two were shown: the rating does not say which of them was meant.
    """

    question: str
    answer: str
    rating: Literal[-1, 1]
    comment: str = ""
    entry: str | None = None
    also: str | None = None
    assistant: str
    rated_at: datetime


class Ratings(Value):
    """Rated turns, oldest rating first, and how many were left out.

    Args:
        private: Turns of private conversations, of which nothing is kept.
        without_texts: Turns recorded while texts were not kept.
        without_turns: Ratings whose turn was deleted or never ended.
    """

    turns: tuple[RatedTurn, ...] = ()
    private: int = 0
    without_texts: int = 0
    without_turns: int = 0


def rated_turns(outbox: Outbox, *, since: float = 0.0, assistant: str = "", rating: int = 0) -> Ratings:
    """Join ratings with their turns; of several ratings of a turn the newest counts.

    Args:
        since: Only ratings given from this moment on, seconds since 1970.
        assistant: Only this assistant's turns; empty for all.
        rating: Only ratings of this sign; 0 for all.
    """
    newest: dict[str, Feedback] = {}
    for body in outbox.bodies("feedback", since=since, assistant=assistant):
        feedback = Feedback.model_validate_json(body)
        known = newest.get(feedback.turn_id)
        if known is None or feedback.given_at >= known.given_at:
            newest[feedback.turn_id] = feedback
    turns: list[RatedTurn] = []
    left_out = {"private": 0, "without_texts": 0, "without_turns": 0}
    for feedback in sorted(newest.values(), key=lambda given: (given.given_at, given.turn_id)):
        if rating and feedback.rating != rating:
            continue
        body_of_turn = outbox.find("turn", feedback.turn_id)
        record = TurnRecord.model_validate_json(body_of_turn) if body_of_turn else None
        if reason := _unusable(record):
            left_out[reason] += 1
        elif record:
            turns.append(_joined(record, feedback))
    return Ratings(turns=tuple(turns), **left_out)


def _unusable(record: TurnRecord | None) -> str:
    """Return why a turn says nothing: the name of a count of `Ratings`, or nothing."""
    if record is None or record.reply is None:
        return "without_turns"
    if record.turn.question:
        return ""
    return "without_texts" if record.turn.conversation_id else "private"


def _joined(record: TurnRecord, feedback: Feedback) -> RatedTurn:
    turn, reply = record.turn, record.reply
    assert reply
    found = reply.outcome == "answered" and reply.origin in {"knowledge_base", "phrase_bank"}
    entries = [source.id for source in reply.sources] if found else []
    return RatedTurn(
        question=turn.resolved or turn.question,
        answer=reply.answer,
        rating=feedback.rating,
        comment=feedback.comment,
        entry=entries[0] if entries else None,
        also=entries[1] if len(entries) > 1 else None,
        assistant=feedback.assistant,
        rated_at=feedback.given_at,
    )
