"""What a record may hold: texts in full, redacted or not at all, and a keyed hash instead of a person.

Knows values; what personal data looks like is known by `language.personal_data`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

from llmops.language.personal_data import SECRETS, mask
from llmops.schemas import TurnRecord

Capture = Literal["full", "redacted", "none"]
_USER_PREFIX = "u-"


@lru_cache(maxsize=256)  # a question is kept three times, and answers come from a few hundred entries
def redact(text: str, capture: Capture) -> str:
    """Return what may be kept of a text: keys and tokens are never kept, not even in full."""
    if capture == "none":
        return ""
    return mask(text, SECRETS) if capture == "full" else mask(text)


def redact_record(record: TurnRecord, capture: Capture) -> TurnRecord:
    """Return a turn with what may be kept of its texts; an answer that ended is kept once, in the reply."""
    kept = partial(redact, capture=capture)
    turn, reply = record.turn, record.reply
    question = kept(turn.question)
    resolved = question if turn.resolved == turn.question else kept(turn.resolved)
    answer = "" if reply else kept(turn.answer)
    texts = {"question": question, "resolved": resolved, "answer": answer, "calculation": None}
    return record.model_copy(
        update={
            "turn": turn.model_copy(update=texts),
            "reply": reply and reply.model_copy(update={"answer": kept(reply.answer)}),
        }
    )


def without_person(record: TurnRecord) -> TurnRecord:
    """Return a turn without its person, its conversation and its texts."""
    bare = redact_record(record, "none")
    nowhere = {"conversation_id": ""}
    return bare.model_copy(
        update={
            "turn": bare.turn.model_copy(update=nowhere),
            "reply": bare.reply and bare.reply.model_copy(update=nowhere),
            "user": "",
        }
    )


def timings_only(record: TurnRecord) -> TurnRecord:
    """Return what is kept of a private turn: when, how long and how it ended - no texts, topics or person."""
    bare = without_person(record)
    return bare.model_copy(
        update={
            "turn": bare.turn.model_copy(update={"sources": (), "retrieved": (), "guard": None}),
            "reply": bare.reply and bare.reply.model_copy(update={"sources": ()}),
        }
    )


def load_key(path: Path) -> bytes:
    """Return the key of this installation's hashes, made on first use and readable by its owner alone.

    Raises:
        OSError: It can be neither read nor made.
    """
    if not path.exists():
        _make_key(path)
    try:
        return bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError as error:  # a new one would cut a person's turns off from their name
        raise OSError(f"{path}: ключ испорчен") from error


def _make_key(path: Path) -> None:
    """Write a key whole; of two processes that make it at once, the first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()


def pseudonym(key: bytes, user: str) -> str:
    """Return a person's keyed hash (HMAC-SHA256, 64 bits); a hash stays as it is."""
    if user.startswith(_USER_PREFIX) and len(user) == len(_USER_PREFIX) + 16:
        return user
    return _USER_PREFIX + hmac.new(key, user.encode(), hashlib.sha256).hexdigest()[:16]
