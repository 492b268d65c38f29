"""Free text to a calculation: what is recognised, what is asked, what is left to the knowledge base."""

from __future__ import annotations

import re
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmops.assistants.finance.calculation import (
    CalculationAnswer,
    CalculationQuestion,
    calculate,
    catalogue,
)
from llmops.assistants.finance.calculator_values import DAYS, MONTHS, YEARS, term
from llmops.language.numbers import plural
from llmops.schemas import CalculatorState

ANSWERED = [
    ("кредит 500 тысяч на 3 года под 18%, какой платёж?", "18 076,20 ₽"),
    ("кредит 500к на полтора года под 18", "31 902,89 ₽"),
    ("полтора миллиона в кредит под 18 на 3 года", "54 228,59 ₽"),
    ("возьму в кредит 300 тыщ на 2 года под 25 процентов сколько платить в месяц", "16 011,46 ₽"),
    ("хочу взять ипотеку 5 лямов на 25 лет под 6% какой платёж будет", "32 215,07 ₽"),
    ("переплата по кредиту 200000 на 24 месяца под 22%", "49 015,"),
    ("ипотека 6 млн, первый взнос 20%, на 20 лет под 18", "Кредит - 4 800 000 ₽"),
    ("квартира 6 млн, взнос 1 млн, ипотека под 12% на 20 лет", "Кредит - 5 000 000 ₽"),
    ("посчитай дифференцированный платёж по кредиту 300 тысяч на год под 12 процентов", "первый 28 000 ₽"),
    ("сравни аннуитетный и дифференцированный: кредит 1 млн на 5 лет под 20%", "508 333,"),
    ("за сколько погашу кредит 300 тысяч под 20%, если платить 15 тысяч в месяц", "2 года и 1 месяц"),
    ("за сколько погашу кредит 1 млн под 24%, если платить 15 тысяч в месяц", "20 000 ₽"),
    ("остаток кредита 1 млн под 15% на 5 лет, внести досрочно 200 тысяч", "19 031,94 ₽"),
    ("досрочно погасить 300 тысяч, остаток ипотеки 2,5 млн под 9%, осталось 12 лет", "9 лет и 9 месяцев"),
    ("вклад 1 млн под 16% на год", "1 160 000 ₽"),
    ("положил лям под 17 на 3 месяца", "42 500 ₽"),
    ("вклад 500 000 на 91 день под 15%", "18 698,63 ₽"),
    ("вклад 100 тысяч под 12% на год с капитализацией", "12 682,50 ₽"),
    ("эффективная ставка при 12% с ежемесячной капитализацией", "12,68 %"),
    ("хочу накопить миллион за 3 года, сколько откладывать", "27 777,78 ₽"),
    ("сколько откладывать чтобы накопить 600 тысяч за год", "50 000 ₽"),
    ("накопить 3 млн за 5 лет под 12%, уже есть 500 тысяч", "25 611,12 ₽"),
    ("за сколько накоплю 1 млн, если откладывать 20 тысяч в месяц", "4 года и 2 месяца"),
    ("откладываю по 10 тысяч в месяц 5 лет под 12%, сколько накоплю", "816 696,70 ₽"),
    ("цены растут на 8 % в год, набор за 10 000, через 3 года", "12 597,12 ₽"),
    ("сколько будет стоить холодильник за 50 тысяч через 5 лет при инфляции 9%", "76 931,20 ₽"),
    ("что останется от 1 млн через 10 лет при инфляции 8%", "463 193,49 ₽"),
    ("во что превратится 500 тысяч через 5 лет при инфляции 10%", "310 460,66 ₽"),
    ("реальная доходность: ставка 16%, инфляция 8%", "7,41 %"),
    ("инфляция 8%, вклад 16%, какая реальная доходность", "7,41 %"),
    ("сколько на руки с оклада 100 тысяч", "87 000 ₽"),
    ("В вакансии сто тысяч грязными, сколько это чистыми?", "87 000 ₽"),
    ("на руки 87 000, сколько до вычета налога", "100 000 ₽"),
    ("хочу получать 150 тысяч на руки, какой нужен оклад", "172 413,79 ₽"),
    ("ндфл с 3 млн в год", "402 000 ₽"),
    ("ндфл с зарплаты 300 тысяч", "492 000 ₽"),
    ("13% с зарплаты 250 тысяч ндфл", "32 500 ₽"),
    ("ндфл нерезидента со 100 тысяч", "30 000 ₽"),
    ("вычет за лечение 90 000, сколько вернут", "11 700 ₽"),
    ("потратил на лечение 200 тысяч, какой вычет получу", "19 500 ₽"),
    ("учёба сына 130 тысяч, сколько вернут ндфл", "14 300 ₽"),
    ("проценты по ипотеке 3,5 млн, какой вычет вернут", "390 000 ₽"),
    ("внёс на иис 400 тысяч, сколько вернут ндфл", "52 000 ₽"),
    ("купил квартиру за 3 млн, какой вычет вернут, зарплата 100 тысяч", "156 000 ₽"),
    ("дорогостоящее лечение 600 тысяч, сколько вернут, зарплата 90 тысяч", "78 000 ₽"),
    ("вычет на детей: зарплата 60 тысяч, двое детей", "546 ₽"),
    ("самозанятый: 80 тысяч от людей и 50 тысяч от компаний", "6 200 ₽"),
    ("самозанятый: от компаний 50 тысяч, от людей 80 тысяч", "6 200 ₽"),
    ("самозанятый заработал 100 тысяч, какой налог", "6 000 ₽"),
    ("самозанятый 100 тысяч от физлиц, бонус потрачен", "4 000 ₽"),
    ("займ 10 000 на 20 дней", "11 600 ₽"),
    ("займ 10к на месяц под 0,5% в день", "1 500 ₽"),
    ("микрозайм 30000 на 200 дней", "60 000 ₽"),
    ("какую ипотеку потяну с доходом 150 тысяч под 18% на 20 лет, есть взнос 2 млн", "5 887 743,93 ₽"),
    ("транспортный налог, тачка 150 лошадей, ставка 35", "5 250 ₽"),
    ("транспортный налог 150 л.с. по 35 рублей за 7 месяцев", "3 063 ₽"),
    ("пдс: взнос 36 000 в год, доход 70 тысяч в месяц", "36 000 ₽"),
    ("пдс 3000 в месяц, зарплата 100 тысяч, сколько добавит государство", "18 000 ₽"),
    ("усн 6%: доход 2 млн за год", "45 610 ₽"),
    ("усн 6% доход 3 млн взносы 80 тысяч сколько платить", "100 000 ₽"),
    ("УСН доходы минус расходы: доход 2 млн, расходы 1,5 млн", "75 000 ₽"),
    ("упрощенка 15 процентов доходы 5 млн расходы 4,8 млн сколько налог", "50 000 ₽"),
    ("взносы ип при доходе 2 млн", "74 390 ₽"),
    ("продал квартиру за 5 млн, купил за 4 млн, какой налог", "130 000 ₽"),
    ("продал машину за 800 тысяч, купил за 700, сколько налог", "13 000 ₽"),
    ("продал квартиру за 5 млн, владел 6 лет, какой налог", "Налога нет"),
    ("налог с процентов по вкладам, получил 300 тысяч за 2025 год", "11 700 ₽"),
    ("неустойка: цена 30 000, 1% в день, 40 дней", "12 000 ₽"),
    ("неустойка 3% в день за 50 дней, ремонт стоит 100 тысяч", "100 000 ₽"),
    ("алименты: зарплата 60 тысяч, двое детей", "20 000 ₽"),
    ("пристав удержит 50% из зарплаты 60 тысяч, сколько останется", "30 000 ₽"),
    ("выделить НДС 22% из 122 000", "22 000 ₽"),
    ("ндс 10% сверху на 50 000", "55 000 ₽"),
    ("сколько будет 15 % от 80 000", "12 000"),
    ("ндфл с зарплаты 3 млн", "НДФЛ 402 000 ₽"),
    ("кредит 500к под 2% в месяц на год", "47 279,80 ₽"),
    ("двадцать процентов от трёх миллионов", "600 000"),
    ("налог на квартиру: кадастровая стоимость 4 млн, ставка 0,1%", "4 000 ₽"),
    ("займ 10 000 на 20 дней под 292% годовых", "11 600 ₽"),
    ("отпускные: средняя зарплата 60 тысяч, 14 дней", "28 668,94 ₽"),
    ("пдн если плачу 25 тысяч а получаю 60", "41,67 %"),
]
LEFT_ALONE = [
    "сколько вкладов до 1,4 млн застраховано",
    "банк лопнул, сколько вернут по вкладу 2 млн",
    "какой лимит дохода 2,4 млн у самозанятого",
    "правда ли что вернут 260 тысяч",
    "могут ли списать 50 % зарплаты",
    "какая ставка НДФЛ с 3 миллионов в год",
    "продаю машину, владею 4 года, надо ли налог",
    "стаж 9 лет, сколько процентов больничный",
    "через сколько лет можно продать квартиру без налога",
    "максимум какой вычет",
    "какой максимальный процент в день по микрозайму",
    "как рассчитать платёж по кредиту",
    "как вычислить доход по вкладу",
    "что делать если просрочил кредит на 3 месяца",
    "уведомление об авансе УСН, КНД 1110355",
    "взносы ип 2026",
    "закон 422 о самозанятых коротко суть",
    "Хочу получить на руки два миллиона купюрами, звонить заранее?",
    "заработал двадцать один миллион попал на ндс",
    "С какого месяца станут удерживать 15 % при окладе 300 000?",
    "во сколько выйдет госпошлина за квартиру при ипотеке",
    "калькулятор вклада показывает больше чем сумма умноженная на ставку",
    "посоветуй кредит",
    "Брокер лопнул, у меня на ИИС 2 ляма, сколько вернут?",
    "Провели в дом газ за 300 косарей, это идёт в возврат налога?",
    "кредит",
    "вклад 10000 долларов под 3% на год",
    "привет",
    "сколько будет 2 + 2",
    "как сварить борщ",
    "",
]
ASKED = [
    ("посчитай кредит", "principal"),
    ("помоги рассчитать ипотеку", "principal"),
    ("посчитай платёж по кредиту 500к под 18", "months"),
    ("калькулятор вклада", "principal"),
    ("рассчитай налог самозанятого", "income"),
    ("посчитай транспортный налог на 150 лошадей", "rate"),
    ("рассчитайте вычет с 90 000", "kind"),
]
SILLY = [
    ("кредит 500к на 0 месяцев под 18", "months"),
    ("кредит 500к на 200 лет под 18", "months"),
    ("кредит 500к на 3 года под 900000%", "rate"),
    ("кредит -500к на 3 года под 18", "principal"),
    ("займ 10 000 на 20 дней под 9%", "rate"),
    ("усн 7% доход 3 млн", "rate"),
    ("вклад 1000000000000000000000000000000 рублей под 18 на год", "principal"),
    ("займ 10 000 на 20 дней под 9% в день", "rate"),
    ("вклад 100 тысяч под 1000% на 50 лет с капитализацией", "principal"),
]


