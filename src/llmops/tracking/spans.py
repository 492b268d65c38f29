"""A recorded turn as a trace: turn → retrieve → guard → generate, with ids that follow from the turn's id.

The same turn always gives the same ids, so writing it twice leaves one trace. Knows values; knows no MLflow, only
the names that its pages read.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

from pydantic import Field

from llmops.schemas import JsonObject, Retrieved, TurnRecord, Value

SpanKind = Literal["CHAIN", "RETRIEVER", "GUARDRAIL", "CHAT_MODEL"]
ROOT = "turn"
_PREVIEW = 1000
_NS_PER_MS = 1_000_000


class Span(Value):
    """One step of a turn; times are nanoseconds since 1970, UTC."""

    name: str
    parent: str | None
    kind: SpanKind
    start_ns: int
    end_ns: int
    inputs: Any = None
    outputs: Any = None
    attributes: JsonObject = Field(default_factory=dict)
    failed: bool = False


class Trace(Value):
    """A turn as MLflow keeps it.

    Args:
        metadata: What never changes: session, user, versions.
        tags: What traces are filtered by.
    """

    turn_id: str
    start_ns: int
    end_ns: int
    failed: bool
    request: str
    response: str
    metadata: dict[str, str]
    tags: dict[str, str]
    spans: tuple[Span, ...]


def trace_id(turn_id: str) -> str:
    """Return the trace's id of a turn."""
    return f"tr-{turn_id}"


def span_id(turn_id: str, name: str) -> str:
    """Return the id of a turn's span: 8 bytes in hex."""
    return hashlib.blake2b(f"{turn_id}/{name}".encode(), digest_size=8).hexdigest()


def trace_of(record: TurnRecord) -> Trace:
    """Return the trace of a turn; one without a reply was interrupted."""
    turn, reply = record.turn, record.reply
    start = int(record.started_at.timestamp() * 1000) * _NS_PER_MS
    total_ms = reply.timings_ms.total if reply else turn.retrieve_ms or 0.0
    end = start + max(int(total_ms * _NS_PER_MS), 1)
    failed = reply is None or reply.outcome == "error"
    answer = reply.answer if reply else turn.answer
    root = Span(
        name=ROOT,
        parent=None,
        kind="CHAIN",
        start_ns=start,
        end_ns=end,
        inputs={"question": turn.question},
        outputs={"answer": answer},
        attributes={"outcome": _outcome(record), **({"error": record.error} if record.error else {})},
        failed=failed,
    )
    return Trace(
        turn_id=turn.id,
        start_ns=start,
        end_ns=end,
        failed=failed,
        request=turn.question[:_PREVIEW],
        response=answer[:_PREVIEW],
        metadata=_metadata(record),
        tags=_tags(record),
        spans=(root, *_steps(record, start, end)),
    )


def _outcome(record: TurnRecord) -> str:
    return record.reply.outcome if record.reply else "interrupted"


def _metadata(record: TurnRecord) -> dict[str, str]:
    usage, versions = record.reply.usage if record.reply else None, record.versions
    named = {
        "mlflow.trace_schema.version": "3",
        "mlflow.trace.session": record.turn.conversation_id,
        "mlflow.trace.user": record.user,
        "llmops.version.data": versions.data,
        "llmops.version.index": versions.index,
        "llmops.version.model": versions.model,
        "llmops.version.code": versions.code,
    }
    if usage and usage.completion_tokens:
        named["mlflow.trace.tokenUsage"] = (
            f'{{"input_tokens":{usage.prompt_tokens},"output_tokens":{usage.completion_tokens},'
            f'"total_tokens":{usage.prompt_tokens + usage.completion_tokens}}}'
        )
    return {name: value for name, value in named.items() if value}


def _tags(record: TurnRecord) -> dict[str, str]:
    turn, reply = record.turn, record.reply
    named = {
        "mlflow.traceName": ROOT,
        "assistant": turn.assistant,
        "outcome": _outcome(record),
        "error": record.error,
        "topic": turn.retrieved[0].area if turn.retrieved else "",
        "top_score": f"{turn.retrieved[0].score:.4f}" if turn.retrieved else "",
    }
    if reply:
        named |= {
            "reason": reply.reason or "",
            "origin": reply.origin,
            "persona": reply.persona or "",
            "backend": reply.backend,
            "model": reply.model,
            "degraded": "true" if reply.degraded else "",
            "stopped": "true" if reply.interrupted else "",
        }
    return {name: value for name, value in named.items() if value}


def _steps(record: TurnRecord, start: int, end: int) -> tuple[Span, ...]:
    """Return the spans under the root, in the order they ran."""
    turn = record.turn
    found = min(start + int((turn.retrieve_ms or 0.0) * _NS_PER_MS), end)
    steps: list[Span] = []
    if turn.retrieve_ms is not None:
        retrieved = Span(
            name="retrieve",
            parent=ROOT,
            kind="RETRIEVER",
            start_ns=start,
            end_ns=found,
            inputs={"query": turn.resolved},
            outputs=[_document(hit) for hit in turn.retrieved],
        )
        steps.append(retrieved)
    if turn.guard:
        verdict = turn.reason or turn.outcome
        guard = Span(
            name="guard",
            parent=ROOT,
            kind="GUARDRAIL",
            start_ns=found,
            end_ns=found,
            inputs=turn.guard.model_dump(exclude_none=True),
            outputs={"verdict": verdict},
        )
        steps.append(guard)
    if record.reply and record.reply.outcome == "answered":
        steps.append(_generation(record, found, end))
    return tuple(steps)


def _document(hit: Retrieved) -> JsonObject:
    return {"id": hit.id, "page_content": hit.title, "metadata": {"score": hit.score, "area": hit.area}}


def _generation(record: TurnRecord, start: int, end: int) -> Span:
    """Return the span that worded the answer: a model's, or the copying of an entry, which no model words."""
    reply = record.reply
    assert reply
    usage = reply.usage
    by_model = reply.timings_ms.generate is not None
    attributes: JsonObject = {
        "origin": reply.origin,
        "mlflow.llm.model": reply.model,
        "mlflow.llm.provider": reply.backend,
        "mlflow.chat.tokenUsage": {
            "input_tokens": usage.prompt_tokens,
            "output_tokens": usage.completion_tokens,
            "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        },
    }
    if reply.timings_ms.first_token is not None:
        attributes["first_token_ms"] = reply.timings_ms.first_token
    return Span(
        name="generate",
        parent=ROOT,
        kind="CHAT_MODEL" if by_model else "CHAIN",
        start_ns=start,
        end_ns=end,
        inputs={"sources": [source.id for source in reply.sources]},
        outputs={"answer": reply.answer},
        attributes=attributes,
    )
