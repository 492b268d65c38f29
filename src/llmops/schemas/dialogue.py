"""Stages 3 and 4, message → turn → reply."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from llmops.schemas.values import AssistantName, Origin, Outcome, Reason, Value


class CalculatorState(Value):
    """A calculation that waits for a missing detail."""

    calculator: str
    known: dict[str, str]
    missing: str


FactKind = Literal[
    "name", "gender", "age", "birthday", "city", "work", "study", "pet", "relative", "favourite", "hobby", "likes",
    "dislikes", "plan", "note",
]  # fmt: skip


class PersonFact(Value):
    """Something that a person told of oneself.

    Args:
        about: Whose or which, in the nominative: «кот», «дочь», «цвет»; for a city the preposition «в» or «на».
        value: In the nominative, or a phrase in the person's own words; a pet without a name has none.
        instead: The earlier value that this one corrects.
        lasting: Kept across conversations, because the person asked.
    """

    kind: FactKind
    value: str
    about: str = ""
    instead: str = ""
    lasting: bool = False


class Exchange(Value):
    """One turn of a conversation as the next turns need it.

    Args:
        facts: Everything known of the person after this turn.
    """

    turn_id: str
    question: str
    resolved: str = ""
    answer: str = ""
    outcome: Outcome = "answered"
    entry_ids: tuple[str, ...] = ()
    calculation: CalculatorState | None = None
    facts: tuple[PersonFact, ...] = ()
    persona: str = ""
    interrupted: bool = False


class Conversation(Value):
    """What was said so far, oldest first.

    Args:
        facts: What is known of the person.
        persona: Who speaks; empty where there are no personas.
    """

    id: str
    assistant: AssistantName
    exchanges: tuple[Exchange, ...] = ()
    facts: tuple[PersonFact, ...] = ()
    persona: str = ""


class Source(Value):
    """Where an answer comes from."""

    id: str
    title: str
    score: float
    as_of: date | None = None
    reference: str = ""


class Usage(Value):
    """Tokens, as the backend counts them; zeros when no model ran."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    truncated: bool = False


class Message(Value):
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class Sampling(Value):
    """How a backend chooses tokens.

    Args:
        temperature: 0 takes the likeliest token.
        stop: Texts that end the answer and are not part of it.
    """

    max_tokens: int = Field(default=96, ge=1)
    temperature: float = Field(default=0.8, ge=0)
    top_p: float = Field(default=0.95, gt=0, le=1)
    top_k: int = Field(default=40, ge=0)
    repetition_penalty: float = Field(default=1.1, ge=1)
    seed: int = 0
    stop: tuple[str, ...] = ()


class Token(Value):
    """A piece of generated text; the last piece, perhaps empty, carries the usage."""

    text: str
    usage: Usage | None = None


class Timings(Value):
    """Milliseconds; None where the step did not happen."""

    total: float = 0.0
    retrieve: float | None = None
    first_token: float | None = None
    generate: float | None = None


class Retrieved(Value):
    """An entry that retrieval found, shown to the person or not.

    Args:
        score: Probability in 0…1 that this entry answers.
    """

    id: str
    area: str
    title: str
    score: float


class Guard(Value):
    """What let an answer through or stopped it.

    Args:
        in_scope: Calibrated probability in 0…1 that the question is answered by a hit; below `threshold` it is refused.
        foreign: Probability in 0…1 that the question is not about the assistant's field.
        rule: The id of the policy rule that the question falls under.
    """

    in_scope: float | None = None
    threshold: float | None = None
    foreign: float | None = None
    rule: str | None = None


class Turn(Value):
    """Everything that was decided about a message before its answer is shown."""

    id: str
    conversation_id: str
    assistant: AssistantName
    question: str
    resolved: str
    outcome: Outcome
    reason: Reason | None = None
    origin: Origin
    answer: str
    sources: tuple[Source, ...] = ()
    retrieved: tuple[Retrieved, ...] = ()
    guard: Guard | None = None
    calculation: CalculatorState | None = None
    persona: str | None = None
    facts: tuple[PersonFact, ...] = ()
    prompt: tuple[Message, ...] = ()
    retrieve_ms: float | None = None


class Reply(Value):
    """An answer as `--json` prints it."""

    assistant: AssistantName
    persona: str | None = None
    outcome: Outcome
    reason: Reason | None = None
    answer: str
    origin: Origin
    sources: tuple[Source, ...] = ()
    backend: str = "embedded"
    model: str
    usage: Usage = Usage()
    timings_ms: Timings
    conversation_id: str
    trace_id: str
    degraded: bool = False
    interrupted: bool = False
