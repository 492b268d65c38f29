"""The roles that implementations play; the contracts stand here and are not repeated there.

Knows no implementation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from llmops.schemas import (
        AssistantName,
        Conversation,
        EmbedderFingerprint,
        Entry,
        Feedback,
        Finding,
        Message,
        PersonFact,
        Reply,
        Report,
        Sampling,
        Token,
        Turn,
        TurnRecord,
    )


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def fingerprint(self) -> EmbedderFingerprint:
        """What makes these vectors comparable with others."""

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        """Return one unit row per text, shape (n, dim); a text without known tokens gives a zero row."""


class Persona(Protocol):
    """Somebody who may speak."""

    @property
    def id(self) -> str:
        """What the command line calls the persona."""

    @property
    def name(self) -> str:
        """What people call the persona."""

    @property
    def title(self) -> str:
        """Who that is, in two or three words."""


class StopSignal(Protocol):
    """Asks a running generation to end; a `threading.Event` is one."""

    def is_set(self) -> bool:
        """Tell whether to stop now."""


class Backend(Protocol):
    """Writes text after messages.

    Args:
        name: The value of `--backend`.
        model: What writes, for the record.
    """

    name: str
    model: str

    def generate(self, messages: Sequence[Message], sampling: Sampling, stop: StopSignal) -> Iterator[Token]:
        """Yield pieces as they are made; ends within a token of `stop`; safe to call from several threads.

        Raises:
            BackendError: The engine failed; what was yielded before stays.
        """


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

    def entry(self, identifier: str) -> Entry | None:
        """Return an entry by its id."""

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

    name: AssistantName
    model: str

    def prepare(self, conversation: Conversation, text: str) -> Turn:
        """Decide everything about the answer; no generative model runs here."""

    def reply(self, turn: Turn) -> ReplyStream:
        """Answer a prepared turn."""

    def calculate(self, conversation: Conversation, text: str) -> Turn:
        """Prepare the answer to an explicit call for a calculation."""

    def describe(self) -> str:
        """Return one line about what the answers come from."""

    @property
    def banner(self) -> str:
        """One line for the beginning of a dialogue: who answers and how to ask."""

    @property
    def personas(self) -> Mapping[str, Persona]:
        """Who may speak, by id; empty where nobody plays a character."""

    def greeting(self, conversation: Conversation) -> str:
        """Return the first words of whoever speaks in this conversation; empty when there are none."""

    def remembered(self, conversation: Conversation) -> list[str]:
        """Return what is known of the person, a sentence a fact."""

    def named_facts(self, conversation: Conversation, words: str) -> tuple[PersonFact, ...]:
        """Return the facts that «всё», «имя», «город» or a value names."""
