"""Turns whose process died before the answer ended: closed, so that they are counted and carried like others.

Knows rows and processes; knows no exporter.
"""

from __future__ import annotations

import os
import platform
import time

from llmops.schemas import TurnRecord
from llmops.store.outbox import Outbox, OutboxRow
from llmops.tracking.measures import INTERRUPTED, turn_counts

_ABANDONED_S = 3600.0


def close_interrupted(outbox: Outbox) -> int:
    """Close the turns whose process is gone, as interrupted; return how many. A late end still replaces it."""
    closed = 0
    for _, started, owner, body in outbox.open_rows():
        if _alive(owner, started):
            continue
        record = TurnRecord.model_validate_json(body)
        row = OutboxRow(
            kind="turn",
            key=record.turn.id,
            started=started,
            assistant=record.turn.assistant,
            user=record.user,
            conversation=record.turn.conversation_id,
            outcome=INTERRUPTED,
            counts=turn_counts(record),
            body=body,
        )
        closed += outbox.put_if_open(row)
    return closed


def _alive(owner: str, started: float) -> bool:
    """Tell whether an answer may still be coming; a process of another machine gets an hour."""
    host, _, process = owner.rpartition("/")
    if host == platform.node() and os.name == "posix" and process.isdigit():
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
    return time.time() - started < _ABANDONED_S
