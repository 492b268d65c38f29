"""Reading numbers, money, rates and terms; writing sums."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.language.numbers import money_text, number_text, read_quantities

_ONES = ["ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"]
_TEENS = [
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
]
_TENS = ["двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"]
_HUNDREDS = ["сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"]


def _below_thousand(number: int, *, feminine: bool = False) -> list[str]:
    spoken = [_HUNDREDS[number // 100 - 1]] if number >= 100 else []
    rest = number % 100
    if 10 <= rest <= 19:
        return [*spoken, _TEENS[rest - 10]]
    if rest >= 20:
        spoken.append(_TENS[rest // 10 - 2])
    if rest % 10:
        spoken.append({1: "одна", 2: "две"}.get(rest % 10, _ONES[rest % 10]) if feminine else _ONES[rest % 10])
    return spoken


def numeral(number: int) -> str:
    """Say a number below a million in Russian, written for the tests alone."""
    if number == 0:
        return "ноль"
    thousands, rest = divmod(number, 1000)
    spoken: list[str] = []
    if thousands:
        last = thousands % 10 if thousands % 100 // 10 != 1 else 0
        noun = "тысяча" if last == 1 else "тысячи" if 2 <= last <= 4 else "тысяч"
        spoken = [*_below_thousand(thousands, feminine=True), noun]
    return " ".join([*spoken, *_below_thousand(rest)])


def only(text: str) -> tuple[Decimal | int, str]:
    quantities = read_quantities(text)
    assert len(quantities) == 1, quantities
    return quantities[0].value, quantities[0].kind


@given(st.integers(0, 999_999))
def test_russian_numerals_are_read_back(number: int):
    assert only(numeral(number) + " рублей") == (number, "money")


@given(st.integers(1, 999))
def test_numerals_before_a_million_are_multiplied(number: int):
    assert only(" ".join(_below_thousand(number)) + " миллионов рублей") == (number * 1_000_000, "money")


@given(st.integers(0, 10**13), st.sampled_from(["", " ", "\u00a0", "\u202f"]))
def test_digits_are_read_with_any_grouping(number: int, blank: str):
    digits = f"{number:,}".replace(",", blank)
    assert only(f"{digits} руб.") == (number, "money")


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("500к", 500_000, "money"),
        ("500 к под", 500_000, "money"),
        ("1.5кк", 1_500_000, "money"),
        ("2,5 млн", 2_500_000, "money"),
        ("полтора миллиона", 1_500_000, "money"),
        ("два с половиной миллиона", 2_500_000, "money"),
        ("полмиллиона", 500_000, "money"),
        ("полляма", 500_000, "money"),
        ("два ляма", 2_000_000, "money"),
        ("миллион двести", 1_200_000, "money"),
        ("миллион двести рублей", 1_000_200, "money"),
        ("тысяча рублей", 1000, "money"),
        ("тысячу двести", 1200, "money"),
        ("2 млн 300 тысяч", 2_300_000, "money"),
        ("300 т.р.", 300_000, "money"),
        ("пять косарей", 5000, "money"),
        ("18,5% годовых", Decimal("18.5"), "percent"),
        ("под 18", 18, "percent"),
        ("под восемнадцать процентов", 18, "percent"),
        ("на 3 года", 36, "months"),
        ("на полтора года", 18, "months"),
        ("на год", 12, "months"),
        ("на полгода", 6, "months"),
        ("5 лет и 3 месяца", 63, "months"),
        ("две недели", 14, "days"),
        ("90 дней", 90, "days"),
        ("150 лошадей", 150, "power"),
        ("150 л.с.", 150, "power"),
        ("двое детей", 2, "count"),
        ("на троих детей", 3, "count"),
    ],
)
def test_a_quantity_has_its_value_and_kind(text: str, value: Decimal, kind: str):
    assert only(text) == (value, kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 млн 18 %", [(1_000_000, "money"), (18, "percent")]),
        ("1 млн 200 дней", [(1_000_000, "money"), (200, "days")]),
        ("500000 18 36", [(500_000, "plain"), (18, "plain"), (36, "plain")]),
        ("15 % от 80 000", [(15, "percent"), (80_000, "plain")]),
        ("кредит 500к на полтора года под 18", [(500_000, "money"), (18, "months"), (18, "percent")]),
        ("до 31.12.2026 внести 5 тысяч", [(5000, "money")]),
    ],
)
def test_neighbouring_numbers_stay_apart(text: str, expected: list[tuple[int, str]]):
    assert [(int(quantity.value), str(quantity.kind)) for quantity in read_quantities(text)] == expected


@pytest.mark.parametrize(
    ("text", "per"), [("20 тысяч в месяц", "month"), ("0,8% в день", "day"), ("3 млн в год", "year"), ("5 тысяч", "")]
)
def test_the_period_of_a_sum_or_rate_is_noticed(text: str, per: str):
    assert read_quantities(text)[0].per == per


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2))
def test_money_text_can_be_read_back(value: Decimal):
    written = money_text(value)
    assert re.fullmatch(r"-?\d{1,3}( \d{3})*(,\d\d)? ₽", written)
    assert Decimal(written.removesuffix(" ₽").replace(" ", "").replace(",", ".")) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1400000", "1 400 000 ₽"),
        ("12596.48", "12 596,48 ₽"),
        ("0.005", "0,01 ₽"),
        ("-0.001", "0 ₽"),
        ("999.999", "1 000 ₽"),
        ("1E+30", "1 000 000 000 000 000 000 000 000 000 000 ₽"),
    ],
)
def test_money_is_rounded_half_up_to_kopecks(value: str, written: str):
    assert money_text(Decimal(value)) == written


def test_whole_numbers_lose_their_zeros():
    assert number_text(Decimal("1000.00")) == "1 000"
    assert number_text(Decimal("0.125")) == "0,125"


@given(st.text())
def test_any_text_can_be_read(text: str):
    for quantity in read_quantities(text):
        assert quantity.value >= 0
        assert quantity.start < quantity.end
