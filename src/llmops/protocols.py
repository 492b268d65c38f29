"""The roles that implementations play; the contracts stand here and are not repeated there.

Knows no implementation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from llmops.schemas import Conversation, EmbedderFingerprint, Feedback, Finding, Reply, Report, Turn, TurnRecord


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def fingerprint(self) -> EmbedderFingerprint:
        """What makes these vectors comparable with others."""

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        """Return one unit row per text, shape (n, dim); a text without known tokens gives a zero row."""


class Retriever(Protocol):
    """Finds the entries that answer a question."""

    def search(self, question: str, limit: int, context: Sequence[str] = ()) -> Finding:
        """Search once; never raises on a strange question.

        Args:
            limit: The largest number of hits.
            context: Entry ids that the conversation is about; they break ties, most recent first.
        """

    def repair(self, text: str) -> str:
        """Return the text with keyboard layout and typos mended."""

    @property
    def titles(self) -> list[tuple[str, str]]:
        """The area and the title of every entry."""

    @property
    def areas(self) -> dict[str, str]:
        """Area ids and the names people see."""


class Recorder(Protocol):
    """Keeps every turn; never raises, never waits. A private one keeps timings and outcomes only."""

    private: bool

    @property
    def lost(self) -> int:
        """How many rows are kept nowhere but in memory, or not even there."""

    def turn(self, record: TurnRecord) -> None:
        """Keep a turn: first without a reply, then, under the same id, with it."""

    def feedback(self, feedback: Feedback) -> None:
        """Keep a person's rating of a turn."""

    def run(self, report: Report) -> None:
        """Keep what a batch stage did."""


class ReplyStream(Protocol):
    """An answer that arrives piece by piece and ends with a `Reply`."""

    def __iter__(self) -> Iterator[str]:
        """Yield pieces of text whose concatenation is the answer."""

    def stop(self) -> None:
        """End the stream after the current piece; the reply is marked interrupted."""

    @property
    def reply(self) -> Reply:
        """The reply so far; complete after the last piece."""


class Assistant(Protocol):
    """Answers messages of one conversation at a time."""

    model: str

    def prepare(self, conversation: Conversation, text: str) -> Turn:
        """Decide everything about the answer; no generative model runs here."""

    def reply(self, turn: Turn) -> ReplyStream:
        """Answer a prepared turn."""

    def calculate(self, conversation: Conversation, text: str) -> Turn:
        """Prepare the answer to an explicit call for a calculation."""

    def describe(self) -> str:
        """Return one line about what the answers come from."""
