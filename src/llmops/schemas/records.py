"""What is kept of turns, ratings and batch stages."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from llmops.schemas.data import Report
from llmops.schemas.dialogue import Reply, Turn
from llmops.schemas.values import AssistantName, Value


class Versions(Value):
    """What made an answer: short hashes of the data and the index, the model's name, the program."""

    data: str = ""
    index: str = ""
    model: str = ""
    code: str = ""


class TurnRecord(Value):
    """A turn as the recorder keeps it; texts are empty where they may not be kept.

    Args:
        reply: None while the answer has not ended.
        error: The class of the exception that ended the turn, never its text.
        user: A keyed hash, never a name or a number.
    """

    turn: Turn
    started_at: datetime
    reply: Reply | None = None
    error: str = ""
    user: str = ""
    versions: Versions = Versions()


class Feedback(Value):
    """A person's rating of a turn; rating again replaces it."""

    turn_id: str
    assistant: AssistantName
    rating: Literal[-1, 1]
    comment: str = ""
    given_at: datetime
    user: str = ""


class RunRecord(Value):
    """A batch stage as the recorder keeps it.

    Args:
        artefacts: Names and contents of small text files.
    """

    id: str
    report: Report
    started_at: datetime
    versions: Versions = Versions()
    artefacts: dict[str, str] = Field(default_factory=dict)