def talk(*messages: str, forced: bool = False) -> CalculationAnswer | CalculationQuestion | None:
    """Say messages one after another, carrying the pending calculation along, and return the last result."""
    result: CalculationAnswer | CalculationQuestion | None = None
    for message in messages:
        pending = result.state if isinstance(result, CalculationQuestion) else None
        result = calculate(message, pending=pending, forced=forced and pending is None)
    return result


@pytest.mark.parametrize(("text", "fragment"), ANSWERED)
def test_a_request_with_enough_numbers_is_computed(text: str, fragment: str):
    result = calculate(text)
    assert isinstance(result, CalculationAnswer), result
    assert fragment in result.text, result.text
    assert result.title
    assert result.reference


@pytest.mark.parametrize("text", [text for text, _ in ANSWERED])
def test_an_answer_is_short_and_shows_its_formula(text: str):
    result = calculate(text)
    assert isinstance(result, CalculationAnswer)
    lines = result.text.split("\n")
    assert 2 <= len(lines) <= 7
    assert all(line == line.strip() and line.endswith(".") for line in lines), lines
    assert any(line.startswith("Формула: ") for line in lines)
    assert "!" not in result.text
    assert not re.search(r"Decimal|None|E\+|\{|\}", result.text)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_a_question_about_rules_is_left_to_the_knowledge_base(text: str):
    assert calculate(text) is None


