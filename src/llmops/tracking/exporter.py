"""The exporter: carries waiting rows from the outbox to MLflow, each exactly once however often it is killed.

A row is written under ids that follow from its key, then marked; between the two a kill only means that the same
ids are written again. Knows the outbox and the store's role; knows no MLflow.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from llmops.schemas import Feedback, RunRecord, TurnRecord, Value
from llmops.store.outbox import Outbox, Waiting
from llmops.tracking.export_errors import RowRefusedError, StoreUnavailableError, TraceAbsentError
from llmops.tracking.fallback import Fallback
from llmops.tracking.interrupted import close_interrupted
from llmops.tracking.redaction import without_person
from llmops.tracking.spans import Trace, trace_of

_BATCH = 50
_TRIES = 5
_LONGEST_PAUSE_S = 60.0
_EXPIRE_EVERY_S = 3600.0


class TraceStore(Protocol):
    """Where rows go; writing the same thing again replaces it."""

    def check(self) -> None:
        """Raise StoreUnavailableError when the store does not serve."""

    def write_traces(self, traces: Sequence[Trace]) -> None:
        """Write traces; all are written or an error is raised."""

    def write_feedback(self, feedback: Feedback) -> None:
        """Write a rating onto its trace, or raise TraceAbsentError."""

    def write_run(self, record: RunRecord) -> None:
        """Write a batch stage's run."""

    def delete_traces(self, turn_ids: Sequence[str]) -> None:
        """Delete traces; those that are absent do not matter."""


class Exported(Value):
    """What one pass over the outbox did."""

    sent: int = 0
    failed: int = 0
    set_aside: int = 0
    waiting: int = 0
    bad: int = 0


class Exporter:
    """Carries rows over.

    Args:
        lock: Held during a pass: of two exporters the second waits and finds nothing left.
        expire: Deletes what has outlived the retention; called at most once an hour.
        anonymous: Persons, conversations and texts are left out of what is written.
    """

    def __init__(
        self,
        outbox: Outbox,
        fallback: Fallback,
        store: TraceStore,
        lock: Path,
        *,
        anonymous: bool = False,
        expire: Callable[[], object] = lambda: None,
    ) -> None:
        self._outbox, self._fallback, self._store = outbox, fallback, store
        self._lock, self._anonymous = FileLock(lock), anonymous
        self._expire, self._expired_at = expire, -_EXPIRE_EVERY_S
        self._sent = self._failed = self._set_aside = 0

    def run(self) -> Exported:
        """Pass over the outbox once.

        Raises:
            StoreUnavailableError: The store does not serve; what is not marked waits on.
        """
        try:
            with self._lock:
                return self._pass()
        except sqlite3.Error as error:  # a locked database or a full disk: what is not marked is written again
            raise StoreUnavailableError(f"очередь не пишется: {error}") from error

    def _pass(self) -> Exported:
        self._sent = self._failed = self._set_aside = 0
        if time.monotonic() - self._expired_at >= _EXPIRE_EVERY_S:
            self._expired_at = time.monotonic()
            self._expire()
        self._fallback.absorb(self._outbox)
        close_interrupted(self._outbox)
        for ratings in (False, True):  # a rating may stand before its turn, which came by way of a file
            self._sweep(ratings=ratings)
        self._outbox.settle()
        status = self._outbox.status()
        return Exported(
            sent=self._sent,
            failed=self._failed,
            set_aside=self._set_aside,
            waiting=status.waiting,
            bad=status.bad,
        )

    def _sweep(self, *, ratings: bool) -> None:
        after = 0
        while rows := self._outbox.waiting(_BATCH, after, ratings=ratings):
            for kind, group in groupby(rows, key=lambda row: row.kind):
                self._carry(kind, list(group))
            after = rows[-1].seq

    def _carry(self, kind: str, rows: list[Waiting]) -> None:
        """Write rows of one kind together, or one by one when together is refused."""
        if kind != "turn" or not self._attempt(rows, last=len(rows) == 1):
            for row in rows:
                self._attempt([row])

    def _attempt(self, rows: list[Waiting], *, last: bool = True) -> bool:
        """Write rows and mark them; True when that is the end of the matter for now."""
        try:
            self._write(rows)
        except TraceAbsentError:
            self._without_trace(rows[0])
            return True
        except RowRefusedError as error:
            self._store.check()  # a store that refuses everything is away, and no row's fault
            if last:
                self._refused(rows[0], error)
            return last
        self._outbox.mark_sent(rows)
        self._sent += len(rows)
        return True

    def _write(self, rows: list[Waiting]) -> None:
        row = rows[0]
        try:
            if row.kind == "turn":
                self._store.write_traces([self._trace(row.body) for row in rows])
            elif row.kind == "feedback":
                self._store.write_feedback(self._feedback(row.body))
            elif row.kind == "run":
                self._store.write_run(RunRecord.model_validate_json(row.body))
            else:
                self._store.delete_traces(json.loads(row.body))
        except ValueError as error:  # a body that is no record: pydantic's and json's errors are ValueErrors
            raise RowRefusedError(f"{type(error).__name__}: запись не читается") from error

    def _trace(self, body: str) -> Trace:
        record = TurnRecord.model_validate_json(body)
        return trace_of(without_person(record) if self._anonymous else record)

    def _feedback(self, body: str) -> Feedback:
        feedback = Feedback.model_validate_json(body)
        return feedback.model_copy(update={"user": "", "comment": ""}) if self._anonymous else feedback

    def _without_trace(self, row: Waiting) -> None:
        """A rating waits while its turn does; without a turn - forgotten, deleted by hand - it has nowhere to go."""
        key = Feedback.model_validate_json(row.body).turn_id
        state = self._outbox.state("turn", key)
        if state in ("open", "waiting"):
            return
        self._refused(row, RowRefusedError("хода, который оценили, в MLflow нет"))

    def _refused(self, row: Waiting, error: RowRefusedError) -> None:
        bad = row.tries + 1 >= _TRIES
        self._outbox.mark_failed(row, str(error), bad=bad)
        self._failed += 1
        self._set_aside += bad


def passes(
    open_exporter: Callable[[], Exporter], *, pause_s: float, idle_s: float
) -> Iterator[Exported | StoreUnavailableError]:
    """Open an exporter and pass over the outbox again and again, waiting longer while the store is away.

    Args:
        pause_s: Between passes.
        idle_s: End after so long without anything carried over, by the monotonic clock.
    """
    failures, busy_at = 0, time.monotonic()
    exporter: Exporter | None = None
    while True:
        outcome: Exported | StoreUnavailableError
        try:
            exporter = exporter or open_exporter()
            outcome, failures = exporter.run(), 0
        except StoreUnavailableError as error:
            outcome, failures = error, failures + 1
        yield outcome
        if isinstance(outcome, Exported) and outcome.sent:
            busy_at = time.monotonic()
        elif time.monotonic() - busy_at >= idle_s:
            return
        time.sleep(min(pause_s * 2.0**failures, _LONGEST_PAUSE_S))
