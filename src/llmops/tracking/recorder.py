"""The recorder: every turn becomes a row of the local database, first when asked, then when answered.

A turn that never ended stays visible as a row without an outcome. Knows no exporter.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from llmops.schemas import AssistantName, Feedback, TurnRecord


class TableRecorder:
    """Writes rows into an open database; a failure is counted, never raised.

    Args:
        private: Only timings and outcomes are kept, no texts.
    """

    def __init__(self, database: sqlite3.Connection, assistant: AssistantName, *, private: bool = False) -> None:
        self._database, self._assistant = database, assistant
        self.private = private
        self.failures = 0

    def turn(self, record: TurnRecord) -> None:
        kept = record if not self.private else _without_texts(record)
        outcome = kept.reply.outcome if kept.reply else None
        completed = datetime.now(UTC).isoformat() if kept.reply else None
        self._write(
            "insert into turns values(?,?,?,?,?,?) on conflict(turn_id) do update set"
            " completed_at=excluded.completed_at, outcome=excluded.outcome, document=excluded.document",
            (
                kept.turn_id,
                kept.started_at.isoformat(),
                completed,
                self._assistant,
                outcome,
                kept.model_dump_json(),
            ),
        )

    def feedback(self, feedback: Feedback) -> None:
        comment = "" if self.private else feedback.comment
        self._write(
            "insert into feedback values(?,?,?,?)",
            (feedback.turn_id, feedback.rating, comment, feedback.given_at.isoformat()),
        )

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            self._database.execute(statement, values)
        except sqlite3.Error:
            self.failures += 1


class NullRecorder:
    """Keeps nothing: for a state folder that cannot be written."""

    private = True

    def turn(self, record: TurnRecord) -> None:
        """Forget the turn."""

    def feedback(self, feedback: Feedback) -> None:
        """Forget the rating."""


def _without_texts(record: TurnRecord) -> TurnRecord:
    reply = record.reply.model_copy(update={"answer": "", "sources": ()}) if record.reply else None
    return record.model_copy(update={"question": None, "resolved": None, "answer": None, "reply": reply})