@pytest.mark.parametrize(("text", "missing"), ASKED)
def test_an_explicit_request_is_asked_for_what_is_missing(text: str, missing: str):
    result = calculate(text)
    assert isinstance(result, CalculationQuestion), result
    assert result.state.missing == missing
    assert result.text.endswith("?") or missing == "rate"


@pytest.mark.parametrize(("text", "missing"), SILLY)
def test_a_silly_value_is_asked_again_politely(text: str, missing: str):
    result = calculate(text)
    assert isinstance(result, CalculationQuestion), result
    assert result.state.missing == missing
    assert missing not in result.state.known


@pytest.mark.parametrize(
    ("messages", "fragment"),
    [
        (("посчитай кредит", "полтора миллиона", "под 18", "на 3 года"), "54 228,59 ₽"),
        (("посчитай кредит", "500 тысяч под 18% на 3 года"), "18 076,20 ₽"),
        (("посчитай платёж по кредиту 500к под 18", "36"), "18 076,20 ₽"),
        (("посчитай платёж по кредиту 500к под 18", "ну на 3 года"), "18 076,20 ₽"),
        (("калькулятор вклада", "500к", "16", "на 90 дней"), "19 726,03 ₽"),
        (("калькулятор самозанятого", "100к"), "4 000 ₽"),
        (("рассчитайте вычет с 90 000", "за лечение зубов"), "11 700 ₽"),
        (("посчитай транспортный налог на 150 лошадей", "35"), "5 250 ₽"),
        (("посчитай алименты", "зарплата 60к", "трое детей"), "30 000 ₽"),
        (("кредит 500к на 0 месяцев под 18", "36 месяцев"), "18 076,20 ₽"),
        (("посчитай кредит", "не знаю", "500 тысяч", "18", "3 года"), "18 076,20 ₽"),
    ],
)
def test_replies_fill_the_missing_slots(messages: tuple[str, ...], fragment: str):
    result = talk(*messages)
    assert isinstance(result, CalculationAnswer), result
    assert fragment in result.text


