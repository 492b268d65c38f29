"""The values that flow through the program, in the order they flow.

`Entry` → `Hit` → `Turn` → `Reply` → `TurnRecord`. All are frozen pydantic models that forbid unknown fields.
Knows no files, no models and no terminal.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80)]

AssistantName = Literal["companion", "finance"]
Outcome = Literal["answered", "refused", "clarify", "error"]
Reason = Literal["out_of_scope", "policy", "low_confidence"]
Origin = Literal["knowledge_base", "calculator", "model", "phrase_bank", "policy"]


class Value(BaseModel):
    """The base of every value: frozen, unknown fields forbidden."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


# ── stage 1: source → processed


class Fact(Value):
    """One number of an answer, so that it can be checked and renewed."""

    name: Text
    value: Text
    unit: str = ""
    since: date | None = None


class Entry(Value):
    """One knowledge-base entry: what people ask, and what is so."""

    id: Identifier
    area: Identifier
    title: Text
    questions: tuple[Text, ...] = Field(min_length=1)
    patterns: tuple[Text, ...] = ()
    answer: Text
    facts: tuple[Fact, ...] = ()
    reference: str = ""
    as_of: date | None = None
    valid_until: date | None = None
    related: tuple[Identifier, ...] = ()


class PolicyRule(Value):
    """What the assistant declines, in people's words, and how it says so."""

    id: Identifier
    title: Text
    questions: tuple[Text, ...] = Field(min_length=1)
    patterns: tuple[Text, ...] = ()
    answer: Text


class Concept(Value):
    """One idea and the everyday expressions that name it."""

    id: Identifier
    expressions: tuple[Text, ...] = Field(min_length=1)


class HeldOut(Value):
    """Questions that no leg learns from: fusion and refusal are fitted on some, quality is told by the others."""

    entry: Identifier
    questions: tuple[Text, ...] = Field(min_length=1)


class Area(Value):
    """A group of entries with the name people see."""

    id: Identifier
    title: Text


class Problem(Value):
    """A finding of `prepare-data`: what is wrong, where, how serious; «info» is work for an author, not a fault."""

    level: Literal["error", "warning", "repaired", "info"]
    file: str
    line: int
    message: str


class ReportCount(Value):
    """One figure of a report.

    Args:
        name: What people see.
        key: What a tracker calls it.
    """

    name: str
    key: str
    value: float
    unit: str = ""


class Report(Value):
    """What a batch stage did: figures, findings, and hashes of what it read and wrote.

    Args:
        parameters: What the stage was asked for.
        artefacts: Paths of small files that describe the result; a recorder keeps their contents.
    """

    stage: str
    counts: tuple[ReportCount, ...]
    parameters: dict[str, str] = {}
    artefacts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    problems_left_out: int = 0
    inputs: dict[str, str] = {}
    outputs: dict[str, str] = {}
    seconds: float


class Corpus(Value):
    """Everything `build-index` learns from."""

    entries: tuple[Entry, ...]
    policy: tuple[PolicyRule, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    concepts: tuple[Concept, ...] = ()
    held_out: tuple[HeldOut, ...] = ()
    areas: tuple[Area, ...] = ()
    sha256: str = ""

    @property
    def classes(self) -> tuple[Entry | PolicyRule, ...]:
        """What a question can be about, in the order that the index numbers it."""
        return (*self.entries, *self.policy)


# ── stage 2: processed → index → hits


class EmbedderFingerprint(Value):
    """What makes vectors comparable: an index built with another fingerprint is refused.

    Args:
        golden: First numbers of the vectors of fixed sentences, rounded; they catch a silent change of the weights.
    """

    name: str
    revision: str
    dim: int
    query_prefix: str = ""
    passage_prefix: str = ""
    pooling: str = "mean"
    golden: tuple[tuple[float, ...], ...] = ()


class Hit(Value):
    """An entry found for a question.

    Args:
        score: Probability in 0…1 that this entry answers, after fusion and the second look.
    """

    entry: Entry
    score: float


class Finding(Value):
    """What retrieval says of one question.

    Args:
        hits: Best first.
        in_scope: Calibrated probability in 0…1 that the question is about personal finance and answered by a hit.
        threshold: The operating point of `in_scope`, fixed when the index was built.
        policy: The rule that the question falls under, with its probability, if any rule came first.
        foreign: Probability in 0…1 of the classifier's class «not about finance».
        repaired: The question as it was searched: layout, typos and abbreviations mended.
    """

    hits: tuple[Hit, ...]
    in_scope: float
    foreign: float = 0.0
    both_gap: float = 0.0
    threshold: float
    policy: PolicyRule | None = None
    policy_score: float = 0.0
    repaired: str


# ── stage 3 and 4: question → turn → reply


class CalculatorState(Value):
    """A calculation that waits for a missing detail."""

    calculator: str
    known: dict[str, str]
    missing: str


class Exchange(Value):
    """One turn of a conversation as the next turns need it."""

    turn_id: str
    question: str
    resolved: str = ""
    answer: str = ""
    outcome: Outcome = "answered"
    entry_ids: tuple[str, ...] = ()
    calculation: CalculatorState | None = None
    interrupted: bool = False


class Conversation(Value):
    """What was said so far, oldest first."""

    id: str
    assistant: AssistantName
    exchanges: tuple[Exchange, ...] = ()


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
    artefacts: dict[str, str] = {}


JsonObject = dict[str, Any]
