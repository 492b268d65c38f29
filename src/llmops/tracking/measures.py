"""What of a turn is counted by the hour, so that `monitor` reads a few thousand counts and not a million turns.

Milliseconds fall into buckets that grow by 4 %, so a percentile read from them is within 2 % of the true one
(DDSketch, https://arxiv.org/abs/1908.10693). Knows values and what a count is; opens no database.
"""

from __future__ import annotations

import math

from llmops.schemas import Feedback, TurnRecord
from llmops.store.outbox import Count

_GROWTH = math.log(1.04)
_FLOOR_MS = 0.01
LENGTHS = (10, 20, 40, 80, 160, 320, 640)
SCORE_STEPS = 10
INTERRUPTED = "interrupted"


def ms_bucket(milliseconds: float) -> str:
    """Return the bucket of a duration."""
    return str(round(math.log(max(milliseconds, _FLOOR_MS)) / _GROWTH))


def bucket_ms(bucket: str) -> float:
    """Return the middle of a bucket, milliseconds."""
    return math.exp(int(bucket) * _GROWTH)


def length_bucket(characters: int) -> str:
    """Return the bucket of a question's length: the least limit of `LENGTHS` that holds it."""
    return next((str(limit) for limit in LENGTHS if characters <= limit), "more")


def turn_counts(record: TurnRecord) -> tuple[Count, ...]:
    """Return what a turn adds to its hour; a turn without a reply was interrupted."""
    turn, reply = record.turn, record.reply
    outcome = reply.outcome if reply else INTERRUPTED
    counts: list[Count] = [("outcome", outcome, 1)]
    for metric, value in (("user", record.user), ("conversation", turn.conversation_id)):
        if value:
            counts.append((metric, value, 1))
    if reply is None:
        return tuple(counts)
    if reply.interrupted:
        counts.append(("stopped", "", 1))
    if reply.degraded:
        counts.append(("degraded", "", 1))
    if reply.reason:
        counts.append(("reason", reply.reason, 1))
    return (*counts, *_durations(record), *_topics(record))


def _durations(record: TurnRecord) -> list[Count]:
    reply = record.reply
    assert reply
    timings, tokens = reply.timings_ms, reply.usage.completion_tokens
    named = (
        ("total_ms", timings.total),
        ("retrieve_ms", timings.retrieve),
        ("first_token_ms", timings.first_token),
        ("generate_ms", timings.generate),
    )
    counts: list[Count] = [(metric, ms_bucket(value), 1) for metric, value in named if value is not None]
    if tokens and timings.generate:
        counts += [("tokens", "", tokens), ("generate_s", "", round(timings.generate / 1000, 4))]
    return counts


def _topics(record: TurnRecord) -> list[Count]:
    """Count what drift is told by: length, topic and likeness; nothing of a private turn, which holds none of them."""
    turn = record.turn
    counts: list[Count] = [("length", length_bucket(len(turn.question)), 1)] if turn.question else []
    if turn.retrieved:
        best = turn.retrieved[0]
        step = min(int(best.score * SCORE_STEPS), SCORE_STEPS - 1)
        counts += [("topic", best.area, 1), ("score", str(step), 1), ("score_sum", "", round(best.score, 4))]
    return counts


def feedback_counts(feedback: Feedback) -> tuple[Count, ...]:
    """Return what a rating adds to its hour."""
    return (("rating", "+" if feedback.rating > 0 else "-", 1),)
