"""Real shifts are told in words; the noise of small samples is not."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from llmops.store.outbox import Outbox
from llmops.tracking.drift import Drift, compare, judge
from tests.tracking.turns import HOUR, NOW, keep, opened, record

DAY = 24 * HOUR
TITLES = {"mortgage": "Ипотека", "deposits": "Вклады"}


@pytest.fixture
def outbox() -> Iterator[Outbox]:
    with opened() as made:
        yield made


def write(outbox: Outbox, count: int, days_ago: float, seed: int = 0, **choices: list[Any]) -> None:
    """Write turns of one day; every field is drawn from its choices."""
    chance = random.Random(seed)
    keep(
        outbox,
        *(
            record(
                NOW - days_ago * DAY - chance.uniform(0, DAY * 0.9),
                **{name: chance.choice(some) for name, some in choices.items()},
            )
            for _ in range(count)
        ),
    )


def shift(drift: Drift, measure: str) -> tuple[str | None, str]:
    return next((one.level, one.text) for one in drift.shifts if one.measure == measure)


def test_longer_questions_are_told_with_both_shares(outbox: Outbox):
    write(outbox, 300, 9, question=["к" * 30] * 4 + ["к" * 120])
    write(outbox, 300, 2, question=["к" * 30] * 2 + ["к" * 120] * 3)
    level, text = shift(compare(outbox, now=NOW), "length")
    assert level == "strong"
    assert text.startswith("Вопросы стали длиннее: доля длиннее 40 знаков")
    assert text.count("%") == 2


def test_shorter_questions_are_told_as_such(outbox: Outbox):
    write(outbox, 200, 9, question=["к" * 120])
    write(outbox, 200, 2, question=["к" * 30])
    assert (
        shift(compare(outbox, now=NOW), "length")[1] == "Вопросы стали короче: доля длиннее 40 знаков 0 % против 100 %."
    )


def test_topics_are_named_by_title_or_else_by_id(outbox: Outbox):
    write(outbox, 400, 9, area=["mortgage", "deposits", "deposits", "deposits", "pension"])
    write(outbox, 400, 2, area=["mortgage", "mortgage", "mortgage", "deposits", "iis"])
    level, text = shift(compare(outbox, now=NOW, titles=TITLES), "topics")
    assert level == "strong"
    assert text.startswith("Спрашивают чаще: «Ипотека» (")
    assert "«iis»" in text
    assert "реже: «Вклады» (" in text


def test_refusals_and_a_falling_likeness_are_told(outbox: Outbox):
    write(outbox, 500, 9, outcome=["answered"] * 9 + ["refused"], score=[0.85, 0.95])
    write(outbox, 500, 2, outcome=["answered"] * 5 + ["refused"] * 5, score=[0.85, 0.35])
    drift = compare(outbox, now=NOW)
    level, text = shift(drift, "refusals")
    assert level == "strong"
    assert text.startswith("Отказов стало больше: ")
    level, text = shift(drift, "score")
    assert level == "strong"
    assert text.startswith("Записи базы подходят хуже: оценка ниже 0,")


def test_few_turns_bring_no_verdict(outbox: Outbox):
    write(outbox, 200, 9)
    write(outbox, 49, 2)
    drift = compare(outbox, now=NOW)
    assert drift.shifts == ()
    assert "49 ходов" in drift.note
    assert "50" in drift.note


def test_without_an_earlier_week_there_is_no_verdict(outbox: Outbox):
    write(outbox, 200, 2)
    drift = compare(outbox, now=NOW)
    assert drift.shifts == ()
    assert "за неделю до этой 0 ходов" in drift.note
    assert compare(outbox, now=NOW, assistant="companion").turns == 0


def test_an_empty_week_before_is_replaced_by_the_earliest_full_one(outbox: Outbox):
    write(outbox, 10, 60, area=["iis"])
    write(outbox, 120, 40, area=["mortgage"])
    write(outbox, 500, 30, area=["pension"])
    write(outbox, 20, 9, area=["iis"])
    write(outbox, 100, 2, area=["deposits"])
    drift = compare(outbox, now=NOW, titles=TITLES)
    assert drift.reference_since
    assert 40 < (NOW - drift.reference_since.timestamp()) / DAY < 48
    assert 50 <= drift.reference_turns <= 120
    assert "реже: «Ипотека»" in shift(drift, "topics")[1]


def test_the_week_before_is_preferred_to_an_earlier_one(outbox: Outbox):
    write(outbox, 500, 30, area=["pension"])
    write(outbox, 60, 9, area=["deposits"])
    write(outbox, 60, 2, area=["deposits"])
    drift = compare(outbox, now=NOW)
    assert drift.reference_turns == 60
    assert shift(drift, "topics")[0] == "none"


def test_private_turns_have_no_topics_to_compare(outbox: Outbox):
    for days in (9, 2):
        keep(outbox, *(record(NOW - days * DAY - 60) for _ in range(60)), private=True)
    drift = compare(outbox, now=NOW)
    assert shift(drift, "topics") == (None, "Мало данных: темы.")
    assert shift(drift, "refusals")[0] == "none"


_SHAPES = {
    "topics": [1 / (rank + 1) for rank in range(25)],
    "length": [3, 10, 30, 35, 15, 5, 1.5, 0.5],
    "score": [1, 1, 2, 3, 5, 8, 12, 20, 28, 20],
    "refusals": [0.12, 0.88],
    "flat": [1.0] * 12,
}


def drawn(chance: random.Random, weights: list[float], count: int) -> Counter[str]:
    return Counter(chance.choices([str(number) for number in range(len(weights))], weights, k=count))


@pytest.mark.parametrize("weights", _SHAPES.values(), ids=_SHAPES)
@pytest.mark.parametrize("sizes", [(60, 60), (50, 400), (1000, 60), (3000, 3000)])
def test_without_a_change_the_verdict_is_none_nearly_always(weights: list[float], sizes: tuple[int, int]):
    chance = random.Random(3)
    verdicts = [judge(drawn(chance, weights, sizes[0]), drawn(chance, weights, sizes[1]))[1] for _ in range(600)]
    assert verdicts.count("none") >= 596


def test_a_gross_change_is_seen_even_in_sixty_turns():
    chance = random.Random(4)
    before, after = [5.0, 1, 1, 1], [1.0, 1, 1, 5]
    verdicts = [judge(drawn(chance, before, 60), drawn(chance, after, 60))[1] for _ in range(200)]
    assert verdicts.count("strong") >= 196


def test_a_moderate_change_of_many_turns_is_moderate():
    assert judge({"refused": 110, "other": 890}, {"refused": 240, "other": 760})[1] == "moderate"


def test_a_new_bin_and_an_empty_one_keep_the_index_finite():
    index, level = judge({"a": 100}, {"b": 100})
    assert 1 < index < 100
    assert level == "strong"
    assert judge({"a": 100}, {"a": 70}) == (0.0, "none")
