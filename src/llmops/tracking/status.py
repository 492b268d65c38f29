"""What has been carried to MLflow and what waits, as `track status` shows it.

Knows the outbox; opens nothing.
"""

from __future__ import annotations

import time

from llmops.schemas import Value
from llmops.store.outbox import Outbox


class BadRow(Value):
    """A row that MLflow would not take, and why."""

    kind: str
    key: str
    error: str


class TrackStatus(Value):
    """How many rows are in which state.

    Args:
        open: Turns whose answers have not ended.
        bad: Rows that were set aside.
        files: Rows in files beside the database, to be taken in.
    """

    uri: str
    open: int = 0
    waiting: int = 0
    sent: int = 0
    bad: int = 0
    files: int = 0
    oldest_waiting_s: float | None = None
    last_error: str = ""
    bad_rows: tuple[BadRow, ...] = ()


def status_of(outbox: Outbox, *, uri: str, files: int) -> TrackStatus:
    """Count the rows; a clock that went back makes no negative age."""
    found = outbox.status()
    age = None if found.oldest_waiting is None else max(0.0, time.time() - found.oldest_waiting)
    return TrackStatus(
        uri=uri,
        files=files,
        oldest_waiting_s=age,
        bad_rows=tuple(BadRow(kind=kind, key=key, error=error) for kind, key, error in outbox.bad_rows()),
        **found.model_dump(exclude={"oldest_waiting"}),
    )
