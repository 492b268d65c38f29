"""The figures of a period against those reckoned from the turns themselves."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

import pytest

from llmops.schemas import TurnRecord, Usage
from llmops.store.outbox import Outbox
from llmops.tracking.statistics import MOST_BINS, Statistics, gather
from tests.tracking.turns import HOUR, NOW, keep, opened, rate, record, recorder


@pytest.fixture
def outbox() -> Iterator[Outbox]:
    with opened() as made:
        yield made


def figures(outbox: Outbox, since: float = 0.0, now: float = NOW, **more: Any) -> Statistics:
    return gather(outbox, 0, since=since, now=now, assistant=more.get("assistant"))


def exact(values: list[float], share: float) -> float:
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def nearly(value: float) -> Any:
    return pytest.approx(value, rel=0.03)


def test_without_turns_shares_and_times_are_absent_and_counts_are_zero(outbox: Outbox):
    empty = figures(outbox)
    assert empty.turns == empty.users == empty.conversations == empty.open == empty.errors == 0
    assert empty.refusal_share is empty.error_share is empty.interrupted_share is empty.top_score is None
    assert empty.durations_ms.total.p50 is empty.durations_ms.generate.p95 is empty.durations_ms.tokens_per_s is None
    assert (empty.backlog.oldest_age_s, empty.last_turn_hour, empty.since) == (None, None, None)
    assert empty.timeline == ()
    assert set(empty.outcomes) == {"answered", "refused", "clarify", "error", "interrupted"}


def test_percentiles_are_within_three_per_cent_of_the_exact_ones(outbox: Outbox):
    chance = random.Random(1)
    records = [
        record(
            NOW - chance.uniform(0, 20 * HOUR),
            total=chance.lognormvariate(4, 1.2),
            retrieve=chance.lognormvariate(0, 0.6),
            first_token=chance.lognormvariate(5, 0.3),
            generate=chance.lognormvariate(7, 0.8),
        )
        for _ in range(700)
    ]
    keep(outbox, *records)
    found = figures(outbox).durations_ms
    for step in ("total", "retrieve", "first_token", "generate"):
        values = [getattr(one.reply.timings_ms, step) for one in records if one.reply]
        for share in (50, 95, 99):
            assert getattr(getattr(found, step), f"p{share}") == nearly(exact(values, share / 100))


def test_turns_people_conversations_outcomes_and_reasons_are_counted(outbox: Outbox):
    keep(
        outbox,
        record(NOW - 60, conversation="c-1"),
        record(NOW - 50, conversation="c-1", outcome="refused", reason="policy"),
        record(NOW - 40, conversation="c-2", outcome="refused", reason="low_confidence"),
    )
    keep(outbox, record(NOW - 30, conversation="c-3", outcome="clarify"), user="u-0000000000000002")
    keep(outbox, record(NOW - 3 * HOUR, conversation="c-3", outcome="error"), user="u-0000000000000002")
    keep(outbox, record(NOW - 20, conversation="c-4", assistant="companion"), user="u-0000000000000002")
    found = figures(outbox)
    assert (found.turns, found.users, found.conversations) == (6, 2, 4)
    assert found.outcomes == {"answered": 2, "refused": 2, "clarify": 1, "error": 1, "interrupted": 0}
    assert found.reasons == {"out_of_scope": 0, "policy": 1, "low_confidence": 1}
    assert found.by_assistant == {"companion": 1, "finance": 5}
    assert found.error_share == pytest.approx(1 / 6)
    finance = figures(outbox, assistant="finance")
    assert (finance.turns, finance.users, finance.conversations) == (5, 2, 3)
    assert finance.by_assistant == {"finance": 5}


def test_an_unanswered_turn_is_open_and_not_yet_a_turn(outbox: Outbox):
    writer, whole = recorder(outbox), record(NOW - 5)
    writer.turn(whole.model_copy(update={"reply": None}))
    asked = figures(outbox)
    assert (asked.open, asked.turns) == (1, 0)
    assert figures(outbox, assistant="companion").open == 0
    writer.turn(whole)
    answered = figures(outbox)
    assert (answered.open, answered.turns) == (0, 1)


def test_speed_of_generation_is_all_tokens_by_all_seconds(outbox: Outbox):
    keep(
        outbox,
        record(NOW - 9, generate=1000.0, usage=Usage(completion_tokens=30)),
        record(NOW - 8, generate=3000.0, usage=Usage(completion_tokens=50)),
        record(NOW - 7),
    )
    assert figures(outbox).durations_ms.tokens_per_s == pytest.approx(20)


def test_the_mean_likeness_degraded_and_stopped_answers_are_told(outbox: Outbox):
    one = record(NOW - 9, score=0.9)
    assert one.reply
    cut = one.model_copy(update={"reply": one.reply.model_copy(update={"interrupted": True, "degraded": True})})
    keep(outbox, cut, record(NOW - 8, score=0.5))
    found = figures(outbox)
    assert found.top_score == pytest.approx(0.7)
    assert (found.degraded, found.stopped) == (1, 1)


def brute(records: list[tuple[TurnRecord, str]], since: float) -> dict[str, Any]:
    inside = [(one, user) for one, user in records if one.started_at.timestamp() >= since]
    return {
        "turns": len(inside),
        "users": len({user for _, user in inside}),
        "conversations": len({one.turn.conversation_id for one, _ in inside}),
        "refused": sum(one.turn.outcome == "refused" for one, _ in inside),
        "p50": exact([one.reply.timings_ms.total for one, _ in inside if one.reply], 0.5),
    }


@pytest.mark.parametrize(
    "since", [NOW - 0.5 * HOUR, NOW - 1801, NOW - 24 * HOUR, NOW - 2.25 * HOUR, NOW - 7 * 24 * HOUR]
)
def test_a_period_that_begins_within_an_hour_is_exact(outbox: Outbox, since: float):
    chance, written = random.Random(2), []
    for _ in range(600):
        ago = chance.choice((HOUR, 3 * HOUR, 25 * HOUR, 8 * 24 * HOUR))
        user = f"u-{chance.randrange(40):016x}"
        one = record(
            NOW - chance.uniform(0, ago),
            total=chance.lognormvariate(3, 1),
            conversation=f"c-{chance.randrange(90)}",
            outcome=chance.choice(("answered", "refused")),
        )
        keep(outbox, one, user=user)
        written.append((one, user))
    found, expected = figures(outbox, since), brute(written, since)
    assert (found.turns, found.users, found.conversations) == (
        expected["turns"],
        expected["users"],
        expected["conversations"],
    )
    assert found.outcomes["refused"] == expected["refused"]
    assert found.durations_ms.total.p50 == nearly(expected["p50"])
    assert sum(one.turns for one in found.timeline) == expected["turns"]
    assert found.by_assistant["finance"] == expected["turns"]


def test_a_late_rating_belongs_to_the_hour_in_which_it_is_given(outbox: Outbox):
    turn = record(NOW - 30 * HOUR)
    keep(outbox, turn)
    rate(outbox, turn, -1, NOW - 60)
    today = figures(outbox, NOW - 24 * HOUR)
    assert (today.turns, today.ratings.good, today.ratings.bad) == (0, 0, 1)


def test_rating_again_replaces_the_rating(outbox: Outbox):
    turn = record(NOW - 2 * HOUR)
    keep(outbox, turn)
    rate(outbox, turn, -1, NOW - 1.9 * HOUR)
    rate(outbox, turn, 1, NOW - 60)
    found = figures(outbox)
    assert (found.ratings.good, found.ratings.bad) == (1, 0)
    within = figures(outbox, NOW - 600)
    assert (within.ratings.good, within.ratings.bad) == (1, 0)


def test_a_private_turn_is_counted_without_its_person(outbox: Outbox):
    keep(outbox, record(NOW - 60, total=50.0), private=True)
    for since in (0.0, NOW - 1000):
        found = figures(outbox, since)
        assert (found.turns, found.users, found.conversations) == (1, 0, 0)
        assert found.durations_ms.total.p50 == nearly(50)
        assert found.top_score is None


def test_a_clock_that_was_set_back_hides_no_turn_and_makes_no_negative_age(outbox: Outbox):
    keep(outbox, record(NOW + 5 * HOUR), record(NOW - 60))
    found = figures(outbox, NOW - HOUR)
    assert found.turns == 2
    assert found.timeline[-1].turns == 2
    later = figures(outbox, now=NOW - 10 * HOUR)
    assert later.backlog.oldest_age_s == 0
    assert later.turns == 2


def test_the_backlog_tells_what_waits_and_for_how_long(outbox: Outbox):
    keep(outbox, record(NOW - 600), record(NOW - 300), record(NOW - 100))
    first, second, _ = outbox.waiting(10)
    outbox.mark_sent([first])
    outbox.mark_failed(second, "server said no", bad=True)
    backlog = gather(outbox, 4, since=0, now=NOW).backlog
    assert (backlog.waiting, backlog.bad, backlog.in_files) == (1, 1, 4)
    assert backlog.oldest_age_s == pytest.approx(100)
    assert backlog.last_error == "server said no"


def test_the_timeline_has_a_bin_for_every_hour_and_coarser_ones_for_long_periods(outbox: Outbox):
    keep(outbox, record(NOW - 23.9 * HOUR), record(NOW - 60), record(NOW - 50))
    day = figures(outbox, NOW - 24 * HOUR)
    assert (day.bin_hours, len(day.timeline)) == (1, 25)
    assert [one.turns for one in day.timeline if one.turns] == [1, 2]
    keep(outbox, record(NOW - 700 * HOUR))
    month = figures(outbox)
    assert len(month.timeline) <= MOST_BINS
    assert month.bin_hours == 6
    assert sum(one.turns for one in month.timeline) == 4
