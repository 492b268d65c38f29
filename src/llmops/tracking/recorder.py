"""The recorder: every turn becomes a row of the outbox, first when asked, then when answered.

A turn that never ended stays visible as an open row. What may be kept is decided here, before anything touches the
disk. Knows no assistant and no exporter.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from llmops.schemas import Feedback, Report, RunRecord, TurnRecord, Versions
from llmops.store.outbox import Outbox, OutboxRow
from llmops.tracking.fallback import Fallback
from llmops.tracking.measures import feedback_counts, turn_counts
from llmops.tracking.redaction import Capture, redact, redact_record, timings_only

_ARTEFACT_BYTES = 256 << 10
_MOST_UNWRITTEN = 10_000


class OutboxRecorder:
    """Writes rows into the outbox, or beside it when the database cannot be written; never raises.

    Args:
        outbox: None when the database cannot even be opened.
        user: The keyed hash of the person.
        capture: Which texts are kept.
        private: Only timings and outcomes are kept.
    """

    def __init__(
        self,
        outbox: Outbox | None,
        fallback: Fallback,
        *,
        user: str = "",
        versions: Versions = Versions(),  # noqa: B008 - frozen
        capture: Capture = "redacted",
        private: bool = False,
    ) -> None:
        self._outbox, self._fallback = outbox, fallback
        self._user, self._versions, self._capture = user, versions, capture
        self.private = private
        self.failures = 0
        self._unwritten: dict[tuple[str, str], OutboxRow] = {}
        self._private_turns: set[str] = set()
        self._owner = f"{platform.node()}/{os.getpid()}"

    @property
    def lost(self) -> int:
        return len(self._unwritten) + self.failures

    def turn(self, record: TurnRecord) -> None:
        if self.private:
            self._private_turns.add(record.turn.id)
        self._keep(lambda: self._turn_row(record))

    def feedback(self, feedback: Feedback) -> None:
        private = self.private or feedback.turn_id in self._private_turns
        self._keep(lambda: self._feedback_row(feedback, private=private))

    def run(self, report: Report) -> None:
        record = RunRecord(
            id=uuid.uuid4().hex,
            report=report,
            started_at=datetime.now(UTC),
            versions=self._versions,
            artefacts=_artefacts(report),
        )
        started = record.started_at.timestamp() - report.seconds
        body = record.model_dump_json(exclude_defaults=True)
        self._keep(lambda: OutboxRow(kind="run", key=record.id, started=started, outcome=report.stage, body=body))

    def _turn_row(self, record: TurnRecord) -> OutboxRow:
        named = record.model_copy(update={"user": self._user, "versions": self._versions})
        kept = timings_only(named) if self.private else redact_record(named, self._capture)
        counted = kept if self.private else named  # the length of a question is counted as it was typed
        ended = kept.reply is not None
        return OutboxRow(
            kind="turn",
            key=kept.turn.id,
            state="waiting" if ended else "open",
            started=kept.started_at.timestamp(),
            assistant=kept.turn.assistant,
            user=kept.user,
            conversation=kept.turn.conversation_id,
            outcome=kept.reply.outcome if kept.reply else "",
            owner="" if ended else self._owner,
            counts=turn_counts(counted) if ended else (),
            body=kept.model_dump_json(exclude_defaults=True),
        )

    def _feedback_row(self, feedback: Feedback, *, private: bool) -> OutboxRow:
        comment = "" if private else redact(feedback.comment, self._capture)
        kept = feedback.model_copy(update={"comment": comment, "user": "" if private else self._user})
        return OutboxRow(
            kind="feedback",
            key=kept.turn_id,
            started=kept.given_at.timestamp(),
            assistant=feedback.assistant,
            user=kept.user,
            outcome="+" if kept.rating > 0 else "-",
            counts=feedback_counts(kept),
            body=kept.model_dump_json(exclude_defaults=True),
        )

    def _keep(self, make: Callable[[], OutboxRow]) -> None:
        """Write a row where it can be written; in memory when nowhere, until the database takes it."""
        try:
            row = make()
            self._unwritten.pop((row.kind, row.key), None)
            if self._stored(row):
                return
            if not self._fallback.write(row):
                self._unwritten[row.kind, row.key] = row
                if len(self._unwritten) > _MOST_UNWRITTEN:
                    del self._unwritten[next(iter(self._unwritten))]
                    self.failures += 1
        except Exception:  # noqa: BLE001 - a chat never suffers from its own recording; the loss is counted
            self.failures += 1

    def _stored(self, row: OutboxRow) -> bool:
        """Put a row into the database, and what was waiting in memory when that works again."""
        if self._outbox is None:
            return False
        try:
            self._outbox.put(row)
            if self._unwritten:
                self._outbox.put(*self._unwritten.values())
                self._unwritten.clear()
        except sqlite3.Error:
            return False
        return True


def _artefacts(report: Report) -> dict[str, str]:
    """Read the small files that describe a result; one that is absent or large is left out."""
    kept: dict[str, str] = {}
    for name in report.artefacts:
        path = Path(name)
        try:
            if path.stat().st_size <= _ARTEFACT_BYTES:
                kept[path.name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    return kept
