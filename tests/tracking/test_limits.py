"""What breaks a limit, what does not, and how limits are given."""

from __future__ import annotations

import pytest

from llmops.errors import ConfigError
from llmops.schemas import Outcome
from llmops.tracking.limits import Limits, check, parse_limits
from llmops.tracking.statistics import Statistics, gather
from tests.tracking.turns import NOW, keep, opened, rate, record


def figures(
    *, good: int = 0, bad: int = 0, total: float = 10.0, ratings: tuple[int, int] = (0, 0), outcome: Outcome = "error"
) -> Statistics:
    """Return the figures of some turns that went well and some that did not."""
    with opened() as outbox:
        turns = [record(NOW - 60, total=total) for _ in range(good)]
        keep(outbox, *turns, *(record(NOW - 60, total=total, outcome=outcome) for _ in range(bad)))
        for turn, rating in zip(turns, [1] * ratings[0] + [-1] * ratings[1], strict=False):
            rate(outbox, turn, rating, NOW - 30)
        return gather(outbox, 0, since=0, now=NOW)


def broken(statistics: Statistics, *limits: str) -> list[str]:
    return [breach.name for breach in check(statistics, parse_limits(limits))]


def test_good_figures_break_nothing():
    assert broken(figures(good=100, ratings=(9, 3))) == []


def test_no_turns_break_nothing():
    assert broken(figures()) == []


def test_errors_above_five_per_cent_break_the_limit_and_at_five_they_do_not():
    assert broken(figures(good=95, bad=5)) == []
    breach = check(figures(good=92, bad=8), Limits())[0]
    assert (breach.name, breach.value, breach.limit) == ("errors", 0.08, 0.05)
    assert breach.text == "Ошибок 8 % при пределе 5 %."


def test_shares_of_few_turns_are_not_judged():
    assert broken(figures(good=9, bad=10)) == []
    assert broken(figures(good=10, bad=10)) == ["errors"]


def test_refusals_slowness_and_bad_ratings_are_told_in_words():
    found = check(figures(good=20, bad=30, total=7000, ratings=(4, 6), outcome="refused"), Limits())
    assert [breach.name for breach in found] == ["refusals", "bad_ratings", "p95_ms"]
    assert found[0].text == "Отказов 60 % при пределе 50 %."
    assert found[1].text == "Плохих оценок 60 % (6 из 10) при пределе 50 %."
    assert "7" in found[2].text
    assert "при пределе 5 с" in found[2].text


def test_nine_ratings_are_too_few():
    assert broken(figures(good=20, ratings=(0, 9))) == []


def test_a_backlog_is_judged_by_its_age_and_by_what_was_set_aside():
    with opened() as outbox:
        keep(outbox, record(NOW - 2 * 3600 - 300), record(NOW - 10))
        outbox.mark_failed(outbox.waiting(5)[1], "нет", bad=True)
        found = check(gather(outbox, 0, since=NOW - 60, now=NOW), Limits())
    assert [breach.name for breach in found] == ["backlog_age_min", "bad_rows"]
    assert "ждёт 2 ч 5 мин при пределе 1 ч" in found[0].text


def test_given_limits_replace_the_usual_ones():
    statistics = figures(good=92, bad=8)
    assert broken(statistics, "errors=0.1") == []
    assert broken(statistics, "errors=0,1", "p95_ms=1") == ["p95_ms"]
    assert broken(statistics, "errors=0.5", "errors=0.01") == ["errors"]


@pytest.mark.parametrize(
    "text",
    [
        "erors=1",
        "errors",
        "errors=",
        "errors=много",
        "errors=nan",
        "errors=5",
        "errors=-1",
        "p95_ms=inf",
        "=1",
        "",
        "bad_rows=-1",
        "p95_ms=1e999",
    ],
)
def test_an_unknown_name_or_a_bad_number_brings_the_list(text: str):
    with pytest.raises(ConfigError) as raised:
        parse_limits([text])
    assert "errors=0.05" in raised.value.hint
    assert "p95_ms=5000" in raised.value.hint
    assert text in raised.value.message