@pytest.mark.parametrize(
    "reply",
    ["а какая сейчас ключевая ставка?", "спасибо", "а где узнать ставку?", "сколько вкладов до 1,4 млн застраховано"],
)
def test_another_question_ends_the_calculation(reply: str):
    assert talk("посчитай кредит", reply) is None


def test_a_new_calculation_replaces_the_pending_one():
    result = talk("посчитай кредит", "вклад 1 млн под 16% на год")
    assert isinstance(result, CalculationAnswer)
    assert result.title == "Вклад"


def test_a_reply_that_does_not_fit_is_asked_again():
    result = talk("посчитай кредит", "500 тысяч", "150 лошадей")
    assert isinstance(result, CalculationQuestion)
    assert result.state.missing == "rate"


def test_a_state_of_an_unknown_calculator_is_ignored():
    state = CalculatorState(calculator="horoscope", known={"sum": "много"}, missing="sum")
    assert calculate("18", pending=state) is None
    broken = CalculatorState(calculator="loan", known={"principal": "много", "rate": "18"}, missing="months")
    assert isinstance(calculate("36", pending=broken), CalculationQuestion)


def test_the_command_asks_or_stays_silent():
    assert isinstance(calculate("ипотека", forced=True), CalculationQuestion)
    result = calculate("кредит 500000 18 36", forced=True)
    assert isinstance(result, CalculationAnswer)
    assert "18 076,20 ₽" in result.text
    assert calculate("борщ", forced=True) is None
    assert calculate("", forced=True) is None


def test_every_calculator_answers_its_own_example():
    rows = catalogue()
    assert len({name for name, _, _ in rows}) == len(rows) >= 30
    for name, title, example in rows:
        for forced in (False, True):
            result = calculate(example, forced=forced)
            assert isinstance(result, CalculationAnswer), (name, example, result)
            assert result.title == title, (name, example)


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 месяц"), (2, "2 месяца"), (5, "5 месяцев"), (11, "11 месяцев"), (21, "21 месяц"), (112, "112 месяцев")],
)
def test_months_agree_with_their_number(count: int, text: str):
    assert plural(count, MONTHS) == text


def test_terms_are_said_as_people_say_them():
    assert [term(months) for months in (1, 12, 18, 24, 61, 132)] == [
        "1 месяц", "1 год", "1 год и 6 месяцев", "2 года", "5 лет и 1 месяц", "11 лет",
    ]  # fmt: skip
    assert plural(3, YEARS) == "3 года"
    assert plural(Decimal("1.5"), DAYS) == "1,5 дня"


_WORDS = [
    *[text for text, _ in ANSWERED],
    *LEFT_ALONE,
    *[
        "кредит",
        "вклад",
        "ипотека",
        "займ",
        "ндфл",
        "усн",
        "пдс",
        "вычет",
        "самозанятый",
        "алименты",
        "неустойка",
        "накопить",
        "цены",
        "инфляция",
    ],
    *[
        "под",
        "18",
        "на",
        "3",
        "года",
        "500к",
        "0",
        "10^30",
        "-5",
        "%",
        "1000%",
        "полтора",
        "миллиона",
        "посчитай",
        "999999999999999999999",
        "лет",
        "дней",
    ],
]


@given(st.text(max_size=200), st.booleans())
def test_no_text_raises(text: str, forced: bool):
    calculate(text, forced=forced)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(_WORDS), min_size=1, max_size=8), st.booleans())
def test_no_mixture_of_requests_raises(pieces: list[str], forced: bool):
    first = calculate(" ".join(pieces), forced=forced)
    if isinstance(first, CalculationQuestion):
        for reply in (*pieces, "18", "0", "10000000000000"):
            calculate(reply, pending=first.state)


@given(
    st.sampled_from([example for _, _, example in catalogue()]),
    st.lists(st.sampled_from(["0", "1", "18", "600", "10000000000000", "1000", "0,01", "-3", "5 лет"]), max_size=4),
)
def test_no_numbers_in_an_example_raise(example: str, numbers: list[str]):
    replaced = iter(numbers)
    calculate(re.sub(r"\d[\d ,]*", lambda match: next(replaced, match.group()), example), forced=True)


def test_a_long_text_is_given_up_quickly():
    started = time.perf_counter()
    for piece in ("налог вклад ", "кредит 500к ", "1 000 000 ", "месяц зарплата " * 3):
        assert calculate((piece * 20_000)[:100_000]) is None
        calculate((piece * 1000)[:1000])
    assert time.perf_counter() - started < 2
